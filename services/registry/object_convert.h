// Buckets and objects between the API and the catalogue. FromProto validates, with every violation at once; ToProto
// cannot fail.
#ifndef LL_SERVICES_REGISTRY_OBJECT_CONVERT_H_
#define LL_SERVICES_REGISTRY_OBJECT_CONVERT_H_

#include "absl/status/statusor.h"
#include "ll/v1/object_service.pb.h"
#include "registry/records.h"

namespace ll::catalog {

absl::StatusOr<registry::BucketRecord> FromProto(const v1::CreateBucketRequest& request);
absl::StatusOr<registry::ObjectRecord> FromProto(const v1::WriteObjectRequest::Header& header);

v1::Bucket ToProto(const registry::BucketRecord& record);
v1::Object ToProto(const registry::ObjectRecord& record);

}  // namespace ll::catalog

#endif  // LL_SERVICES_REGISTRY_OBJECT_CONVERT_H_
