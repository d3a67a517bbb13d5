// ModelService in memory: models, versions with their bytes, aliases.
#ifndef LL_TESTS_TESTING_FAKE_SERVICES_FAKE_MODEL_SERVICE_H_
#define LL_TESTS_TESTING_FAKE_SERVICES_FAKE_MODEL_SERVICE_H_

#include <string>

#include "absl/status/statusor.h"
#include "ll/v1/model_service.grpc.pb.h"
#include "tests/testing/fake_services/fake_state.h"

namespace ll::testing {

// The full name by number of a version that may be named by alias or `latest`. NOT_FOUND.
absl::StatusOr<std::string> ResolveVersion(const FakeState& state, const std::string& name)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(state.mutex);

// Adds the next version of a model (created when missing) and returns its full name.
std::string AddVersion(FakeState& state, const std::string& model, v1::ModelVersion version, std::string artifact)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(state.mutex);

class FakeModelService final : public v1::ModelService::Service {
 public:
  explicit FakeModelService(FakeState& state) : state_(state) {}

  grpc::Status CreateModel(grpc::ServerContext*, const v1::CreateModelRequest* request, v1::Model* response) override;
  grpc::Status GetModel(grpc::ServerContext*, const v1::GetModelRequest* request, v1::Model* response) override;
  grpc::Status ListModels(grpc::ServerContext*, const v1::ListModelsRequest* request,
                          v1::ListModelsResponse* response) override;
  grpc::Status UpdateModel(grpc::ServerContext*, const v1::UpdateModelRequest* request, v1::Model* response) override;
  grpc::Status DeleteModel(grpc::ServerContext*, const v1::DeleteModelRequest* request,
                           google::protobuf::Empty*) override;
  grpc::Status GetModelVersion(grpc::ServerContext*, const v1::GetModelVersionRequest* request,
                               v1::ModelVersion* response) override;
  grpc::Status ListModelVersions(grpc::ServerContext*, const v1::ListModelVersionsRequest* request,
                                 v1::ListModelVersionsResponse* response) override;
  grpc::Status UpdateModelVersion(grpc::ServerContext*, const v1::UpdateModelVersionRequest* request,
                                  v1::ModelVersion* response) override;
  grpc::Status DeleteModelVersion(grpc::ServerContext*, const v1::DeleteModelVersionRequest* request,
                                  google::protobuf::Empty*) override;
  grpc::Status ImportModelVersion(grpc::ServerContext*, grpc::ServerReader<v1::ImportModelVersionRequest>* reader,
                                  v1::ModelVersion* response) override;
  grpc::Status DownloadModelVersion(grpc::ServerContext*, const v1::DownloadModelVersionRequest* request,
                                    grpc::ServerWriter<v1::DownloadModelVersionResponse>* writer) override;
  grpc::Status SetModelAlias(grpc::ServerContext*, const v1::SetModelAliasRequest* request,
                             v1::Model* response) override;
  grpc::Status DeleteModelAlias(grpc::ServerContext*, const v1::DeleteModelAliasRequest* request,
                                v1::Model* response) override;

 private:
  FakeState& state_;
};

}  // namespace ll::testing

#endif  // LL_TESTS_TESTING_FAKE_SERVICES_FAKE_MODEL_SERVICE_H_
