// The folder where everything is kept, held by one server at a time.
//
//   registry.db      the catalogue (SQLite, with its -wal and -shm)
//   blobs/           artifacts and datasets by their digest
//   jobs/            training jobs: files while they run, logs afterwards
//   page_token_key   so that page tokens survive a restart
//   lock, pid        of the server that has it open
#ifndef LL_SERVICES_LLSERVER_DATA_DIRECTORY_H_
#define LL_SERVICES_LLSERVER_DATA_DIRECTORY_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "base/env.h"

namespace ll::llserver {

class DataDirectory {
 public:
  // Creates it when missing and locks it until this object is destroyed. FAILED_PRECONDITION / DATA_DIRECTORY_IN_USE
  // names the other server's pid, if it is known; otherwise as Env, when it cannot be created or written.
  static absl::StatusOr<std::unique_ptr<DataDirectory>> Open(Env& env, const std::string& path);

  // Whether a server has ever had it open.
  static bool Initialized(Env& env, const std::string& path);

  const std::string& path() const { return path_; }  // absolute
  std::string registry() const { return JoinPath(path_, "registry.db"); }
  std::string blobs() const { return JoinPath(path_, "blobs"); }
  std::string jobs() const { return JoinPath(path_, "jobs"); }
  std::string page_token_key() const { return JoinPath(path_, "page_token_key"); }

 private:
  DataDirectory(std::string path, std::unique_ptr<FileLock> lock) : path_(std::move(path)), lock_(std::move(lock)) {}

  const std::string path_;
  const std::unique_ptr<FileLock> lock_;
};

}  // namespace ll::llserver

#endif  // LL_SERVICES_LLSERVER_DATA_DIRECTORY_H_
