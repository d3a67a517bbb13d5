#include "registry/commit_listeners.h"

#include <utility>

namespace ll::registry {

class CommitListeners::Entry final : public Registry::Subscription {
 public:
  Entry(CommitListeners& owner, std::list<Listener>::iterator place) : owner_(owner), place_(place) {}
  ~Entry() override {
    MutexLock lock(&owner_.mutex_);
    owner_.listeners_.erase(place_);
  }

 private:
  CommitListeners& owner_;
  const std::list<Listener>::iterator place_;
};

std::unique_ptr<Registry::Subscription> CommitListeners::Add(Listener listener) {
  MutexLock lock(&mutex_);
  return std::make_unique<Entry>(*this, listeners_.insert(listeners_.end(), std::move(listener)));
}

void CommitListeners::Notify(int64_t newest_sequence) {
  MutexLock lock(&mutex_);
  if (newest_sequence <= notified_) return;
  notified_ = newest_sequence;
  for (const Listener& listener : listeners_) listener(newest_sequence);
}

}  // namespace ll::registry
