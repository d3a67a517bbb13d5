// Training jobs and how they end.
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

class JobContract : public RegistryContract {
 protected:
  JobRecord Add(const std::string& id, JobState state = JobState::kQueued) {
    JobRecord record{.id = id, .state = state};
    record.spec.model_id = "m";
    absl::StatusOr<JobRecord> job = Change([&](Transaction& tx) { return tx.jobs().Insert(record); });
    EXPECT_THAT(job, IsOk());
    return job.value_or(JobRecord{});
  }
  absl::StatusOr<JobRecord> Get(const std::string& id) {
    return See([&](const View& view) { return view.jobs().Get(id); });
  }
  absl::StatusOr<JobRecord> Update(const JobRecord& record, const std::string& verb = "update") {
    return Change([&](Transaction& tx) { return tx.jobs().Update(record, verb); });
  }
  absl::StatusOr<JobRecord> CommitResult(JobRecord job, const VersionRecord& version) {
    job.state = JobState::kSucceeded;
    return Change([&](Transaction& tx) { return tx.CommitTrainingResult(job, version); });
  }
};

TEST_P(JobContract, EveryFieldSurvives) {
  const JobRecord sample = testing::SampleJob();
  LL_ASSERT_OK_AND_ASSIGN(const JobRecord inserted, Change([&](Transaction& tx) { return tx.jobs().Insert(sample); }));
  JobRecord expected = sample;
  expected.header.create_time = expected.header.update_time = clock().Now();
  expected.header.etag = inserted.header.etag;
  EXPECT_EQ(inserted, expected);
  EXPECT_EQ(Get(sample.id).value(), expected);

  clock().Advance(absl::Seconds(1));
  JobRecord empty{.id = sample.id};
  LL_ASSERT_OK_AND_ASSIGN(const JobRecord emptied, Update(empty));
  empty.header = emptied.header;
  EXPECT_EQ(emptied, empty);
  EXPECT_EQ(emptied.header.create_time, inserted.header.create_time);
  EXPECT_EQ(emptied.header.update_time, clock().Now());
  EXPECT_EQ(Get(sample.id).value(), empty);

  JobRecord again = sample;
  again.header.etag = emptied.header.etag;
  LL_ASSERT_OK_AND_ASSIGN(const JobRecord updated, Update(again));
  again.header.create_time = inserted.header.create_time;
  again.header.update_time = clock().Now();
  again.header.etag = updated.header.etag;
  EXPECT_EQ(Get(sample.id).value(), again);
}

TEST_P(JobContract, ErrorsHaveTheirCodes) {
  const JobRecord first = Add("j");
  EXPECT_THAT(Change([](Transaction& tx) { return tx.jobs().Insert({.id = "j"}); }),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("trainingJobs/j")));
  EXPECT_THAT(Get("x"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("trainingJobs/x")));
  EXPECT_THAT(Get("x"), HasReason(ErrorReason::kTrainingJobNotFound));
  EXPECT_THAT(Update({.id = "x"}), HasReason(ErrorReason::kTrainingJobNotFound));
  EXPECT_THAT(Change([](Transaction& tx) { return tx.jobs().UpdateProgress("x", {}, {}); }),
              HasReason(ErrorReason::kTrainingJobNotFound));
  EXPECT_THAT(Change([](Transaction& tx) { return tx.jobs().Delete("x"); }),
              HasReason(ErrorReason::kTrainingJobNotFound));
  LL_ASSERT_OK(Update(first));
  EXPECT_THAT(Update(first), StatusIs(absl::StatusCode::kAborted, HasSubstr("trainingJobs/j")));
  EXPECT_THAT(Update(first), HasReason(ErrorReason::kEtagMismatch));
}

TEST_P(JobContract, ProgressLeavesNoTraceButItself) {
  const JobRecord before = Add("j", JobState::kTraining);
  const std::vector<std::string> events = EventTexts();
  clock().Advance(absl::Seconds(1));
  const JobRecord sample = testing::SampleJob();
  LL_ASSERT_OK(
      Change([&](Transaction& tx) { return tx.jobs().UpdateProgress("j", sample.progress, sample.candidates); }));
  JobRecord expected = before;
  expected.progress = sample.progress;
  expected.candidates = sample.candidates;
  EXPECT_EQ(Get("j").value(), expected);
  EXPECT_EQ(EventTexts(), events);
}

