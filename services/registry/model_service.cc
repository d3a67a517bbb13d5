#include "services/registry/model_service.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "registry/model_store.h"
#include "services/registry/model_convert.h"
#include "services/rpc/download_source.h"
#include "services/rpc/field_checks.h"
#include "services/rpc/paging.h"
#include "services/rpc/resource_names.h"
#include "services/rpc/server_stream.h"
#include "services/rpc/unary.h"
#include "services/rpc/upload_stream.h"

namespace ll::catalog {
namespace {

using google::protobuf::Empty;
using grpc::CallbackServerContext;
using grpc::ServerReadReactor;
using grpc::ServerUnaryReactor;
using grpc::ServerWriteReactor;
using registry::ModelRecord;
using registry::ModelStore;
using registry::Page;
using registry::VersionRecord;
using registry::VersionRef;
using rpc::RequestContext;
using rpc::Unary;
using ImportRequest = v1::ImportModelVersionRequest;
using DownloadResponse = v1::DownloadModelVersionResponse;

constexpr int kMostCoefficients = 1000;

absl::Status CheckCoefficients(int32_t count) {
  if (count >= 0 && count <= kMostCoefficients) return absl::OkStatus();
  const std::string why = absl::StrCat("is ", count, "; use a number from 0 to ", kMostCoefficients);
  return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidArgument,
                   {.what = "cannot get the version", .why = absl::StrCat("coefficients ", why)},
                   {.field_violations = {{"coefficients", why}}});
}

class ImportSink final : public rpc::UploadSink<ImportRequest, v1::ModelVersion> {
 public:
  explicit ImportSink(std::unique_ptr<VersionImport> import) : import_(std::move(import)) {}

  absl::Status Append(absl::string_view chunk) override { return import_->Append(chunk); }
  absl::Status Commit(const ImportRequest::Trailer& trailer, v1::ModelVersion* response) override {
    LL_ASSIGN_OR_RETURN(const std::string sha256, rpc::ParseSha256(trailer.sha256(), "trailer.sha256"));
    LL_ASSIGN_OR_RETURN(const VersionRecord version, import_->Commit(sha256));
    *response = ToProto(version);
    return absl::OkStatus();
  }

 private:
  const std::unique_ptr<VersionImport> import_;
};

}  // namespace

ServerUnaryReactor* ModelService::CreateModel(CallbackServerContext* context, const v1::CreateModelRequest* request,
                                              v1::Model* response) {
  return Unary(runtime_, context, request, response,
               [this](const RequestContext& call, const auto& request, auto* response) -> absl::Status {
                 LL_ASSIGN_OR_RETURN(const ModelRecord record, FromProto(request));
                 LL_ASSIGN_OR_RETURN(const ModelRecord created, catalog_.CreateModel(record, call.write));
                 *response = ToProto(created);
                 return absl::OkStatus();
               });
}

ServerUnaryReactor* ModelService::GetModel(CallbackServerContext* context, const v1::GetModelRequest* request,
                                           v1::Model* response) {
  return Unary(runtime_, context, request, response,
               [this](const RequestContext&, const auto& request, auto* response) -> absl::Status {
                 LL_ASSIGN_OR_RETURN(const std::string id, rpc::ParseModelName(request.name(), "name"));
                 LL_ASSIGN_OR_RETURN(const ModelRecord model, catalog_.GetModel(id));
                 *response = ToProto(model);
                 return absl::OkStatus();
               });
}

ServerUnaryReactor* ModelService::ListModels(CallbackServerContext* context, const v1::ListModelsRequest* request,
                                             v1::ListModelsResponse* response) {
  return Unary(runtime_, context, request, response,
               [this](const RequestContext&, const auto& request, auto* response) -> absl::Status {
                 const rpc::PageTokens& tokens = runtime_.page_tokens();
                 LL_ASSIGN_OR_RETURN(const auto query,
                                     rpc::ParseListRequest(request, ModelStore::kFilterFields, tokens));
                 LL_ASSIGN_OR_RETURN(const Page<ModelRecord> page, catalog_.ListModels(query));
                 for (const ModelRecord& model : page.records) *response->add_models() = ToProto(model);
                 response->set_next_page_token(rpc::NextPageToken(request, page, tokens));
                 return absl::OkStatus();
               });
}

