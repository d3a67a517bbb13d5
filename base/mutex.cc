#include "base/mutex.h"

namespace ll {

bool Mutex::AwaitUntil(absl::FunctionRef<bool()> predicate, absl::Time deadline) {
  std::unique_lock<std::mutex> lock(mutex_, std::adopt_lock);
  if (waiters_ > 0) changed_.notify_all();  // what this thread changed so far is about to become visible
  ++waiters_;
  bool holds = predicate();
  bool expired = false;
  while (!holds && !expired) {
    if (deadline == absl::InfiniteFuture()) {
      changed_.wait(lock);
    } else {
      expired = changed_.wait_until(lock, absl::ToChronoTime(deadline)) == std::cv_status::timeout;
    }
    holds = predicate();
  }
  --waiters_;
  lock.release();  // the caller goes on holding it
  return holds;
}

void Notification::Notify() {
  MutexLock lock(&mutex_);
  notified_ = true;
}

bool Notification::HasBeenNotified() const {
  MutexLock lock(&mutex_);
  return notified_;
}

void Notification::Wait() const {
  MutexLock lock(&mutex_);
  mutex_.Await([this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return notified_; });
}

}  // namespace ll