TEST_P(JobContract, UnfinishedOnesComeOldestFirst) {
  EXPECT_THAT(See([](const View& view) { return view.jobs().ListUnfinished(); }).value(), IsEmpty());
  Add("z", JobState::kTraining);
  clock().Advance(absl::Seconds(1));
  Add("done", JobState::kSucceeded);
  Add("failed", JobState::kFailed);
  Add("cancelled", JobState::kCancelled);
  Add("b", JobState::kQueued);
  Add("a", JobState::kCancelling);
  clock().Advance(absl::Seconds(1));
  Add("c", JobState::kPreparing);
  Add("d", JobState::kUploading);
  LL_ASSERT_OK_AND_ASSIGN(const auto unfinished, See([](const View& view) { return view.jobs().ListUnfinished(); }));
  std::vector<std::string> ids;
  for (const JobRecord& job : unfinished) ids.push_back(job.id);
  EXPECT_THAT(ids, ElementsAre("z", "a", "b", "c", "d"));
}

TEST_P(JobContract, DeleteRemovesIt) {
  const JobRecord job = Add("j");
  LL_ASSERT_OK(Change([](Transaction& tx) { return tx.jobs().Delete("j"); }));
  EXPECT_THAT(Get("j"), HasReason(ErrorReason::kTrainingJobNotFound));
  EXPECT_THAT(EventTexts(), ElementsAre("create trainingJobs/j", "delete trainingJobs/j"));
  EXPECT_EQ(FromJson<JobRecord>(Events().back().before_json).value(), job);
  EXPECT_THAT(Change([](Transaction& tx) { return tx.jobs().Insert({.id = "j"}); }), IsOk());
}

TEST_P(JobContract, AResultIsCommittedInOneStep) {
  JobRecord job = Add("j", JobState::kUploading);
  job.metrics = {{"loss", 0.25}};
  VersionRecord version = testing::SampleVersion();
  version.model_id = "ignored";
  LL_ASSERT_OK_AND_ASSIGN(const JobRecord ended, CommitResult(job, version));
  EXPECT_EQ(ended.state, JobState::kSucceeded);
  EXPECT_EQ(ended.produced_version, 1);
  EXPECT_EQ(ended.metrics, job.metrics);
  EXPECT_EQ(Get("j").value(), ended);
  LL_ASSERT_OK_AND_ASSIGN(const VersionRecord stored,
                          See([](const View& view) { return view.models().GetVersion("m", 1); }));
  EXPECT_EQ(stored.training_job, "j");
  EXPECT_EQ(stored.artifact_sha256, version.artifact_sha256);
  // The model was missing and is made; one that is there is used as it is.
  EXPECT_THAT(EventTexts(), ElementsAre("create trainingJobs/j", "create models/m", "create models/m/versions/1",
                                        "state trainingJobs/j"));
  LL_ASSERT_OK_AND_ASSIGN(const JobRecord second, CommitResult(Add("j2"), version));
  EXPECT_EQ(second.produced_version, 2);
}

TEST_P(JobContract, AResultIsCommittedWholeOrNotAtAll) {
  JobRecord job = Add("j", JobState::kUploading);
  job.state = JobState::kSucceeded;
  const std::vector<std::string> events = EventTexts();
  const absl::Status status = Change([&](Transaction& tx) -> absl::Status {
    LL_RETURN_IF_ERROR(tx.CommitTrainingResult(job, {}).status());
    return absl::UnavailableError("the power is about to go");
  });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(Get("j")->state, JobState::kUploading);
  EXPECT_THAT(See([](const View& view) { return view.models().Get("m"); }), HasReason(ErrorReason::kModelNotFound));
  EXPECT_EQ(EventTexts(), events);
}

TEST_P(JobContract, AJobEndsOnce) {
  for (const JobState state : {JobState::kSucceeded, JobState::kFailed, JobState::kCancelled}) {
    const JobRecord job = Add(std::string(StateName(state)), state);
    const auto ended = CommitResult(job, {});
    EXPECT_THAT(ended, StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(std::string(StateName(state)))));
    EXPECT_THAT(ended, HasReason(ErrorReason::kWrongState));
  }
  EXPECT_THAT(CommitResult({.id = "x"}, {}), HasReason(ErrorReason::kTrainingJobNotFound));
  const JobRecord stale = Add("stale");
  LL_ASSERT_OK(Update(stale));
  EXPECT_THAT(CommitResult(stale, {}), HasReason(ErrorReason::kEtagMismatch));
  EXPECT_THAT(See([](const View& view) { return view.models().Get("m"); }), HasReason(ErrorReason::kModelNotFound));
}

INSTANTIATE_TEST_SUITE_P(All, JobContract, ::testing::ValuesIn(AllRegistries()), NameOfKind);

}  // namespace
}  // namespace ll::registry