ServerUnaryReactor* ModelService::UpdateModel(CallbackServerContext* context, const v1::UpdateModelRequest* request,
                                              v1::Model* response) {
  return Unary(runtime_, context, request, response,
               [this](const RequestContext& call, const auto& request, auto* response) -> absl::Status {
                 LL_ASSIGN_OR_RETURN(const ModelUpdate update, FromProto(request));
                 LL_ASSIGN_OR_RETURN(const ModelRecord model,
                                     catalog_.UpdateModel(update.model_id, update.update, call.write));
                 *response = ToProto(model);
                 return absl::OkStatus();
               });
}

ServerUnaryReactor* ModelService::DeleteModel(CallbackServerContext* context, const v1::DeleteModelRequest* request,
                                              Empty* response) {
  return Unary(runtime_, context, request, response,
               [this](const RequestContext& call, const auto& request, Empty*) -> absl::Status {
                 LL_ASSIGN_OR_RETURN(const std::string id, rpc::ParseModelName(request.name(), "name"));
                 return catalog_.DeleteModel(id, request.etag(), request.force(), call.write);
               });
}

ServerUnaryReactor* ModelService::GetModelVersion(CallbackServerContext* context,
                                                  const v1::GetModelVersionRequest* request,
                                                  v1::ModelVersion* response) {
  return Unary(runtime_, context, request, response,
               [this](const RequestContext&, const auto& request, auto* response) -> absl::Status {
                 LL_ASSIGN_OR_RETURN(const VersionRef ref, rpc::ParseVersionReference(request.name(), "name"));
                 LL_RETURN_IF_ERROR(CheckCoefficients(request.coefficients()));
                 LL_ASSIGN_OR_RETURN(const VersionRecord version, catalog_.GetVersion(ref));
                 *response = ToProto(version);
                 if (request.coefficients() == 0) return absl::OkStatus();
                 // By its number: an alias may have moved meanwhile.
                 LL_ASSIGN_OR_RETURN(const std::vector<OutputCoefficients> outputs,
                                     catalog_.Coefficients({.model_id = version.model_id, .number = version.number},
                                                           request.coefficients()));
                 for (const OutputCoefficients& output : outputs) *response->add_coefficients() = ToProto(output);
                 return absl::OkStatus();
               });
}

ServerUnaryReactor* ModelService::ListModelVersions(CallbackServerContext* context,
                                                    const v1::ListModelVersionsRequest* request,
                                                    v1::ListModelVersionsResponse* response) {
  return Unary(runtime_, context, request, response,
               [this](const RequestContext&, const auto& request, auto* response) -> absl::Status {
                 const rpc::PageTokens& tokens = runtime_.page_tokens();
                 LL_ASSIGN_OR_RETURN(const std::string model_id, rpc::ParseModelParent(request.parent(), "parent"));
                 LL_ASSIGN_OR_RETURN(const auto query,
                                     rpc::ParseListRequest(request, ModelStore::kVersionFilterFields, tokens));
                 LL_ASSIGN_OR_RETURN(const Page<VersionRecord> page, catalog_.ListVersions(model_id, query));
                 for (const VersionRecord& version : page.records) *response->add_model_versions() = ToProto(version);
                 response->set_next_page_token(rpc::NextPageToken(request, page, tokens));
                 return absl::OkStatus();
               });
}

