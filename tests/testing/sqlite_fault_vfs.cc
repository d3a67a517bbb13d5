#include "tests/testing/sqlite_fault_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <new>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/env.h"

namespace ll::testing {

// What SQLite holds of an open file: ours, followed in memory by the real VFS's.
struct SqliteFaultFile {
  sqlite3_file base;  // first: SQLite sees only this
  SqliteFaultVfs* disk;
  std::string path;
  sqlite3_file* real;

  static SqliteFaultFile& Of(sqlite3_file* file) { return *reinterpret_cast<SqliteFaultFile*>(file); }

  static int Close(sqlite3_file* file) {
    SqliteFaultFile& self = Of(file);
    const int result = self.real->pMethods != nullptr ? self.real->pMethods->xClose(self.real) : SQLITE_OK;
    self.path.~basic_string();
    return result;
  }
  static int Read(sqlite3_file* file, void* buffer, int size, sqlite3_int64 offset) {
    return Of(file).real->pMethods->xRead(Of(file).real, buffer, size, offset);
  }
  static int Write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
    SqliteFaultFile& self = Of(file);
    const int failure = self.disk->Begin(SqliteFaultVfs::Operation::kWrite);
    const bool is_short = failure != SQLITE_OK && self.disk->IsShort();
    if (failure != SQLITE_OK && !is_short) return failure;
    const int done = is_short ? size / 2 : size;
    const int result = self.real->pMethods->xWrite(self.real, data, done, offset);
    if (result != SQLITE_OK) return result;
    self.disk->Note(self.path, {.offset = static_cast<size_t>(offset),
                                .bytes = std::string(static_cast<const char*>(data), static_cast<size_t>(done))});
    return failure;
  }
  static int Truncate(sqlite3_file* file, sqlite3_int64 size) {
    SqliteFaultFile& self = Of(file);
    const int failure = self.disk->Begin(SqliteFaultVfs::Operation::kTruncate);
    if (failure != SQLITE_OK) return failure;
    const int result = self.real->pMethods->xTruncate(self.real, size);
    if (result == SQLITE_OK) {
      self.disk->Note(self.path, {.is_truncation = true, .offset = static_cast<size_t>(size)});
    }
    return result;
  }
  static int Sync(sqlite3_file* file, int /*flags*/) {
    SqliteFaultFile& self = Of(file);
    const int failure = self.disk->Begin(SqliteFaultVfs::Operation::kSync);
    if (failure != SQLITE_OK) return failure;
    self.disk->Synced(self.path);
    return SQLITE_OK;
  }
  static int FileSize(sqlite3_file* file, sqlite3_int64* size) {
    return Of(file).real->pMethods->xFileSize(Of(file).real, size);
  }
  static int Lock(sqlite3_file* file, int level) { return Of(file).real->pMethods->xLock(Of(file).real, level); }
  static int Unlock(sqlite3_file* file, int level) { return Of(file).real->pMethods->xUnlock(Of(file).real, level); }
  static int CheckReservedLock(sqlite3_file* file, int* result) {
    return Of(file).real->pMethods->xCheckReservedLock(Of(file).real, result);
  }
  static int FileControl(sqlite3_file* file, int operation, void* argument) {
    return Of(file).real->pMethods->xFileControl(Of(file).real, operation, argument);
  }
  static int SectorSize(sqlite3_file* file) { return Of(file).real->pMethods->xSectorSize(Of(file).real); }
  // Without the real one's promises, such as atomic appends: SQLite must be right without them.
  static int DeviceCharacteristics(sqlite3_file*) { return 0; }
  static int ShmMap(sqlite3_file* file, int region, int size, int extend, void volatile** memory) {
    return Of(file).real->pMethods->xShmMap(Of(file).real, region, size, extend, memory);
  }
  static int ShmLock(sqlite3_file* file, int offset, int count, int flags) {
    return Of(file).real->pMethods->xShmLock(Of(file).real, offset, count, flags);
  }
  static void ShmBarrier(sqlite3_file* file) { Of(file).real->pMethods->xShmBarrier(Of(file).real); }
  static int ShmUnmap(sqlite3_file* file, int remove) {
    return Of(file).real->pMethods->xShmUnmap(Of(file).real, remove);
  }

  static constexpr sqlite3_io_methods kMethods = {
      /*iVersion=*/2,
      Close,
      Read,
      Write,
      Truncate,
      Sync,
      FileSize,
      Lock,
      Unlock,
      CheckReservedLock,
      FileControl,
      SectorSize,
      DeviceCharacteristics,
      ShmMap,
      ShmLock,
      ShmBarrier,
      ShmUnmap,
      /*xFetch=*/nullptr,
      /*xUnfetch=*/nullptr};
};

namespace {

sqlite3_vfs* RealVfs() { return sqlite3_vfs_find(nullptr); }
SqliteFaultVfs& DiskOf(sqlite3_vfs* vfs) { return *static_cast<SqliteFaultVfs*>(vfs->pAppData); }

std::string ReadAll(const std::string& path) { return Env::Posix().ReadFile(path).value_or(""); }

}  // namespace

SqliteFaultVfs::SqliteFaultVfs()
    : name_(absl::StrCat("fault-", RandomHex(8))), vfs_(std::make_unique<sqlite3_vfs>(*RealVfs())) {
  vfs_->pNext = nullptr;
  vfs_->zName = name_.c_str();
  vfs_->szOsFile = static_cast<int>(sizeof(SqliteFaultFile)) + RealVfs()->szOsFile;
  vfs_->pAppData = this;
  vfs_->xOpen = Open;
  vfs_->xDelete = Delete;
  vfs_->xAccess = [](sqlite3_vfs*, const char* path, int flags, int* result) {
    return RealVfs()->xAccess(RealVfs(), path, flags, result);
  };
  vfs_->xFullPathname = [](sqlite3_vfs*, const char* path, int size, char* out) {
    return RealVfs()->xFullPathname(RealVfs(), path, size, out);
  };
  sqlite3_vfs_register(vfs_.get(), /*makeDflt=*/0);
}

