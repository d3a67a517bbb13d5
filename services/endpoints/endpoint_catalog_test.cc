#include "services/endpoints/endpoint_catalog.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/endpoint_fixture.h"
#include "tests/testing/fake_host.h"
#include "tests/testing/status_matchers.h"

namespace ll::endpoints {
namespace {

using registry::EndpointRecord;
using registry::EndpointState;
using registry::VariantSpec;
using registry::WriteOptions;
using ::testing::AllOf;
using ::testing::ElementsAre;
using testing::HasReason;
using ::testing::HasSubstr;
using testing::StatusIs;

constexpr EndpointState kCreating = EndpointState::kCreating;
constexpr EndpointState kInService = EndpointState::kInService;
constexpr EndpointState kUpdating = EndpointState::kUpdating;

class EndpointCatalogTest : public testing::EndpointFixture {
 protected:
  EndpointCatalogTest() {
    for (int64_t number = 1; number <= 4; ++number) host_.SetOutcome(Version(number), absl::OkStatus());
  }

  absl::StatusOr<EndpointRecord> Create(const std::string& id, VariantSpec variant) {
    return catalog_.Create({.id = id, .variants = {std::move(variant)}}, {});
  }
  EndpointRecord CreateInService(const std::string& id, VariantSpec variant) {
    LL_EXPECT_OK(Create(id, std::move(variant)));
    return AwaitState(id, kInService);
  }

  testing::FakeHost host_{clock_};
  EndpointManager manager_{registry_, host_, clock_, {}};
  EndpointCatalog catalog_{registry_, manager_};
};

TEST_F(EndpointCatalogTest, CreateStoresWhatIsDesired) {
  EndpointRecord record{.id = "e", .variants = {Numbered(1)}};
  record.header.labels = {{"team", "fraud"}};
  record.header.annotations = {{"note", "hello"}};
  record.state = EndpointState::kFailed;  // not for callers to say
  LL_ASSERT_OK_AND_ASSIGN(const EndpointRecord created, catalog_.Create(record, {.actor = "me"}));
  EXPECT_EQ(created.id, "e");
  EXPECT_EQ(created.state, kCreating);
  EXPECT_EQ(created.generation, 1);
  EXPECT_EQ(created.header.labels, record.header.labels);
  EXPECT_EQ(created.header.annotations, record.header.annotations);
  EXPECT_THAT(created.variants, ElementsAre(VariantSpec{.name = "default", .version = {.model_id = "m", .number = 1}}));
  EXPECT_GE(host_.ServingOf("e"), 0) << "it is known to the host when Create returns";
}

TEST_F(EndpointCatalogTest, CreateNeedsExactlyOneVariant) {
  for (const std::vector<VariantSpec>& variants : {std::vector<VariantSpec>{}, {Numbered(1), Numbered(2)}}) {
    const absl::Status status = catalog_.Create({.id = "e", .variants = variants}, {}).status();
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("exactly one")));
    EXPECT_EQ(GetErrorDetails(status)->field_violations.at(0).field, "endpoint.variants");
  }
}

TEST_F(EndpointCatalogTest, CreateNeedsAVersionThatIsThereAndReady) {
  EXPECT_THAT(Create("e", Numbered(9)), HasReason(ErrorReason::kModelVersionNotFound));
  EXPECT_THAT(Create("e", Following("nobody")), HasReason(ErrorReason::kModelAliasNotFound));
  EXPECT_THAT(Create("e", {.version = {.model_id = "x", .number = 1}}), StatusIs(absl::StatusCode::kNotFound));
  SetVersionState(2, registry::VersionState::kCorrupt);
  const absl::Status status = Create("e", Numbered(2)).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition,
                               AllOf(HasSubstr("models/m/versions/2"), HasSubstr("CORRUPT"))));
  EXPECT_THAT(status, HasReason(ErrorReason::kWrongState));
  EXPECT_THAT(catalog_.Get("e"), HasReason(ErrorReason::kEndpointNotFound));
}

TEST_F(EndpointCatalogTest, CreateTwiceIsAConflict) {
  LL_ASSERT_OK(Create("e", Numbered(1)));
  EXPECT_THAT(Create("e", Numbered(1)), HasReason(ErrorReason::kAlreadyExists));
}

