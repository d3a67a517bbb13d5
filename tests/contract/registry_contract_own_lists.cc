// Listings: what each kind of record has of its own, beside what registry_contract_lists.cc asks of all of them.
#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "tests/contract/registry_contract.h"
#include "tests/testing/status_matchers.h"

namespace ll::registry {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::IsOk;
using ::ll::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class OwnListContract : public RegistryContract {};

RecordHeader HeaderWith(const StringMap& labels) {
  RecordHeader header;
  header.labels = labels;
  return header;
}

TEST_P(OwnListContract, JobsAreFilteredByStateAndModel) {
  const auto add = [&](const std::string& id, JobState state, const std::string& model) {
    JobRecord record{.id = id, .state = state};
    record.spec.model_id = model;
    LL_ASSERT_OK(Change([&](Transaction& tx) { return tx.jobs().Insert(record); }));
  };
  add("a", JobState::kQueued, "m");
  add("b", JobState::kSucceeded, "m");
  add("c", JobState::kQueued, "n");
  const auto list = [&](absl::string_view filter) {
    const ListQuery query{.conditions = ParseFilter(filter, JobStore::kFilterFields).value()};
    const auto page = See([&](const View& view) { return view.jobs().List(query); });
    EXPECT_THAT(page, IsOk());
    std::vector<std::string> ids;
    for (const JobRecord& job : page->records) ids.push_back(job.id);
    return ids;
  };
  EXPECT_THAT(list("state = QUEUED"), ElementsAre("a", "c"));
  EXPECT_THAT(list("state != QUEUED"), ElementsAre("b"));
  EXPECT_THAT(list("model = m"), ElementsAre("a", "b"));
  EXPECT_THAT(list("model != m"), ElementsAre("c"));
  EXPECT_THAT(list("state = QUEUED AND model = m"), ElementsAre("a"));
  const ListQuery unknown{.conditions = {{.field = "state", .text = "DONE"}}};
  EXPECT_THAT(See([&](const View& view) { return view.jobs().List(unknown); }),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("QUEUED, PREPARING")));
}

TEST_P(OwnListContract, EndpointsAreFilteredByStateAndModel) {
  AddModel("m");
  AddModel("n");
  AddVersion("m");
  AddVersion("n");
  AddEndpoint("a", {.model_id = "m", .number = 1});
  EndpointRecord both{.id = "b", .state = EndpointState::kInService};
  both.variants = {{.name = "1", .version = {.model_id = "m", .number = 1}},
                   {.name = "2", .version = {.model_id = "n", .number = 1}}};
  LL_ASSERT_OK(Change([&](Transaction& tx) { return tx.endpoints().Insert(both); }));
  const auto list = [&](absl::string_view filter) {
    const ListQuery query{.conditions = ParseFilter(filter, EndpointStore::kFilterFields).value()};
    const auto page = See([&](const View& view) { return view.endpoints().List(query); });
    EXPECT_THAT(page, IsOk());
    std::vector<std::string> ids;
    for (const EndpointRecord& endpoint : page->records) ids.push_back(endpoint.id);
    return ids;
  };
  EXPECT_THAT(list("state = CREATING"), ElementsAre("a"));
  EXPECT_THAT(list("state = IN_SERVICE"), ElementsAre("b"));
  EXPECT_THAT(list("model = m"), ElementsAre("a", "b"));
  EXPECT_THAT(list("model = n"), ElementsAre("b"));
  EXPECT_THAT(list("model != n"), ElementsAre("a"));
  EXPECT_THAT(list("model = x"), IsEmpty());
}

