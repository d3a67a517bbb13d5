#include "services/registry/event_log.h"

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/memory_registry.h"
#include "tests/testing/status_matchers.h"

namespace ll::catalog {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::StatusIs;
using registry::EventRecord;
using ::testing::HasSubstr;

class EventLogTest : public ::testing::Test {
 protected:
  void AddModels(int count, const std::string& prefix = "m") {
    for (int i = 0; i < count; ++i) {
      LL_ASSERT_OK(registry_.Write({.actor = "me"}, [&](registry::Transaction& tx) {
        return tx.models().Insert({.id = absl::StrCat(prefix, ++models_)}).status();
      }));
    }
  }
  // Drops all events but the newest.
  void DropAll() {
    clock_.Advance(absl::Hours(1));
    LL_ASSERT_OK(
        registry_.Write({}, [&](registry::Transaction& tx) { return tx.events().DropBefore(clock_.Now()).status(); }));
  }
  absl::StatusOr<std::unique_ptr<EventWatch>> Watch(const WatchStart& start,
                                                    std::vector<registry::Condition> conditions = {}) {
    return log_.Watch(start, std::move(conditions), [this] { ++wakes_; });
  }
  // The numbers of all events that are there now.
  static std::vector<int64_t> Drain(EventWatch& watch) {
    std::vector<int64_t> numbers;
    // A batch without matches gives nothing and wakes: three in a row are the end.
    for (int empty = 0; empty < 3;) {
      const absl::StatusOr<std::optional<EventRecord>> event = watch.Next();
      LL_EXPECT_OK(event.status());
      if (event->has_value()) {
        numbers.push_back((*event)->sequence);
      } else {
        ++empty;
      }
    }
    return numbers;
  }
  static std::vector<int64_t> Numbers(int64_t from, int64_t to) {
    std::vector<int64_t> numbers;
    for (int64_t n = from; n <= to; ++n) numbers.push_back(n);
    return numbers;
  }

