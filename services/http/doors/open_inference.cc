#include "services/http/doors/open_inference.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "base/utf8.h"
#include "base/version.h"
#include "nlohmann/json.hpp"
#include "services/http/error_response.h"
#include "services/prediction/batch.h"
#include "services/prediction/formats/open_inference.h"

namespace ll::http {
namespace {

using Json = nlohmann::ordered_json;
using prediction::ModelName;
using prediction::PredictorHandle;

constexpr char kJson[] = "application/json";
constexpr char kJsonLength[] = "Inference-Header-Content-Length";

Response JsonResponse(const Json& body, int status = 200) {
  return {.status = status, .content_type = kJson, .body = body.dump()};
}

Response ErrorOf(const absl::Status& error, const Request&) {
  Response response = ErrorWithoutBody(error);
  response.content_type = kJson;
  response.body = Json{{"error", ToValidUtf8({error.message().data(), error.message().size()})}}.dump();
  return response;
}

// The model that the path names: an endpoint, and a version that must be the one that serves it.
struct Found {
  PredictorHandle handle;
  ModelName name;
};

absl::StatusOr<Found> FindModel(const PredictionBackend& backend, const Request& request) {
  const std::string& endpoint = request.parameters[0];
  LL_ASSIGN_OR_RETURN(PredictorHandle handle, backend.predictors.Acquire(endpoint));
  const std::string& full_name = handle->model_version();
  std::string version = full_name.substr(full_name.rfind('/') + 1);
  if (request.parameters.size() > 1 && request.parameters[1] != version) {
    return MakeError(absl::StatusCode::kNotFound, ErrorReason::kModelVersionNotFound,
                     {.what = absl::StrCat("cannot use version ", Quoted(request.parameters[1]), " of ", endpoint),
                      .why = absl::StrCat("it is version ", version, " that serves"),
                      .remedy = "Leave the version out to use whichever serves."});
  }
  return Found{std::move(handle), {endpoint, std::move(version)}};
}

absl::StatusOr<std::optional<size_t>> JsonLength(const Request& request) {
  const absl::string_view text = request.headers.Get(kJsonLength);
  if (text.empty()) return std::nullopt;
  uint64_t length = 0;
  if (absl::SimpleAtoi(text, &length)) return static_cast<size_t>(length);
  return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidArgument,
                   {.what = "cannot read the inference request",
                    .why = absl::StrCat(kJsonLength, " is ", Quoted(text)),
                    .remedy = "Give it the number of JSON bytes before the binary data."});
}

absl::StatusOr<learner::Scores> ScoreAll(const prediction::PredictorHandle& handle, const prediction::DenseRows& rows,
                                         const Request& request) {
  LL_RETURN_IF_ERROR(prediction::CheckRows(rows, handle->schema().feature_dim));
  learner::Scores all, scratch;
  LL_RETURN_IF_ERROR(prediction::ScoreInSlices(
      *handle, rows, [&request] { return request.abandoned(); }, &scratch,
      [&all](const learner::Scores& slice) {
        all.values.insert(all.values.end(), slice.values.begin(), slice.values.end());
        all.labels.insert(all.labels.end(), slice.labels.begin(), slice.labels.end());
      }));
  return all;
}

absl::StatusOr<Response> Infer(const PredictionBackend& backend, const Request& request) {
  LL_RETURN_IF_ERROR(CheckContentEncoding(request));
  LL_ASSIGN_OR_RETURN(const std::optional<size_t> json_bytes, JsonLength(request));
  LL_ASSIGN_OR_RETURN(const auto ticket, AdmitBody(backend.admission, request, backend.max_message_bytes));
  LL_ASSIGN_OR_RETURN(const Found model, FindModel(backend, request));
  const learner::ModelSchema& schema = model.handle->schema();
  LL_ASSIGN_OR_RETURN(std::string body, request.body->ReadAll(prediction::kInferPadding));
  LL_ASSIGN_OR_RETURN(const prediction::InferRequest infer, prediction::ParseInferRequest(body, json_bytes, schema));
  LL_ASSIGN_OR_RETURN(const learner::Scores scores, ScoreAll(model.handle, infer.rows(), request));
  prediction::InferReply reply = prediction::WriteInferReply(infer, model.name, schema, scores);
  LL_RETURN_IF_ERROR(CheckReplySize(backend, static_cast<int64_t>(reply.body.size())));
  Response response{.content_type = reply.json_bytes.has_value() ? "application/octet-stream" : kJson,
                    .body = std::move(reply.body)};
  if (reply.json_bytes.has_value()) response.headers.Add(kJsonLength, absl::StrCat(*reply.json_bytes));
  NameVersion(model.handle, &response);
  return response;
}

absl::StatusOr<Response> Metadata(const PredictionBackend& backend, const Request& request) {
  LL_ASSIGN_OR_RETURN(const Found model, FindModel(backend, request));
  return Response{.content_type = kJson, .body = prediction::ModelMetadata(model.name, model.handle->schema())};
}

absl::StatusOr<Response> Ready(const PredictionBackend& backend, const Request& request) {
  LL_ASSIGN_OR_RETURN(const Found model, FindModel(backend, request));
  return JsonResponse({{"name", model.name.name}, {"ready", true}});
}

}  // namespace

void AddOpenInference(const PredictionBackend& backend, Router* router) {
  router->SetErrorStyle("/v2", &ErrorOf);
  router->Add({.method = "GET", .path = "/v2"}, [](const Request&) {
    return JsonResponse({{"name", "llserver"},
                         {"version", std::string(ReleaseVersion())},
                         {"extensions", Json::array({"binary_tensor_data"})}});
  });
  // Some clients look at the status alone, some at the body.
  router->Add({.method = "GET", .path = "/v2/health/live"}, [](const Request&) {
    return JsonResponse({{"live", true}});
  });
  router->Add({.method = "GET", .path = "/v2/health/ready"}, [backend](const Request&) {
    const bool ready = backend.ready();
    return JsonResponse({{"ready", ready}}, ready ? 200 : 503);
  });
  router->Add({.method = "GET", .path = "/v2/models"}, [backend](const Request&) {
    return JsonResponse({{"models", backend.endpoints()}});
  });
  for (const std::string model : {"/v2/models/{endpoint}", "/v2/models/{endpoint}/versions/{version}"}) {
    router->Add({.method = "GET", .path = model},
                [backend](const Request& request) { return Metadata(backend, request); });
    router->Add({.method = "GET", .path = model + "/ready"},
                [backend](const Request& request) { return Ready(backend, request); });
    router->Add({.method = "POST",
                 .path = model + "/infer",
                 .max_body_bytes = static_cast<uint64_t>(backend.max_message_bytes)},
                [backend](const Request& request) { return Infer(backend, request); });
  }
}

}  // namespace ll::http
