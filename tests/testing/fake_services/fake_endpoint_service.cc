#include "tests/testing/fake_services/fake_endpoint_service.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "tests/testing/fake_services/fake_model_service.h"

namespace ll::testing {
namespace {

google::rpc::Status ToRpc(const absl::Status& status) {
  google::rpc::Status rpc;
  rpc.ParseFromString(ToGrpc(status).error_details());
  return rpc;
}

// `@latest` becomes a number, an alias is kept. NOT_FOUND.
absl::Status ResolveVariants(const FakeState& state, v1::Endpoint& endpoint)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(state.mutex) {
  for (v1::Endpoint::Variant& variant : *endpoint.mutable_variants()) {
    if (variant.name().empty()) variant.set_name("default");
    const absl::StatusOr<std::string> version = ResolveVersion(state, variant.model_version());
    if (!version.ok()) return version.status();
    if (absl::EndsWith(variant.model_version(), "@latest")) variant.set_model_version(*version);
  }
  return absl::OkStatus();
}

// Moves the endpoint one state on; true when it is gone.
bool Step(FakeState& state, v1::Endpoint& endpoint) ABSL_EXCLUSIVE_LOCKS_REQUIRED(state.mutex) {
  if (state.endpoints_stay) return false;
  if (endpoint.state() == v1::Endpoint::DELETING) return true;
  const bool creating = endpoint.state() == v1::Endpoint::CREATING;
  if (!creating && endpoint.state() != v1::Endpoint::UPDATING) return false;
  const std::string version = ResolveVersion(state, endpoint.variants(0).model_version()).value_or("");
  const auto broken = state.broken_versions.find(version);
  if (broken != state.broken_versions.end()) {
    endpoint.set_state(creating ? v1::Endpoint::FAILED : v1::Endpoint::IN_SERVICE);
    *endpoint.mutable_error() = ToRpc(broken->second);
  } else {
    endpoint.set_state(v1::Endpoint::IN_SERVICE);
    endpoint.clear_error();
    endpoint.clear_observed_variants();
    v1::Endpoint::ObservedVariant& observed = *endpoint.add_observed_variants();
    observed.set_name(endpoint.variants(0).name());
    observed.set_model_version(version);
    *observed.mutable_ready_time() = FakeTime();
  }
  state.Changed("state", endpoint.name());
  return false;
}

// As the server does: what is sparse is the same rows.
v1::DenseRows WithZeros(const v1::SparseRows& sparse, int columns) {
  v1::DenseRows dense;
  dense.set_columns(sparse.columns() == 0 ? columns : sparse.columns());
  const int rows = sparse.row_offsets_size() - 1;
  dense.mutable_values()->Resize(rows * dense.columns(), 0);
  for (int row = 0; row < rows; ++row) {
    for (int e = sparse.row_offsets(row); e < sparse.row_offsets(row + 1); ++e) {
      dense.set_values(row * dense.columns() + sparse.column_indices(e), sparse.values(e));
    }
  }
  return dense;
}

// `request` is a PredictRequest or a StreamPredictRequest.
template <typename Request>
absl::Status Score(FakeState& state, const std::string& endpoint, const Request& request, v1::Predictions& predictions)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(state.mutex) {
  const std::string version_name = state.endpoints[endpoint].observed_variants(0).model_version();
  const v1::FeatureSchema& schema = state.versions[version_name].schema();
  const v1::DenseRows rows =
      request.has_sparse() ? WithZeros(request.sparse(), static_cast<int>(schema.feature_dim())) : request.dense();
  if (rows.columns() != schema.feature_dim()) {
    return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidArgument,
                     {.what = absl::StrCat("cannot score rows on ", endpoint),
                      .why = absl::StrCat("they have ", rows.columns(), " columns, ", version_name, " takes ",
                                          schema.feature_dim(), " features")});
  }
  predictions.set_model_version(version_name);
  predictions.set_variant("default");
  predictions.set_score_kind(schema.score_kind());
  predictions.set_outputs(static_cast<int32_t>(schema.outputs()));
  for (int row = 0; row < rows.values_size() / rows.columns(); ++row) {
    float sum = 0;
    for (int column = 0; column < rows.columns(); ++column) sum += rows.values(row * rows.columns() + column);
    const float mean = sum / static_cast<float>(rows.columns());
    for (int output = 0; output < predictions.outputs(); ++output) {
      predictions.add_scores(mean / static_cast<float>(output + 1));
    }
    if (schema.predictor_type() != "regressor") predictions.add_predicted_labels(mean >= 0.5f ? 1 : 0);
  }
  return absl::OkStatus();
}

absl::Status CheckServing(FakeState& state, const std::string& name) ABSL_EXCLUSIVE_LOCKS_REQUIRED(state.mutex) {
  const auto endpoint = state.endpoints.find(name);
  if (endpoint == state.endpoints.end()) return NotFound(name, ErrorReason::kEndpointNotFound);
  if (endpoint->second.observed_variants_size() > 0) return absl::OkStatus();
  return MakeError(absl::StatusCode::kFailedPrecondition, ErrorReason::kWrongState,
                   {.what = absl::StrCat("cannot score rows on ", name), .why = "it serves nothing"});
}

}  // namespace

