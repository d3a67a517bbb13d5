#include "services/llserver/data_directory.h"

#include <unistd.h>

#include <filesystem>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/status_macros.h"

namespace ll::llserver {
namespace {

std::string PidFile(const std::string& path) { return JoinPath(path, "pid"); }
std::string LockFile(const std::string& path) { return JoinPath(path, "lock"); }

absl::Status InUse(Env& env, const std::string& path) {
  const std::string pid = env.ReadFile(PidFile(path)).value_or("");
  return MakeError(
      absl::StatusCode::kFailedPrecondition, ErrorReason::kDataDirectoryInUse,
      {.what = absl::StrCat("cannot open the data directory ", path),
       .why = pid.empty() ? "another server has it open"
                          : absl::StrCat("another server, process ", absl::StripAsciiWhitespace(pid), ", has it open"),
       .remedy = "Stop that server, or choose another folder with --data-dir."},
      {.metadata = {{"data_directory", path}, {"pid", pid}}});
}

// Keeps the error's code and reason.
absl::Status Unusable(const std::string& path, const absl::Status& error) {
  return Annotate(error, absl::StrCat("cannot use the data directory ", path, ", see --data-dir"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<DataDirectory>> DataDirectory::Open(Env& env, const std::string& path) {
  const std::string absolute = std::filesystem::absolute(path).string();
  if (const absl::Status created = env.CreateDirectories(absolute); !created.ok()) return Unusable(absolute, created);
  absl::StatusOr<std::unique_ptr<FileLock>> lock = env.Lock(LockFile(absolute));
  if (absl::IsFailedPrecondition(lock.status())) return InUse(env, absolute);
  if (!lock.ok()) return Unusable(absolute, lock.status());
  const absl::Status written = env.WriteFileAtomically(PidFile(absolute), absl::StrCat(getpid(), "\n"));
  if (!written.ok()) return Unusable(absolute, written);
  return std::unique_ptr<DataDirectory>(new DataDirectory(absolute, *std::move(lock)));
}

bool DataDirectory::Initialized(Env& env, const std::string& path) { return env.Exists(LockFile(path)); }

}  // namespace ll::llserver
