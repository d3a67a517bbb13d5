// Who wants to know about commits: the part of Registry::OnCommit that every implementation shares.
#ifndef LL_REGISTRY_COMMIT_LISTENERS_H_
#define LL_REGISTRY_COMMIT_LISTENERS_H_

#include <cstdint>
#include <functional>
#include <list>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "registry/registry.h"

namespace ll::registry {

// Thread-safe. Must outlive its subscriptions.
class CommitListeners {
 public:
  using Listener = std::function<void(int64_t newest_sequence)>;

  std::unique_ptr<Registry::Subscription> Add(Listener listener);

  // Calls every listener, unless they have been told of a later commit already. Call it after the commit, without the
  // lock that orders commits: a slow listener must not hold up the next writer.
  void Notify(int64_t newest_sequence);

 private:
  class Entry;

  // Held during calls: a subscription that is destroyed waits here for the call in progress.
  Mutex mutex_;
  std::list<Listener> listeners_ ABSL_GUARDED_BY(mutex_);
  int64_t notified_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace ll::registry

#endif  // LL_REGISTRY_COMMIT_LISTENERS_H_
