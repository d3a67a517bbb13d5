// An Env over the real file system that fails when told to: the disk that is full, that breaks at the n-th operation,
// or that forgets what was not synced when the power goes.
//
//   FaultEnv env;
//   env.FailAfter(3, absl::ResourceExhaustedError("disk full"));   // three more writes succeed, then all fail
//   env.LosePower();                                               // every file is cut back to what was synced
#ifndef LL_TESTS_TESTING_FAULT_ENV_H_
#define LL_TESTS_TESTING_FAULT_ENV_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/env.h"
#include "base/mutex.h"

namespace ll::testing {

// Thread-safe.
class FaultEnv final : public Env {
 public:
  FaultEnv() : real_(Env::Posix()) {}

  // Lets `operations` more mutating operations succeed (opening for write, append, sync, close, rename, link, remove,
  // create directory, sync directory); every one after that returns `error`. Reads are not affected.
  void FailAfter(int64_t operations, absl::Status error);
  // With FailAfter: the first Append that fails writes half of its bytes first, as a full disk does.
  void set_short_writes(bool on);
  // Link fails as it does between file systems, or on one without hard links.
  void set_hard_links(bool on);
  // Operations work again.
  void Heal();
  // Mutating operations so far; a test sweeps FailAfter(0..count) to visit each failure point.
  int64_t operations() const;
  // What the power takes with it: names created or renamed through this Env in directories that were not synced since,
  // and the bytes of every file beyond its last sync (a file never synced goes altogether). Two things last that need
  // not: removals, and a rename onto a name that was there before.
  void LosePower();

  absl::StatusOr<std::unique_ptr<WritableFile>> NewWritableFile(const std::string& path,
                                                                FileMode mode = FileMode::kDefault) override;
  absl::StatusOr<std::unique_ptr<SequentialFile>> NewSequentialFile(const std::string& path) override;
  absl::StatusOr<std::unique_ptr<RandomAccessFile>> NewRandomAccessFile(const std::string& path) override;
  absl::StatusOr<FileInfo> Stat(const std::string& path) override;
  absl::StatusOr<std::vector<std::string>> List(const std::string& directory) override;
  absl::Status Rename(const std::string& from, const std::string& to) override;
  absl::Status Link(const std::string& from, const std::string& to) override;
  absl::Status RemoveFile(const std::string& path) override;
  absl::Status RemoveTree(const std::string& path) override;
  absl::Status CreateDirectories(const std::string& path) override;
  absl::Status SyncDirectory(const std::string& directory) override;
  absl::StatusOr<std::unique_ptr<FileLock>> Lock(const std::string& path) override;

 private:
  class File;
  struct UnsyncedName {
    std::string path;
    std::string renamed_from;  // empty: the name was created
  };
  void NoteNewName(const std::string& path, const std::string& renamed_from = "");
  // Counts one mutating operation; the configured error when it is to fail.
  absl::Status Mutate();

  Env& real_;
  mutable Mutex mutex_;
  int64_t operations_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t allowed_ ABSL_GUARDED_BY(mutex_) = INT64_MAX;
  absl::Status error_ ABSL_GUARDED_BY(mutex_);
  bool short_writes_ ABSL_GUARDED_BY(mutex_) = false;
  bool hard_links_ ABSL_GUARDED_BY(mutex_) = true;
  std::map<std::string, int64_t> synced_ ABSL_GUARDED_BY(mutex_);     // path -> bytes that survive; -1: never synced
  std::vector<UnsyncedName> unsynced_names_ ABSL_GUARDED_BY(mutex_);  // oldest first
};

}  // namespace ll::testing

#endif  // LL_TESTS_TESTING_FAULT_ENV_H_
