// Hosts endpoints inside this process: an endpoint is in service as soon as its model is in memory.
#ifndef LL_SERVICES_ENDPOINTS_HOSTS_EMBEDDED_HOST_H_
#define LL_SERVICES_ENDPOINTS_HOSTS_EMBEDDED_HOST_H_

#include <functional>
#include <utility>
#include <vector>

#include "services/endpoints/host_provider.h"
#include "services/prediction/model_host.h"

namespace ll::endpoints {

// Thread-safe.
class EmbeddedHost final : public HostProvider {
 public:
  // `models` is where predictions look, too; it must outlive this object.
  explicit EmbeddedHost(prediction::ModelHost& models) : models_(models) {}

  void Apply(const prediction::HostingPlan& plan) override { models_.Apply(plan); }
  std::vector<prediction::PlacementStatus> Observe() override { return models_.Observe(); }
  void SetListener(std::function<void()> listener) override { models_.SetListener(std::move(listener)); }

 private:
  prediction::ModelHost& models_;
};

}  // namespace ll::endpoints

#endif  // LL_SERVICES_ENDPOINTS_HOSTS_EMBEDDED_HOST_H_
