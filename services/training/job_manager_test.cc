// What can be asked of the manager: submit, cancel, delete, watch, logs, restart. How a run goes is in job_run_test.cc.
#include "services/training/job_manager.h"

#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "learner/artifact.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/training_fixture.h"

namespace ll::training {
namespace {

using ::ll::testing::EpochOf;
using ::ll::testing::FakeJobLauncher;
using ::ll::testing::HasReason;
using ::ll::testing::IsOk;
using ::ll::testing::JobWatcher;
using ::ll::testing::SmallModel;
using ::ll::testing::StatusIs;
using registry::JobRecord;
using registry::JobState;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class JobManagerTest : public ::ll::testing::TrainingTest {};

// ---- Submit.

TEST_F(JobManagerTest, ASubmittedJobIsQueuedAndRuns) {
  Start();
  JobRecord job = Job("mnist");
  job.header.labels = {{"team", "fraud"}};
  job.spec.hyperparameters["momentum"] = "0.5";
  LL_ASSERT_OK_AND_ASSIGN(const JobRecord queued, jobs_->Submit(job, {.actor = "anonymous@here"}));
  EXPECT_EQ(queued.id, "mnist");
  EXPECT_EQ(queued.state, JobState::kQueued);
  EXPECT_EQ(queued.spec, job.spec);
  EXPECT_EQ(queued.header.labels, job.header.labels);
  EXPECT_EQ(queued.header.create_time, clock_.Now());
  EXPECT_THAT(queued.warnings, ElementsAre(HasSubstr("momentum")));
  launcher_.AwaitLaunch("mnist");
}

TEST_F(JobManagerTest, WhatTheCallerMayNotSetIsIgnored) {
  Start();
  JobRecord job = Job("mnist");
  job.state = JobState::kSucceeded;
  job.produced_version = 7;
  job.metrics = {{"x", 1}};
  LL_ASSERT_OK_AND_ASSIGN(const JobRecord queued, jobs_->Submit(job, {}));
  EXPECT_EQ(queued.state, JobState::kQueued);
  EXPECT_EQ(queued.produced_version, 0);
  EXPECT_THAT(queued.metrics, IsEmpty());
}

TEST_F(JobManagerTest, AnInvalidSpecChangesNothing) {
  Start();
  const int64_t events = NewestEvent();
  JobRecord job = Job("mnist");
  job.spec.hyperparameters["mini_batch_siz"] = "200";
  EXPECT_THAT(jobs_->Submit(job, {}), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("mini_batch_size")));
  EXPECT_EQ(NewestEvent(), events);
}

TEST_F(JobManagerTest, EveryChannelMustNameSomething) {
  Start();
  JobRecord job = Job("mnist");
  job.spec.channels = {{.name = "train", .uri = "s3://data/trian.pbr"}, {.name = "test", .uri = "s3://dada/test.pbr"}};
  const absl::Status status = jobs_->Submit(job, {}).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound, HasSubstr("trian.pbr")));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound, HasSubstr("dada")));
  EXPECT_THAT(status, HasReason(ErrorReason::kObjectNotFound));
  EXPECT_EQ(GetErrorDetails(status)->field_violations.size(), 2u);
  EXPECT_EQ(GetErrorDetails(status)->field_violations[1].field, "spec.channels[1].uri");
}

TEST_F(JobManagerTest, AJobBeginsWithTheVersionThatWasNewestWhenItWasCreated) {
  Start();
  Submit("first");
  launcher_.AwaitLaunch("first");
  launcher_.Finish("first", SmallModel());
  AwaitState("first", JobState::kSucceeded);
  JobRecord job = Job("second");
  job.spec.warm_start = registry::VersionRef{.model_id = "digits", .alias = "latest"};
  LL_ASSERT_OK_AND_ASSIGN(const JobRecord queued, jobs_->Submit(job, {}));
  EXPECT_EQ(queued.spec.warm_start, (registry::VersionRef{.model_id = "digits", .number = 1}));
  const JobLaunch launch = launcher_.AwaitLaunch("second");
  ASSERT_EQ(launch.channels.size(), 2u);
  EXPECT_EQ(launch.channels[1].name, "model");
  EXPECT_EQ(launch.channels[1].objects[0].sha256, GetVersion("digits", 1)->artifact_sha256);
  launcher_.Finish("second", SmallModel());
  AwaitState("second", JobState::kSucceeded);
  EXPECT_EQ(GetVersion("digits", 2)->lineage.back().object, "models/digits/versions/1");

  job.id = "third";
  job.spec.warm_start->model_id = "nobody";
  EXPECT_THAT(jobs_->Submit(job, {}), HasReason(ErrorReason::kModelNotFound));
  job.spec.warm_start->model_id = "digits";
  job.spec.hyperparameters["predictor_type"] = "regressor";
  EXPECT_THAT(jobs_->Submit(job, {}), HasReason(ErrorReason::kSchemaMismatch));
}