TEST_F(EndpointCatalogTest, LatestIsResolvedWhenWrittenAndAnAliasIsKept) {
  LL_ASSERT_OK_AND_ASSIGN(const EndpointRecord latest, Create("latest", Following("latest")));
  EXPECT_EQ(latest.variants.at(0).version, (registry::VersionRef{.model_id = "m", .number = 4}));
  LL_ASSERT_OK_AND_ASSIGN(const EndpointRecord alias, Create("alias", Following("champion")));
  EXPECT_EQ(alias.variants.at(0).version, (registry::VersionRef{.model_id = "m", .alias = "champion"}));
}

TEST_F(EndpointCatalogTest, ARepeatedRequestGetsTheFirstAnswer) {
  const WriteOptions write{.request_id = "r1", .fingerprint = "create e"};
  LL_ASSERT_OK_AND_ASSIGN(const EndpointRecord first, catalog_.Create({.id = "e", .variants = {Numbered(1)}}, write));
  AwaitState("e", kInService);
  LL_ASSERT_OK_AND_ASSIGN(const EndpointRecord again, catalog_.Create({.id = "e", .variants = {Numbered(1)}}, write));
  EXPECT_EQ(again, first);
  EXPECT_THAT(catalog_.Create({.id = "f", .variants = {Numbered(1)}}, {.request_id = "r1", .fingerprint = "other"}),
              HasReason(ErrorReason::kRequestIdReused));
}

TEST_F(EndpointCatalogTest, ValidateOnlyChangesNothing) {
  const WriteOptions write{.validate_only = true};
  LL_ASSERT_OK_AND_ASSIGN(const EndpointRecord created, catalog_.Create({.id = "e", .variants = {Numbered(1)}}, write));
  EXPECT_EQ(created.state, kCreating);
  EXPECT_THAT(catalog_.Get("e"), HasReason(ErrorReason::kEndpointNotFound));

  const EndpointRecord before = CreateInService("f", Numbered(1));
  LL_ASSERT_OK_AND_ASSIGN(const EndpointRecord updated,
                          catalog_.Update({.id = "f", .variants = {{Numbered(2)}}}, write));
  EXPECT_EQ(updated.state, kUpdating);
  LL_ASSERT_OK_AND_ASSIGN(const EndpointRecord deleted, catalog_.Delete("f", "", write));
  EXPECT_TRUE(deleted.deleted);
  EXPECT_EQ(Get("f"), before);
}

TEST_F(EndpointCatalogTest, UpdateChangesWhatIsServed) {
  CreateInService("e", Numbered(1));
  LL_ASSERT_OK_AND_ASSIGN(const EndpointRecord updated, catalog_.Update({.id = "e", .variants = {{Numbered(2)}}}, {}));
  EXPECT_EQ(updated.state, kUpdating);
  EXPECT_EQ(updated.generation, 2);
  AwaitState("e", kInService);
  EXPECT_EQ(host_.ServingOf("e"), 2);
}

TEST_F(EndpointCatalogTest, UpdateToTheSameVersionChangesNothing) {
  const EndpointRecord before = CreateInService("e", Numbered(1));
  const int64_t newest = NewestEvent();
  LL_ASSERT_OK_AND_ASSIGN(const EndpointRecord after, catalog_.Update({.id = "e", .variants = {{Numbered(1)}}}, {}));
  EXPECT_EQ(after, before);
  EXPECT_EQ(NewestEvent(), newest);
}

TEST_F(EndpointCatalogTest, UpdateOfLabelsLeavesTheServingAlone) {
  const EndpointRecord before = CreateInService("e", Numbered(1));
  LL_ASSERT_OK_AND_ASSIGN(
      const EndpointRecord after,
      catalog_.Update(
          {.id = "e", .labels = registry::StringMap{{"a", "b"}}, .annotations = registry::StringMap{{"c", "d"}}}, {}));
  EXPECT_EQ(after.header.labels, (registry::StringMap{{"a", "b"}}));
  EXPECT_EQ(after.header.annotations, (registry::StringMap{{"c", "d"}}));
  EXPECT_EQ(after.state, kInService);
  EXPECT_EQ(after.generation, before.generation);
  EXPECT_NE(after.header.etag, before.header.etag);
}

TEST_F(EndpointCatalogTest, UpdateHonoursTheEtag) {
  const EndpointRecord before = CreateInService("e", Numbered(1));
  EXPECT_THAT(catalog_.Update({.id = "e", .etag = "stale", .variants = {{Numbered(1)}}}, {}),
              HasReason(ErrorReason::kEtagMismatch));
  LL_EXPECT_OK(catalog_.Update({.id = "e", .etag = before.header.etag, .variants = {{Numbered(2)}}}, {}));
}

