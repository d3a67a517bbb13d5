#include "base/mutex.h"

#include <deque>
#include <memory>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace ll {
namespace {

TEST(MutexTest, ExcludesOthers) {
  Mutex mutex;
  int count = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10000; ++i) {
        MutexLock lock(&mutex);
        ++count;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(count, 40000);
}

TEST(MutexTest, AwaitSeesEveryChangeMadeUnderTheMutex) {
  Mutex mutex;
  std::deque<int> queue;
  int sum = 0;
  std::thread consumer([&] {
    for (int i = 0; i < 1000; ++i) {
      MutexLock lock(&mutex);
      mutex.Await([&] { return !queue.empty(); });
      sum += queue.front();
      queue.pop_front();
    }
  });
  for (int i = 0; i < 1000; ++i) {
    MutexLock lock(&mutex);
    queue.push_back(1);
  }
  consumer.join();
  EXPECT_EQ(sum, 1000);
}

// Two threads that hand a turn back and forth, each changing the state and then waiting without an unlock in between.
TEST(MutexTest, WaitingTellsOthersWhatChangedBefore) {
  Mutex mutex;
  int turn = 0;
  const auto play = [&](int me) {
    MutexLock lock(&mutex);
    for (int i = 0; i < 1000; ++i) {
      mutex.Await([&] { return turn % 2 == me; });
      ++turn;
    }
  };
  std::thread other([&] { play(1); });
  play(0);
  other.join();
  EXPECT_EQ(turn, 2000);
}

TEST(MutexTest, AwaitUntilGivesUpAtTheDeadline) {
  Mutex mutex;
  MutexLock lock(&mutex);
  EXPECT_FALSE(mutex.AwaitUntil([] { return false; }, absl::Now() - absl::Seconds(1)));
  EXPECT_FALSE(mutex.AwaitUntil([] { return false; }, absl::Now() + absl::Milliseconds(1)));
  EXPECT_TRUE(mutex.AwaitUntil([] { return true; }, absl::Now() - absl::Seconds(1)));
}

TEST(NotificationTest, WaiterMayDestroyItAtOnce) {
  for (int i = 0; i < 200; ++i) {
    auto notification = std::make_unique<Notification>();
    std::thread notifier([raw = notification.get()] { raw->Notify(); });
    notification->Wait();
    EXPECT_TRUE(notification->HasBeenNotified());
    notification.reset();
    notifier.join();
  }
}

}  // namespace
}  // namespace ll
