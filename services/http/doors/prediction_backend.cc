#include "services/http/doors/prediction_backend.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/utf8.h"

namespace ll::http {

absl::Status CheckContentEncoding(const Request& request) {
  const std::string encoding = request.headers.Joined("content-encoding");
  if (encoding.empty() || absl::EqualsIgnoreCase(encoding, "identity")) return absl::OkStatus();
  return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kUnsupportedMediaType,
                   {.what = "cannot read the request's body",
                    .why = absl::StrCat("its Content-Encoding is ", Quoted(encoding)),
                    .remedy = "Send it as it is."});
}

absl::StatusOr<prediction::Admission::Ticket> AdmitBody(prediction::Admission& admission, const Request& request,
                                                        int64_t window) {
  int64_t length = window;  // it need not say
  if (!absl::SimpleAtoi(request.headers.Get("content-length"), &length)) length = window;
  return admission.Admit(std::min(length, window));
}

absl::Status CheckReplySize(const PredictionBackend& backend, int64_t bytes) {
  if (bytes <= backend.max_message_bytes) return absl::OkStatus();
  return MakeError(
      absl::StatusCode::kResourceExhausted, ErrorReason::kMessageTooLarge,
      {.what = "cannot answer so many rows",
       .why = absl::StrCat("the answer is larger than the server's max_message_bytes, ", backend.max_message_bytes),
       .remedy = "Send fewer rows at a time, or raise that setting on the server."},
      {.metadata = {{"max_message_bytes", absl::StrCat(backend.max_message_bytes)}}});
}

void NameVersion(const prediction::PredictorHandle& handle, Response* response) {
  response->headers.Add("x-ll-model-version", handle->model_version());
  response->headers.Add("x-ll-variant", handle.variant());
}

}  // namespace ll::http
