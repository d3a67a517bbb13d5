// Models, versions and aliases.
#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "registry/record_json.h"
#include "tests/contract/registry_contract.h"
#include "tests/testing/sample_records.h"
#include "tests/testing/status_matchers.h"

namespace ll::registry {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::IsOk;
using ::ll::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class ModelContract : public RegistryContract {
 protected:
  absl::StatusOr<ModelRecord> Get(const std::string& id) {
    return See([&](const View& view) { return view.models().Get(id); });
  }
  absl::StatusOr<VersionRecord> GetVersion(const std::string& id, int64_t number) {
    return See([&](const View& view) { return view.models().GetVersion(id, number); });
  }
  absl::StatusOr<int64_t> Resolve(const VersionRef& ref) {
    return See([&](const View& view) -> absl::StatusOr<int64_t> {
      LL_ASSIGN_OR_RETURN(const VersionRecord version, view.models().Resolve(ref));
      return version.number;
    });
  }
  absl::StatusOr<ModelRecord> Update(const ModelRecord& record) {
    return Change([&](Transaction& tx) { return tx.models().Update(record); });
  }
  absl::Status Delete(const std::string& id) {
    return Change([&](Transaction& tx) { return tx.models().Delete(id); });
  }
  absl::Status DeleteVersion(const std::string& id, int64_t number) {
    return Change([&](Transaction& tx) { return tx.models().DeleteVersion(id, number); });
  }
};

TEST_P(ModelContract, WhatIsInsertedIsReadBack) {
  ModelRecord record = testing::SampleModel();
  record.aliases.clear();
  LL_ASSERT_OK_AND_ASSIGN(const ModelRecord inserted,
                          Change([&](Transaction& tx) { return tx.models().Insert(record); }));
  EXPECT_EQ(inserted.header.create_time, clock().Now());
  EXPECT_EQ(inserted.header.update_time, clock().Now());
  EXPECT_NE(inserted.header.etag, record.header.etag);
  EXPECT_NE(inserted.header.etag, "");
  EXPECT_EQ(inserted.header.labels, record.header.labels);
  EXPECT_EQ(inserted.header.annotations, record.header.annotations);
  EXPECT_EQ(inserted.description, record.description);
  EXPECT_EQ(inserted.latest_version, 0);
  LL_ASSERT_OK_AND_ASSIGN(const ModelRecord read, Get("churn"));
  EXPECT_EQ(read, inserted);
}

TEST_P(ModelContract, EveryFieldOfAVersionSurvives) {
  AddModel("churn");
  const VersionRecord record = testing::SampleVersion();
  LL_ASSERT_OK_AND_ASSIGN(const VersionRecord inserted,
                          Change([&](Transaction& tx) { return tx.models().InsertVersion(record); }));
  VersionRecord expected = record;
  expected.number = 1;
  expected.header.create_time = expected.header.update_time = clock().Now();
  expected.header.etag = inserted.header.etag;
  EXPECT_EQ(inserted, expected);
  LL_ASSERT_OK_AND_ASSIGN(const VersionRecord read, GetVersion("churn", 1));
  EXPECT_EQ(read, inserted);
}

TEST_P(ModelContract, InsertRefusesASecondModelOfThatName) {
  AddModel("m");
  const absl::Status status = Change([](Transaction& tx) { return tx.models().Insert({.id = "m"}); }).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("models/m")));
  EXPECT_THAT(status, HasReason(ErrorReason::kAlreadyExists));
  // Ids are case-sensitive.
  EXPECT_THAT(Change([](Transaction& tx) { return tx.models().Insert({.id = "M"}); }), IsOk());
}

