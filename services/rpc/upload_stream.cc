#include "services/rpc/upload_stream.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "services/rpc/field_checks.h"

namespace ll::rpc {

void UploadPump::ReadDone(bool ok) {
  // A cancelled call fails its read, so every call ends here.
  runtime_.workers().Post([this, ok] { Step(ok); });
}

absl::StatusOr<RequestContext> UploadPump::OpenCall(const google::protobuf::Message& header) {
  call_ = MakeRequestContext(runtime_, *context_, header);
  // An upload may take as long as its client allows.
  call_->deadline = absl::FromChrono(context_->deadline());
  context_->AddTrailingMetadata(kCorrelationMetadata, call_->correlation_id);
  LL_RETURN_IF_ERROR(CheckCall(runtime_, *context_, *call_, header));
  return *call_;
}

void UploadPump::Step(bool read) {
  if (cancelled_ || context_->IsCancelled()) return Finish(CancelledError());
  const absl::Status status = read ? Accept() : Complete();
  if (!read || !status.ok()) return Finish(status);
  Read();
}

void UploadPump::Finish(const absl::Status& status) {
  Close();
  if (call_.has_value()) LogCall(*call_, status, ResourceOfCall());
  End(ToGrpcStatus(status));
}

absl::Status UploadOrderError(absl::string_view came, absl::string_view expected) {
  return InvalidField("message", absl::StrCat(came, " came; the stream must go on with ", expected));
}

absl::Status CheckChunkSize(size_t bytes) {
  if (bytes <= kMaxChunkBytes) return absl::OkStatus();
  return InvalidField("chunk", absl::StrCat("has ", bytes, " bytes; send at most ", kMaxChunkBytes, " in one message"));
}

}  // namespace ll::rpc
