// The event log and who is told of it.
#include <algorithm>
#include <atomic>
#include <thread>

#include "base/error_reason.h"
#include "base/mutex.h"
#include "gmock/gmock.h"
#include "tests/contract/registry_contract.h"
#include "tests/testing/status_matchers.h"

namespace ll::registry {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::IsOk;
using ::ll::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class EventContract : public RegistryContract {
 protected:
  // Buckets leave the shortest events: "create buckets/ID".
  absl::Status AddBucket(const std::string& id, const WriteOptions& options = {}) {
    return Change([&](Transaction& tx) { return tx.objects().InsertBucket({.id = id}).status(); }, options);
  }
  std::vector<int64_t> After(int64_t sequence, int limit) {
    const auto events = See([&](const View& view) { return view.events().After(sequence, limit); });
    EXPECT_THAT(events, IsOk());
    return Sequences(*events);
  }
  std::vector<int64_t> List(absl::string_view filter, ListQuery query = {}) {
    absl::StatusOr<std::vector<Condition>> conditions = ParseFilter(filter, EventStore::kFilterFields);
    EXPECT_THAT(conditions, IsOk());
    query.conditions = *std::move(conditions);
    const auto page = See([&](const View& view) { return view.events().List(query); });
    EXPECT_THAT(page, IsOk());
    return Sequences(page->records);
  }
  static std::vector<int64_t> Sequences(const std::vector<EventRecord>& events) {
    std::vector<int64_t> sequences;
    for (const EventRecord& event : events) sequences.push_back(event.sequence);
    return sequences;
  }
};

TEST_P(EventContract, TheFirstHasNumberOne) {
  EXPECT_EQ(See([](const View& view) { return view.events().Newest(); }).value(), 0);
  EXPECT_THAT(Events(), IsEmpty());
  LL_ASSERT_OK(AddBucket("b"));
  EXPECT_EQ(See([](const View& view) { return view.events().Newest(); }).value(), 1);
}

TEST_P(EventContract, AnEventSaysWhoWhatAndWhen) {
  LL_ASSERT_OK(AddBucket("b", {.actor = "anonymous@ipv4:127.0.0.1:1", .request_id = "r1", .fingerprint = "f"}));
  LL_ASSERT_OK_AND_ASSIGN(const EventRecord event, See([](const View& view) { return view.events().Get(1); }));
  EXPECT_EQ(event.sequence, 1);
  EXPECT_EQ(event.time, clock().Now());
  EXPECT_EQ(event.actor, "anonymous@ipv4:127.0.0.1:1");
  EXPECT_EQ(event.verb, "create");
  EXPECT_EQ(event.resource, "buckets/b");
  EXPECT_EQ(event.request_id, "r1");
  EXPECT_EQ(event.before_json, "");
  EXPECT_THAT(event.after_json, HasSubstr(R"("id":"b")"));
  EXPECT_THAT(See([](const View& view) { return view.events().Get(2); }),
              AllOf(StatusIs(absl::StatusCode::kNotFound), HasReason(ErrorReason::kEventNotFound)));
}

TEST_P(EventContract, ARecordsEtagChangesWithEachOfItsEvents) {
  LL_ASSERT_OK_AND_ASSIGN(const auto record, Change([](Transaction& tx) -> absl::StatusOr<ModelRecord> {
                            LL_RETURN_IF_ERROR(tx.models().Insert({.id = "m"}).status());
                            LL_RETURN_IF_ERROR(tx.models().Insert({.id = "n"}).status());
                            return tx.models().Update({.id = "m"});
                          }));
  EXPECT_EQ(EventTexts(), (std::vector<std::string>{"create models/m", "create models/n", "update models/m"}));
  EXPECT_THAT(Events()[2].after_json, HasSubstr("\"etag\":\"" + record.header.etag + "\""));
}

TEST_P(EventContract, AWatcherContinuesWhereItStopped) {
  for (int i = 0; i < 5; ++i) LL_ASSERT_OK(AddBucket(absl::StrCat("b", i)));
  EXPECT_THAT(After(0, 2), ElementsAre(1, 2));
  EXPECT_THAT(After(2, 2), ElementsAre(3, 4));
  EXPECT_THAT(After(4, 2), ElementsAre(5));
  EXPECT_THAT(After(5, 2), IsEmpty());
  EXPECT_THAT(After(99, 2), IsEmpty());
  EXPECT_THAT(After(-1, 1), ElementsAre(1));
}

TEST_P(EventContract, OldEventsAreDroppedButNeverTheNewest) {
  for (int i = 0; i < 4; ++i) {
    LL_ASSERT_OK(AddBucket(absl::StrCat("b", i)));
    clock().Advance(absl::Hours(1));
  }
  const absl::Time start = clock().Now() - absl::Hours(4);
  const auto drop = [&](absl::Time time) {
    return Change([&](Transaction& tx) { return tx.events().DropBefore(time); }).value();
  };
  EXPECT_EQ(drop(start), 0);
  EXPECT_EQ(drop(start + absl::Hours(2)), 2);
  const auto expired = See([](const View& view) { return view.events().After(1, 10); });
  EXPECT_THAT(expired, StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("event 3")));
  EXPECT_THAT(expired, HasReason(ErrorReason::kEventsExpired));
  EXPECT_THAT(After(2, 10), ElementsAre(3, 4));
  EXPECT_EQ(drop(absl::InfiniteFuture()), 1);
  EXPECT_THAT(After(3, 10), ElementsAre(4));
  EXPECT_EQ(drop(absl::InfiniteFuture()), 0);
  LL_ASSERT_OK(AddBucket("next"));
  EXPECT_THAT(After(4, 10), ElementsAre(5));
}