TEST_P(ModelContract, InsertRefusesAliasesOfVersionsThatCannotExist) {
  const auto inserted = Change([](Transaction& tx) { return tx.models().Insert({.id = "m", .aliases = {{"a", 1}}}); });
  EXPECT_THAT(inserted, StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(inserted, HasReason(ErrorReason::kModelVersionNotFound));
}

TEST_P(ModelContract, UnknownModelsAndVersionsAreNotFound) {
  AddModel("m");
  EXPECT_THAT(Get("x"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("models/x")));
  EXPECT_THAT(Get("x"), HasReason(ErrorReason::kModelNotFound));
  EXPECT_THAT(GetVersion("m", 1), StatusIs(absl::StatusCode::kNotFound, HasSubstr("models/m/versions/1")));
  EXPECT_THAT(GetVersion("m", 1), HasReason(ErrorReason::kModelVersionNotFound));
  EXPECT_THAT(GetVersion("x", 1), HasReason(ErrorReason::kModelVersionNotFound));
  EXPECT_THAT(Update({.id = "x"}), HasReason(ErrorReason::kModelNotFound));
  EXPECT_THAT(Delete("x"), HasReason(ErrorReason::kModelNotFound));
  EXPECT_THAT(DeleteVersion("m", 1), HasReason(ErrorReason::kModelVersionNotFound));
  EXPECT_THAT(Change([](Transaction& tx) { return tx.models().InsertVersion({.model_id = "x"}); }),
              HasReason(ErrorReason::kModelNotFound));
  EXPECT_THAT(Change([](Transaction& tx) { return tx.models().UpdateVersion({.model_id = "m", .number = 1}); }),
              HasReason(ErrorReason::kModelVersionNotFound));
  EXPECT_THAT(See([](const View& view) { return view.models().ListVersions("x", {}); }),
              HasReason(ErrorReason::kModelNotFound));
}

TEST_P(ModelContract, UpdateReplacesWhatMayChange) {
  const ModelRecord before = AddModel("m");
  AddVersion("m");
  clock().Advance(absl::Seconds(5));
  ModelRecord change = testing::SampleModel();
  change.id = "m";
  change.aliases = {{"champion", 1}};
  change.header.etag = before.header.etag;
  LL_ASSERT_OK_AND_ASSIGN(const ModelRecord after, Update(change));
  EXPECT_EQ(after.description, change.description);
  EXPECT_EQ(after.header.labels, change.header.labels);
  EXPECT_EQ(after.header.annotations, change.header.annotations);
  EXPECT_EQ(after.aliases, change.aliases);
  EXPECT_EQ(after.latest_version, 1);
  EXPECT_EQ(after.header.create_time, before.header.create_time);
  EXPECT_EQ(after.header.update_time, clock().Now());
  EXPECT_NE(after.header.etag, before.header.etag);
  LL_ASSERT_OK_AND_ASSIGN(const ModelRecord read, Get("m"));
  EXPECT_EQ(read, after);
}

TEST_P(ModelContract, UpdateComparesEtags) {
  const ModelRecord first = AddModel("m");
  LL_ASSERT_OK_AND_ASSIGN(const ModelRecord second, Update({.id = "m", .description = "no etag: not compared"}));
  ModelRecord stale = first;
  stale.description = "lost update";
  EXPECT_THAT(Update(stale), StatusIs(absl::StatusCode::kAborted, HasSubstr("models/m")));
  EXPECT_THAT(Update(stale), HasReason(ErrorReason::kEtagMismatch));
  EXPECT_EQ(Get("m").value(), second);
}

TEST_P(ModelContract, AnEtagIsNotUsedTwice) {
  const ModelRecord first = AddModel("m");
  LL_ASSERT_OK(Delete("m"));
  const ModelRecord again = AddModel("m");
  EXPECT_NE(first.header.etag, again.header.etag);
  EXPECT_THAT(Update(first), HasReason(ErrorReason::kEtagMismatch));
}

TEST_P(ModelContract, VersionsOfTheModelAreNotPartOfItsEtag) {
  const ModelRecord before = AddModel("m");
  AddVersion("m");
  LL_ASSERT_OK_AND_ASSIGN(const ModelRecord after, Get("m"));
  EXPECT_EQ(after.latest_version, 1);
  EXPECT_EQ(after.header, before.header);
}

TEST_P(ModelContract, NumbersAreGivenOncePerModel) {
  AddModel("a");
  AddModel("b");
  EXPECT_EQ(AddVersion("a").number, 1);
  EXPECT_EQ(AddVersion("a").number, 2);
  EXPECT_EQ(AddVersion("b").number, 1);
  LL_ASSERT_OK(DeleteVersion("a", 2));
  EXPECT_EQ(AddVersion("a").number, 3);
}

TEST_P(ModelContract, NumbersAreRememberedAfterTheModelIsGone) {
  AddModel("m");
  AddVersion("m");
  AddVersion("m");
  LL_ASSERT_OK(DeleteVersion("m", 1));
  LL_ASSERT_OK(DeleteVersion("m", 2));
  LL_ASSERT_OK(Delete("m"));
  AddModel("m");
  EXPECT_EQ(AddVersion("m").number, 3);
}

TEST_P(ModelContract, LatestIsTheNewestThatIsReady) {
  AddModel("m");
  AddVersion("m");
  VersionRecord second = AddVersion("m");
  AddVersion("m", VersionState::kCorrupt);
  EXPECT_EQ(Get("m")->latest_version, 2);
  second.state = VersionState::kDeleting;
  LL_ASSERT_OK(Change([&](Transaction& tx) { return tx.models().UpdateVersion(second); }));
  EXPECT_EQ(Get("m")->latest_version, 1);
  LL_ASSERT_OK(DeleteVersion("m", 1));
  EXPECT_EQ(Get("m")->latest_version, 0);
}

TEST_P(ModelContract, UpdateVersionReplacesWhatMayChangeAndNothingElse) {
  AddModel("churn");
  const VersionRecord sample = testing::SampleVersion();
  LL_ASSERT_OK_AND_ASSIGN(const VersionRecord before,
                          Change([&](Transaction& tx) { return tx.models().InsertVersion(sample); }));
  clock().Advance(absl::Seconds(1));
  VersionRecord change{.model_id = "churn", .number = 1};
  change.header.etag = before.header.etag;
  change.header.labels = {{"approved-by", "me"}};
  change.description = "better";
  LL_ASSERT_OK_AND_ASSIGN(const VersionRecord after,
                          Change([&](Transaction& tx) { return tx.models().UpdateVersion(change, "approve"); }));
  VersionRecord expected = before;
  expected.header.labels = change.header.labels;
  expected.header.annotations = {};
  expected.header.update_time = clock().Now();
  expected.header.etag = after.header.etag;
  expected.description = "better";
  expected.state = VersionState::kReady;
  expected.state_reason = "";
  EXPECT_EQ(after, expected);
  EXPECT_NE(after.header.etag, before.header.etag);
  EXPECT_EQ(GetVersion("churn", 1).value(), expected);
  EXPECT_EQ(EventTexts().back(), "approve models/churn/versions/1");

  EXPECT_THAT(Change([&](Transaction& tx) { return tx.models().UpdateVersion(change); }),
              HasReason(ErrorReason::kEtagMismatch));
}

TEST_P(ModelContract, AModelWithVersionsCannotBeDeleted) {
  AddModel("m");
  AddVersion("m");
  EXPECT_THAT(Delete("m"), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("models/m")));
  EXPECT_THAT(Delete("m"), HasReason(ErrorReason::kModelNotEmpty));
  LL_ASSERT_OK(DeleteVersion("m", 1));
  EXPECT_THAT(Delete("m"), IsOk());
  EXPECT_THAT(Get("m"), HasReason(ErrorReason::kModelNotFound));
}

