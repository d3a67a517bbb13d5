// The endpoints as the registry has them, with their version references resolved: what the manager's loop looks at.
//
// Refresh() reads the events since the last one and then only the endpoints that those may concern: an endpoint itself,
// or a model that it names. So a commit that has nothing to do with endpoints costs one short read.
#ifndef LL_SERVICES_ENDPOINTS_ENDPOINT_SNAPSHOT_H_
#define LL_SERVICES_ENDPOINTS_ENDPOINT_SNAPSHOT_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "registry/registry.h"
#include "services/prediction/hosting_plan.h"

namespace ll::endpoints {

struct ResolvedVersion {
  prediction::HostedVersion hosted = {};
  bool corrupt = false;  // the catalogue says so
  friend bool operator==(const ResolvedVersion&, const ResolvedVersion&) = default;
};

struct ResolvedEndpoint {
  registry::EndpointRecord record = {};
  std::optional<ResolvedVersion> target = {};       // of its variant; nullopt: see target_error
  absl::Status target_error = {};                   //
  std::optional<ResolvedVersion> last_served = {};  // nullopt: the row says that nothing is served, or it is gone
};

// Not thread-safe.
class EndpointSnapshot final {
 public:
  // Brings the snapshot up to date. On an error nothing has changed, and the next call reads everything.
  absl::Status Refresh(registry::Registry& registry);

  const std::map<std::string, ResolvedEndpoint>& endpoints() const { return endpoints_; }  // by id

 private:
  absl::Status ReadAll(const registry::View& view);
  absl::Status ReadChanged(const registry::View& view, const std::vector<registry::EventRecord>& events);
  std::set<std::string> ConcernedBy(const std::vector<registry::EventRecord>& events) const;

  std::map<std::string, ResolvedEndpoint> endpoints_;
  std::optional<int64_t> sequence_;  // of the newest event that is in; nullopt: read everything
};

}  // namespace ll::endpoints

#endif  // LL_SERVICES_ENDPOINTS_ENDPOINT_SNAPSHOT_H_
