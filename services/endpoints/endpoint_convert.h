// Endpoints between the API and the catalogue. FromProto validates, with every violation at once; ToProto cannot fail.
#ifndef LL_SERVICES_ENDPOINTS_ENDPOINT_CONVERT_H_
#define LL_SERVICES_ENDPOINTS_ENDPOINT_CONVERT_H_

#include "absl/status/statusor.h"
#include "ll/v1/endpoint_service.pb.h"
#include "registry/records.h"
#include "services/endpoints/endpoint_catalog.h"

namespace ll::endpoints {

absl::StatusOr<registry::EndpointRecord> FromProto(const v1::CreateEndpointRequest& request);
absl::StatusOr<EndpointUpdate> FromProto(const v1::UpdateEndpointRequest& request);

v1::Endpoint ToProto(const registry::EndpointRecord& record);

}  // namespace ll::endpoints

#endif  // LL_SERVICES_ENDPOINTS_ENDPOINT_CONVERT_H_