TEST_P(ModelContract, AliasesNameVersionsThatExist) {
  AddModel("m");
  AddVersion("m");
  EXPECT_THAT(Update({.id = "m", .aliases = {{"champion", 2}}}), HasReason(ErrorReason::kModelVersionNotFound));
  EXPECT_THAT(SetAlias("m", "champion", 1).aliases, ElementsAre(Pair("champion", 1)));
  AddVersion("m");
  EXPECT_THAT(SetAlias("m", "champion", 2).aliases, ElementsAre(Pair("champion", 2)));
  LL_ASSERT_OK_AND_ASSIGN(const ModelRecord none, Update({.id = "m"}));
  EXPECT_TRUE(none.aliases.empty());
  EXPECT_TRUE(Get("m")->aliases.empty());
}

TEST_P(ModelContract, AFollowedAliasMayMoveButNotGo) {
  AddModel("m");
  AddVersion("m");
  AddVersion("m");
  SetAlias("m", "champion", 1);
  AddEndpoint("live", {.model_id = "m", .alias = "champion"});
  SetAlias("m", "champion", 2);
  const absl::Status status = Update({.id = "m"}).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("models/m@champion")));
  EXPECT_THAT(status, HasReason(ErrorReason::kInUse));
  const ErrorDetails details = GetErrorDetails(status).value();
  ASSERT_EQ(details.precondition_violations.size(), 1u);
  EXPECT_EQ(details.precondition_violations[0].subject, "endpoints/live");
  EXPECT_THAT(Get("m")->aliases, ElementsAre(Pair("champion", 2)));
}

