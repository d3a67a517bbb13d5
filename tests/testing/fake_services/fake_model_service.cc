#include "tests/testing/fake_services/fake_model_service.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/digest.h"
#include "base/status_macros.h"
#include "tests/testing/fake_services/fake_bytes.h"

namespace ll::testing {
namespace {

int64_t NumberOf(const std::string& version) {
  int64_t number = 0;
  return absl::SimpleAtoi(version.substr(version.rfind('/') + 1), &number) ? number : 0;
}

template <typename Resource>
absl::Status CheckEtag(const Resource& resource, const std::string& etag) {
  if (etag.empty() || etag == resource.etag()) return absl::OkStatus();
  return MakeError(absl::StatusCode::kAborted, ErrorReason::kEtagMismatch,
                   {.what = absl::StrCat("cannot update ", resource.name()), .why = "it changed since it was read"});
}

template <typename Resource>
void ApplyMask(const Resource& wanted, const google::protobuf::FieldMask& mask, Resource& resource) {
  const auto named = [&](const char* path) {
    return std::find(mask.paths().begin(), mask.paths().end(), path) != mask.paths().end();
  };
  if (named("description")) resource.set_description(wanted.description());
  if (named("labels")) *resource.mutable_labels() = wanted.labels();
  if (named("annotations")) *resource.mutable_annotations() = wanted.annotations();
}

v1::Model NewModel(FakeState& state, const std::string& name) ABSL_EXCLUSIVE_LOCKS_REQUIRED(state.mutex) {
  v1::Model model;
  model.set_name(name);
  model.set_etag(state.NextEtag());
  *model.mutable_create_time() = FakeTime();
  *model.mutable_update_time() = FakeTime();
  return model;
}

}  // namespace

absl::StatusOr<std::string> ResolveVersion(const FakeState& state, const std::string& name) {
  const size_t at = name.find('@');
  if (at == std::string::npos) {
    if (state.versions.count(name) > 0) return name;
    return NotFound(name, ErrorReason::kModelVersionNotFound);
  }
  const auto model = state.models.find(name.substr(0, at));
  if (model == state.models.end()) return NotFound(name.substr(0, at), ErrorReason::kModelNotFound);
  const std::string alias = name.substr(at + 1);
  if (alias == "latest" && !model->second.latest_version().empty()) return model->second.latest_version();
  const auto number = model->second.aliases().find(alias);
  if (number == model->second.aliases().end()) return NotFound(name, ErrorReason::kModelAliasNotFound);
  return absl::StrCat(model->first, "/versions/", number->second);
}

std::string AddVersion(FakeState& state, const std::string& model_name, v1::ModelVersion version,
                       std::string artifact) {
  const auto [model, created] = state.models.try_emplace(model_name, NewModel(state, model_name));
  if (created) state.Changed("create", model_name);
  const std::string name = absl::StrCat(model_name, "/versions/", NumberOf(model->second.latest_version()) + 1);
  version.set_name(name);
  version.set_state(v1::ModelVersion::READY);
  version.set_algorithm("linear-learner");
  version.set_artifact_sha256(Sha256Hex(artifact));
  version.set_artifact_size_bytes(static_cast<int64_t>(artifact.size()));
  version.set_etag(state.NextEtag());
  *version.mutable_create_time() = FakeTime();
  *version.mutable_update_time() = FakeTime();
  state.versions[name] = std::move(version);
  state.artifacts[name] = std::move(artifact);
  model->second.set_latest_version(name);
  state.Changed("create", name);
  return name;
}

grpc::Status FakeModelService::CreateModel(grpc::ServerContext*, const v1::CreateModelRequest* request,
                                           v1::Model* response) {
  MutexLock lock(&state_.mutex);
  if (const absl::Status fault = state_.Enter(*request); !fault.ok()) return ToGrpc(fault);
  const std::string name = absl::StrCat("models/", request->model_id());
  if (state_.models.count(name) > 0) return ToGrpc(Exists(name));
  v1::Model model = NewModel(state_, name);
  model.set_description(request->model().description());
  *model.mutable_labels() = request->model().labels();
  *model.mutable_annotations() = request->model().annotations();
  *response = model;
  if (request->validate_only()) return grpc::Status::OK;
  state_.models[name] = model;
  state_.Changed("create", name);
  return grpc::Status::OK;
}

grpc::Status FakeModelService::GetModel(grpc::ServerContext*, const v1::GetModelRequest* request, v1::Model* response) {
  MutexLock lock(&state_.mutex);
  if (const absl::Status fault = state_.Enter(*request); !fault.ok()) return ToGrpc(fault);
  const auto model = state_.models.find(request->name());
  if (model == state_.models.end()) return ToGrpc(NotFound(request->name(), ErrorReason::kModelNotFound));
  *response = model->second;
  return grpc::Status::OK;
}

grpc::Status FakeModelService::ListModels(grpc::ServerContext*, const v1::ListModelsRequest* request,
                                          v1::ListModelsResponse* response) {
  MutexLock lock(&state_.mutex);
  if (const absl::Status fault = state_.Enter(*request); !fault.ok()) return ToGrpc(fault);
  response->set_next_page_token(FillPage(
      *request, state_.models, [](const v1::Model&) { return true; }, response->mutable_models()));
  return grpc::Status::OK;
}

grpc::Status FakeModelService::UpdateModel(grpc::ServerContext*, const v1::UpdateModelRequest* request,
                                           v1::Model* response) {
  MutexLock lock(&state_.mutex);
  if (const absl::Status fault = state_.Enter(*request); !fault.ok()) return ToGrpc(fault);
  const auto model = state_.models.find(request->model().name());
  if (model == state_.models.end()) return ToGrpc(NotFound(request->model().name(), ErrorReason::kModelNotFound));
  if (const absl::Status status = CheckEtag(model->second, request->model().etag()); !status.ok()) {
    return ToGrpc(status);
  }
  *response = model->second;
  ApplyMask(request->model(), request->update_mask(), *response);
  response->set_etag(state_.NextEtag());
  if (request->validate_only()) return grpc::Status::OK;
  model->second = *response;
  state_.Changed("update", model->first);
  return grpc::Status::OK;
}

grpc::Status FakeModelService::DeleteModel(grpc::ServerContext*, const v1::DeleteModelRequest* request,
                                           google::protobuf::Empty*) {
  MutexLock lock(&state_.mutex);
  if (const absl::Status fault = state_.Enter(*request); !fault.ok()) return ToGrpc(fault);
  const auto model = state_.models.find(request->name());
  if (model == state_.models.end()) return ToGrpc(NotFound(request->name(), ErrorReason::kModelNotFound));
  if (!model->second.latest_version().empty() && !request->force()) {
    return ToGrpc(MakeError(absl::StatusCode::kFailedPrecondition, ErrorReason::kModelNotEmpty,
                            {.what = absl::StrCat("cannot delete ", request->name()),
                             .why = "it has versions",
                             .remedy = "Delete them first, or use `force`."}));
  }
  if (request->validate_only()) return grpc::Status::OK;
  state_.models.erase(model);
  state_.Changed("delete", request->name());
  return grpc::Status::OK;
}

grpc::Status FakeModelService::GetModelVersion(grpc::ServerContext*, const v1::GetModelVersionRequest* request,
                                               v1::ModelVersion* response) {
  MutexLock lock(&state_.mutex);
  if (const absl::Status fault = state_.Enter(*request); !fault.ok()) return ToGrpc(fault);
  const absl::StatusOr<std::string> name = ResolveVersion(state_, request->name());
  if (!name.ok()) return ToGrpc(name.status());
  *response = state_.versions[*name];
  if (request->coefficients() == 0) response->clear_coefficients();
  return grpc::Status::OK;
}

grpc::Status FakeModelService::ListModelVersions(grpc::ServerContext*, const v1::ListModelVersionsRequest* request,
                                                 v1::ListModelVersionsResponse* response) {
  MutexLock lock(&state_.mutex);
  if (const absl::Status fault = state_.Enter(*request); !fault.ok()) return ToGrpc(fault);
  if (request->parent() != "models/-" && state_.models.count(request->parent()) == 0) {
    return ToGrpc(NotFound(request->parent(), ErrorReason::kModelNotFound));
  }
  const auto match = [&](const v1::ModelVersion& version) {
    return request->parent() == "models/-" || ParentOf(version.name()) == request->parent();
  };
  response->set_next_page_token(FillPage(*request, state_.versions, match, response->mutable_model_versions()));
  return grpc::Status::OK;
}

grpc::Status FakeModelService::UpdateModelVersion(grpc::ServerContext*, const v1::UpdateModelVersionRequest* request,
                                                  v1::ModelVersion* response) {
  MutexLock lock(&state_.mutex);
  if (const absl::Status fault = state_.Enter(*request); !fault.ok()) return ToGrpc(fault);
  const auto version = state_.versions.find(request->model_version().name());
  if (version == state_.versions.end()) {
    return ToGrpc(NotFound(request->model_version().name(), ErrorReason::kModelVersionNotFound));
  }
  if (const absl::Status status = CheckEtag(version->second, request->model_version().etag()); !status.ok()) {
    return ToGrpc(status);
  }
  *response = version->second;
  ApplyMask(request->model_version(), request->update_mask(), *response);
  response->set_etag(state_.NextEtag());
  if (request->validate_only()) return grpc::Status::OK;
  version->second = *response;
  state_.Changed("update", version->first);
  return grpc::Status::OK;
}

grpc::Status FakeModelService::DeleteModelVersion(grpc::ServerContext*, const v1::DeleteModelVersionRequest* request,
                                                  google::protobuf::Empty*) {
  MutexLock lock(&state_.mutex);
  if (const absl::Status fault = state_.Enter(*request); !fault.ok()) return ToGrpc(fault);
  if (state_.versions.count(request->name()) == 0) {
    return ToGrpc(NotFound(request->name(), ErrorReason::kModelVersionNotFound));
  }
  for (const auto& [name, endpoint] : state_.endpoints) {
    if (endpoint.variants(0).model_version() == request->name()) {
      return ToGrpc(MakeError(absl::StatusCode::kFailedPrecondition, ErrorReason::kInUse,
                              {.what = absl::StrCat("cannot delete ", request->name()),
                               .why = absl::StrCat(name, " serves it"),
                               .remedy = "Delete the endpoint first, or update it to another version."}));
    }
  }
  if (request->validate_only()) return grpc::Status::OK;
  state_.versions.erase(request->name());
  state_.artifacts.erase(request->name());
  state_.Changed("delete", request->name());
  return grpc::Status::OK;
}

grpc::Status FakeModelService::ImportModelVersion(grpc::ServerContext*,
                                                  grpc::ServerReader<v1::ImportModelVersionRequest>* reader,
                                                  v1::ModelVersion* response) {
  v1::ImportModelVersionRequest::Header header;
  std::string artifact;
  const absl::Status status = ReceiveUpload(state_, *reader, &header, &artifact);
  if (!status.ok()) return ToGrpc(status);
  MutexLock lock(&state_.mutex);
  v1::ModelVersion version;
  version.set_description(header.model_version().description());
  *version.mutable_labels() = header.model_version().labels();
  version.mutable_schema()->set_predictor_type("binary_classifier");
  version.mutable_schema()->set_feature_dim(2);
  version.mutable_schema()->set_outputs(1);
  if (header.validate_only()) {
    *response = version;
    response->set_name(absl::StrCat(header.parent(), "/versions/1"));
    return grpc::Status::OK;
  }
  *response = state_.versions[AddVersion(state_, header.parent(), version, std::move(artifact))];
  return grpc::Status::OK;
}

grpc::Status FakeModelService::DownloadModelVersion(grpc::ServerContext*,
                                                    const v1::DownloadModelVersionRequest* request,
                                                    grpc::ServerWriter<v1::DownloadModelVersionResponse>* writer) {
  v1::ModelVersion version;
  std::string artifact;
  {
    MutexLock lock(&state_.mutex);
    if (const absl::Status fault = state_.Enter(*request); !fault.ok()) return ToGrpc(fault);
    const absl::StatusOr<std::string> name = ResolveVersion(state_, request->name());
    if (!name.ok()) return ToGrpc(name.status());
    version = state_.versions[*name];
    artifact = state_.artifacts[*name];
    if (state_.corrupt_downloads) artifact.back() ^= 1;
  }
  SendDownload(version, artifact, *writer);
  return grpc::Status::OK;
}

grpc::Status FakeModelService::SetModelAlias(grpc::ServerContext*, const v1::SetModelAliasRequest* request,
                                             v1::Model* response) {
  MutexLock lock(&state_.mutex);
  if (const absl::Status fault = state_.Enter(*request); !fault.ok()) return ToGrpc(fault);
  const auto model = state_.models.find(request->name());
  if (model == state_.models.end()) return ToGrpc(NotFound(request->name(), ErrorReason::kModelNotFound));
  const absl::StatusOr<std::string> version = ResolveVersion(state_, request->model_version());
  if (!version.ok()) return ToGrpc(version.status());
  *response = model->second;
  (*response->mutable_aliases())[request->alias()] = NumberOf(*version);
  if (request->validate_only()) return grpc::Status::OK;
  model->second = *response;
  state_.Changed("set-alias", request->name());
  return grpc::Status::OK;
}

grpc::Status FakeModelService::DeleteModelAlias(grpc::ServerContext*, const v1::DeleteModelAliasRequest* request,
                                                v1::Model* response) {
  MutexLock lock(&state_.mutex);
  if (const absl::Status fault = state_.Enter(*request); !fault.ok()) return ToGrpc(fault);
  const auto model = state_.models.find(request->name());
  if (model == state_.models.end()) return ToGrpc(NotFound(request->name(), ErrorReason::kModelNotFound));
  *response = model->second;
  if (response->mutable_aliases()->erase(request->alias()) == 0) {
    return ToGrpc(NotFound(absl::StrCat(request->name(), "@", request->alias()), ErrorReason::kModelAliasNotFound));
  }
  if (request->validate_only()) return grpc::Status::OK;
  model->second = *response;
  state_.Changed("delete-alias", request->name());
  return grpc::Status::OK;
}

}  // namespace ll::testing
