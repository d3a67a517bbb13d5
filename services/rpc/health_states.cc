#include "services/rpc/health_states.h"

namespace ll::rpc {

void HealthStates::AddService(const std::string& name) {
  {
    MutexLock lock(&mutex_);
    services_.insert(name);
  }
  listeners_.Notify();
}

void HealthStates::SetServing(bool serving) {
  {
    MutexLock lock(&mutex_);
    serving_ = serving;
  }
  listeners_.Notify();
}

void HealthStates::SetEndpoint(const std::string& name, bool serving) {
  {
    MutexLock lock(&mutex_);
    endpoints_[name] = serving;
  }
  listeners_.Notify();
}

void HealthStates::RemoveEndpoint(const std::string& name) {
  {
    MutexLock lock(&mutex_);
    endpoints_.erase(name);
  }
  listeners_.Notify();
}

void HealthStates::Drain() {
  {
    MutexLock lock(&mutex_);
    draining_ = true;
  }
  listeners_.Notify();
}

HealthState HealthStates::Get(const std::string& name) const {
  MutexLock lock(&mutex_);
  bool serving = serving_;
  if (services_.count(name) == 0) {
    const auto endpoint = endpoints_.find(name);
    if (endpoint == endpoints_.end()) return HealthState::kUnknown;
    serving = endpoint->second;
  }
  return serving && !draining_ ? HealthState::kServing : HealthState::kNotServing;
}

}  // namespace ll::rpc
