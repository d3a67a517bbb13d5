// Events between the API and the catalogue. FromProto validates, with every violation at once; ToProto cannot fail.
#ifndef LL_SERVICES_REGISTRY_EVENT_CONVERT_H_
#define LL_SERVICES_REGISTRY_EVENT_CONVERT_H_

#include <vector>

#include "absl/status/statusor.h"
#include "ll/v1/event_service.pb.h"
#include "registry/list_query.h"
#include "registry/records.h"
#include "services/registry/event_log.h"

namespace ll::catalog {

struct WatchRequest {
  WatchStart start = {};
  std::vector<registry::Condition> conditions = {};
};
absl::StatusOr<WatchRequest> FromProto(const v1::WatchEventsRequest& request);

v1::Event ToProto(const registry::EventRecord& record);

}  // namespace ll::catalog

#endif  // LL_SERVICES_REGISTRY_EVENT_CONVERT_H_
