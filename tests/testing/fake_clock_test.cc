#include "tests/testing/fake_clock.h"

#include <thread>

#include "gtest/gtest.h"

namespace ll::testing {
namespace {

TEST(FakeClockTest, MovesOnlyWhenTold) {
  FakeClock clock;
  const absl::Time start = clock.Now();
  EXPECT_EQ(clock.Now(), start);
  clock.Advance(absl::Seconds(5));
  EXPECT_EQ(clock.Now(), start + absl::Seconds(5));
}

TEST(FakeClockTest, WakesWaitersAtTheirDeadline) {
  FakeClock clock;
  Mutex mutex;
  const absl::Time deadline = clock.Now() + absl::Seconds(10);
  bool result = true;
  std::thread waiter([&] {
    MutexLock lock(&mutex);
    result = clock.AwaitUntil(
        &mutex, [] { return false; }, deadline);
  });
  clock.AwaitWaiters(1);
  clock.Advance(absl::Seconds(9));
  clock.Advance(absl::Seconds(1));
  waiter.join();
  EXPECT_FALSE(result);
}

TEST(FakeClockTest, AWaiterWhoseTimeHasComeIsNoneAnyMore) {
  FakeClock clock;
  Mutex mutex;
  int rounds = 0;
  std::thread loop([&] {
    MutexLock lock(&mutex);
    for (; rounds < 100; ++rounds) {
      clock.AwaitUntil(
          &mutex, [] { return false; }, clock.Now() + absl::Seconds(1));
    }
  });
  for (int i = 0; i < 100; ++i) {
    clock.AwaitWaiters(1);
    clock.Advance(absl::Seconds(1));
  }
  loop.join();
  EXPECT_EQ(rounds, 100);
}

TEST(FakeClockTest, WakesWaitersWhenTheirConditionHolds) {
  FakeClock clock;
  Mutex mutex;
  bool ready = false, result = false;
  std::thread waiter([&] {
    MutexLock lock(&mutex);
    result = clock.AwaitUntil(
        &mutex, [&] { return ready; }, absl::InfiniteFuture());
  });
  clock.AwaitWaiters(1);
  {
    MutexLock lock(&mutex);
    ready = true;
  }
  waiter.join();
  EXPECT_TRUE(result);
}

}  // namespace
}  // namespace ll::testing
