#include "clients/cpp/model_client.h"

#include <utility>

#include "base/random.h"
#include "clients/cpp/client_call.h"
#include "clients/cpp/list_call.h"

namespace ll::client {
namespace {

using Stub = v1::ModelService::StubInterface;

}  // namespace

ModelClient::ModelClient(Connection connection)
    : connection_(std::move(connection)), stub_(v1::ModelService::NewStub(connection_.channel())) {}

absl::StatusOr<v1::Model> ModelClient::CreateModel(v1::CreateModelRequest request, const CallOptions& options) const {
  return CallMutation(connection_, "ll.v1.ModelService/CreateModel", *stub_, &Stub::CreateModel, std::move(request),
                      options);
}

absl::StatusOr<v1::Model> ModelClient::GetModel(const std::string& name, const CallOptions& options) const {
  v1::GetModelRequest request;
  request.set_name(name);
  return CallUnary(connection_, "ll.v1.ModelService/GetModel", *stub_, &Stub::GetModel, request, options);
}

ListRange<v1::Model> ModelClient::ListModels(v1::ListModelsRequest request, const CallOptions& options) const {
  return CallList("ll.v1.ModelService/ListModels", connection_, stub_, &Stub::ListModels,
                  &v1::ListModelsResponse::mutable_models, std::move(request), options);
}

absl::StatusOr<v1::Model> ModelClient::UpdateModel(v1::UpdateModelRequest request, const CallOptions& options) const {
  return CallMutation(connection_, "ll.v1.ModelService/UpdateModel", *stub_, &Stub::UpdateModel, std::move(request),
                      options);
}

absl::Status ModelClient::DeleteModel(v1::DeleteModelRequest request, const CallOptions& options) const {
  return CallMutation(connection_, "ll.v1.ModelService/DeleteModel", *stub_, &Stub::DeleteModel, std::move(request),
                      options)
      .status();
}

absl::StatusOr<v1::ModelVersion> ModelClient::GetModelVersion(const std::string& name,
                                                              const CallOptions& options) const {
  v1::GetModelVersionRequest request;
  request.set_name(name);
  return GetModelVersion(request, options);
}

absl::StatusOr<v1::ModelVersion> ModelClient::GetModelVersion(const v1::GetModelVersionRequest& request,
                                                              const CallOptions& options) const {
  return CallUnary(connection_, "ll.v1.ModelService/GetModelVersion", *stub_, &Stub::GetModelVersion, request, options);
}

ListRange<v1::ModelVersion> ModelClient::ListModelVersions(v1::ListModelVersionsRequest request,
                                                           const CallOptions& options) const {
  return CallList("ll.v1.ModelService/ListModelVersions", connection_, stub_, &Stub::ListModelVersions,
                  &v1::ListModelVersionsResponse::mutable_model_versions, std::move(request), options);
}

absl::StatusOr<v1::ModelVersion> ModelClient::UpdateModelVersion(v1::UpdateModelVersionRequest request,
                                                                 const CallOptions& options) const {
  return CallMutation(connection_, "ll.v1.ModelService/UpdateModelVersion", *stub_, &Stub::UpdateModelVersion,
                      std::move(request), options);
}

absl::Status ModelClient::DeleteModelVersion(v1::DeleteModelVersionRequest request, const CallOptions& options) const {
  return CallMutation(connection_, "ll.v1.ModelService/DeleteModelVersion", *stub_, &Stub::DeleteModelVersion,
                      std::move(request), options)
      .status();
}

absl::StatusOr<v1::Model> ModelClient::SetModelAlias(v1::SetModelAliasRequest request,
                                                     const CallOptions& options) const {
  return CallMutation(connection_, "ll.v1.ModelService/SetModelAlias", *stub_, &Stub::SetModelAlias, std::move(request),
                      options);
}

absl::StatusOr<v1::Model> ModelClient::DeleteModelAlias(v1::DeleteModelAliasRequest request,
                                                        const CallOptions& options) const {
  return CallMutation(connection_, "ll.v1.ModelService/DeleteModelAlias", *stub_, &Stub::DeleteModelAlias,
                      std::move(request), options);
}

absl::StatusOr<v1::ModelVersion> ModelClient::ImportModelVersion(v1::ImportModelVersionRequest::Header header,
                                                                 SequentialFile& source,
                                                                 const TransferOptions& options) const {
  if (header.request_id().empty()) header.set_request_id(RandomUuid());
  ClientCall call(connection_, "ll.v1.ModelService/ImportModelVersion", options.call);
  v1::ModelVersion version;
  const auto writer = stub_->ImportModelVersion(call.context(), &version);
  LL_RETURN_IF_ERROR(SendBytes(call, *writer, std::move(header), source, options));
  return version;
}

absl::StatusOr<v1::ModelVersion> ModelClient::ImportModelVersionFile(v1::ImportModelVersionRequest::Header header,
                                                                     Env& env, const std::string& path,
                                                                     const TransferOptions& options) const {
  if (header.request_id().empty()) header.set_request_id(RandomUuid());
  v1::ModelVersion version;
  LL_RETURN_IF_ERROR(UploadFromFile(env, path, options, [&](SequentialFile& source) -> absl::Status {
    LL_ASSIGN_OR_RETURN(version, ImportModelVersion(header, source, options));
    return absl::OkStatus();
  }));
  return version;
}

absl::StatusOr<v1::ModelVersion> ModelClient::DownloadModelVersion(const std::string& name, ByteSink sink,
                                                                   const TransferOptions& options) const {
  v1::DownloadModelVersionRequest request;
  request.set_name(name);
  ClientCall call(connection_, "ll.v1.ModelService/DownloadModelVersion", options.call);
  const auto reader = stub_->DownloadModelVersion(call.context(), request);
  return ReceiveBytes<v1::ModelVersion>(
      call, *reader, sink,
      [](const v1::ModelVersion& version) {
        return std::pair(version.artifact_size_bytes(), version.artifact_sha256());
      },
      options);
}

absl::StatusOr<v1::ModelVersion> ModelClient::DownloadModelVersionFile(const std::string& name, Env& env,
                                                                       const std::string& path,
                                                                       const TransferOptions& options) const {
  v1::ModelVersion version;
  LL_RETURN_IF_ERROR(WriteFileWhole(env, path, [&](ByteSink sink) -> absl::Status {
    LL_ASSIGN_OR_RETURN(version, DownloadModelVersion(name, sink, options));
    return absl::OkStatus();
  }));
  return version;
}

}  // namespace ll::client
