#include "tests/testing/fake_clock.h"

#include <vector>

namespace ll::testing {

FakeClock::FakeClock() : now_(absl::FromCivil(absl::CivilSecond(2026, 1, 1), absl::UTCTimeZone())) {}

absl::Time FakeClock::Now() {
  absl::MutexLock lock(&mutex_);
  return now_;
}

// Advance() needs the waiter's mutex while it holds pointers to waiters; a waiter leaves only when no Advance() holds
// one. Neither ever takes the caller's mutex while holding mutex_.
bool FakeClock::AwaitUntil(absl::Mutex* mutex, const absl::Condition& condition,
                           absl::Time deadline) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  Waiter waiter{.mutex = mutex, .deadline = deadline};
  {
    absl::MutexLock lock(&mutex_);
    waiter.expired = now_ >= deadline;
    waiters_.push_back(&waiter);
  }
  const auto done = [&] { return waiter.expired || condition.Eval(); };
  mutex->Await(absl::Condition(&done));
  mutex->Unlock();
  {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(
        +[](int* expiring) { return *expiring == 0; }, &expiring_));
    waiters_.remove(&waiter);
  }
  mutex->Lock();
  return condition.Eval();
}

void FakeClock::Advance(absl::Duration duration) {
  std::vector<Waiter*> due;
  {
    absl::MutexLock lock(&mutex_);
    now_ += duration;
    for (Waiter* waiter : waiters_) {
      if (now_ >= waiter->deadline) due.push_back(waiter);
    }
    ++expiring_;
  }
  for (Waiter* waiter : due) {
    absl::MutexLock lock(waiter->mutex);
    waiter->expired = true;
  }
  absl::MutexLock lock(&mutex_);
  --expiring_;
}

void FakeClock::AwaitWaiters(int count) {
  absl::MutexLock lock(&mutex_);
  const auto enough = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return waiters_.size() >= static_cast<size_t>(count);
  };
  mutex_.Await(absl::Condition(&enough));
}

}  // namespace ll::testing
