// Endpoints and who they depend on.
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
using ::testing::IsEmpty;

class EndpointContract : public RegistryContract {
 protected:
  // Model "churn" with versions 1 to 4 and alias champion on 3: what SampleEndpoint() needs.
  void AddChurn() {
    AddModel("churn");
    for (int i = 0; i < 4; ++i) AddVersion("churn");
    SetAlias("churn", "champion", 3);
  }
  absl::StatusOr<EndpointRecord> Get(const std::string& id) {
    return See([&](const View& view) { return view.endpoints().Get(id); });
  }
  absl::StatusOr<EndpointRecord> Insert(const EndpointRecord& record) {
    return Change([&](Transaction& tx) { return tx.endpoints().Insert(record); });
  }
  absl::StatusOr<EndpointRecord> Update(const EndpointRecord& record, const std::string& verb = "update") {
    return Change([&](Transaction& tx) { return tx.endpoints().Update(record, verb); });
  }
  std::vector<std::string> UsersOf(const std::string& model_id, int64_t number) {
    return See([&](const View& view) { return view.endpoints().UsersOf(model_id, number); }).value();
  }
  std::vector<std::string> FollowersOf(const std::string& model_id, const std::string& alias) {
    return See([&](const View& view) { return view.endpoints().FollowersOf(model_id, alias); }).value();
  }
};

TEST_P(EndpointContract, EveryFieldSurvives) {
  AddChurn();
  const EndpointRecord sample = testing::SampleEndpoint();
  LL_ASSERT_OK_AND_ASSIGN(const EndpointRecord inserted, Insert(sample));
  EndpointRecord expected = sample;
  expected.header.create_time = expected.header.update_time = clock().Now();
  expected.header.etag = inserted.header.etag;
  EXPECT_EQ(inserted, expected);
  EXPECT_EQ(Get(sample.id).value(), expected);

  clock().Advance(absl::Seconds(1));
  EndpointRecord empty{.id = sample.id};
  LL_ASSERT_OK_AND_ASSIGN(const EndpointRecord emptied, Update(empty));
  empty.header = emptied.header;
  EXPECT_EQ(Get(sample.id).value(), empty);
  EXPECT_EQ(emptied.header.create_time, inserted.header.create_time);
  EXPECT_EQ(emptied.header.update_time, clock().Now());

  EndpointRecord again = sample;
  again.header.etag = emptied.header.etag;
  LL_ASSERT_OK_AND_ASSIGN(const EndpointRecord updated, Update(again, "state"));
  again.header.create_time = inserted.header.create_time;
  again.header.update_time = clock().Now();
  again.header.etag = updated.header.etag;
  EXPECT_EQ(Get(sample.id).value(), again);
  EXPECT_EQ(EventTexts().back(), "state endpoints/churn-live");
  EXPECT_EQ(FromJson<EndpointRecord>(Events().back().before_json).value(), empty);
  EXPECT_EQ(FromJson<EndpointRecord>(Events().back().after_json).value(), again);
}

TEST_P(EndpointContract, ErrorsHaveTheirCodes) {
  AddChurn();
  const EndpointRecord first = AddEndpoint("e", {.model_id = "churn", .number = 1});
  EXPECT_THAT(Insert({.id = "e"}), StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("endpoints/e")));
  EXPECT_THAT(Get("x"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("endpoints/x")));
  EXPECT_THAT(Get("x"), HasReason(ErrorReason::kEndpointNotFound));
  EXPECT_THAT(Update({.id = "x"}), HasReason(ErrorReason::kEndpointNotFound));
  EXPECT_THAT(Change([](Transaction& tx) { return tx.endpoints().Delete("x"); }),
              HasReason(ErrorReason::kEndpointNotFound));
  LL_ASSERT_OK(Update(first));
  EXPECT_THAT(Update(first), StatusIs(absl::StatusCode::kAborted, HasSubstr("endpoints/e")));
  EXPECT_THAT(Update(first), HasReason(ErrorReason::kEtagMismatch));
}

TEST_P(EndpointContract, VariantsNameWhatExists) {
  AddChurn();
  const auto with = [](const VersionRef& ref) {
    return EndpointRecord{.id = "e", .variants = {{.name = "main", .version = ref}}};
  };
  const EndpointRecord observing{.id = "e", .observed = {{.name = "main", .model_id = "churn", .version = 9}}};
  AddEndpoint("there", {.model_id = "churn", .number = 1});
  const auto expect_refused = [&](EndpointRecord record, absl::StatusCode code, ErrorReason reason) {
    EXPECT_THAT(Insert(record), StatusIs(code));
    EXPECT_THAT(Insert(record), HasReason(reason));
    record.id = "there";
    EXPECT_THAT(Update(record), StatusIs(code));
    EXPECT_THAT(Update(record), HasReason(reason));
  };
  using absl::StatusCode;
  expect_refused(with({.model_id = "churn", .number = 9}), StatusCode::kNotFound, ErrorReason::kModelVersionNotFound);
  expect_refused(with({.model_id = "x", .number = 1}), StatusCode::kNotFound, ErrorReason::kModelVersionNotFound);
  expect_refused(with({.model_id = "churn", .alias = "x"}), StatusCode::kNotFound, ErrorReason::kModelAliasNotFound);
  expect_refused(with({.model_id = "x", .alias = "a"}), StatusCode::kNotFound, ErrorReason::kModelAliasNotFound);
  expect_refused(observing, StatusCode::kNotFound, ErrorReason::kModelVersionNotFound);
  expect_refused(with({.model_id = "churn"}), StatusCode::kInvalidArgument, ErrorReason::kInvalidName);
  expect_refused(with({.model_id = "churn", .number = 1, .alias = "champion"}), StatusCode::kInvalidArgument,
                 ErrorReason::kInvalidName);
  expect_refused(with({.model_id = "churn", .alias = "latest"}), StatusCode::kInvalidArgument,
                 ErrorReason::kInvalidName);
}

