// Callbacks that want to hear of a change, for as long as each keeps its registration.
//
//   auto registration = changes.Add([this] { Wake(); });
//   changes.Notify();          // calls every listener, on this thread
//   registration.reset();      // waits for a call in progress: afterwards none comes
#ifndef LL_SERVICES_RPC_LISTENER_SET_H_
#define LL_SERVICES_RPC_LISTENER_SET_H_

#include <functional>
#include <list>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"

namespace ll::rpc {

// Thread-safe. Must outlive its registrations. Listeners must be quick, and must neither add nor remove listeners.
class ListenerSet {
 public:
  class Registration {
   public:
    Registration(ListenerSet* set, std::list<std::function<void()>>::iterator place) : set_(set), place_(place) {}
    ~Registration() {
      MutexLock lock(&set_->mutex_);
      set_->listeners_.erase(place_);
    }
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;

   private:
    ListenerSet* const set_;
    const std::list<std::function<void()>>::iterator place_;
  };

  std::unique_ptr<Registration> Add(std::function<void()> listener) {
    MutexLock lock(&mutex_);
    return std::make_unique<Registration>(this, listeners_.insert(listeners_.end(), std::move(listener)));
  }

  void Notify() {
    MutexLock lock(&mutex_);
    for (const std::function<void()>& listener : listeners_) listener();
  }

 private:
  Mutex mutex_;
  std::list<std::function<void()>> listeners_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ll::rpc

#endif  // LL_SERVICES_RPC_LISTENER_SET_H_
