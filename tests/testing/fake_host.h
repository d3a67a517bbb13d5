// A host of endpoints whose loads end when and how the test says.
//
//   FakeHost host;
//   host.SetOutcome("models/m/versions/1", absl::OkStatus());          // its loads succeed, waiting ones at once
//   host.SetOutcome("models/m/versions/2", absl::DataLossError(""));   // its loads fail
//   // loads of other versions wait
#ifndef LL_TESTS_TESTING_FAKE_HOST_H_
#define LL_TESTS_TESTING_FAKE_HOST_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "services/endpoints/host_provider.h"

namespace ll::testing {

// Thread-safe. Versions are named in full, "models/m/versions/3".
class FakeHost final : public endpoints::HostProvider {
 public:
  explicit FakeHost(Clock& clock) : clock_(clock) {}

  void Apply(const prediction::HostingPlan& plan) override;
  std::vector<prediction::PlacementStatus> Observe() override;
  void SetListener(std::function<void()> listener) override;

  void SetOutcome(const std::string& version, const absl::Status& status);
  // While on, a version that leaves the plan shows as draining.
  void HoldDraining(bool on);

  // Number of the version that serves the endpoint; 0: none; -1: the endpoint is not in the plan.
  int64_t ServingOf(const std::string& endpoint) const;
  absl::Status RefusalOf(const std::string& endpoint) const;  // OK: the endpoint is not in the plan
  int loads(const std::string& version) const;                // begun so far
  int applies() const;                                        // plans so far
  // Returns once that many loads of the version have begun.
  void AwaitLoads(const std::string& version, int count);

 private:
  void Place(const prediction::EndpointPlan& plan) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void EndLoads() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Notify();

  Clock& clock_;
  mutable Mutex mutex_;
  std::vector<prediction::PlacementStatus> placements_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, absl::Status> refusals_ ABSL_GUARDED_BY(mutex_);  // of every endpoint in the plan
  std::map<std::string, absl::Status> outcomes_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int> loads_ ABSL_GUARDED_BY(mutex_);
  int applies_ ABSL_GUARDED_BY(mutex_) = 0;
  bool hold_draining_ ABSL_GUARDED_BY(mutex_) = false;
  Mutex listener_mutex_;
  std::function<void()> listener_ ABSL_GUARDED_BY(listener_mutex_);
};

}  // namespace ll::testing

#endif  // LL_TESTS_TESTING_FAKE_HOST_H_