grpc::Status FakeEndpointService::CreateEndpoint(grpc::ServerContext*, const v1::CreateEndpointRequest* request,
                                                 v1::Endpoint* response) {
  MutexLock lock(&state_.mutex);
  if (const absl::Status fault = state_.Enter(*request); !fault.ok()) return ToGrpc(fault);
  const std::string name = absl::StrCat("endpoints/", request->endpoint_id());
  if (state_.endpoints.count(name) > 0) return ToGrpc(Exists(name));
  response->set_name(name);
  *response->mutable_variants() = request->endpoint().variants();
  *response->mutable_labels() = request->endpoint().labels();
  response->set_state(v1::Endpoint::CREATING);
  response->set_etag(state_.NextEtag());
  *response->mutable_create_time() = FakeTime();
  if (const absl::Status status = ResolveVariants(state_, *response); !status.ok()) return ToGrpc(status);
  if (request->validate_only()) return grpc::Status::OK;
  state_.endpoints[name] = *response;
  state_.Changed("create", name);
  return grpc::Status::OK;
}

grpc::Status FakeEndpointService::GetEndpoint(grpc::ServerContext*, const v1::GetEndpointRequest* request,
                                              v1::Endpoint* response) {
  MutexLock lock(&state_.mutex);
  if (const absl::Status fault = state_.Enter(*request); !fault.ok()) return ToGrpc(fault);
  const auto endpoint = state_.endpoints.find(request->name());
  if (endpoint == state_.endpoints.end()) return ToGrpc(NotFound(request->name(), ErrorReason::kEndpointNotFound));
  *response = endpoint->second;
  return grpc::Status::OK;
}

grpc::Status FakeEndpointService::ListEndpoints(grpc::ServerContext*, const v1::ListEndpointsRequest* request,
                                                v1::ListEndpointsResponse* response) {
  MutexLock lock(&state_.mutex);
  if (const absl::Status fault = state_.Enter(*request); !fault.ok()) return ToGrpc(fault);
  response->set_next_page_token(FillPage(
      *request, state_.endpoints, [](const v1::Endpoint&) { return true; }, response->mutable_endpoints()));
  return grpc::Status::OK;
}

grpc::Status FakeEndpointService::UpdateEndpoint(grpc::ServerContext*, const v1::UpdateEndpointRequest* request,
                                                 v1::Endpoint* response) {
  MutexLock lock(&state_.mutex);
  if (const absl::Status fault = state_.Enter(*request); !fault.ok()) return ToGrpc(fault);
  const std::string& name = request->endpoint().name();
  const auto endpoint = state_.endpoints.find(name);
  if (endpoint == state_.endpoints.end()) return ToGrpc(NotFound(name, ErrorReason::kEndpointNotFound));
  if (!request->endpoint().etag().empty() && request->endpoint().etag() != endpoint->second.etag()) {
    return ToGrpc(MakeError(absl::StatusCode::kAborted, ErrorReason::kEtagMismatch,
                            {.what = absl::StrCat("cannot update ", name), .why = "it changed since it was read"}));
  }
  const auto& paths = request->update_mask().paths();
  *response = endpoint->second;
  if (std::find(paths.begin(), paths.end(), "labels") != paths.end()) {
    *response->mutable_labels() = request->endpoint().labels();
  }
  if (std::find(paths.begin(), paths.end(), "variants") != paths.end()) {
    *response->mutable_variants() = request->endpoint().variants();
    if (const absl::Status status = ResolveVariants(state_, *response); !status.ok()) return ToGrpc(status);
    if (response->variants(0).model_version() != endpoint->second.variants(0).model_version()) {
      response->set_state(v1::Endpoint::UPDATING);
    }
  }
  response->set_etag(state_.NextEtag());
  if (request->validate_only()) return grpc::Status::OK;
  endpoint->second = *response;
  state_.Changed("update", name);
  return grpc::Status::OK;
}

