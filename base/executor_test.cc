#include "base/executor.h"

#include <atomic>
#include <barrier>
#include <vector>

#include "gtest/gtest.h"

namespace ll {
namespace {

TEST(ThreadPoolTest, EveryWorkerRunsOncePerCall) {
  for (const int workers : {1, 2, 5}) {
    ThreadPool pool(workers);
    ASSERT_EQ(pool.workers(), workers);
    for (int round = 0; round < 100; ++round) {
      std::vector<std::atomic<int>> runs(static_cast<size_t>(workers));
      pool.RunOnAll([&](int worker) { ++runs[static_cast<size_t>(worker)]; });
      for (const auto& count : runs) ASSERT_EQ(count, 1);
    }
  }
}

TEST(ThreadPoolTest, WorkersAreInsideTogether) {
  ThreadPool pool(4);
  std::barrier meeting(4);
  std::atomic<int> passed{0};
  pool.RunOnAll([&](int) {
    meeting.arrive_and_wait();  // would never return if the calls ran one after another
    ++passed;
  });
  EXPECT_EQ(passed, 4);
}

}  // namespace
}  // namespace ll