TEST_P(EventContract, ListingsFilterAndPage) {
  LL_ASSERT_OK(AddBucket("a", {.actor = "ann", .request_id = "r1", .fingerprint = "f"}));
  clock().Advance(absl::Hours(1));
  LL_ASSERT_OK(AddBucket("b", {.actor = "bob"}));
  LL_ASSERT_OK(Change([](Transaction& tx) { return tx.objects().DeleteBucket("a"); }, {.actor = "bob"}));
  clock().Advance(absl::Hours(1));
  LL_ASSERT_OK(AddBucket("a", {.actor = "ann"}));
  EXPECT_THAT(List(""), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(List("resource = buckets/a"), ElementsAre(1, 3, 4));
  EXPECT_THAT(List("resource != buckets/a"), ElementsAre(2));
  EXPECT_THAT(List("verb = delete"), ElementsAre(3));
  EXPECT_THAT(List("actor = bob AND verb = create"), ElementsAre(2));
  EXPECT_THAT(List("request_id = r1"), ElementsAre(1));
  EXPECT_THAT(List("time > 2026-01-01T00:00:00Z AND time < 2026-01-01T02:00:00Z"), ElementsAre(2, 3));
  EXPECT_THAT(List("time = 2026-01-01T02:00:00Z"), ElementsAre(4));
  EXPECT_THAT(List("resource = buckets/a", {.descending = true}), ElementsAre(4, 3, 1));

  for (const bool descending : {false, true}) {
    std::vector<int64_t> all;
    ListQuery query{.descending = descending, .page_size = 3};
    while (true) {
      const auto page = See([&](const View& view) { return view.events().List(query); }).value();
      for (const EventRecord& event : page.records) all.push_back(event.sequence);
      if (!page.more) break;
      query.after = page.next;
    }
    EXPECT_EQ(all, descending ? (std::vector<int64_t>{4, 3, 2, 1}) : (std::vector<int64_t>{1, 2, 3, 4}));
  }
}

TEST_P(EventContract, ListingsRefuseWhatTheyDoNotOffer) {
  const auto list = [&](const ListQuery& query) {
    return See([&](const View& view) { return view.events().List(query); }).status();
  };
  EXPECT_THAT(list({.order = OrderField::kCreateTime}), HasReason(ErrorReason::kInvalidFilter));
  EXPECT_THAT(list({.conditions = {{.field = "labels", .key = "k", .text = "v"}}}),
              HasReason(ErrorReason::kInvalidFilter));
  EXPECT_THAT(list({.page_size = 0}), HasReason(ErrorReason::kInvalidArgument));
  EXPECT_THAT(list({.after = {.name = "x"}}),
              AllOf(StatusIs(absl::StatusCode::kInvalidArgument), HasReason(ErrorReason::kInvalidPageToken)));
}

TEST_P(EventContract, ConcurrentWritersLeaveNoGapAndKeepTheirOrder) {
  constexpr int kThreads = 4;
  constexpr int kWrites = 25;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < kWrites; ++i) {
        const std::string id = absl::StrCat("t", t, "-", i);
        LL_EXPECT_OK(AddBucket(id, {.actor = absl::StrCat(t)}));
        // A write that is rolled back must not take a number with it.
        EXPECT_THAT(AddBucket(id), StatusIs(absl::StatusCode::kAlreadyExists));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::vector<EventRecord> events = Events();
  ASSERT_EQ(events.size(), static_cast<size_t>(kThreads * kWrites));
  std::vector<int> next(kThreads, 0);
  for (size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(events[i].sequence, static_cast<int64_t>(i) + 1);
    const size_t t = static_cast<size_t>(std::stoi(events[i].actor));
    EXPECT_EQ(events[i].resource, absl::StrCat("buckets/t", t, "-", next[t]++));
  }
}

TEST_P(EventContract, ListenersHearOfCommitsThatLeftEvents) {
  std::vector<int64_t> heard;
  auto subscription = registry().OnCommit([&](int64_t newest) { heard.push_back(newest); });
  LL_ASSERT_OK(AddBucket("a"));
  LL_ASSERT_OK(Change([](Transaction& tx) -> absl::Status {
    LL_RETURN_IF_ERROR(tx.objects().InsertBucket({.id = "b"}).status());
    return tx.objects().InsertBucket({.id = "c"}).status();
  }));
  EXPECT_THAT(heard, ElementsAre(1, 3));
  // Not of what was rolled back, only tried, or left no event.
  EXPECT_THAT(AddBucket("a"), StatusIs(absl::StatusCode::kAlreadyExists));
  LL_ASSERT_OK(AddBucket("d", {.validate_only = true}));
  LL_ASSERT_OK(Change([](Transaction& tx) { return tx.RememberAnswer("r", {}); }));
  LL_ASSERT_OK(Change([](Transaction&) { return absl::OkStatus(); }));
  EXPECT_THAT(heard, ElementsAre(1, 3));
  std::vector<int64_t> second;
  const auto other = registry().OnCommit([&](int64_t newest) { second.push_back(newest); });
  LL_ASSERT_OK(AddBucket("e"));
  subscription.reset();
  LL_ASSERT_OK(AddBucket("f"));
  EXPECT_THAT(heard, ElementsAre(1, 3, 4));
  EXPECT_THAT(second, ElementsAre(4, 5));
}

TEST_P(EventContract, WhenAWriteReturnsItsListenersKnow) {
  std::atomic<int64_t> heard = 0;
  const auto subscription = registry().OnCommit([&](int64_t newest) {
    EXPECT_GT(newest, heard.load()) << "sequences only grow";
    heard = newest;
  });
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 25; ++i) {
        int64_t mine = 0;
        LL_EXPECT_OK(Change([&](Transaction& tx) -> absl::Status {
          LL_RETURN_IF_ERROR(tx.objects().InsertBucket({.id = absl::StrCat(t, "-", i)}).status());
          LL_ASSIGN_OR_RETURN(mine, tx.events().Newest());
          return absl::OkStatus();
        }));
        EXPECT_GE(heard.load(), mine);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(heard, 100);
}

TEST_P(EventContract, UnsubscribingWaitsForTheCallInProgress) {
  Notification called;
  Notification proceed;
  std::atomic<bool> finished = false;
  auto subscription = registry().OnCommit([&](int64_t) {
    called.Notify();
    proceed.Wait();
    finished = true;
  });
  std::thread writer([&] { LL_EXPECT_OK(AddBucket("b")); });
  called.Wait();
  std::thread unsubscriber([&] {
    subscription.reset();
    EXPECT_TRUE(finished);
  });
  proceed.Notify();
  unsubscriber.join();
  writer.join();
}

INSTANTIATE_TEST_SUITE_P(All, EventContract, ::testing::ValuesIn(AllRegistries()), NameOfKind);

}  // namespace
}  // namespace ll::registry
