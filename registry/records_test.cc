#include "registry/records.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace ll::registry {
namespace {

using ::testing::ElementsAre;

TEST(RecordsTest, NamesAreThoseOfTheApi) {
  EXPECT_EQ(ModelName("churn"), "models/churn");
  EXPECT_EQ(VersionName("churn", 7), "models/churn/versions/7");
  EXPECT_EQ(JobName("j"), "trainingJobs/j");
  EXPECT_EQ(EndpointName("e"), "endpoints/e");
  EXPECT_EQ(BucketName("b"), "buckets/b");
  EXPECT_EQ(ObjectName("b", "a/b/c"), "buckets/b/objects/a/b/c");
  EXPECT_EQ(VersionRefName({.model_id = "churn", .number = 7}), "models/churn/versions/7");
  EXPECT_EQ(VersionRefName({.model_id = "churn", .alias = "champion"}), "models/churn@champion");
}

TEST(RecordsTest, StatesHaveTheWordsOfTheApi) {
  EXPECT_THAT(StateNames<VersionState>(), ElementsAre("READY", "CORRUPT", "DELETING"));
  EXPECT_THAT(StateNames<JobState>(), ElementsAre("QUEUED", "PREPARING", "TRAINING", "UPLOADING", "SUCCEEDED", "FAILED",
                                                  "CANCELLING", "CANCELLED"));
  EXPECT_THAT(StateNames<EndpointState>(),
              ElementsAre("CREATING", "IN_SERVICE", "UPDATING", "ROLLING_BACK", "DELETING", "FAILED"));
}

template <typename State>
void ExpectWordsAreReadBack() {
  int value = 0;
  for (const absl::string_view name : StateNames<State>()) {
    const std::optional<State> state = ParseState<State>(name);
    ASSERT_TRUE(state.has_value()) << name;
    EXPECT_EQ(static_cast<int>(*state), value++) << name << " is not at its place in the table";
    EXPECT_EQ(StateName(*state), name);
  }
  EXPECT_EQ(ParseState<State>("ready"), std::nullopt);
  EXPECT_EQ(ParseState<State>(""), std::nullopt);
}

TEST(RecordsTest, StatesAreReadBack) {
  ExpectWordsAreReadBack<VersionState>();
  ExpectWordsAreReadBack<JobState>();
  ExpectWordsAreReadBack<EndpointState>();
}

TEST(RecordsTest, JobsEndInThreeStates) {
  std::vector<absl::string_view> terminal;
  for (const absl::string_view name : StateNames<JobState>()) {
    if (IsTerminal(*ParseState<JobState>(name))) terminal.push_back(name);
  }
  EXPECT_THAT(terminal, ElementsAre("SUCCEEDED", "FAILED", "CANCELLED"));
}

}  // namespace
}  // namespace ll::registry