  testing::FakeClock clock_;
  testing::MemoryRegistry registry_{clock_};
  EventLog log_{registry_};
  std::atomic<int> wakes_{0};
  int models_ = 0;
};

TEST_F(EventLogTest, GetsAndLists) {
  AddModels(3);
  LL_ASSERT_OK_AND_ASSIGN(const EventRecord event, log_.Get(2));
  EXPECT_EQ(event.resource, "models/m2");
  EXPECT_EQ(event.verb, "create");
  EXPECT_EQ(event.actor, "me");
  EXPECT_EQ(log_.List({})->records.size(), 3u);
  EXPECT_THAT(log_.Get(4), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(log_.Get(4), HasReason(ErrorReason::kEventNotFound));
}

TEST_F(EventLogTest, AnEventOlderThanTheRetentionIsSaidToBe) {
  AddModels(3);
  DropAll();
  EXPECT_THAT(log_.Get(1), StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("event 3")));
  EXPECT_THAT(log_.Get(1), HasReason(ErrorReason::kEventsExpired));
  LL_EXPECT_OK(log_.Get(3).status());
}

TEST_F(EventLogTest, AWatchFromNowSeesWhatComes) {
  AddModels(2);
  LL_ASSERT_OK_AND_ASSIGN(const auto watch, Watch({}));
  EXPECT_EQ(watch->Next().value(), std::nullopt);
  AddModels(3);
  EXPECT_GE(wakes_, 3);
  EXPECT_EQ(Drain(*watch), Numbers(3, 5));
  AddModels(1);
  EXPECT_EQ(Drain(*watch), Numbers(6, 6));
}

TEST_F(EventLogTest, AWatchFromTheOldestSeesAllThatIsKept) {
  LL_ASSERT_OK_AND_ASSIGN(const auto of_nothing, Watch({.from = WatchStart::kOldest}));
  AddModels(500);
  EXPECT_EQ(Drain(*of_nothing), Numbers(1, 500));
  DropAll();
  AddModels(2);
  LL_ASSERT_OK_AND_ASSIGN(const auto watch, Watch({.from = WatchStart::kOldest}));
  EXPECT_EQ(Drain(*watch), Numbers(500, 502));
}

TEST_F(EventLogTest, AWatchResumesWithoutGaps) {
  AddModels(10);
  LL_ASSERT_OK_AND_ASSIGN(const auto watch, Watch({.from = WatchStart::kAfter, .after = 7}));
  EXPECT_EQ(Drain(*watch), Numbers(8, 10));
  LL_ASSERT_OK_AND_ASSIGN(const auto at_the_end, Watch({.from = WatchStart::kAfter, .after = 10}));
  EXPECT_EQ(Drain(*at_the_end), Numbers(1, 0));
  EXPECT_THAT(Watch({.from = WatchStart::kAfter, .after = 11}).status(), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(EventLogTest, AWatchOlderThanTheRetentionIsRefused) {
  AddModels(10);
  LL_ASSERT_OK_AND_ASSIGN(const auto slow, Watch({.from = WatchStart::kAfter, .after = 0}));
  DropAll();
  EXPECT_THAT(Watch({.from = WatchStart::kAfter, .after = 3}).status(), HasReason(ErrorReason::kEventsExpired));
  EXPECT_THAT(slow->Next().status(), HasReason(ErrorReason::kEventsExpired));
  LL_EXPECT_OK(Watch({.from = WatchStart::kAfter, .after = 9}).status());
}

TEST_F(EventLogTest, AFilterLeavesEventsOut) {
  AddModels(300, "a");
  AddModels(1, "b");
  AddModels(300, "a");
  LL_ASSERT_OK_AND_ASSIGN(
      const auto watch,
      Watch({.from = WatchStart::kOldest},
            registry::ParseFilter("resource = models/b301", registry::EventStore::kFilterFields).value()));
  EXPECT_EQ(Drain(*watch), Numbers(301, 301));
  EXPECT_GT(wakes_, 0);  // batches without a match
}

TEST_F(EventLogTest, EveryFieldOfAFilterCounts) {
  const EventRecord event{
      .time = absl::FromUnixSeconds(100), .actor = "me", .verb = "create", .resource = "models/m", .request_id = "r"};
  const auto matches = [&](const char* filter) {
    return Matches(event, registry::ParseFilter(filter, registry::EventStore::kFilterFields).value());
  };
  EXPECT_TRUE(matches(""));
  for (const char* filter :
       {"actor = me", "verb = create", "resource = models/m", "request_id = r", "actor != you",
        "time = 1970-01-01T00:01:40Z", "time >= 1970-01-01T00:01:40Z", "time > 1970-01-01T00:01:39Z",
        "time <= 1970-01-01T00:01:40Z", "time < 1970-01-01T00:01:41Z", "actor = me AND verb = create"}) {
    EXPECT_TRUE(matches(filter)) << filter;
  }
  for (const char* filter :
       {"actor = you", "verb = delete", "resource = models/n", "request_id = s", "actor != me",
        "time = 1970-01-01T00:01:41Z", "time >= 1970-01-01T00:01:41Z", "time > 1970-01-01T00:01:40Z",
        "time <= 1970-01-01T00:01:39Z", "time < 1970-01-01T00:01:40Z", "actor = me AND verb = delete"}) {
    EXPECT_FALSE(matches(filter)) << filter;
  }
}

// A reader that sleeps until it is woken misses nothing, whatever the writers do meanwhile.
TEST_F(EventLogTest, NoEventIsMissedUnderConcurrentWrites) {
  Mutex mutex;
  bool woken = true;
  LL_ASSERT_OK_AND_ASSIGN(const auto watch, log_.Watch({}, {}, [&] {
    MutexLock lock(&mutex);
    woken = true;
  }));
  constexpr int kEach = 200;
  std::vector<std::thread> writers;
  for (int w = 0; w < 3; ++w) {
    writers.emplace_back([this, w] {
      for (int i = 0; i < kEach; ++i) {
        LL_EXPECT_OK(registry_.Write({}, [&](registry::Transaction& tx) {
          return tx.models().Insert({.id = absl::StrCat("w", w, "-", i)}).status();
        }));
      }
    });
  }
  int64_t seen = 0;
  while (seen < 3 * kEach) {
    {
      MutexLock lock(&mutex);
      mutex.Await([&] { return woken; });
      woken = false;
    }
    while (true) {
      const absl::StatusOr<std::optional<EventRecord>> event = watch->Next();
      LL_ASSERT_OK(event.status());
      if (!event->has_value()) break;
      ASSERT_EQ((*event)->sequence, ++seen);
    }
  }
  for (std::thread& writer : writers) writer.join();
}

}  // namespace
}  // namespace ll::catalog