TEST_F(EndpointCatalogTest, UpdateRefusesAnotherShapeUnlessItIsAllowed) {
  CreateInService("e", Numbered(1));
  const absl::Status status = catalog_.Update({.id = "e", .variants = {{Numbered(4)}}}, {}).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition,
                               AllOf(HasSubstr("5 features and 1 outputs"), HasSubstr("2 features and 1 outputs"))));
  EXPECT_THAT(status, HasReason(ErrorReason::kSchemaMismatch));
  LL_EXPECT_OK(catalog_.Update({.id = "e", .variants = {{Numbered(4)}}, .allow_schema_change = true}, {}));
  AwaitEndpoint("e", [](const EndpointRecord& record) { return record.observed.at(0).version == 4; });
}

TEST_F(EndpointCatalogTest, UpdateNeedsAVersionThatIsThereAndReady) {
  CreateInService("e", Numbered(1));
  EXPECT_THAT(catalog_.Update({.id = "e", .variants = {{Numbered(9)}}}, {}),
              HasReason(ErrorReason::kModelVersionNotFound));
  SetVersionState(2, registry::VersionState::kDeleting);
  EXPECT_THAT(catalog_.Update({.id = "e", .variants = {{Numbered(2)}}}, {}), HasReason(ErrorReason::kWrongState));
  EXPECT_THAT(catalog_.Update({.id = "nobody", .variants = {{Numbered(1)}}}, {}),
              HasReason(ErrorReason::kEndpointNotFound));
  EXPECT_EQ(host_.ServingOf("e"), 1);
}

TEST_F(EndpointCatalogTest, UpdateToTheVersionThatFailedTriesItAgain) {
  CreateInService("e", Numbered(1));
  host_.SetOutcome(Version(2), absl::DataLossError("odd bytes"));
  LL_ASSERT_OK(catalog_.Update({.id = "e", .variants = {{Numbered(2)}}}, {}));
  AwaitEndpoint("e",
                [](const EndpointRecord& record) { return record.state == kInService && record.error.has_value(); });
  host_.SetOutcome(Version(2), absl::OkStatus());
  LL_ASSERT_OK(catalog_.Update({.id = "e", .variants = {{Numbered(2)}}}, {}));
  AwaitEndpoint("e",
                [](const EndpointRecord& record) { return record.state == kInService && !record.error.has_value(); });
  EXPECT_EQ(host_.ServingOf("e"), 2);
  EXPECT_EQ(host_.loads(Version(2)), 2);
}

TEST_F(EndpointCatalogTest, AFailedEndpointIsBroughtUpByAnUpdate) {
  host_.SetOutcome(Version(2), absl::DataLossError("odd bytes"));
  LL_ASSERT_OK(Create("e", Numbered(2)));
  AwaitState("e", EndpointState::kFailed);
  LL_ASSERT_OK_AND_ASSIGN(const EndpointRecord updated, catalog_.Update({.id = "e", .variants = {{Numbered(1)}}}, {}));
  EXPECT_EQ(updated.state, kCreating);
  EXPECT_FALSE(updated.error.has_value());
  AwaitState("e", kInService);
}

TEST_F(EndpointCatalogTest, DeleteTakesItOutOfServiceAtOnce) {
  const EndpointRecord before = CreateInService("e", Numbered(1));
  host_.HoldDraining(true);
  EXPECT_THAT(catalog_.Delete("e", "stale", {}), HasReason(ErrorReason::kEtagMismatch));
  LL_ASSERT_OK_AND_ASSIGN(const EndpointRecord deleted, catalog_.Delete("e", before.header.etag, {}));
  EXPECT_EQ(deleted.state, EndpointState::kDeleting);
  EXPECT_EQ(host_.ServingOf("e"), -1);

  EXPECT_THAT(catalog_.Update({.id = "e", .variants = {{Numbered(1)}}}, {}), HasReason(ErrorReason::kWrongState));
  EXPECT_THAT(Create("e", Numbered(1)), HasReason(ErrorReason::kAlreadyExists));
  LL_ASSERT_OK_AND_ASSIGN(const EndpointRecord again, catalog_.Delete("e", "", {}));
  EXPECT_EQ(again, deleted);

  host_.HoldDraining(false);
  AwaitGone("e");
  EXPECT_THAT(catalog_.Delete("e", "", {}), HasReason(ErrorReason::kEndpointNotFound));
}

