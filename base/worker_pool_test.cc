#include "base/worker_pool.h"

#include <atomic>
#include <memory>
#include <vector>

#include "base/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace ll {
namespace {

TEST(WorkerPoolTest, RunsEverythingBeforeItEnds) {
  std::atomic<int> ran{0};
  {
    WorkerPool pool(3, 1000);
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(pool.TryPost([&] { ++ran; }));
  }
  EXPECT_EQ(ran, 100);
}

TEST(WorkerPoolTest, StartsTasksInOrder) {
  std::vector<int> order;
  {
    WorkerPool pool(1, 10);
    for (int i = 0; i < 5; ++i) pool.Post([&order, i] { order.push_back(i); });
  }
  EXPECT_THAT(order, ::testing::ElementsAre(0, 1, 2, 3, 4));
}

TEST(WorkerPoolTest, RefusesNewTasksWhenTooManyWaitButNotSteps) {
  std::atomic<int> ran{0};
  Notification release;
  {
    WorkerPool pool(1, 2);
    Notification started;
    pool.Post([&] {
      started.Notify();
      release.Wait();
    });
    started.Wait();
    EXPECT_TRUE(pool.TryPost([&] { ++ran; }));
    EXPECT_TRUE(pool.TryPost([&] { ++ran; }));
    EXPECT_FALSE(pool.TryPost([&] { ran += 100; }));
    pool.Post([&] { ++ran; });
    release.Notify();
  }
  EXPECT_EQ(ran, 3);
}

TEST(WorkerPoolTest, RunsAsManyAtOnceAsItHasThreads) {
  Mutex mutex;
  int inside = 0;
  WorkerPool pool(4, 10);
  for (int i = 0; i < 4; ++i) {
    pool.Post([&] {
      MutexLock lock(&mutex);
      ++inside;
      mutex.Await([&] { return inside == 4; });
    });
  }
  MutexLock lock(&mutex);
  mutex.Await([&] { return inside == 4; });
}

}  // namespace
}  // namespace ll