TEST_P(OwnListContract, VersionsAreListedWithinAModelAndAcrossAll) {
  AddModel("b");
  AddModel("a");
  for (int i = 0; i < 11; ++i) AddVersion("b", i == 4 ? VersionState::kCorrupt : VersionState::kReady);
  clock().Advance(absl::Seconds(1));
  AddVersion("a");
  AddVersion("a");
  const auto walk = [&](const std::string& model, ListQuery query) {
    std::vector<std::string> names;
    while (true) {
      const auto page = See([&](const View& view) { return view.models().ListVersions(model, query); });
      EXPECT_THAT(page, IsOk());
      for (const VersionRecord& version : page->records) {
        names.push_back(absl::StrCat(version.model_id, version.number));
      }
      if (!page->more) return names;
      query.after = page->next;
    }
  };
  const auto where = [](absl::string_view filter) {
    return ListQuery{.conditions = ParseFilter(filter, ModelStore::kVersionFilterFields).value()};
  };
  // By number, not by its digits.
  EXPECT_THAT(walk("b", {.page_size = 3}),
              ElementsAre("b1", "b2", "b3", "b4", "b5", "b6", "b7", "b8", "b9", "b10", "b11"));
  EXPECT_THAT(walk("a", {.descending = true, .page_size = 1}), ElementsAre("a2", "a1"));
  EXPECT_THAT(walk("-", {.page_size = 4}),
              ElementsAre("a1", "a2", "b1", "b2", "b3", "b4", "b5", "b6", "b7", "b8", "b9", "b10", "b11"));
  EXPECT_THAT(walk("-", {.order = OrderField::kCreateTime, .page_size = 6}),
              ElementsAre("b1", "b2", "b3", "b4", "b5", "b6", "b7", "b8", "b9", "b10", "b11", "a1", "a2"));
  EXPECT_THAT(walk("b", where("state = CORRUPT")), ElementsAre("b5"));
  EXPECT_THAT(walk("-", where("state != READY")), ElementsAre("b5"));
  EXPECT_THAT(walk("b", where("name = 7")), ElementsAre("b7"));
  EXPECT_THAT(walk("-", where("name = models/b/versions/7")), ElementsAre("b7"));
  EXPECT_THAT(walk("-", where("name = 1")), ElementsAre("a1", "b1"));
  EXPECT_THAT(walk("a", where("name != 1")), ElementsAre("a2"));
  EXPECT_THAT(walk("a", where("name = x")), IsEmpty());
  EXPECT_THAT(See([](const View& view) { return view.models().ListVersions("b", {.after = {.name = "b"}}); }),
              HasReason(ErrorReason::kInvalidPageToken));
}

TEST_P(OwnListContract, VersionsAreFilteredByLabels) {
  AddModel("m");
  LL_ASSERT_OK(Change([](Transaction& tx) {
    return tx.models().InsertVersion({.model_id = "m", .header = HeaderWith({{"k", "v"}})});
  }));
  AddVersion("m");
  const ListQuery query{.conditions = ParseFilter("labels.k = v", ModelStore::kVersionFilterFields).value()};
  LL_ASSERT_OK_AND_ASSIGN(const auto page,
                          See([&](const View& view) { return view.models().ListVersions("m", query); }));
  ASSERT_EQ(page.records.size(), 1u);
  EXPECT_EQ(page.records[0].number, 1);
}

TEST_P(OwnListContract, BucketsAreListedToo) {
  for (const char* id : {"b", "a", "c"}) {
    LL_ASSERT_OK(Change([&](Transaction& tx) {
      return tx.objects().InsertBucket({.id = id, .header = HeaderWith({{"id", id}})});
    }));
  }
  const auto list = [&](const ListQuery& query) {
    const auto page = See([&](const View& view) { return view.objects().ListBuckets(query); });
    EXPECT_THAT(page, IsOk());
    std::vector<std::string> ids;
    for (const BucketRecord& bucket : page->records) ids.push_back(bucket.id);
    return ids;
  };
  EXPECT_THAT(list({}), ElementsAre("a", "b", "c"));
  EXPECT_THAT(list({.page_size = 2, .after = {.name = "a"}}), ElementsAre("b", "c"));
  EXPECT_THAT(list({.conditions = {{.field = "labels", .key = "id", .text = "b"}}}), ElementsAre("b"));
  EXPECT_THAT(list({.conditions = {{.field = "name", .text = "buckets/c"}}}), ElementsAre("c"));
}

INSTANTIATE_TEST_SUITE_P(All, OwnListContract, ::testing::ValuesIn(AllRegistries()), NameOfKind);

}  // namespace
}  // namespace ll::registry