TEST_P(ModelContract, AVersionInUseCannotBeDeletedAndTheErrorNamesItsUsers) {
  AddModel("m");
  AddVersion("m");
  AddVersion("m");
  SetAlias("m", "champion", 1);
  AddEndpoint("by-number", {.model_id = "m", .number = 1});
  AddEndpoint("by-alias", {.model_id = "m", .alias = "champion"});
  AddEndpoint("other", {.model_id = "m", .number = 2});

  const absl::Status status = DeleteVersion("m", 1);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("models/m/versions/1")));
  EXPECT_THAT(status, HasReason(ErrorReason::kInUse));
  std::vector<std::string> users;
  const ErrorDetails details = GetErrorDetails(status).value();
  for (const PreconditionViolation& violation : details.precondition_violations) users.push_back(violation.subject);
  EXPECT_THAT(users, UnorderedElementsAre("models/m@champion", "endpoints/by-alias", "endpoints/by-number"));
  EXPECT_THAT(GetVersion("m", 1), IsOk());
}

TEST_P(ModelContract, ResolveFollowsNumbersAliasesAndLatest) {
  AddModel("m");
  AddModel("empty");
  AddVersion("m");
  AddVersion("m");
  AddVersion("m", VersionState::kCorrupt);
  SetAlias("m", "champion", 1);
  EXPECT_EQ(Resolve({.model_id = "m", .number = 3}).value(), 3);
  EXPECT_EQ(Resolve({.model_id = "m", .alias = "champion"}).value(), 1);
  EXPECT_EQ(Resolve({.model_id = "m", .alias = "latest"}).value(), 2);
  EXPECT_THAT(Resolve({.model_id = "x", .number = 1}), HasReason(ErrorReason::kModelNotFound));
  EXPECT_THAT(Resolve({.model_id = "m", .number = 4}), HasReason(ErrorReason::kModelVersionNotFound));
  EXPECT_THAT(Resolve({.model_id = "m", .alias = "nobody"}), HasReason(ErrorReason::kModelAliasNotFound));
  EXPECT_THAT(Resolve({.model_id = "empty", .alias = "latest"}), HasReason(ErrorReason::kModelVersionNotFound));
}

TEST_P(ModelContract, EveryChangeLeavesItsEvent) {
  AddModel("m");
  AddVersion("m");
  SetAlias("m", "champion", 1);
  LL_ASSERT_OK(Update({.id = "m"}));
  LL_ASSERT_OK_AND_ASSIGN(const VersionRecord version, GetVersion("m", 1));
  LL_ASSERT_OK(DeleteVersion("m", 1));
  LL_ASSERT_OK(Delete("m"));
  EXPECT_THAT(EventTexts(), ElementsAre("create models/m", "create models/m/versions/1", "set-alias models/m",
                                        "update models/m", "delete models/m/versions/1", "delete models/m"));
  const std::vector<EventRecord> events = Events();
  EXPECT_EQ(events[0].before_json, "");
  LL_ASSERT_OK_AND_ASSIGN(const ModelRecord before, FromJson<ModelRecord>(events[2].before_json));
  LL_ASSERT_OK_AND_ASSIGN(const ModelRecord after, FromJson<ModelRecord>(events[2].after_json));
  EXPECT_TRUE(before.aliases.empty());
  EXPECT_THAT(after.aliases, ElementsAre(Pair("champion", 1)));
  EXPECT_EQ(FromJson<VersionRecord>(events[4].before_json).value(), version);
  EXPECT_EQ(events[4].after_json, "");
}

INSTANTIATE_TEST_SUITE_P(All, ModelContract, ::testing::ValuesIn(AllRegistries()), NameOfKind);

}  // namespace
}  // namespace ll::registry
