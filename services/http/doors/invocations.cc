#include "services/http/doors/invocations.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "learner/reply_writer.h"
#include "services/prediction/formats/content_negotiation.h"
#include "services/prediction/formats/row_decoder.h"

namespace ll::http {
namespace {

constexpr char kEndpointHeader[] = "x-ll-endpoint";
// Of a body, at most: what the server collects before it calls a handler, or the reader's window.
constexpr int64_t kWindowBytes = 4 << 20;

// A body that is read as a file.
class BodyFile final : public SequentialFile {
 public:
  explicit BodyFile(Body& body) : body_(body) {}
  absl::StatusOr<size_t> Read(absl::Span<char> buffer) override { return body_.Read(buffer); }

 private:
  Body& body_;
};

absl::StatusOr<std::string> ScoreBody(const PredictionBackend& backend, const prediction::PredictorHandle& handle,
                                      const learner::ContentType& type, const learner::ReplyType& reply_type,
                                      const Request& request) {
  prediction::RowDecoder rows(type, std::make_unique<BodyFile>(*request.body), handle->schema().feature_dim);
  learner::ReplyWriter writer(reply_type, handle->schema());
  learner::Scores scores;
  std::string body;
  writer.Begin(&body);
  while (true) {
    LL_ASSIGN_OR_RETURN(const learner::RowBlock block, rows.Next());
    if (block.rows == 0) break;
    if (request.abandoned()) return absl::CancelledError("nobody waits for the answer any more");
    LL_RETURN_IF_ERROR(handle->Predict(block.values, block.rows, &scores));
    writer.Append(scores, &body);
    LL_RETURN_IF_ERROR(CheckReplySize(backend, static_cast<int64_t>(body.size())));
  }
  writer.End(&body);
  return body;
}

absl::StatusOr<Response> Invoke(const PredictionBackend& backend, const Request& request, absl::string_view endpoint) {
  LL_RETURN_IF_ERROR(CheckContentEncoding(request));
  LL_ASSIGN_OR_RETURN(const learner::ContentType type, prediction::RequestTypeOf(request.headers.Get("content-type")));
  LL_ASSIGN_OR_RETURN(const learner::ReplyType reply_type,
                      prediction::NegotiateReply(request.headers.Joined("accept")));
  LL_ASSIGN_OR_RETURN(const auto ticket, AdmitBody(backend.admission, request, kWindowBytes));
  LL_ASSIGN_OR_RETURN(const prediction::PredictorHandle handle, backend.predictors.Acquire(endpoint));
  Response response{.content_type = prediction::MediaTypeOf(reply_type)};
  LL_ASSIGN_OR_RETURN(response.body, ScoreBody(backend, handle, type, reply_type, request));
  NameVersion(handle, &response);
  return response;
}

// The endpoint of a request whose path does not name one.
absl::StatusOr<std::string> ImpliedEndpoint(const PredictionBackend& backend, const Request& request) {
  const absl::string_view named = request.headers.Get(kEndpointHeader);
  if (!named.empty()) return std::string(named);
  std::vector<std::string> endpoints = backend.endpoints();
  if (endpoints.size() == 1) return std::move(endpoints.front());
  if (endpoints.empty()) {
    return MakeError(absl::StatusCode::kNotFound, ErrorReason::kEndpointNotFound,
                     {.what = "cannot predict",
                      .why = "there is no endpoint",
                      .remedy = "Create one with `llctl endpoint create`."});
  }
  constexpr size_t kMaxListed = 10;
  const bool all = endpoints.size() <= kMaxListed;
  const std::string listed =
      absl::StrCat(absl::StrJoin(endpoints.begin(), all ? endpoints.end() : endpoints.begin() + kMaxListed, ", "),
                   all ? "" : ", ...");
  return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidArgument,
                   {.what = "cannot tell which endpoint is meant",
                    .why = absl::StrCat("there are ", endpoints.size(), " of them: ", listed),
                    .remedy = "POST to /endpoints/ENDPOINT/invocations, or name it in the header X-LL-Endpoint."});
}

}  // namespace

void AddInvocations(const PredictionBackend& backend, Router* router) {
  const auto max_body_bytes = static_cast<uint64_t>(backend.max_message_bytes);
  router->Add({.method = "GET", .path = "/ping"}, [backend](const Request&) -> absl::StatusOr<Response> {
    return Response{.status = backend.ready() ? 200 : 503};
  });
  router->Add({.method = "POST", .path = "/invocations", .max_body_bytes = max_body_bytes},
              [backend](const Request& request) -> absl::StatusOr<Response> {
                LL_ASSIGN_OR_RETURN(const std::string endpoint, ImpliedEndpoint(backend, request));
                return Invoke(backend, request, endpoint);
              });
  router->Add({.method = "POST", .path = "/endpoints/{endpoint}/invocations", .max_body_bytes = max_body_bytes},
              [backend](const Request& request) { return Invoke(backend, request, request.parameters[0]); });
}

}  // namespace ll::http