ServerUnaryReactor* ModelService::UpdateModelVersion(CallbackServerContext* context,
                                                     const v1::UpdateModelVersionRequest* request,
                                                     v1::ModelVersion* response) {
  return Unary(runtime_, context, request, response,
               [this](const RequestContext& call, const auto& request, auto* response) -> absl::Status {
                 LL_ASSIGN_OR_RETURN(const VersionUpdate update, FromProto(request));
                 LL_ASSIGN_OR_RETURN(const VersionRecord version,
                                     catalog_.UpdateVersion(update.model_id, update.number, update.update, call.write));
                 *response = ToProto(version);
                 return absl::OkStatus();
               });
}

ServerUnaryReactor* ModelService::DeleteModelVersion(CallbackServerContext* context,
                                                     const v1::DeleteModelVersionRequest* request, Empty* response) {
  return Unary(runtime_, context, request, response,
               [this](const RequestContext& call, const auto& request, Empty*) -> absl::Status {
                 LL_ASSIGN_OR_RETURN(const VersionRef ref, rpc::ParseVersionName(request.name(), "name"));
                 return catalog_.DeleteVersion(ref.model_id, ref.number, request.etag(), call.write);
               });
}

ServerReadReactor<ImportRequest>* ModelService::ImportModelVersion(CallbackServerContext* context,
                                                                   v1::ModelVersion* response) {
  return rpc::Upload<ImportRequest>(
      runtime_, context, response,
      [this](const RequestContext& call,
             const ImportRequest::Header& header) -> absl::StatusOr<std::unique_ptr<ImportSink>> {
        LL_ASSIGN_OR_RETURN(const VersionRecord version, FromProto(header));
        LL_ASSIGN_OR_RETURN(std::unique_ptr<VersionImport> import, catalog_.BeginImport(version, call.write));
        return std::make_unique<ImportSink>(std::move(import));
      });
}

ServerWriteReactor<DownloadResponse>* ModelService::DownloadModelVersion(
    CallbackServerContext* context, const v1::DownloadModelVersionRequest* request) {
  return rpc::ServerStream<DownloadResponse>(
      runtime_, context, request,
      [this](const RequestContext&, const auto& request,
             rpc::StreamWaker&) -> absl::StatusOr<std::unique_ptr<rpc::StreamSource<DownloadResponse>>> {
        LL_ASSIGN_OR_RETURN(const VersionRef ref, rpc::ParseVersionReference(request.name(), "name"));
        LL_ASSIGN_OR_RETURN(OpenedVersion opened, catalog_.OpenVersion(ref));
        DownloadResponse header;
        *header.mutable_header() = ToProto(opened.record);
        return std::make_unique<rpc::DownloadSource<DownloadResponse>>(std::move(header), std::move(opened.artifact));
      });
}

ServerUnaryReactor* ModelService::SetModelAlias(CallbackServerContext* context, const v1::SetModelAliasRequest* request,
                                                v1::Model* response) {
  return Unary(runtime_, context, request, response,
               [this](const RequestContext& call, const auto& request, auto* response) -> absl::Status {
                 LL_ASSIGN_OR_RETURN(const AliasChange change, FromProto(request));
                 LL_ASSIGN_OR_RETURN(const ModelRecord model, catalog_.SetAlias(change, call.write));
                 *response = ToProto(model);
                 return absl::OkStatus();
               });
}

ServerUnaryReactor* ModelService::DeleteModelAlias(CallbackServerContext* context,
                                                   const v1::DeleteModelAliasRequest* request, v1::Model* response) {
  return Unary(runtime_, context, request, response,
               [this](const RequestContext& call, const auto& request, auto* response) -> absl::Status {
                 rpc::FieldChecks checks;
                 const std::string id = checks.Take(rpc::ParseModelName(request.name(), "name"));
                 const std::string alias = checks.Take(rpc::ParseAlias(request.alias(), "alias"));
                 LL_RETURN_IF_ERROR(checks.status());
                 LL_ASSIGN_OR_RETURN(const ModelRecord model,
                                     catalog_.DeleteAlias(id, alias, request.etag(), call.write));
                 *response = ToProto(model);
                 return absl::OkStatus();
               });
}

}  // namespace ll::catalog
