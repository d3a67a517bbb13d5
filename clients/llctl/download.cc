#include "clients/llctl/download.h"

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "clients/llctl/human_units.h"
#include "clients/llctl/printer.h"
#include "clients/llctl/progress.h"
#include "clients/llctl/resource_names.h"

namespace ll::llctl {
namespace {

absl::Status WriteTo(std::ostream& out, absl::string_view bytes) {
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (out.good()) return absl::OkStatus();
  return MakeError(absl::StatusCode::kInternal, ErrorReason::kStorageFailed,
                   {.what = "cannot write to standard output", .why = "the system refused it"});
}

std::string TargetFile(Session& session, const Download& download) {
  const absl::StatusOr<FileInfo> info = session.env().Stat(download.path);
  const bool folder = info.ok() && info->type == FileInfo::Type::kDirectory;
  return folder ? JoinPath(download.path, FileNameOf(download.name)) : download.path;
}

}  // namespace

absl::Status RunDownload(Session& session, const Download& download) {
  client::TransferOptions options{.call = session.call(), .clock = &session.clock()};
  {
    TransferProgress progress(session, absl::StrCat("downloading ", ShortName(download.name)), download.size);
    options.on_progress = [&](int64_t bytes) { progress.Update(bytes); };
    if (download.path == "-") {
      return download.run([&](absl::string_view bytes) { return WriteTo(session.io().out, bytes); }, options);
    }
    LL_RETURN_IF_ERROR(client::WriteFileWhole(session.env(), TargetFile(session, download),
                                              [&](client::ByteSink sink) { return download.run(sink, options); }));
  }
  if (!IsTable(session)) return absl::OkStatus();
  PrintChange(session, download.noun, ShortName(download.name),
              absl::StrCat("saved as ", TargetFile(session, download), " (", HumanBytes(download.size), ")"));
  return absl::OkStatus();
}

}  // namespace ll::llctl
