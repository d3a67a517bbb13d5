// What the standard health service answers, written by whoever knows: the server as a whole and its services by main
// and GrpcServer, "endpoints/{id}" by the endpoint manager.
//
//   states.SetServing(true);                        // "" and each service's full name
//   states.SetEndpoint("endpoints/mnist", true);
//   states.Drain();                                 // everything NOT_SERVING, for ever
#ifndef LL_SERVICES_RPC_HEALTH_STATES_H_
#define LL_SERVICES_RPC_HEALTH_STATES_H_

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "base/mutex.h"
#include "services/rpc/listener_set.h"

namespace ll::rpc {

enum class HealthState { kUnknown, kServing, kNotServing };

// Thread-safe.
class HealthStates {
 public:
  // `name`: a gRPC service's full name; it shares the state of the server as a whole.
  void AddService(const std::string& name);
  // False until it is called.
  void SetServing(bool serving);

  // `name`: "endpoints/{id}". Known until removed.
  void SetEndpoint(const std::string& name, bool serving);
  void RemoveEndpoint(const std::string& name);

  // The server is about to end.
  void Drain();

  HealthState Get(const std::string& name) const;

  // `listener` is called after every change, on the changing thread.
  std::unique_ptr<ListenerSet::Registration> OnChange(std::function<void()> listener) {
    return listeners_.Add(std::move(listener));
  }

 private:
  mutable Mutex mutex_;
  bool serving_ ABSL_GUARDED_BY(mutex_) = false;
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  std::set<std::string> services_ ABSL_GUARDED_BY(mutex_) = {""};
  std::map<std::string, bool> endpoints_ ABSL_GUARDED_BY(mutex_);
  ListenerSet listeners_;
};

}  // namespace ll::rpc

#endif  // LL_SERVICES_RPC_HEALTH_STATES_H_
