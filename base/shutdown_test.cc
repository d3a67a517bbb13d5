#include "base/shutdown.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>

#include "gtest/gtest.h"

namespace ll {
namespace {

TEST(ShutdownSignalTest, SignalBecomesAnEvent) {
  std::atomic<int> calls{0};
  {
    ShutdownSignal shutdown([&] { ++calls; });
    EXPECT_FALSE(shutdown.requested());
    kill(getpid(), SIGTERM);
    shutdown.Wait();
    EXPECT_TRUE(shutdown.requested());
  }
  EXPECT_EQ(calls, 1);
}

TEST(ShutdownSignalTest, RequestIsAsGood) {
  std::atomic<int> calls{0};
  {
    ShutdownSignal shutdown([&] { ++calls; });
    shutdown.Request();
    shutdown.Wait();
    shutdown.Request();
  }
  EXPECT_EQ(calls, 1);
}

TEST(ShutdownSignalTest, WithoutASignalItEndsQuietly) { ShutdownSignal shutdown; }

TEST(ShutdownSignalDeathTest, SecondSignalEndsTheProcessAtOnce) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        ShutdownSignal shutdown;
        kill(getpid(), SIGINT);
        shutdown.Wait();
        kill(getpid(), SIGTERM);
        while (true) pause();
      },
      ::testing::ExitedWithCode(128 + SIGTERM), "");
}

}  // namespace
}  // namespace ll
