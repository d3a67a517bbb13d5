// ll.v1.ModelService over ModelCatalog.
#ifndef LL_SERVICES_REGISTRY_MODEL_SERVICE_H_
#define LL_SERVICES_REGISTRY_MODEL_SERVICE_H_

#include "google/protobuf/empty.pb.h"
#include "ll/v1/model_service.grpc.pb.h"
#include "services/registry/model_catalog.h"
#include "services/rpc/rpc_runtime.h"

namespace ll::catalog {

class ModelService final : public v1::ModelService::CallbackService {
 public:
  // Both must outlive the server.
  ModelService(rpc::RpcRuntime& runtime, ModelCatalog& catalog) : runtime_(runtime), catalog_(catalog) {}

  grpc::ServerUnaryReactor* CreateModel(grpc::CallbackServerContext* context, const v1::CreateModelRequest* request,
                                        v1::Model* response) override;
  grpc::ServerUnaryReactor* GetModel(grpc::CallbackServerContext* context, const v1::GetModelRequest* request,
                                     v1::Model* response) override;
  grpc::ServerUnaryReactor* ListModels(grpc::CallbackServerContext* context, const v1::ListModelsRequest* request,
                                       v1::ListModelsResponse* response) override;
  grpc::ServerUnaryReactor* UpdateModel(grpc::CallbackServerContext* context, const v1::UpdateModelRequest* request,
                                        v1::Model* response) override;
  grpc::ServerUnaryReactor* DeleteModel(grpc::CallbackServerContext* context, const v1::DeleteModelRequest* request,
                                        google::protobuf::Empty* response) override;

  grpc::ServerUnaryReactor* GetModelVersion(grpc::CallbackServerContext* context,
                                            const v1::GetModelVersionRequest* request,
                                            v1::ModelVersion* response) override;
  grpc::ServerUnaryReactor* ListModelVersions(grpc::CallbackServerContext* context,
                                              const v1::ListModelVersionsRequest* request,
                                              v1::ListModelVersionsResponse* response) override;
  grpc::ServerUnaryReactor* UpdateModelVersion(grpc::CallbackServerContext* context,
                                               const v1::UpdateModelVersionRequest* request,
                                               v1::ModelVersion* response) override;
  grpc::ServerUnaryReactor* DeleteModelVersion(grpc::CallbackServerContext* context,
                                               const v1::DeleteModelVersionRequest* request,
                                               google::protobuf::Empty* response) override;
  grpc::ServerReadReactor<v1::ImportModelVersionRequest>* ImportModelVersion(grpc::CallbackServerContext* context,
                                                                             v1::ModelVersion* response) override;
  grpc::ServerWriteReactor<v1::DownloadModelVersionResponse>* DownloadModelVersion(
      grpc::CallbackServerContext* context, const v1::DownloadModelVersionRequest* request) override;

  grpc::ServerUnaryReactor* SetModelAlias(grpc::CallbackServerContext* context, const v1::SetModelAliasRequest* request,
                                          v1::Model* response) override;
  grpc::ServerUnaryReactor* DeleteModelAlias(grpc::CallbackServerContext* context,
                                             const v1::DeleteModelAliasRequest* request, v1::Model* response) override;

 private:
  rpc::RpcRuntime& runtime_;
  ModelCatalog& catalog_;
};

}  // namespace ll::catalog

#endif  // LL_SERVICES_REGISTRY_MODEL_SERVICE_H_
