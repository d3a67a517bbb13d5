// Brings what is served in line with what is desired, and keeps it so.
//
// Mental model: one thread, one loop. It reads what the registry desires, observes what the host holds, asks the
// rollout policy about each endpoint, sends the host one new plan, and writes what it found back to the registry; then
// it waits for a commit, a change at the host or the time of a retry. It remembers nothing that it cannot find out
// again, so it may stop at any line and start anew.
//
//   EmbeddedHost host(models);
//   EndpointManager manager(registry, host, Clock::Real(), {});
//   manager.AwaitSettled();     // after a start: every endpoint is IN_SERVICE, or FAILED and says why
#ifndef LL_SERVICES_ENDPOINTS_ENDPOINT_MANAGER_H_
#define LL_SERVICES_ENDPOINTS_ENDPOINT_MANAGER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "registry/registry.h"
#include "services/endpoints/endpoint_snapshot.h"
#include "services/endpoints/host_provider.h"
#include "services/endpoints/observed_writer.h"
#include "services/endpoints/rollout_policy.h"

namespace ll::endpoints {

// Thread-safe.
class EndpointManager final {
 public:
  struct Options {
    RolloutLimits limits = {};
    absl::Duration registry_retry_delay = absl::Seconds(1);  // after a read or write that failed
    // Called on the manager's thread when an endpoint begins or ceases to serve; nullopt: it is gone, or on its way
    // out.
    std::function<void(const std::string& endpoint_id, std::optional<bool> serving)> on_serving = nullptr;
  };

  // Starts the loop and returns after its first look: every endpoint is known to the host, though not yet loaded.
  // Registry, host and clock must outlive this object; the host's listener is the manager's.
  EndpointManager(registry::Registry& registry, HostProvider& host, Clock& clock, Options options);
  // Stops the loop and leaves the host as it is: what serves goes on serving.
  ~EndpointManager();
  EndpointManager(const EndpointManager&) = delete;
  EndpointManager& operator=(const EndpointManager&) = delete;

  // Returns when everything that was committed before the call has reached the host's plan: a deleted endpoint then
  // gets no new request, and a new one is known. At once when the manager is stopping or cannot read the registry.
  void AwaitApplied();

  // Whether all endpoints have been settled at one time since the start.
  bool settled() const;
  // Returns when they have, or when the manager is stopping.
  void AwaitSettled();

 private:
  // What is said about an endpoint to those whose requests it cannot answer.
  struct Standing {
    registry::EndpointState state = registry::EndpointState::kCreating;
    std::optional<registry::StoredError> error = {};
    friend bool operator==(const Standing&, const Standing&) = default;
  };
  // What the host shall do for one endpoint.
  struct Managed {
    prediction::EndpointPlan plan;
    std::optional<Standing> refused_with;  // what plan.refusal says
  };
  // What one look at everything has led to.
  struct Findings {
    std::vector<EndpointChange> endpoints;
    std::vector<VersionMark> versions;
    bool settled = true;
    bool plan_changed = false;
    absl::Time wake_time = absl::InfiniteFuture();
  };
  using Placements = std::map<std::string, std::vector<prediction::PlacementStatus>>;  // by endpoint

  void Loop();
  // One look; returns when to look again at the latest.
  absl::Time LookOnce();
  Findings Examine(const Placements& placements);
  void ExamineEndpoint(const ResolvedEndpoint& endpoint, const std::vector<prediction::PlacementStatus>& placements,
                       Findings* findings);
  void Execute(const Action& action, const ResolvedEndpoint& endpoint, const ObservedEndpoint& observed,
               Managed* managed, Findings* findings);
  static absl::Status Refusal(const std::string& endpoint_id, const Standing& standing);
  void ForgetGone(Findings* findings);
  void ApplyPlan();
  void TellServing(const Placements& placements);
  bool MustLook() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || look_; }
  void Wake();

  registry::Registry& registry_;
  HostProvider& host_;
  Clock& clock_;
  const Options options_;

  // Of the loop's thread only.
  EndpointSnapshot snapshot_;
  std::map<std::string, Managed> managed_;  // what the host's plan is made of; without deleted endpoints
  std::map<std::string, bool> told_serving_;

  mutable Mutex mutex_;
  int64_t committed_ ABSL_GUARDED_BY(mutex_) = 0;  // newest event that was heard of
  int64_t applied_ ABSL_GUARDED_BY(mutex_) = -1;   // newest event that is in the host's plan
  bool look_ ABSL_GUARDED_BY(mutex_) = true;       // something may have changed since the last look began
  bool settled_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  std::unique_ptr<registry::Registry::Subscription> commits_;
  std::thread thread_;
};

}  // namespace ll::endpoints

#endif  // LL_SERVICES_ENDPOINTS_ENDPOINT_MANAGER_H_
