#include "tests/integration/endpoint_stack.h"

#include <filesystem>
#include <fstream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/env.h"
#include "base/status_macros.h"
#include "learner/artifact.h"
#include "registry/sqlite_registry.h"
#include "services/prediction/model_loader.h"
#include "services/registry/describe_model.h"
#include "tests/testing/grpc_matchers.h"
#include "tests/testing/status_matchers.h"

namespace ll::testing {

using v1::Endpoint;

learner::Model ConstantModel(int value, int features) {
  learner::Model::Parts parts;
  parts.schema = {.predictor_type = learner::PredictorType::kRegressor,
                  .loss = learner::Loss::kSquared,
                  .feature_dim = features,
                  .outputs = 1};
  parts.weights.resize(static_cast<size_t>(features));
  parts.bias = {static_cast<double>(value)};
  return *learner::Model::Create(std::move(parts));
}

void LoadGate::Close() {
  MutexLock lock(&mutex_);
  closed_ = true;
}
void LoadGate::Open() {
  MutexLock lock(&mutex_);
  closed_ = false;
}
void LoadGate::Pass() {
  MutexLock lock(&mutex_);
  mutex_.Await([this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !closed_; });
}

namespace {

std::unique_ptr<registry::Registry> OpenRegistry(const std::string& directory) {
  return registry::OpenSqliteRegistry({.path = JoinPath(directory, "registry.db"), .clock = &Clock::Real()}).value();
}

prediction::LoadVersion MakeLoader(registry::BlobStore& blobs, LoadGate* gate) {
  return prediction::MakeModelLoader({.read_artifact =
                                          [&blobs, gate](const std::string& sha256) {
                                            if (gate != nullptr) gate->Pass();
                                            return blobs.ReadVerified(sha256);
                                          },
                                      .parse_artifact = learner::ParseModel});
}

}  // namespace

EndpointStack::EndpointStack(const std::string& directory, LoadGate* gate)
    : directory_(directory),
      registry_(OpenRegistry(directory)),
      blobs_(registry::BlobStore::Open(Env::Posix(), JoinPath(directory, "blobs")).value()),
      host_(MakeLoader(*blobs_, gate), Clock::Real(), {.loader_threads = 2}),
      manager_(*registry_, embedded_, Clock::Real(), {.on_serving = endpoints::ReportHealth(server_.health())}) {
  server_.AddService(v1::EndpointService::service_full_name(), endpoint_service_);
  server_.AddService(v1::PredictionService::service_full_name(), prediction_service_);
  server_.AddService(v1::ModelService::service_full_name(), model_service_);
  manager_.AwaitSettled();
  server_.Start();
  endpoints_ = v1::EndpointService::NewStub(server_.channel());
  predictions_ = v1::PredictionService::NewStub(server_.channel());
  models_ = v1::ModelService::NewStub(server_.channel());
  health_ = grpc::health::v1::Health::NewStub(server_.channel());
}

EndpointStack::~EndpointStack() { server_.Shutdown(); }

int64_t EndpointStack::AddVersion(const std::string& model_id, const learner::Model& model) {
  registry::PinnedBlob blob = blobs_->Put(learner::SerializeModel(model).value()).value();
  registry::VersionRecord version = catalog::DescribeModel(model);
  version.model_id = model_id;
  version.artifact_sha256 = blob.sha256();
  version.artifact_bytes = blob.size_bytes();
  LL_EXPECT_OK(registry_->Write({}, [&](registry::Transaction& transaction) -> absl::Status {
    if (absl::IsNotFound(transaction.models().Get(model_id).status())) {
      LL_RETURN_IF_ERROR(transaction.models().Insert({.id = model_id}).status());
    }
    LL_ASSIGN_OR_RETURN(version, transaction.models().InsertVersion(version));
    return absl::OkStatus();
  }));
  return version.number;
}

void EndpointStack::CorruptArtifact(const std::string& model_id, int64_t number) {
  const std::string sha256 = GetVersion(registry::VersionName(model_id, number)).artifact_sha256();
  const std::string path = JoinPath(directory_, absl::StrCat("blobs/", sha256.substr(0, 2), "/", sha256));
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  const int byte = file.get();
  file.seekp(0);
  file.put(static_cast<char>(byte ^ 1));
  ASSERT_TRUE(file.good());
}

void EndpointStack::MoveAlias(const std::string& model_id, const std::string& alias, int64_t number) {
  v1::SetModelAliasRequest request;
  request.set_name(registry::ModelName(model_id));
  request.set_alias(alias);
  request.set_model_version(registry::VersionName(model_id, number));
  v1::Model model;
  EXPECT_THAT(models_->SetModelAlias(NewContext().get(), request, &model), GrpcIsOk());
}

Endpoint EndpointStack::Create(const std::string& id, const std::string& model_version) {
  v1::CreateEndpointRequest request;
  request.set_endpoint_id(id);
  request.mutable_endpoint()->add_variants()->set_model_version(model_version);
  Endpoint endpoint;
  EXPECT_THAT(endpoints_->CreateEndpoint(NewContext().get(), request, &endpoint), GrpcIsOk());
  return endpoint;
}

Endpoint EndpointStack::UpdateTo(const std::string& id, const std::string& model_version) {
  v1::UpdateEndpointRequest request;
  request.mutable_endpoint()->set_name(registry::EndpointName(id));
  request.mutable_endpoint()->add_variants()->set_model_version(model_version);
  Endpoint endpoint;
  EXPECT_THAT(endpoints_->UpdateEndpoint(NewContext().get(), request, &endpoint), GrpcIsOk());
  return endpoint;
}

Endpoint EndpointStack::Get(const std::string& id) {
  v1::GetEndpointRequest request;
  request.set_name(registry::EndpointName(id));
  Endpoint endpoint;
  EXPECT_THAT(endpoints_->GetEndpoint(NewContext().get(), request, &endpoint), GrpcIsOk());
  return endpoint;
}

v1::ModelVersion EndpointStack::GetVersion(const std::string& name) {
  v1::GetModelVersionRequest request;
  request.set_name(name);
  v1::ModelVersion version;
  EXPECT_THAT(models_->GetModelVersion(NewContext().get(), request, &version), GrpcIsOk());
  return version;
}

Endpoint EndpointStack::AwaitState(const std::string& id, Endpoint::State state, const std::string& model_version) {
  v1::WatchEndpointRequest request;
  request.set_name(registry::EndpointName(id));
  const auto context = NewContext();
  const auto stream = endpoints_->WatchEndpoint(context.get(), request);
  v1::WatchEndpointResponse response;
  while (stream->Read(&response)) {
    const Endpoint& endpoint = response.endpoint();
    const bool serves =
        endpoint.observed_variants_size() == 1 && endpoint.observed_variants(0).model_version() == model_version;
    if (endpoint.state() == state && (model_version.empty() || serves)) {
      context->TryCancel();
      return endpoint;
    }
  }
  ADD_FAILURE() << "the watch ended: " << stream->Finish().error_message() << ", last: " << response.DebugString();
  return {};
}

void EndpointStack::Delete(const std::string& id) {
  v1::DeleteEndpointRequest request;
  request.set_name(registry::EndpointName(id));
  Endpoint endpoint;
  EXPECT_THAT(endpoints_->DeleteEndpoint(NewContext().get(), request, &endpoint), GrpcIsOk());
  EXPECT_EQ(endpoint.state(), Endpoint::DELETING);
  v1::WatchEndpointRequest watch;
  watch.set_name(registry::EndpointName(id));
  const auto context = NewContext();
  const auto stream = endpoints_->WatchEndpoint(context.get(), watch);
  v1::WatchEndpointResponse response;
  while (stream->Read(&response)) {
  }
  const grpc::Status status = stream->Finish();  // NOT_FOUND when it was gone before the watch began
  EXPECT_TRUE(status.ok() ? response.deleted() : status.error_code() == grpc::StatusCode::NOT_FOUND);
}

grpc::Status EndpointStack::Predict(const std::string& id, v1::Predictions* predictions, int features) {
  v1::PredictRequest request;
  request.set_endpoint(registry::EndpointName(id));
  request.mutable_dense()->mutable_values()->Resize(features, 0.0f);
  request.mutable_dense()->set_columns(features);
  v1::PredictResponse response;
  const grpc::Status status = predictions_->Predict(NewContext().get(), request, &response);
  *predictions = response.predictions();
  return status;
}

grpc::health::v1::HealthCheckResponse::ServingStatus EndpointStack::HealthOf(const std::string& service) {
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(service);
  grpc::health::v1::HealthCheckResponse response;
  const grpc::Status status = health_->Check(NewContext().get(), request, &response);
  return status.ok() ? response.status() : grpc::health::v1::HealthCheckResponse::SERVICE_UNKNOWN;
}

}  // namespace ll::testing
