// SQLite's view of a disk that fails when told to: one that is full, that breaks at the n-th operation, or that forgets
// what was not synced when the power goes.
//
//   SqliteFaultVfs disk;
//   auto registry = OpenSqliteRegistry({.path = path, .clock = &clock, .vfs = disk.name()});
//   disk.FailAfter(17, SqliteFaultVfs::Fault::kFull);   // 17 more writes, syncs, ... succeed, then all fail
//   registry.reset();
//   disk.LosePower(SqliteFaultVfs::Surviving::kNothing);
//   disk.Heal();
//
// Over the real VFS, so that locks and shared memory are the real ones. Syncing is only noted, not done: a test crashes
// as often as it likes without waiting for the disk.
#ifndef LL_TESTS_TESTING_SQLITE_FAULT_VFS_H_
#define LL_TESTS_TESTING_SQLITE_FAULT_VFS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "base/mutex.h"
#include "base/random.h"

struct sqlite3_file;
struct sqlite3_vfs;

namespace ll::testing {

// Thread-safe, but LosePower and the destructor want all connections closed.
class SqliteFaultVfs {
 public:
  SqliteFaultVfs();
  SqliteFaultVfs(const SqliteFaultVfs&) = delete;
  SqliteFaultVfs& operator=(const SqliteFaultVfs&) = delete;
  ~SqliteFaultVfs();

  // For SqliteOptions::vfs.
  const std::string& name() const { return name_; }

  enum class Fault {
    kFull,        // no space: writes and creations fail, the rest goes on working
    kBroken,      // I/O errors, and nothing is done
    kShortWrite,  // I/O errors, and the first write is half done
  };
  // Lets `operations` more writes, truncations, syncs, creations and removals succeed; every one after that fails.
  void FailAfter(int64_t operations, Fault fault);
  // Operations work again.
  void Heal();
  // Those that succeeded so far; a test sweeps FailAfter(0..count) to visit each failure point.
  int64_t operations() const;

  enum class Surviving {
    kNothing,  // of what was not synced
    kSome,     // writes survive or not, whole or in part, by a coin
  };
  // Sets every file to what a power loss leaves of it. A file that was never synced goes altogether; removals last.
  void LosePower(Surviving surviving, uint64_t seed = 1);

 private:
  friend struct SqliteFaultFile;

  // A write of `bytes` at `offset`, or a truncation to `offset`.
  struct Change {
    bool is_truncation = false;
    size_t offset = 0;
    std::string bytes = {};
  };
  struct File {
    bool is_durable = false;  // its name and `synced` survive
    std::string synced = {};
    std::vector<Change> unsynced = {};
  };
  static void Apply(const Change& change, std::string* content);

  enum class Operation { kWrite, kTruncate, kSync, kCreate, kRemove };
  // The SQLite code of the failure that is due, or SQLITE_OK. Counts the operation.
  int Begin(Operation operation);
  // Whether the write that just failed is to be half done.
  bool IsShort();
  void Opened(const std::string& path, bool existed);
  void Note(const std::string& path, Change change);
  void Synced(const std::string& path);
  void Removed(const std::string& path);

  static int Open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags);
  static int Delete(sqlite3_vfs* vfs, const char* path, int sync_directory);

  const std::string name_;
  const std::unique_ptr<sqlite3_vfs> vfs_;
  mutable Mutex mutex_;
  int64_t operations_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t allowed_ ABSL_GUARDED_BY(mutex_) = INT64_MAX;
  Fault fault_ ABSL_GUARDED_BY(mutex_) = Fault::kFull;
  bool short_write_is_due_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<std::string, File> files_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ll::testing

#endif  // LL_TESTS_TESTING_SQLITE_FAULT_VFS_H_
