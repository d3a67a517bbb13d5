#include "tests/testing/fault_env.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/error_reason.h"
#include "base/status_macros.h"

namespace ll::testing {

class FaultEnv::File final : public WritableFile {
 public:
  File(FaultEnv& env, std::string path, std::unique_ptr<WritableFile> real)
      : env_(env), path_(std::move(path)), real_(std::move(real)) {}

  absl::Status Append(absl::string_view data) override {
    if (absl::Status failed = env_.Mutate(); !failed.ok()) {
      bool write_half;
      {
        MutexLock lock(&env_.mutex_);
        write_half = std::exchange(env_.short_writes_, false);
      }
      if (write_half) LL_RETURN_IF_ERROR(real_->Append(data.substr(0, data.size() / 2)));
      return failed;
    }
    LL_RETURN_IF_ERROR(real_->Append(data));
    written_ += data.size();
    return absl::OkStatus();
  }

  absl::Status Sync() override {
    LL_RETURN_IF_ERROR(env_.Mutate());
    LL_RETURN_IF_ERROR(real_->Sync());
    MutexLock lock(&env_.mutex_);
    env_.synced_[path_] = static_cast<int64_t>(written_);
    return absl::OkStatus();
  }

  absl::Status Close() override {
    LL_RETURN_IF_ERROR(env_.Mutate());
    return real_->Close();
  }

 private:
  FaultEnv& env_;
  const std::string path_;
  const std::unique_ptr<WritableFile> real_;
  uint64_t written_ = 0;
};

void FaultEnv::FailAfter(int64_t operations, absl::Status error) {
  MutexLock lock(&mutex_);
  allowed_ = operations_ + operations;
  error_ = std::move(error);
}

void FaultEnv::set_short_writes(bool on) {
  MutexLock lock(&mutex_);
  short_writes_ = on;
}

void FaultEnv::set_hard_links(bool on) {
  MutexLock lock(&mutex_);
  hard_links_ = on;
}

void FaultEnv::Heal() {
  MutexLock lock(&mutex_);
  allowed_ = INT64_MAX;
  short_writes_ = false;
}

int64_t FaultEnv::operations() const {
  MutexLock lock(&mutex_);
  return operations_;
}

void FaultEnv::LosePower() {
  MutexLock lock(&mutex_);
  std::error_code ignored;
  for (auto name = unsynced_names_.rbegin(); name != unsynced_names_.rend(); ++name) {
    if (name->renamed_from.empty()) {
      std::filesystem::remove_all(name->path, ignored);
    } else {
      std::filesystem::rename(name->path, name->renamed_from, ignored);
      if (auto node = synced_.extract(name->path); !node.empty()) synced_[name->renamed_from] = node.mapped();
    }
  }
  unsynced_names_.clear();
  for (const auto& [path, bytes] : synced_) {
    if (bytes < 0) {
      std::filesystem::remove(path, ignored);
    } else if (std::filesystem::exists(path, ignored)) {
      // Read-only files lose their bytes as well.
      const std::filesystem::perms mode = std::filesystem::status(path, ignored).permissions();
      std::filesystem::permissions(path, std::filesystem::perms::owner_write, std::filesystem::perm_options::add,
                                   ignored);
      std::filesystem::resize_file(path, static_cast<uintmax_t>(bytes), ignored);
      std::filesystem::permissions(path, mode, ignored);
    }
  }
}

void FaultEnv::NoteNewName(const std::string& path, const std::string& renamed_from) {
  MutexLock lock(&mutex_);
  unsynced_names_.push_back({path, renamed_from});
}

absl::Status FaultEnv::Mutate() {
  MutexLock lock(&mutex_);
  if (operations_ >= allowed_) return error_;
  ++operations_;
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<WritableFile>> FaultEnv::NewWritableFile(const std::string& path, FileMode mode) {
  LL_RETURN_IF_ERROR(Mutate());
  const bool is_new = !Exists(path);
  LL_ASSIGN_OR_RETURN(auto real, real_.NewWritableFile(path, mode));
  if (is_new) NoteNewName(path);
  MutexLock lock(&mutex_);
  synced_[path] = -1;
  return std::make_unique<File>(*this, path, std::move(real));
}

absl::StatusOr<std::unique_ptr<SequentialFile>> FaultEnv::NewSequentialFile(const std::string& path) {
  return real_.NewSequentialFile(path);
}

absl::StatusOr<std::unique_ptr<RandomAccessFile>> FaultEnv::NewRandomAccessFile(const std::string& path) {
  return real_.NewRandomAccessFile(path);
}

absl::StatusOr<FileInfo> FaultEnv::Stat(const std::string& path) { return real_.Stat(path); }

absl::StatusOr<std::vector<std::string>> FaultEnv::List(const std::string& directory) { return real_.List(directory); }

absl::Status FaultEnv::Rename(const std::string& from, const std::string& to) {
  LL_RETURN_IF_ERROR(Mutate());
  const bool is_new = !Exists(to);
  LL_RETURN_IF_ERROR(real_.Rename(from, to));
  if (is_new) NoteNewName(to, from);
  MutexLock lock(&mutex_);
  if (auto node = synced_.extract(from); !node.empty()) synced_[to] = node.mapped();
  return absl::OkStatus();
}

absl::Status FaultEnv::Link(const std::string& from, const std::string& to) {
  LL_RETURN_IF_ERROR(Mutate());
  {
    MutexLock lock(&mutex_);
    if (!hard_links_) return ErrnoError(EXDEV, "cannot link " + to);
  }
  LL_RETURN_IF_ERROR(real_.Link(from, to));
  NoteNewName(to);
  return absl::OkStatus();
}

absl::Status FaultEnv::RemoveFile(const std::string& path) {
  LL_RETURN_IF_ERROR(Mutate());
  LL_RETURN_IF_ERROR(real_.RemoveFile(path));
  MutexLock lock(&mutex_);
  synced_.erase(path);
  return absl::OkStatus();
}

absl::Status FaultEnv::RemoveTree(const std::string& path) {
  LL_RETURN_IF_ERROR(Mutate());
  return real_.RemoveTree(path);
}

absl::Status FaultEnv::CreateDirectories(const std::string& path) {
  LL_RETURN_IF_ERROR(Mutate());
  std::vector<std::string> missing;
  for (std::string parent = path; !Exists(parent); parent = DirectoryOf(parent)) missing.push_back(parent);
  LL_RETURN_IF_ERROR(real_.CreateDirectories(path));
  for (auto created = missing.rbegin(); created != missing.rend(); ++created) NoteNewName(*created);
  return absl::OkStatus();
}

absl::Status FaultEnv::SyncDirectory(const std::string& directory) {
  LL_RETURN_IF_ERROR(Mutate());
  LL_RETURN_IF_ERROR(real_.SyncDirectory(directory));
  MutexLock lock(&mutex_);
  unsynced_names_.erase(std::remove_if(unsynced_names_.begin(), unsynced_names_.end(),
                                       [&](const UnsyncedName& name) { return DirectoryOf(name.path) == directory; }),
                        unsynced_names_.end());
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<FileLock>> FaultEnv::Lock(const std::string& path) { return real_.Lock(path); }

}  // namespace ll::testing
