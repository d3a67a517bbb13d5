#include "tests/testing/fake_host.h"

#include <algorithm>
#include <utility>

namespace ll::testing {

using prediction::EndpointPlan;
using prediction::Placement;
using prediction::PlacementPhase;
using prediction::PlacementStatus;

void FakeHost::Apply(const prediction::HostingPlan& plan) {
  MutexLock lock(&mutex_);
  ++applies_;
  const auto is_planned = [&](const PlacementStatus& status) {
    return std::any_of(plan.begin(), plan.end(), [&](const EndpointPlan& endpoint) {
      return endpoint.endpoint == status.endpoint &&
             std::any_of(endpoint.placements.begin(), endpoint.placements.end(),
                         [&](const Placement& placement) { return placement.version == status.version; });
    });
  };
  for (PlacementStatus& status : placements_) {
    if (is_planned(status) && status.phase != PlacementPhase::kDraining) continue;
    status.phase = PlacementPhase::kDraining;
    status.serving = false;
  }
  if (!hold_draining_) {
    std::erase_if(placements_, [](const PlacementStatus& status) { return status.phase == PlacementPhase::kDraining; });
  }
  refusals_.clear();
  for (const EndpointPlan& endpoint : plan) Place(endpoint);
}

void FakeHost::Place(const EndpointPlan& plan) {
  refusals_[plan.endpoint] = plan.refusal;
  for (const Placement& placement : plan.placements) {
    auto status = std::find_if(placements_.begin(), placements_.end(), [&](const PlacementStatus& other) {
      return other.endpoint == plan.endpoint && other.version == placement.version &&
             other.phase != PlacementPhase::kDraining;
    });
    const bool is_new = status == placements_.end();
    if (is_new) status = placements_.insert(status, {.endpoint = plan.endpoint, .version = placement.version});
    if (is_new || (status->phase == PlacementPhase::kFailed && status->attempt != placement.attempt)) {
      status->attempt = placement.attempt;
      status->phase = PlacementPhase::kLoading;
      status->since = clock_.Now();
      ++loads_[placement.version.name()];
    }
    EndLoads();
    status->serving = status->phase == PlacementPhase::kReady && plan.serving == placement.version;
  }
}

void FakeHost::EndLoads() {
  for (PlacementStatus& status : placements_) {
    const auto outcome = outcomes_.find(status.version.name());
    if (status.phase != PlacementPhase::kLoading || outcome == outcomes_.end()) continue;
    status.phase = outcome->second.ok() ? PlacementPhase::kReady : PlacementPhase::kFailed;
    status.error = outcome->second;
    status.since = clock_.Now();
  }
}

std::vector<PlacementStatus> FakeHost::Observe() {
  MutexLock lock(&mutex_);
  return placements_;
}

void FakeHost::SetListener(std::function<void()> listener) {
  MutexLock lock(&listener_mutex_);
  listener_ = std::move(listener);
}

void FakeHost::Notify() {
  MutexLock lock(&listener_mutex_);
  if (listener_) listener_();
}

void FakeHost::SetOutcome(const std::string& version, const absl::Status& status) {
  {
    MutexLock lock(&mutex_);
    outcomes_[version] = status;
    EndLoads();
  }
  Notify();
}

void FakeHost::HoldDraining(bool on) {
  {
    MutexLock lock(&mutex_);
    hold_draining_ = on;
    if (!on) {
      std::erase_if(placements_,
                    [](const PlacementStatus& status) { return status.phase == PlacementPhase::kDraining; });
    }
  }
  Notify();
}

int64_t FakeHost::ServingOf(const std::string& endpoint) const {
  MutexLock lock(&mutex_);
  if (refusals_.count(endpoint) == 0) return -1;
  for (const PlacementStatus& status : placements_) {
    if (status.endpoint == endpoint && status.serving) return status.version.number;
  }
  return 0;
}

absl::Status FakeHost::RefusalOf(const std::string& endpoint) const {
  MutexLock lock(&mutex_);
  const auto found = refusals_.find(endpoint);
  return found == refusals_.end() ? absl::OkStatus() : found->second;
}

int FakeHost::loads(const std::string& version) const {
  MutexLock lock(&mutex_);
  const auto found = loads_.find(version);
  return found == loads_.end() ? 0 : found->second;
}

int FakeHost::applies() const {
  MutexLock lock(&mutex_);
  return applies_;
}

void FakeHost::AwaitLoads(const std::string& version, int count) {
  MutexLock lock(&mutex_);
  mutex_.Await([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto found = loads_.find(version);
    return found != loads_.end() && found->second >= count;
  });
}

}  // namespace ll::testing