TEST_F(EndpointCatalogTest, ListsPages) {
  for (const char* id : {"a", "b", "c"}) LL_ASSERT_OK(Create(id, Numbered(1)));
  LL_ASSERT_OK_AND_ASSIGN(const registry::Page<EndpointRecord> page, catalog_.List({.page_size = 2}));
  ASSERT_EQ(page.records.size(), 2u);
  EXPECT_EQ(page.records[0].id, "a");
  EXPECT_TRUE(page.more);
}

class EndpointWatchTest : public EndpointCatalogTest {
 protected:
  std::unique_ptr<EndpointWatch> Watch(const std::string& id) {
    return catalog_.Watch(id, [this] {
      MutexLock lock(&mutex_);
      ++wakes_;
    });
  }
  // The next change, waiting for a wake when there is no news.
  EndpointWatch::Change Next(EndpointWatch* watch) {
    while (true) {
      int64_t seen;
      {
        MutexLock lock(&mutex_);
        seen = wakes_;
      }
      absl::StatusOr<std::optional<EndpointWatch::Change>> change = watch->Next();
      EXPECT_THAT(change, testing::IsOk());
      if (!change.ok()) return {};
      if (change->has_value()) return **std::move(change);
      MutexLock lock(&mutex_);
      mutex_.Await([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return wakes_ > seen; });
    }
  }

  Mutex mutex_;
  int64_t wakes_ ABSL_GUARDED_BY(mutex_) = 0;
};

TEST_F(EndpointWatchTest, ShowsTheEndpointNowAndAfterEveryChange) {
  host_.HoldDraining(true);
  LL_ASSERT_OK(Create("e", {.version = {.model_id = "m", .number = 1}}));
  const EndpointRecord in_service = AwaitState("e", kInService);
  const std::unique_ptr<EndpointWatch> watch = Watch("e");
  EXPECT_EQ(Next(watch.get()).endpoint, in_service);
  LL_ASSERT_OK_AND_ASSIGN(const std::optional<EndpointWatch::Change> no_news, watch->Next());
  EXPECT_FALSE(no_news.has_value());

  LL_ASSERT_OK_AND_ASSIGN(const EndpointRecord labelled,
                          catalog_.Update({.id = "e", .labels = registry::StringMap{{"a", "b"}}}, {}));
  EXPECT_EQ(Next(watch.get()).endpoint, labelled);

  LL_ASSERT_OK_AND_ASSIGN(const EndpointRecord deleted, catalog_.Delete("e", "", {}));
  EXPECT_EQ(Next(watch.get()).endpoint, deleted);
  host_.HoldDraining(false);
  const EndpointWatch::Change last = Next(watch.get());
  EXPECT_TRUE(last.deleted);
  EXPECT_EQ(last.endpoint, deleted);
  LL_ASSERT_OK_AND_ASSIGN(const std::optional<EndpointWatch::Change> nothing, watch->Next());
  EXPECT_FALSE(nothing.has_value());
}

TEST_F(EndpointWatchTest, ASlowWatcherMissesWhatIsBetweenNeverTheLast) {
  CreateInService("e", Numbered(1));
  const std::unique_ptr<EndpointWatch> watch = Watch("e");
  Next(watch.get());
  for (const char* value : {"1", "2", "3"}) {
    LL_ASSERT_OK(catalog_.Update({.id = "e", .labels = registry::StringMap{{"n", value}}}, {}));
  }
  EXPECT_EQ(Next(watch.get()).endpoint.header.labels.at("n"), "3");
}

TEST_F(EndpointWatchTest, AnUnknownEndpointIsNotFound) {
  EXPECT_THAT(Watch("nobody")->Next(), HasReason(ErrorReason::kEndpointNotFound));
}

TEST_F(EndpointWatchTest, AnEndpointOfTheSameIdCreatedLaterIsAnotherOne) {
  CreateInService("e", Numbered(1));
  const std::unique_ptr<EndpointWatch> watch = Watch("e");
  Next(watch.get());
  clock_.Advance(absl::Seconds(1));
  LL_ASSERT_OK(catalog_.Delete("e", "", {}));
  AwaitGone("e");
  LL_ASSERT_OK(Create("e", Numbered(2)));
  EXPECT_TRUE(Next(watch.get()).deleted);
}

}  // namespace
}  // namespace ll::endpoints
