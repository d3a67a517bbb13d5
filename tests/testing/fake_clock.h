// A clock that moves only when the test advances it, and then wakes exactly the threads whose deadline has come.
#ifndef LL_TESTS_TESTING_FAKE_CLOCK_H_
#define LL_TESTS_TESTING_FAKE_CLOCK_H_

#include <list>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/mutex.h"

namespace ll::testing {

// Thread-safe. Starts at 2026-01-01T00:00:00Z.
class FakeClock final : public Clock {
 public:
  FakeClock();

  absl::Time Now() override;
  bool AwaitUntil(Mutex* mutex, absl::FunctionRef<bool()> predicate, absl::Time deadline) override
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);

  // Moves time on and wakes the waiters whose deadline has been reached. Call without holding a mutex that a waiter
  // waits with.
  void Advance(absl::Duration duration);

  // Blocks until at least `count` threads wait in AwaitUntil() for a time that has not come: then a test knows that a
  // loop is idle.
  void AwaitWaiters(int count);

 private:
  struct Waiter {
    Mutex* mutex;  // the caller's
    absl::Time deadline;
    bool expired = false;  // guarded by *mutex
  };

  Mutex mutex_;
  absl::Time now_ ABSL_GUARDED_BY(mutex_);
  std::list<Waiter*> waiters_ ABSL_GUARDED_BY(mutex_);
  int expiring_ ABSL_GUARDED_BY(mutex_) = 0;  // Advance() calls that hold Waiter pointers
};

}  // namespace ll::testing

#endif  // LL_TESTS_TESTING_FAKE_CLOCK_H_