grpc::Status FakeEndpointService::DeleteEndpoint(grpc::ServerContext*, const v1::DeleteEndpointRequest* request,
                                                 v1::Endpoint* response) {
  MutexLock lock(&state_.mutex);
  if (const absl::Status fault = state_.Enter(*request); !fault.ok()) return ToGrpc(fault);
  const auto endpoint = state_.endpoints.find(request->name());
  if (endpoint == state_.endpoints.end()) return ToGrpc(NotFound(request->name(), ErrorReason::kEndpointNotFound));
  *response = endpoint->second;
  response->set_state(v1::Endpoint::DELETING);
  if (request->validate_only()) return grpc::Status::OK;
  endpoint->second = *response;
  state_.Changed("delete", request->name());
  return grpc::Status::OK;
}

grpc::Status FakeEndpointService::WatchEndpoint(grpc::ServerContext* context, const v1::WatchEndpointRequest* request,
                                                grpc::ServerWriter<v1::WatchEndpointResponse>* writer) {
  v1::WatchEndpointResponse response;
  int64_t seen = 0;
  bool first = true;
  while (true) {
    {
      MutexLock lock(&state_.mutex);
      if (first) {
        if (const absl::Status fault = state_.Enter(*request); !fault.ok()) return ToGrpc(fault);
      }
      const auto endpoint = state_.endpoints.find(request->name());
      if (endpoint == state_.endpoints.end()) {
        return ToGrpc(NotFound(request->name(), ErrorReason::kEndpointNotFound));
      }
      *response.mutable_endpoint() = endpoint->second;
      if (!first && Step(state_, endpoint->second)) {
        response.set_deleted(true);
        state_.endpoints.erase(endpoint);
        state_.Changed("delete", request->name());
      } else {
        while (!first && state_.changes == seen) {
          grpc::Status status;
          if (!state_.AwaitChange(seen, context, &status)) return status;
        }
        const auto now = state_.endpoints.find(request->name());
        response.set_deleted(now == state_.endpoints.end());
        if (!response.deleted()) *response.mutable_endpoint() = now->second;
      }
      first = false;
      seen = state_.changes;
    }
    if (!writer->Write(response) || response.deleted()) return grpc::Status::OK;
  }
}

grpc::Status FakePredictionService::Predict(grpc::ServerContext*, const v1::PredictRequest* request,
                                            v1::PredictResponse* response) {
  MutexLock lock(&state_.mutex);
  if (const absl::Status fault = state_.Enter(*request); !fault.ok()) return ToGrpc(fault);
  if (const absl::Status status = CheckServing(state_, request->endpoint()); !status.ok()) return ToGrpc(status);
  return ToGrpc(Score(state_, request->endpoint(), *request, *response->mutable_predictions()));
}

grpc::Status FakePredictionService::StreamPredict(
    grpc::ServerContext*, grpc::ServerReaderWriter<v1::StreamPredictResponse, v1::StreamPredictRequest>* stream) {
  v1::StreamPredictRequest request;
  std::string endpoint;
  while (stream->Read(&request)) {
    v1::StreamPredictResponse response;
    {
      MutexLock lock(&state_.mutex);
      if (const absl::Status fault = state_.Enter(request); !fault.ok()) return ToGrpc(fault);
      if (endpoint.empty()) {
        endpoint = request.endpoint();
        if (const absl::Status status = CheckServing(state_, endpoint); !status.ok()) return ToGrpc(status);
      }
      response.set_batch_id(request.batch_id());
      const absl::Status status = Score(state_, endpoint, request, *response.mutable_predictions());
      if (!status.ok()) *response.mutable_error() = ToRpc(status);
    }
    stream->Write(response);
  }
  return grpc::Status::OK;
}

}  // namespace ll::testing