TEST_P(EndpointContract, UsersAreFoundByNumberByAliasAndByWhatServes) {
  AddChurn();
  AddEndpoint("number", {.model_id = "churn", .number = 3});
  AddEndpoint("alias", {.model_id = "churn", .alias = "champion"});
  EndpointRecord moving{.id = "serving", .variants = {{.name = "main", .version = {.model_id = "churn", .number = 4}}}};
  moving.observed = {{.name = "main", .model_id = "churn", .version = 3}};
  LL_ASSERT_OK(Insert(moving));
  EXPECT_THAT(UsersOf("churn", 3), ElementsAre("alias", "number", "serving"));
  EXPECT_THAT(UsersOf("churn", 4), ElementsAre("serving"));
  EXPECT_THAT(UsersOf("churn", 1), IsEmpty());
  EXPECT_THAT(UsersOf("churn", 0), ElementsAre("alias", "number", "serving"));
  EXPECT_THAT(UsersOf("x", 0), IsEmpty());
  EXPECT_THAT(UsersOf("x", 3), IsEmpty());

  SetAlias("churn", "champion", 2);
  EXPECT_THAT(UsersOf("churn", 3), ElementsAre("number", "serving"));
  EXPECT_THAT(UsersOf("churn", 2), ElementsAre("alias"));
}

TEST_P(EndpointContract, WhatServesCannotBeDeletedEither) {
  AddChurn();
  LL_ASSERT_OK(Insert({.id = "e", .deleted = true, .observed = {{.name = "m", .model_id = "churn", .version = 2}}}));
  const auto delete_version = [](Transaction& tx) { return tx.models().DeleteVersion("churn", 2); };
  EXPECT_THAT(Change(delete_version), HasReason(ErrorReason::kInUse));
  LL_ASSERT_OK(Update({.id = "e", .deleted = true}));
  EXPECT_THAT(Change(delete_version), IsOk());
}

TEST_P(EndpointContract, FollowersAreThoseOfTheAlias) {
  AddChurn();
  SetAlias("churn", "challenger", 4);
  AddEndpoint("b", {.model_id = "churn", .alias = "champion"});
  AddEndpoint("a", {.model_id = "churn", .alias = "champion"});
  AddEndpoint("c", {.model_id = "churn", .alias = "challenger"});
  AddEndpoint("d", {.model_id = "churn", .number = 3});
  EXPECT_THAT(FollowersOf("churn", "champion"), ElementsAre("a", "b"));
  EXPECT_THAT(FollowersOf("churn", "challenger"), ElementsAre("c"));
  EXPECT_THAT(FollowersOf("churn", ""), IsEmpty());
  EXPECT_THAT(FollowersOf("x", "champion"), IsEmpty());
}

TEST_P(EndpointContract, DeleteReleasesWhatItUsed) {
  AddChurn();
  AddEndpoint("e", {.model_id = "churn", .alias = "champion"});
  LL_ASSERT_OK(Change([](Transaction& tx) { return tx.endpoints().Delete("e"); }));
  EXPECT_THAT(Get("e"), HasReason(ErrorReason::kEndpointNotFound));
  EXPECT_THAT(UsersOf("churn", 0), IsEmpty());
  LL_ASSERT_OK(Change([](Transaction& tx) { return tx.models().Update({.id = "churn"}); }));
  EXPECT_THAT(Change([](Transaction& tx) { return tx.models().DeleteVersion("churn", 3); }), IsOk());
}

TEST_P(EndpointContract, ListAllGivesThemInTheOrderOfTheirIds) {
  AddChurn();
  for (const char* id : {"c", "a", "b"}) AddEndpoint(id, {.model_id = "churn", .number = 1});
  LL_ASSERT_OK_AND_ASSIGN(const auto all, See([](const View& view) { return view.endpoints().ListAll(); }));
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0], Get("a").value());
  EXPECT_EQ(all[1], Get("b").value());
  EXPECT_EQ(all[2], Get("c").value());
}

INSTANTIATE_TEST_SUITE_P(All, EndpointContract, ::testing::ValuesIn(AllRegistries()), NameOfKind);

}  // namespace
}  // namespace ll::registry
