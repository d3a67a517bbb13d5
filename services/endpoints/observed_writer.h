// Writes what was observed back to the catalogue: one transaction for everything that one look at all endpoints found,
// and a line in the log for each change, so that the log tells why an endpoint does not serve.
#ifndef LL_SERVICES_ENDPOINTS_OBSERVED_WRITER_H_
#define LL_SERVICES_ENDPOINTS_OBSERVED_WRITER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "registry/registry.h"
#include "services/prediction/hosting_plan.h"

namespace ll::endpoints {

// A change of one endpoint's observed part, found while its desired part was of `generation`.
struct EndpointChange {
  std::string id = {};
  int64_t generation = 0;
  bool deleted = false;  // as the row was
  enum class Kind { kSetState, kSettle, kRemove } kind = Kind::kSetState;
  registry::EndpointState state = registry::EndpointState::kCreating;
  absl::Status error = {};
  std::optional<prediction::HostedVersion> serving = {};  // kSettle: since ready_time
  absl::Time ready_time = {};
};

// The bytes of a version were found not to be those of its digest, or to be them again.
struct VersionMark {
  std::string model_id = {};
  int64_t number = 0;
  bool corrupt = false;
  std::string reason = {};
};

// A change whose endpoint or version is not as it was found any more is left out: whoever changed it has caused another
// look. Fails as Registry::Write; nothing is written then.
absl::Status WriteObserved(registry::Registry& registry, const std::vector<EndpointChange>& endpoints,
                           const std::vector<VersionMark>& versions);

}  // namespace ll::endpoints

#endif  // LL_SERVICES_ENDPOINTS_OBSERVED_WRITER_H_
