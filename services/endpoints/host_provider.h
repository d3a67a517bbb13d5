// Where the models of endpoints live: the seam between deciding what to serve and serving it. The embedded host keeps
// them in this process; others may keep them in processes or on machines of their own. Nothing above knows which one it
// is talking to, and nothing below decides anything.
#ifndef LL_SERVICES_ENDPOINTS_HOST_PROVIDER_H_
#define LL_SERVICES_ENDPOINTS_HOST_PROVIDER_H_

#include <functional>
#include <vector>

#include "services/prediction/hosting_plan.h"

namespace ll::endpoints {

// Thread-safe.
class HostProvider {
 public:
  virtual ~HostProvider() = default;

  // Replaces the plan. Returns without waiting for loads or requests. What the plan does not name gets no new request
  // after the return.
  virtual void Apply(const prediction::HostingPlan& plan) = 0;

  // How far it is. A placement of the plan that is missing here will show up, or be loaded again, by itself.
  virtual std::vector<prediction::PlacementStatus> Observe() = 0;

  // `listener` is called after Observe() has changed; it is quick and does not call the host. nullptr: none; returns
  // when no call is in progress.
  virtual void SetListener(std::function<void()> listener) = 0;
};

}  // namespace ll::endpoints

#endif  // LL_SERVICES_ENDPOINTS_HOST_PROVIDER_H_
