// Time as a dependency: no logic calls now() or sleeps, it asks the Clock it was given.
//
// The real clock is Clock::Real(). Tests pass ll::testing::FakeClock (tests/testing/fake_clock.h), whose time moves
// only when the test says so; a thread waiting in AwaitUntil() then wakes as if the time had really passed.
#ifndef LL_BASE_CLOCK_H_
#define LL_BASE_CLOCK_H_

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "base/mutex.h"

namespace ll {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;

  virtual absl::Time Now() = 0;

  // Waits until `predicate` holds or the time is `deadline`; returns whether it holds. `mutex` is held by the caller,
  // released while waiting and held again on return, as in Mutex::AwaitUntil.
  virtual bool AwaitUntil(Mutex* mutex, absl::FunctionRef<bool()> predicate, absl::Time deadline)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) = 0;

  // The system's clock; lives as long as the process.
  static Clock& Real();
};

}  // namespace ll

#endif  // LL_BASE_CLOCK_H_
