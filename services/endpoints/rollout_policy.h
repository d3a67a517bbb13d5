// What to do next about one endpoint: a pure function of what it shall be and where it stands.
//
// Nothing is remembered between calls, so whoever executes the actions may lose them, repeat them or be killed between
// any two: the next call sees where things stand and goes on from there. The order it keeps:
//   - a new version is loaded, verified and warm before the old one leaves;
//   - a version that fails to load leaves the old one serving: ROLLING_BACK, then IN_SERVICE with the error;
//   - a load that may succeed later is repeated after growing delays, a few times; one that never will is not;
//   - while nothing serves, the version that its row says served last is brought back beside the new one.
#ifndef LL_SERVICES_ENDPOINTS_ROLLOUT_POLICY_H_
#define LL_SERVICES_ENDPOINTS_ROLLOUT_POLICY_H_

#include <cstdint>
#include <optional>
#include <ostream>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "registry/records.h"
#include "services/prediction/hosting_plan.h"

namespace ll::endpoints {

struct RolloutLimits {
  int max_attempts = 5;  // loads of one version for one generation of the endpoint
  absl::Duration first_retry_delay = absl::Milliseconds(200);  // doubles with each further attempt
  absl::Duration max_retry_delay = absl::Seconds(10);
};

// What it shall be: the desired part of its row, with the version reference resolved.
struct DesiredEndpoint {
  bool deleted = false;
  int64_t generation = 1;
  std::optional<prediction::HostedVersion> target = {};  // nullopt: see target_error
  absl::Status target_error = {};                        // why the reference leads nowhere
};

// Where it stands: the observed part of its row, and what the host says.
struct ObservedEndpoint {
  registry::EndpointState state = registry::EndpointState::kCreating;
  int64_t generation = 0;                                     // the desired part that was settled last
  std::optional<registry::StoredError> error = {};            //
  std::optional<prediction::HostedVersion> last_served = {};  // by its row; nullopt: nothing, or it is gone
  std::vector<prediction::PlacementStatus> placements = {};   // of this endpoint, by its host
};

struct Action {
  enum class Kind {
    kLoad,      // have the host hold `version`, in `attempt`
    kSwap,      // send requests to `version`, which is ready
    kUnload,    // have the host let go of `version`
    kSetState,  // write `state` and `error`
    kSettle,    // write `state`, `error` and what serves: this is how the desired part turned out
    kRetryAt,   // call again at `time`
    kRemove,    // nothing is held any more: remove the row
  };
  Kind kind;
  prediction::HostedVersion version = {};
  prediction::LoadAttempt attempt = {};
  registry::EndpointState state = registry::EndpointState::kCreating;
  absl::Status error = {};
  absl::Time time = {};
  friend bool operator==(const Action&, const Action&) = default;
};
std::ostream& operator<<(std::ostream& out, const Action& action);

// The actions, to be executed in this order. None: wait for a change of what is desired or observed.
std::vector<Action> NextActions(const DesiredEndpoint& desired, const ObservedEndpoint& observed,
                                const RolloutLimits& limits, absl::Time now);

// Whether the endpoint is what it shall be, or has turned out not to get there: there is nothing to do and no load is
// under way.
bool IsSettled(const std::vector<Action>& next_actions, const ObservedEndpoint& observed);

// Whether another attempt at the same load could end otherwise.
bool IsWorthRetrying(const absl::Status& load_error);

// How long to wait after attempt number `attempt`, from 1.
absl::Duration RetryDelay(const RolloutLimits& limits, int attempt);

}  // namespace ll::endpoints

#endif  // LL_SERVICES_ENDPOINTS_ROLLOUT_POLICY_H_