SqliteFaultVfs::~SqliteFaultVfs() { sqlite3_vfs_unregister(vfs_.get()); }

void SqliteFaultVfs::FailAfter(int64_t operations, Fault fault) {
  MutexLock lock(&mutex_);
  allowed_ = operations_ + operations;
  fault_ = fault;
  short_write_is_due_ = fault == Fault::kShortWrite;
}

void SqliteFaultVfs::Heal() {
  MutexLock lock(&mutex_);
  allowed_ = INT64_MAX;
}

int64_t SqliteFaultVfs::operations() const {
  MutexLock lock(&mutex_);
  return operations_;
}

int SqliteFaultVfs::Begin(Operation operation) {
  MutexLock lock(&mutex_);
  const bool needs_space = operation == Operation::kWrite || operation == Operation::kCreate;
  if (operations_ < allowed_ || (fault_ == Fault::kFull && !needs_space)) {
    ++operations_;
    return SQLITE_OK;
  }
  if (fault_ == Fault::kFull) return SQLITE_FULL;
  switch (operation) {
    case Operation::kWrite: return SQLITE_IOERR_WRITE;
    case Operation::kTruncate: return SQLITE_IOERR_TRUNCATE;
    case Operation::kSync: return SQLITE_IOERR_FSYNC;
    case Operation::kCreate: return SQLITE_CANTOPEN;
    case Operation::kRemove: return SQLITE_IOERR_DELETE;
  }
  return SQLITE_IOERR;
}

bool SqliteFaultVfs::IsShort() {
  MutexLock lock(&mutex_);
  return std::exchange(short_write_is_due_, false);
}

void SqliteFaultVfs::Apply(const Change& change, std::string* content) {
  if (change.is_truncation) {
    content->resize(std::min(content->size(), change.offset));
    return;
  }
  if (content->size() < change.offset + change.bytes.size()) content->resize(change.offset + change.bytes.size());
  content->replace(change.offset, change.bytes.size(), change.bytes);
}

void SqliteFaultVfs::Opened(const std::string& path, bool existed) {
  MutexLock lock(&mutex_);
  if (path.empty() || files_.contains(path)) return;
  File& file = files_[path];
  file.is_durable = existed;
  if (existed) file.synced = ReadAll(path);
}

void SqliteFaultVfs::Note(const std::string& path, Change change) {
  MutexLock lock(&mutex_);
  const auto file = files_.find(path);
  if (file != files_.end()) file->second.unsynced.push_back(std::move(change));
}

void SqliteFaultVfs::Synced(const std::string& path) {
  MutexLock lock(&mutex_);
  const auto file = files_.find(path);
  if (file == files_.end()) return;
  file->second.is_durable = true;
  for (const Change& change : file->second.unsynced) Apply(change, &file->second.synced);
  file->second.unsynced.clear();
}

void SqliteFaultVfs::Removed(const std::string& path) {
  MutexLock lock(&mutex_);
  files_.erase(path);
}

void SqliteFaultVfs::LosePower(Surviving surviving, uint64_t seed) {
  MutexLock lock(&mutex_);
  SeededRandom random(seed);
  for (auto& [path, file] : files_) {
    std::string content = file.synced;
    for (Change& change : file.unsynced) {
      if (surviving == Surviving::kNothing || random.Below(2) == 0) continue;
      // Disks tear writes at their sectors.
      if (!change.is_truncation && random.Below(4) == 0) change.bytes.resize(change.bytes.size() / 1024 * 512);
      Apply(change, &content);
    }
    std::error_code ignored;
    if (file.is_durable) {
      std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
    } else {
      std::filesystem::remove(path, ignored);
    }
    // Shared memory does not outlive a machine.
    std::filesystem::remove(path + "-shm", ignored);
  }
  files_.clear();
}

int SqliteFaultVfs::Open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  SqliteFaultVfs& disk = DiskOf(vfs);
  file->pMethods = nullptr;
  const std::string name = path != nullptr ? path : "";
  const bool existed = std::filesystem::exists(name);
  if (!existed) {
    const int failure = disk.Begin(Operation::kCreate);
    if (failure != SQLITE_OK) return failure;
  }
  auto* self = new (file) SqliteFaultFile{.base = {nullptr}, .disk = &disk, .path = name, .real = nullptr};
  self->real = reinterpret_cast<sqlite3_file*>(self + 1);
  const int result = RealVfs()->xOpen(RealVfs(), path, self->real, flags, out_flags);
  if (result != SQLITE_OK) {
    self->path.~basic_string();
    return result;
  }
  self->base.pMethods = &SqliteFaultFile::kMethods;
  disk.Opened(name, existed);
  return SQLITE_OK;
}

int SqliteFaultVfs::Delete(sqlite3_vfs* vfs, const char* path, int /*sync_directory*/) {
  SqliteFaultVfs& disk = DiskOf(vfs);
  const int failure = disk.Begin(Operation::kRemove);
  if (failure != SQLITE_OK) return failure;
  const int result = RealVfs()->xDelete(RealVfs(), path, /*syncDir=*/0);
  if (result == SQLITE_OK) disk.Removed(path);
  return result;
}

}  // namespace ll::testing