TEST_F(JobManagerTest, NamesAreUsedOnce) {
  Start();
  Submit("mnist");
  EXPECT_THAT(jobs_->Submit(Job("mnist"), {}), StatusIs(absl::StatusCode::kAlreadyExists));
  JobRecord without_data = Job("mnist");
  without_data.spec.channels[0].uri = "s3://data/not-uploaded-yet.pbr";
  EXPECT_THAT(jobs_->Submit(without_data, {}), StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_F(JobManagerTest, ARepeatedRequestIsAnsweredAndNotRunAgain) {
  Start();
  const registry::WriteOptions write{.request_id = "r1", .fingerprint = "f1"};
  LL_ASSERT_OK_AND_ASSIGN(const JobRecord first, jobs_->Submit(Job("mnist"), write));
  launcher_.AwaitLaunch("mnist");
  launcher_.Finish("mnist", SmallModel());
  AwaitState("mnist", JobState::kSucceeded);
  LL_ASSERT_OK_AND_ASSIGN(const JobRecord second, jobs_->Submit(Job("mnist"), write));
  EXPECT_EQ(first, second);
  Submit("next");
  launcher_.AwaitLaunch("next");
  EXPECT_THAT(launcher_.launched(), ElementsAre("mnist", "next"));
  EXPECT_THAT(jobs_->Submit(Job("mnist"), {.request_id = "r1", .fingerprint = "f2"}),
              HasReason(ErrorReason::kRequestIdReused));
}

TEST_F(JobManagerTest, ValidateOnlyAnswersAndDoesNothing) {
  Start();
  const int64_t events = NewestEvent();
  LL_ASSERT_OK_AND_ASSIGN(const JobRecord answer, jobs_->Submit(Job("mnist"), {.validate_only = true}));
  EXPECT_EQ(answer.state, JobState::kQueued);
  EXPECT_THAT(jobs_->Get("mnist"), HasReason(ErrorReason::kTrainingJobNotFound));
  EXPECT_EQ(NewestEvent(), events);
}

TEST_F(JobManagerTest, JobsRunOneAtATimeInTheOrderOfTheirCreation) {
  Start();
  for (const char* id : {"zebra", "ant", "mole"}) {
    Submit(id);
    clock_.Advance(absl::Milliseconds(1));
  }
  for (const char* id : {"zebra", "ant", "mole"}) {
    launcher_.AwaitLaunch(id);
    EXPECT_EQ(launcher_.running(), 1);
    launcher_.Finish(id, SmallModel());
    AwaitState(id, JobState::kSucceeded);
  }
  EXPECT_THAT(launcher_.launched(), ElementsAre("zebra", "ant", "mole"));
}

TEST_F(JobManagerTest, AsManyJobsRunAsAreAllowed) {
  options_.max_running = 2;
  Start();
  for (const char* id : {"one", "two", "three"}) {
    Submit(id);
    clock_.Advance(absl::Milliseconds(1));
  }
  launcher_.AwaitLaunch("one");
  launcher_.AwaitLaunch("two");
  EXPECT_EQ(Get("three").state, JobState::kQueued);
  launcher_.Finish("two", SmallModel());
  launcher_.AwaitLaunch("three");
  EXPECT_EQ(launcher_.running(), 2);
}

TEST_F(JobManagerTest, AFullQueueSaysWhenToTryAgain) {
  options_.max_queued = 2;
  Start();
  Submit("runs");
  launcher_.AwaitLaunch("runs");
  Submit("waits-1");
  Submit("waits-2");
  const absl::Status full = jobs_->Submit(Job("too-many"), {}).status();
  EXPECT_THAT(full, StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("2 jobs are waiting")));
  EXPECT_THAT(full, HasReason(ErrorReason::kOverloaded));
  EXPECT_TRUE(GetErrorDetails(full)->retry_delay.has_value());
  EXPECT_THAT(jobs_->Get("too-many"), StatusIs(absl::StatusCode::kNotFound));
  ASSERT_THAT(jobs_->Cancel("waits-1", false, {}), IsOk());
  Submit("fits");
}

// ---- Get, List.

TEST_F(JobManagerTest, ListsWhatTheQueryAsksFor) {
  InsertJob("done", JobState::kSucceeded);
  InsertJob("failed", JobState::kFailed);
  Start();
  LL_ASSERT_OK_AND_ASSIGN(const registry::Page<JobRecord> all, jobs_->List({}));
  EXPECT_EQ(all.records.size(), 2u);
  LL_ASSERT_OK_AND_ASSIGN(const registry::Page<JobRecord> failed,
                          jobs_->List({.conditions = {{.field = "state", .text = "FAILED"}}}));
  ASSERT_EQ(failed.records.size(), 1u);
  EXPECT_EQ(failed.records[0].id, "failed");
  EXPECT_THAT(jobs_->List({.page_size = 0}), StatusIs(absl::StatusCode::kInvalidArgument));
}

// ---- Cancel.

TEST_F(JobManagerTest, AWaitingJobIsCancelledAtOnce) {
  Start();
  Submit("runs");
  launcher_.AwaitLaunch("runs");
  Submit("waits");
  LL_ASSERT_OK_AND_ASSIGN(const JobRecord cancelled, jobs_->Cancel("waits", false, {}));
  EXPECT_EQ(cancelled.state, JobState::kCancelled);
  EXPECT_EQ(cancelled.end_time, clock_.Now());
  EXPECT_EQ(cancelled.start_time, std::nullopt);
  launcher_.Finish("runs", SmallModel());
  AwaitState("runs", JobState::kSucceeded);
  EXPECT_THAT(launcher_.launched(), ElementsAre("runs"));
}

TEST_F(JobManagerTest, ARunningJobIsCancelledWithoutAModel) {
  launcher_.set_on_stop(FakeJobLauncher::OnStop::kEndWithModel);
  Start();
  Submit("mnist");
  AwaitState("mnist", JobState::kTraining);
  LL_ASSERT_OK_AND_ASSIGN(const JobRecord cancelling, jobs_->Cancel("mnist", false, {}));
  EXPECT_EQ(cancelling.state, JobState::kCancelling);
  const JobRecord cancelled = AwaitState("mnist", JobState::kCancelled);
  EXPECT_EQ(cancelled.produced_version, 0);
  EXPECT_EQ(cancelled.error, std::nullopt);
  EXPECT_THAT(cancelled.warnings, IsEmpty());
  EXPECT_THAT(GetVersion("digits", 1), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(JobManagerTest, ACancelledJobMayKeepItsBestModel) {
  launcher_.set_on_stop(FakeJobLauncher::OnStop::kEndWithModel);
  Start();
  Submit("mnist");
  AwaitState("mnist", JobState::kTraining);
  LL_ASSERT_OK_AND_ASSIGN(const JobRecord cancelling, jobs_->Cancel("mnist", true, {}));
  EXPECT_TRUE(cancelling.keep_model);
  const JobRecord cancelled = AwaitState("mnist", JobState::kCancelled);
  EXPECT_EQ(cancelled.produced_version, 1);
  LL_ASSERT_OK_AND_ASSIGN(const registry::VersionRecord version, GetVersion("digits", 1));
  EXPECT_EQ(version.training_job, "mnist");
}

TEST_F(JobManagerTest, BeforeTheFirstEpochThereIsNoModelToKeep) {
  Start();
  Submit("mnist");
  AwaitState("mnist", JobState::kTraining);
  ASSERT_THAT(jobs_->Cancel("mnist", true, {}), IsOk());
  const JobRecord cancelled = AwaitState("mnist", JobState::kCancelled);
  EXPECT_EQ(cancelled.produced_version, 0);
  EXPECT_THAT(cancelled.warnings, ElementsAre(HasSubstr("No model was kept")));
}

TEST_F(JobManagerTest, TheSameCancelAgainChangesNothingAndAnotherIsRefused) {
  launcher_.set_on_stop(FakeJobLauncher::OnStop::kIgnore);
  Start();
  Submit("mnist");
  AwaitState("mnist", JobState::kTraining);
  LL_ASSERT_OK_AND_ASSIGN(const JobRecord first, jobs_->Cancel("mnist", false, {}));
  const int64_t events = NewestEvent();
  LL_ASSERT_OK_AND_ASSIGN(const JobRecord second, jobs_->Cancel("mnist", false, {}));
  EXPECT_EQ(first, second);
  EXPECT_THAT(jobs_->Cancel("mnist", true, {}), HasReason(ErrorReason::kWrongState));
  EXPECT_EQ(NewestEvent(), events);
}

TEST_F(JobManagerTest, WhatHasEndedOrIsNotThereCannotBeCancelled) {
  InsertJob("done", JobState::kSucceeded);
  Start();
  const absl::Status ended = jobs_->Cancel("done", false, {}).status();
  EXPECT_THAT(ended, StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("SUCCEEDED")));
  EXPECT_THAT(ended, HasReason(ErrorReason::kWrongState));
  EXPECT_THAT(jobs_->Cancel("nobody", false, {}), HasReason(ErrorReason::kTrainingJobNotFound));
}

TEST_F(JobManagerTest, ValidatingACancelLetsTheJobRun) {
  Start();
  Submit("mnist");
  AwaitState("mnist", JobState::kTraining);
  LL_ASSERT_OK_AND_ASSIGN(const JobRecord answer, jobs_->Cancel("mnist", false, {.validate_only = true}));
  EXPECT_EQ(answer.state, JobState::kCancelling);
  launcher_.Finish("mnist", SmallModel());
  AwaitState("mnist", JobState::kSucceeded);
}

TEST_F(JobManagerTest, ARepeatedCancelLeavesAnotherJobOfThatNameAlone) {
  Start();
  const registry::WriteOptions write{.request_id = "r1", .fingerprint = "f1"};
  Submit("mnist");
  AwaitState("mnist", JobState::kTraining);
  ASSERT_THAT(jobs_->Cancel("mnist", false, write), IsOk());
  AwaitState("mnist", JobState::kCancelled);
  ASSERT_THAT(jobs_->Delete("mnist", "", {}), IsOk());
  Submit("mnist");
  AwaitState("mnist", JobState::kTraining);
  LL_ASSERT_OK_AND_ASSIGN(const JobRecord answer, jobs_->Cancel("mnist", false, write));
  EXPECT_EQ(answer.state, JobState::kCancelling);
  launcher_.Finish("mnist", SmallModel());
  AwaitState("mnist", JobState::kSucceeded);
}

// ---- Delete.

TEST_F(JobManagerTest, AnEndedJobGoesWithItsLogAndLeavesItsVersion) {
  Start();
  Submit("mnist");
  AwaitState("mnist", JobState::kTraining);
  EXPECT_THAT(jobs_->Delete("mnist", "", {}), HasReason(ErrorReason::kWrongState));
  launcher_.Finish("mnist", SmallModel());
  const JobRecord done = AwaitState("mnist", JobState::kSucceeded);
  EXPECT_TRUE(env_.Exists(JobFile("mnist", "logs")));

  EXPECT_THAT(jobs_->Delete("mnist", "other", {}), HasReason(ErrorReason::kEtagMismatch));
  EXPECT_THAT(jobs_->Delete("mnist", "", {.validate_only = true}), IsOk());
  EXPECT_TRUE(env_.Exists(JobFile("mnist", "logs")));
  EXPECT_THAT(jobs_->Delete("mnist", done.header.etag, {}), IsOk());
  EXPECT_FALSE(env_.Exists(JobFile("mnist", "")));
  EXPECT_THAT(jobs_->Get("mnist"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(jobs_->Delete("mnist", "", {}), HasReason(ErrorReason::kTrainingJobNotFound));
  EXPECT_THAT(GetVersion("digits", 1), IsOk());
}

TEST_F(JobManagerTest, AWaitingJobCannotBeDeleted) {
  Start();
  Submit("runs");
  launcher_.AwaitLaunch("runs");
  Submit("waits");
  EXPECT_THAT(jobs_->Delete("waits", "", {}), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("QUEUED")));
}

// ---- Watch.

TEST_F(JobManagerTest, AWatcherSeesEveryEpochAndTheEnd) {
  Start();
  Submit("mnist");
  JobWatcher watcher(*jobs_, "mnist");
  watcher.AwaitState(JobState::kTraining);
  for (int epoch = 0; epoch < 3; ++epoch) {
    launcher_.Report("mnist", EpochOf(epoch, {0.5 / (epoch + 1), 0.4 / (epoch + 1)}));
    const JobRecord job = watcher.Await([&](const JobRecord& now) { return now.progress.epoch == epoch + 1; });
    EXPECT_EQ(job.progress.epochs, 3);
    EXPECT_EQ(job.progress.best_candidate, 1);
    EXPECT_DOUBLE_EQ(job.progress.best_loss, 0.4 / (epoch + 1));
    EXPECT_DOUBLE_EQ(job.progress.rows_per_second, 200);
    ASSERT_EQ(job.candidates.size(), 2u);
    EXPECT_DOUBLE_EQ(job.candidates[0].train_loss, 0.5 / (epoch + 1));
  }
  launcher_.Warn("mnist", "too small");
  EXPECT_THAT(watcher.Await([](const JobRecord& job) { return !job.warnings.empty(); }).warnings,
              ElementsAre("too small"));
  launcher_.Finish("mnist", SmallModel());
  EXPECT_EQ(watcher.AwaitState(JobState::kSucceeded).produced_version, 1);
  LL_ASSERT_OK_AND_ASSIGN(const std::optional<JobRecord> nothing, watcher.Next());
  EXPECT_EQ(nothing, std::nullopt);
}

TEST_F(JobManagerTest, AWatcherOfADeletedJobIsTold) {
  InsertJob("done", JobState::kSucceeded);
  Start();
  JobWatcher watcher(*jobs_, "done");
  watcher.AwaitState(JobState::kSucceeded);
  ASSERT_THAT(jobs_->Delete("done", "", {}), IsOk());
  watcher.AwaitWake();
  EXPECT_THAT(watcher.Next(), HasReason(ErrorReason::kTrainingJobNotFound));
  EXPECT_THAT(jobs_->Watch("done", [] {}), HasReason(ErrorReason::kTrainingJobNotFound));
}

// ---- Logs.

TEST_F(JobManagerTest, TheLogIsReadToItsEnd) {
  Start();
  Submit("mnist");
  AwaitState("mnist", JobState::kTraining);
  ASSERT_THAT(env_.WriteFileAtomically(JobFile("mnist", "logs/job.log"), "one\ntwo\nthr"), IsOk());
  LL_ASSERT_OK_AND_ASSIGN(const auto reader, jobs_->ReadLog("mnist", {}, [] {}));
  LL_ASSERT_OK_AND_ASSIGN(const LogPart part, reader->Next());
  EXPECT_THAT(part.lines, ElementsAre("one", "two"));
  LL_ASSERT_OK_AND_ASSIGN(const LogPart end, reader->Next());
  EXPECT_THAT(end.lines, IsEmpty());
  EXPECT_TRUE(end.end);
  LL_ASSERT_OK_AND_ASSIGN(const auto tail, jobs_->ReadLog("mnist", {.tail_lines = 2}, [] {}));
  LL_ASSERT_OK_AND_ASSIGN(const LogPart last, tail->Next());
  EXPECT_THAT(last.lines, ElementsAre("two"));
}

TEST_F(JobManagerTest, AFollowerGetsWhatIsPrintedUntilTheJobEnds) {
  Start();
  Submit("mnist");
  AwaitState("mnist", JobState::kTraining);
  Mutex mutex;
  int wakes = 0;
  LL_ASSERT_OK_AND_ASSIGN(const auto reader, jobs_->ReadLog("mnist", {.follow = true}, [&] {
    MutexLock lock(&mutex);
    ++wakes;
  }));
  LL_ASSERT_OK_AND_ASSIGN(const LogPart nothing, reader->Next());
  EXPECT_THAT(nothing.lines, IsEmpty());
  EXPECT_FALSE(nothing.end);

  ASSERT_THAT(env_.WriteFileAtomically(JobFile("mnist", "logs/job.log"), "one\ntwo"), IsOk());
  clock_.AwaitWaiters(1);
  clock_.Advance(options_.run.poll_interval);
  {
    MutexLock lock(&mutex);
    mutex.Await([&] { return wakes > 0; });
  }
  LL_ASSERT_OK_AND_ASSIGN(const LogPart first, reader->Next());
  EXPECT_THAT(first.lines, ElementsAre("one"));
  EXPECT_FALSE(first.end);

  launcher_.Finish("mnist", SmallModel());
  AwaitState("mnist", JobState::kSucceeded);
  LL_ASSERT_OK_AND_ASSIGN(const LogPart second, reader->Next());
  EXPECT_THAT(second.lines, ElementsAre("two"));
  LL_ASSERT_OK_AND_ASSIGN(const LogPart end, reader->Next());
  EXPECT_TRUE(end.end);
}

TEST_F(JobManagerTest, AJobThatNeverRanHasAnEmptyLog) {
  InsertJob("never", JobState::kCancelled);
  Start();
  LL_ASSERT_OK_AND_ASSIGN(const auto reader, jobs_->ReadLog("never", {.follow = true}, [] {}));
  LL_ASSERT_OK_AND_ASSIGN(const LogPart part, reader->Next());
  EXPECT_THAT(part.lines, IsEmpty());
  EXPECT_TRUE(part.end);
  EXPECT_THAT(jobs_->ReadLog("nobody", {}, [] {}), HasReason(ErrorReason::kTrainingJobNotFound));
}

// ---- Restart.

TEST_F(JobManagerTest, WhatACrashLeftIsSettled) {
  InsertJob("preparing", JobState::kPreparing);
  InsertJob("training", JobState::kTraining);
  InsertJob("uploading", JobState::kUploading);
  InsertJob("cancelling", JobState::kCancelling);
  InsertJob("keeping", JobState::kCancelling, /*keep_model=*/true);
  InsertJob("done", JobState::kSucceeded);
  InsertJob("waits", JobState::kQueued);
  Start();
  for (const char* id : {"preparing", "training", "uploading"}) {
    launcher_.AwaitLaunch(id);
    launcher_.Finish(id, SmallModel());
    AwaitState(id, JobState::kSucceeded);
  }
  EXPECT_EQ(Get("cancelling").state, JobState::kCancelled);
  EXPECT_THAT(Get("cancelling").warnings, IsEmpty());
  EXPECT_EQ(Get("keeping").state, JobState::kCancelled);
  EXPECT_THAT(Get("keeping").warnings, ElementsAre(HasSubstr("No model was kept")));
  EXPECT_EQ(Get("done").state, JobState::kSucceeded);
  launcher_.AwaitLaunch("waits");
  EXPECT_THAT(launcher_.launched(), ElementsAre("preparing", "training", "uploading", "waits"));
}

// A job may be what takes the server down: it gets a second chance in the same place, and no third.
TEST_F(JobManagerTest, WhatACrashLeftTwiceInTheSamePlaceFails) {
  dir_.Write("jobs/mnist/starts", "beginning\n");
  InsertJob("mnist", JobState::kTraining);
  Start();
  AwaitState("mnist", JobState::kTraining);
  registry_.FailWrites(ErrnoError(ENOSPC, "cannot write"));  // the row stays as a crash would leave it
  jobs_->Shutdown();
  registry_.FailWrites(absl::OkStatus());
  ASSERT_EQ(Get("mnist").state, JobState::kTraining);
  dir_.Write("jobs/mnist/starts", "beginning\nbeginning\n");
  Restart();
  EXPECT_EQ(Get("mnist").state, JobState::kFailed);
  EXPECT_EQ(Get("mnist").error->reason, "INTERRUPTED");
  EXPECT_EQ(Get("mnist").end_time, clock_.Now());
  EXPECT_FALSE(env_.Exists(JobFile("mnist", "starts")));
}

TEST_F(JobManagerTest, ACheckpointIsKeptForTheNextRunAndNoLonger) {
  launcher_.set_on_stop(FakeJobLauncher::OnStop::kEndWithModel);
  Start();
  Submit("mnist");
  AwaitState("mnist", JobState::kTraining);
  launcher_.Report("mnist", EpochOf(1, {0.5}));
  dir_.Write("jobs/mnist/checkpoints/training.checkpoint", "after an epoch");
  jobs_->Shutdown();
  EXPECT_EQ(Get("mnist").state, JobState::kQueued);
  EXPECT_EQ(Get("mnist").progress.epoch, 2);
  EXPECT_EQ(Get("mnist").start_time, std::nullopt);
  EXPECT_FALSE(env_.Exists(JobFile("mnist", "model/model.tar.gz")));
  Restart();
  const training::JobLaunch launch = launcher_.AwaitLaunch("mnist");
  EXPECT_EQ(*env_.ReadFile(launch.directory.checkpoint()), "after an epoch");
  EXPECT_EQ(Get("mnist").progress.epoch, 2);
  launcher_.Finish("mnist", SmallModel());
  AwaitState("mnist", JobState::kSucceeded);
  EXPECT_FALSE(env_.Exists(launch.directory.checkpoint()));
}

TEST_F(JobManagerTest, FilesThatNobodyNeedsAreRemoved) {
  InsertJob("done", JobState::kSucceeded);
  dir_.Write("jobs/done/input/data/train/0-train.pbr", "rows");
  dir_.Write("jobs/done/model/model.tar.gz", "model");
  dir_.Write("jobs/done/logs/job.log", "one\n");
  dir_.Write("jobs/gone/logs/job.log", "one\n");
  Start();
  EXPECT_FALSE(env_.Exists(JobFile("done", "input")));
  EXPECT_FALSE(env_.Exists(JobFile("done", "model")));
  EXPECT_TRUE(env_.Exists(JobFile("done", "logs/job.log")));
  EXPECT_FALSE(env_.Exists(JobFile("gone", "")));
}

TEST_F(JobManagerTest, AShutdownEndsWhatRunsAndKeepsWhatWaits) {
  launcher_.set_on_stop(FakeJobLauncher::OnStop::kEndWithModel);
  Start();
  Submit("runs");
  AwaitState("runs", JobState::kTraining);
  Submit("waits");
  jobs_->Shutdown();
  EXPECT_EQ(Get("runs").state, JobState::kQueued);
  EXPECT_EQ(Get("runs").error, std::nullopt);
  EXPECT_EQ(Get("runs").produced_version, 0);
  EXPECT_EQ(Get("waits").state, JobState::kQueued);
  Restart();
  launcher_.AwaitLaunch("runs");
  launcher_.Finish("runs", SmallModel());
  launcher_.AwaitLaunch("waits");
}

TEST_F(JobManagerTest, ACancelUnderWayIsFinishedByAShutdown) {
  launcher_.set_on_stop(FakeJobLauncher::OnStop::kIgnore);
  Start();
  Submit("mnist");
  AwaitState("mnist", JobState::kTraining);
  ASSERT_THAT(jobs_->Cancel("mnist", true, {}), IsOk());
  launcher_.AwaitStopRequest("mnist");
  std::thread shutdown([this] { jobs_->Shutdown(); });
  LL_EXPECT_OK(learner::SaveModel(SmallModel(), env_, JobFile("mnist", "model/model.tar.gz")));
  launcher_.End("mnist", {.interrupted = true});
  shutdown.join();
  EXPECT_EQ(Get("mnist").state, JobState::kCancelled);
  EXPECT_EQ(Get("mnist").produced_version, 1);
}

}  // namespace
}  // namespace ll::training
