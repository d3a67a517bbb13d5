#include "tests/testing/fake_clock.h"

#include <algorithm>
#include <vector>

namespace ll::testing {

FakeClock::FakeClock() : now_(absl::FromCivil(absl::CivilSecond(2026, 1, 1), absl::UTCTimeZone())) {}

absl::Time FakeClock::Now() {
  MutexLock lock(&mutex_);
  return now_;
}

// Advance() needs the waiter's mutex while it holds pointers to waiters; a waiter leaves only when no Advance() holds
// one. Neither ever takes the caller's mutex while holding mutex_.
bool FakeClock::AwaitUntil(Mutex* mutex, absl::FunctionRef<bool()> predicate,
                           absl::Time deadline) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  Waiter waiter{.mutex = mutex, .deadline = deadline};
  {
    MutexLock lock(&mutex_);
    waiter.expired = now_ >= deadline;
    waiters_.push_back(&waiter);
  }
  mutex->Await([&] { return waiter.expired || predicate(); });
  mutex->Unlock();
  {
    MutexLock lock(&mutex_);
    mutex_.Await([this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return expiring_ == 0; });
    waiters_.remove(&waiter);
  }
  mutex->Lock();
  return predicate();
}

void FakeClock::Advance(absl::Duration duration) {
  std::vector<Waiter*> due;
  {
    MutexLock lock(&mutex_);
    now_ += duration;
    for (Waiter* waiter : waiters_) {
      if (now_ >= waiter->deadline) due.push_back(waiter);
    }
    ++expiring_;
  }
  for (Waiter* waiter : due) {
    MutexLock lock(waiter->mutex);
    waiter->expired = true;
  }
  MutexLock lock(&mutex_);
  --expiring_;
}

void FakeClock::AwaitWaiters(int count) {
  MutexLock lock(&mutex_);
  mutex_.Await([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto waiting = [now = now_](const Waiter* waiter) { return waiter->deadline > now; };
    return std::count_if(waiters_.begin(), waiters_.end(), waiting) >= count;
  });
}

}  // namespace ll::testing
