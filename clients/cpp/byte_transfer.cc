#include "clients/cpp/byte_transfer.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/random.h"
#include "clients/cpp/backoff.h"

namespace ll::client {
namespace {

constexpr int kUploadAttempts = 3;

absl::Status WriteInto(Env& env, const std::string& path, absl::FunctionRef<absl::Status(ByteSink)> write) {
  LL_ASSIGN_OR_RETURN(const std::unique_ptr<WritableFile> file, env.NewWritableFile(path));
  LL_RETURN_IF_ERROR(write([&](absl::string_view bytes) { return file->Append(bytes); }));
  // What is no ordinary file cannot be synced, and need not be.
  const absl::StatusOr<FileInfo> info = env.Stat(path);
  if (info.ok() && info->type == FileInfo::Type::kRegular) LL_RETURN_IF_ERROR(file->Sync());
  return file->Close();
}

}  // namespace

absl::Status CheckDownload(absl::string_view name, int64_t size, int64_t announced_size, absl::string_view sha256,
                           absl::string_view announced_sha256) {
  if (size == announced_size && sha256 == announced_sha256) return absl::OkStatus();
  return MakeError(absl::StatusCode::kDataLoss, ErrorReason::kDigestMismatch,
                   {.what = absl::StrCat("cannot download ", name),
                    .why = absl::StrCat(size, " bytes with SHA-256 ", sha256, " came, ", announced_size,
                                        " bytes with SHA-256 ", announced_sha256, " were announced"),
                    .remedy = "Try again."},
                   {.metadata = {{"name", std::string(name)}}});
}

absl::Status WriteFileWhole(Env& env, const std::string& path, absl::FunctionRef<absl::Status(ByteSink)> write) {
  if (const absl::StatusOr<FileInfo> info = env.Stat(path); info.ok() && info->type != FileInfo::Type::kRegular) {
    return WriteInto(env, path, write);
  }
  const std::string temporary = absl::StrCat(path, ".partial-", RandomHex(4));
  absl::Status status = WriteInto(env, temporary, write);
  if (status.ok()) status = env.Rename(temporary, path);
  if (!status.ok()) {
    env.RemoveFile(temporary).IgnoreError();  // the error that matters is the first one
    return status;
  }
  return env.SyncDirectory(DirectoryOf(path));
}

absl::Status UploadFromFile(Env& env, const std::string& path, const TransferOptions& options,
                            absl::FunctionRef<absl::Status(SequentialFile& source)> upload) {
  Backoff backoff(*options.clock);
  for (int attempt = 1;; ++attempt) {
    LL_ASSIGN_OR_RETURN(const std::unique_ptr<SequentialFile> source, env.NewSequentialFile(path));
    const absl::Status status = upload(*source);
    if (!absl::IsUnavailable(status) || attempt == kUploadAttempts) return status;
    if (!backoff.Wait(options.call.stop, absl::InfiniteFuture())) return status;
  }
}

}  // namespace ll::client
