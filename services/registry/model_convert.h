// Models between the API and the catalogue. FromProto validates, with every violation at once; ToProto cannot fail.
#ifndef LL_SERVICES_REGISTRY_MODEL_CONVERT_H_
#define LL_SERVICES_REGISTRY_MODEL_CONVERT_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "ll/v1/model_service.pb.h"
#include "registry/records.h"
#include "services/registry/model_catalog.h"

namespace ll::catalog {

absl::StatusOr<registry::ModelRecord> FromProto(const v1::CreateModelRequest& request);
absl::StatusOr<registry::VersionRecord> FromProto(const v1::ImportModelVersionRequest::Header& header);
absl::StatusOr<AliasChange> FromProto(const v1::SetModelAliasRequest& request);

struct ModelUpdate {
  std::string model_id = {};
  ResourceUpdate update = {};
};
absl::StatusOr<ModelUpdate> FromProto(const v1::UpdateModelRequest& request);

struct VersionUpdate {
  std::string model_id = {};
  int64_t number = 0;
  ResourceUpdate update = {};
};
absl::StatusOr<VersionUpdate> FromProto(const v1::UpdateModelVersionRequest& request);

v1::Model ToProto(const registry::ModelRecord& record);
v1::ModelVersion ToProto(const registry::VersionRecord& record);
v1::OutputCoefficients ToProto(const OutputCoefficients& output);

}  // namespace ll::catalog

#endif  // LL_SERVICES_REGISTRY_MODEL_CONVERT_H_
