// Mutex with conditions that are stated as predicates, not signalled by hand:
//
//   Mutex mutex_;
//   std::deque<Job> queue_ ABSL_GUARDED_BY(mutex_);
//
//   void Add(Job job) { MutexLock lock(&mutex_); queue_.push_back(std::move(job)); }   // wakes Take by itself
//   Job Take() {
//     MutexLock lock(&mutex_);
//     mutex_.Await([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !queue_.empty(); });
//     ...
//   }
//
// The shape is absl::Mutex's. It is built on std::mutex because ThreadSanitizer sees through pthread's calls but not
// into the distribution's Abseil, which is compiled without it: with absl::Mutex every guarded access would be
// reported. Clang's thread-safety analysis checks ABSL_GUARDED_BY against it. docs/adr/0002-mutex.md.
#ifndef LL_BASE_MUTEX_H_
#define LL_BASE_MUTEX_H_

#include <condition_variable>
#include <mutex>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/time/time.h"

namespace ll {

// Not recursive. Every unlock lets waiting predicates be looked at again, so keep them cheap.
class ABSL_LOCKABLE Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void Lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() { mutex_.lock(); }
  // Wakes before it releases: a waiter may destroy this object as soon as it holds the mutex.
  void Unlock() ABSL_UNLOCK_FUNCTION() {
    if (waiters_ > 0) changed_.notify_all();
    mutex_.unlock();
  }

  // Waits, releasing the mutex meanwhile, until `predicate` holds. It is called with the mutex held, by this thread.
  void Await(absl::FunctionRef<bool()> predicate) ABSL_EXCLUSIVE_LOCKS_REQUIRED(this) {
    AwaitUntil(predicate, absl::InfiniteFuture());
  }
  // The same up to a time of the system's clock; returns whether `predicate` holds. Logic that must be testable waits
  // on a Clock instead.
  bool AwaitUntil(absl::FunctionRef<bool()> predicate, absl::Time deadline) ABSL_EXCLUSIVE_LOCKS_REQUIRED(this);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiters_ = 0;  // guarded by mutex_
};

class ABSL_SCOPED_LOCKABLE MutexLock {
 public:
  explicit MutexLock(Mutex* mutex) ABSL_EXCLUSIVE_LOCK_FUNCTION(mutex) : mutex_(mutex) { mutex_->Lock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;
  ~MutexLock() ABSL_UNLOCK_FUNCTION() { mutex_->Unlock(); }

 private:
  Mutex* const mutex_;
};

// Something that happens once. Thread-safe.
class Notification {
 public:
  void Notify();  // at most once
  bool HasBeenNotified() const;
  void Wait() const;

 private:
  mutable Mutex mutex_;
  bool notified_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace ll

#endif  // LL_BASE_MUTEX_H_
