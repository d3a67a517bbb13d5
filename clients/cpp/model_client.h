// Models, their versions and aliases: the registry. A thin typed layer over ll.v1.ModelService, whose .proto says what
// each method does and which codes it returns.
//
//   ModelClient models(connection);
//   v1::CreateModelRequest request;
//   request.set_model_id("churn");
//   LL_ASSIGN_OR_RETURN(v1::Model model, models.CreateModel(request));
//   LL_ASSIGN_OR_RETURN(v1::ModelVersion newest, models.GetModelVersion("models/churn@latest"));
//
// Mutations get a request id of their own when the request has none, so they are repeated safely. Copyable;
// thread-safe.
#ifndef LL_CLIENTS_CPP_MODEL_CLIENT_H_
#define LL_CLIENTS_CPP_MODEL_CLIENT_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/env.h"
#include "clients/cpp/byte_transfer.h"
#include "clients/cpp/call_options.h"
#include "clients/cpp/connection.h"
#include "clients/cpp/list_range.h"
#include "ll/v1/model_service.grpc.pb.h"

namespace ll::client {

class ModelClient {
 public:
  explicit ModelClient(Connection connection);

  absl::StatusOr<v1::Model> CreateModel(v1::CreateModelRequest request, const CallOptions& options = {}) const;
  absl::StatusOr<v1::Model> GetModel(const std::string& name, const CallOptions& options = {}) const;
  // Every match, over all pages. `page_size` of the request is that of one call; `page_token` where to start.
  ListRange<v1::Model> ListModels(v1::ListModelsRequest request = {}, const CallOptions& options = {}) const;
  absl::StatusOr<v1::Model> UpdateModel(v1::UpdateModelRequest request, const CallOptions& options = {}) const;
  absl::Status DeleteModel(v1::DeleteModelRequest request, const CallOptions& options = {}) const;

  // By number, alias or `latest`.
  absl::StatusOr<v1::ModelVersion> GetModelVersion(const std::string& name, const CallOptions& options = {}) const;
  absl::StatusOr<v1::ModelVersion> GetModelVersion(const v1::GetModelVersionRequest& request,
                                                   const CallOptions& options = {}) const;
  ListRange<v1::ModelVersion> ListModelVersions(v1::ListModelVersionsRequest request,
                                                const CallOptions& options = {}) const;
  absl::StatusOr<v1::ModelVersion> UpdateModelVersion(v1::UpdateModelVersionRequest request,
                                                      const CallOptions& options = {}) const;
  absl::Status DeleteModelVersion(v1::DeleteModelVersionRequest request, const CallOptions& options = {}) const;

  absl::StatusOr<v1::Model> SetModelAlias(v1::SetModelAliasRequest request, const CallOptions& options = {}) const;
  absl::StatusOr<v1::Model> DeleteModelAlias(v1::DeleteModelAliasRequest request,
                                             const CallOptions& options = {}) const;

  // Registers the artifact that `source` yields, read to its end. Not repeated: the bytes are gone.
  absl::StatusOr<v1::ModelVersion> ImportModelVersion(v1::ImportModelVersionRequest::Header header,
                                                      SequentialFile& source,
                                                      const TransferOptions& options = {}) const;
  // Registers the artifact in the file at `path`; starts anew when the connection breaks.
  absl::StatusOr<v1::ModelVersion> ImportModelVersionFile(v1::ImportModelVersionRequest::Header header, Env& env,
                                                          const std::string& path,
                                                          const TransferOptions& options = {}) const;

  // Hands the artifact's bytes to `sink`. They are proven whole only when this returns OK: DATA_LOSS otherwise.
  absl::StatusOr<v1::ModelVersion> DownloadModelVersion(const std::string& name, ByteSink sink,
                                                        const TransferOptions& options = {}) const;
  // Into a file that appears at `path` only when it is whole.
  absl::StatusOr<v1::ModelVersion> DownloadModelVersionFile(const std::string& name, Env& env, const std::string& path,
                                                            const TransferOptions& options = {}) const;

 private:
  Connection connection_;
  std::shared_ptr<v1::ModelService::StubInterface> stub_;
};

}  // namespace ll::client

#endif  // LL_CLIENTS_CPP_MODEL_CLIENT_H_
