#include "clients/cpp/backoff.h"

#include <stop_token>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"

namespace ll::client {
namespace {

using ::testing::ElementsAre;

// Time passes at once for whoever waits.
class InstantClock final : public Clock {
 public:
  absl::Time Now() override { return now_; }
  bool AwaitUntil([[maybe_unused]] Mutex* mutex, absl::FunctionRef<bool()> predicate, absl::Time deadline) override
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    now_ = deadline;
    return predicate();
  }

 private:
  absl::Time now_ = absl::UnixEpoch();
};

TEST(BackoffTest, PausesGrowAndStartAnewAfterASuccess) {
  InstantClock clock;
  Backoff backoff(clock);
  std::vector<absl::Duration> pauses;
  for (int i = 0; i < 8; ++i) {
    const absl::Time begin = clock.Now();
    EXPECT_TRUE(backoff.Wait({}, absl::InfiniteFuture()));
    pauses.push_back(clock.Now() - begin);
    if (i == 6) backoff.Reset();
  }
  EXPECT_THAT(pauses, ElementsAre(absl::Milliseconds(200), absl::Milliseconds(400), absl::Milliseconds(800),
                                  absl::Milliseconds(1600), absl::Milliseconds(3200), absl::Seconds(5),
                                  absl::Seconds(5), absl::Milliseconds(200)));
}

TEST(BackoffTest, NeverWaitsBeyondTheDeadline) {
  InstantClock clock;
  Backoff backoff(clock);
  const absl::Time deadline = clock.Now() + absl::Milliseconds(150);
  EXPECT_FALSE(backoff.Wait({}, deadline));
  EXPECT_EQ(clock.Now(), deadline);
}

TEST(BackoffTest, AStopEndsThePause) {
  testing::FakeClock clock;  // whose time stands still
  Backoff backoff(clock);
  std::stop_source stop;
  bool waited = true;
  std::thread waiter([&] { waited = backoff.Wait(stop.get_token(), absl::InfiniteFuture()); });
  clock.AwaitWaiters(1);
  stop.request_stop();
  waiter.join();
  EXPECT_FALSE(waited);
}

}  // namespace
}  // namespace ll::client
