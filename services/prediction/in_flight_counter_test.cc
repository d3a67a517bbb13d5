#include "services/prediction/in_flight_counter.h"

#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "gtest/gtest.h"

namespace ll::prediction {
namespace {

TEST(InFlightCounterTest, CountsTokens) {
  InFlightCounter counter([] {});
  EXPECT_EQ(counter.count(), 0);
  std::optional<InFlightCounter::Token> first = counter.Enter();
  std::optional<InFlightCounter::Token> second = counter.Enter();
  EXPECT_EQ(counter.count(), 2);
  first.reset();
  EXPECT_EQ(counter.count(), 1);
  second.reset();
  EXPECT_EQ(counter.count(), 0);
}

TEST(InFlightCounterTest, AMovedTokenCountsOnce) {
  InFlightCounter counter([] {});
  std::optional<InFlightCounter::Token> first = counter.Enter();
  InFlightCounter::Token second = *std::move(first);
  first.reset();
  EXPECT_EQ(counter.count(), 1);
  InFlightCounter::Token third = counter.Enter();
  second = std::move(third);
  EXPECT_EQ(counter.count(), 1);
}

TEST(InFlightCounterTest, ClosingAnUnusedOneCallsBackAtOnce) {
  int calls = 0;
  InFlightCounter counter([&] { ++calls; });
  counter.Close();
  EXPECT_EQ(calls, 1);
}

TEST(InFlightCounterTest, TheLastTokenCallsBackAfterClosing) {
  int calls = 0;
  InFlightCounter counter([&] { ++calls; });
  std::optional<InFlightCounter::Token> first = counter.Enter();
  std::optional<InFlightCounter::Token> second = counter.Enter();
  counter.Close();
  EXPECT_EQ(counter.count(), 2);
  first.reset();
  EXPECT_EQ(calls, 0);
  second.reset();
  EXPECT_EQ(calls, 1);
}

TEST(InFlightCounterTest, NothingIsCalledBackBeforeClosing) {
  int calls = 0;
  InFlightCounter counter([&] { ++calls; });
  counter.Enter();
  EXPECT_EQ(calls, 0);
}

// The callback destroys the counter, as the host does with a version, while other threads leave it.
TEST(InFlightCounterTest, MayBeDestroyedByTheCallbackWhileThreadsLeave) {
  for (int round = 0; round < 200; ++round) {
    Notification drained;
    InFlightCounter* counter = nullptr;
    counter = new InFlightCounter([&] {
      delete counter;
      drained.Notify();
    });
    std::vector<std::vector<InFlightCounter::Token>> tokens(4);
    for (std::vector<InFlightCounter::Token>& of_thread : tokens) {
      for (int i = 0; i < 5; ++i) of_thread.push_back(counter->Enter());
    }
    std::vector<std::thread> threads;
    for (std::vector<InFlightCounter::Token>& of_thread : tokens) {
      threads.emplace_back([&of_thread] { of_thread.clear(); });
    }
    counter->Close();
    drained.Wait();
    for (std::thread& thread : threads) thread.join();
  }
}

}  // namespace
}  // namespace ll::prediction
