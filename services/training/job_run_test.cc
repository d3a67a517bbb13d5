// How a run goes: from PREPARING to its end, well or badly.
#include "services/training/job_run.h"

#include <cerrno>
#include <functional>
#include <optional>
#include <string>

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
using ::ll::testing::IsOk;
using ::ll::testing::JobWatcher;
using ::ll::testing::SmallModel;
using ::ll::testing::StatusIs;
using registry::JobRecord;
using registry::JobState;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

class JobRunTest : public ::ll::testing::TrainingTest {
 protected:
  // Submits a job and waits until it trains.
  void Train(const std::string& id = "mnist") {
    Submit(id);
    AwaitState(id, JobState::kTraining);
  }
  // Moves time on as soon as the run waits for it.
  void Advance(absl::Duration duration) {
    clock_.AwaitWaiters(1);
    clock_.Advance(duration);
  }
  // One look of the run at its clock; returns when it is done. Only a run that waits has no other wake under way.
  void Poll(JobWatcher& watcher, absl::Duration duration) {
    clock_.AwaitWaiters(1);
    watcher.DropWakes();
    clock_.Advance(duration);
    watcher.AwaitWake();
  }
  // Lets the disk refuse every write after the one that appends event `sequence`, which `action` brings about.
  void FailWritesAfterEvent(int64_t sequence, const std::function<void()>& action) {
    Notification reached, go_on;
    const auto subscription = registry_.OnCommit([&](int64_t newest) {
      if (newest != sequence) return;
      reached.Notify();
      go_on.Wait();
    });
    action();
    reached.Wait();
    registry_.FailWrites(ErrnoError(ENOSPC, "cannot write"));
    go_on.Notify();
  }
  JobRecord AwaitFailure(const std::string& id = "mnist") {
    const JobRecord job = AwaitState(id, JobState::kFailed);
    EXPECT_TRUE(job.error.has_value());
    EXPECT_EQ(job.produced_version, 0);
    EXPECT_THAT(GetVersion("digits", 1), StatusIs(absl::StatusCode::kNotFound));
    return job;
  }
};

TEST_F(JobRunTest, SuccessRegistersTheModel) {
  PutObject("data", "train.pbr", "other rows");
  PutObject("data", "more/b.csv", "1,2,3\n");
  PutObject("data", "more/a.csv", "0,2,3\n");
  Start();
  JobRecord job = Job("mnist");
  job.spec.channels.push_back({.name = "validation", .uri = "s3://data/more/"});
  job.spec.seed = 7;
  ASSERT_THAT(jobs_->Submit(job, {}), IsOk());
  const absl::Time begin = clock_.Now();

  const JobLaunch launch = launcher_.AwaitLaunch("mnist");
  EXPECT_EQ(launch.spec, job.spec);
  ASSERT_THAT(launch.channels, SizeIs(2));
  EXPECT_EQ(launch.channels[0].content_type, "application/x-recordio-protobuf");
  EXPECT_EQ(launch.channels[1].content_type, "text/csv");
  ASSERT_THAT(launch.channels[1].objects, SizeIs(2));
  EXPECT_EQ(launch.channels[1].objects[0].key, "more/a.csv");

  AwaitState("mnist", JobState::kTraining);
  launcher_.Report("mnist", EpochOf(0, {0.5}));
  launcher_.Warn("mnist", "mini_batch_size was clamped");
  clock_.Advance(absl::Milliseconds(100));
  launcher_.Finish("mnist", SmallModel());
  const JobRecord done = AwaitState("mnist", JobState::kSucceeded);
  EXPECT_EQ(done.produced_version, 1);
  EXPECT_EQ(done.start_time, begin);
  EXPECT_EQ(done.end_time, begin + absl::Milliseconds(100));
  EXPECT_EQ(done.progress.epoch, 1);
  EXPECT_THAT(done.metrics, ElementsAre(Pair("train:objective_loss", 0.375)));
  EXPECT_THAT(done.warnings, ElementsAre("mini_batch_size was clamped"));
  ASSERT_THAT(done.candidates, SizeIs(1));
  EXPECT_THAT(done.candidates[0].hyperparameters, ElementsAre(Pair("learning_rate", "0.1")));

  LL_ASSERT_OK_AND_ASSIGN(const registry::VersionRecord version, GetVersion("digits", 1));
  EXPECT_EQ(version.training_job, "mnist");
  EXPECT_EQ(version.algorithm, "linear-learner");
  EXPECT_EQ(version.schema.feature_dim, 2);
  EXPECT_EQ(version.metrics, done.metrics);
  ASSERT_THAT(version.lineage, SizeIs(3));
  EXPECT_EQ(version.lineage[0].channel, "train");
  EXPECT_EQ(version.lineage[0].object, "buckets/data/objects/train.pbr");
  EXPECT_EQ(version.lineage[0].sha256, Sha256Hex("other rows"));
  EXPECT_EQ(version.lineage[2].object, "buckets/data/objects/more/b.csv");
  LL_ASSERT_OK_AND_ASSIGN(const std::string artifact, blobs_->ReadVerified(version.artifact_sha256));
  EXPECT_EQ(version.artifact_bytes, static_cast<int64_t>(artifact.size()));
  EXPECT_THAT(learner::ParseModel(artifact), IsOk());

  EXPECT_FALSE(env_.Exists(JobFile("mnist", "input")));
  EXPECT_FALSE(env_.Exists(JobFile("mnist", "model")));
  EXPECT_TRUE(env_.Exists(JobFile("mnist", "logs")));
}

TEST_F(JobRunTest, TheNextJobOfAModelMakesItsNextVersion) {
  Start();
  for (int i = 1; i <= 2; ++i) {
    const std::string id = absl::StrCat("job-", i);
    Train(id);
    launcher_.Finish(id, SmallModel());
    EXPECT_EQ(AwaitState(id, JobState::kSucceeded).produced_version, i);
  }
}

TEST_F(JobRunTest, ProgressReachesTheRowAtMostOnceASecond) {
  Start();
  Train();
  JobWatcher watcher(*jobs_, "mnist");
  const auto row_epoch = [&] { return Get("mnist").progress.epoch; };  // Get() reads the row, a watcher memory
  launcher_.Report("mnist", EpochOf(0, {0.5}));
  Poll(watcher, absl::Milliseconds(250));
  EXPECT_EQ(row_epoch(), 1);
  launcher_.Report("mnist", EpochOf(1, {0.5}));
  Poll(watcher, absl::Milliseconds(250));
  Poll(watcher, absl::Milliseconds(250));
  Poll(watcher, absl::Milliseconds(250));
  EXPECT_EQ(row_epoch(), 1);
  EXPECT_EQ(watcher.Await([](const JobRecord&) { return true; }).progress.epoch, 2);
  Poll(watcher, absl::Milliseconds(250));
  EXPECT_EQ(row_epoch(), 2);
}

TEST_F(JobRunTest, ProgressIsNotAnEvent) {
  Start();
  Train();
  JobWatcher watcher(*jobs_, "mnist");
  const int64_t events = NewestEvent();
  const std::string etag = Get("mnist").header.etag;
  launcher_.Report("mnist", EpochOf(0, {0.5}));
  Poll(watcher, absl::Seconds(1));
  EXPECT_EQ(Get("mnist").progress.epoch, 1);
  EXPECT_EQ(NewestEvent(), events);
  EXPECT_EQ(Get("mnist").header.etag, etag);
}

// ---- Ends that are asked for.

TEST_F(JobRunTest, AJobThatRunsTooLongFails) {
  launcher_.set_on_stop(FakeJobLauncher::OnStop::kEndWithModel);
  Start();
  JobRecord job = Job("mnist");
  job.spec.max_runtime = absl::Seconds(10);
  ASSERT_THAT(jobs_->Submit(job, {}), IsOk());
  AwaitState("mnist", JobState::kTraining);
  Advance(absl::Seconds(9));
  EXPECT_EQ(Get("mnist").state, JobState::kTraining);
  Advance(absl::Seconds(1));
  const JobRecord failed = AwaitFailure();
  EXPECT_EQ(failed.error->reason, "STOPPING_CONDITION");
  EXPECT_THAT(failed.error->message, HasSubstr("10s"));
}

TEST_F(JobRunTest, ARunThatDoesNotObeyIsKilled) {
  launcher_.set_on_stop(FakeJobLauncher::OnStop::kIgnore);
  Start();
  Train();
  ASSERT_THAT(jobs_->Cancel("mnist", false, {}), IsOk());
  launcher_.AwaitStopRequest("mnist");
  Advance(options_.run.stop_grace);
  AwaitState("mnist", JobState::kCancelled);
}

TEST_F(JobRunTest, ARunThatEndsByItselfWhileItIsStoppedSucceeds) {
  launcher_.set_on_stop(FakeJobLauncher::OnStop::kIgnore);
  Start();
  JobRecord job = Job("mnist");
  job.spec.max_runtime = absl::Seconds(1);
  ASSERT_THAT(jobs_->Submit(job, {}), IsOk());
  AwaitState("mnist", JobState::kTraining);
  Advance(absl::Seconds(1));
  launcher_.AwaitStopRequest("mnist");
  launcher_.Finish("mnist", SmallModel());
  EXPECT_EQ(AwaitState("mnist", JobState::kSucceeded).produced_version, 1);
}

TEST_F(JobRunTest, AProcessThatSomeoneElseStoppedIsAFailure) {
  Start();
  Train();
  LL_ASSERT_OK(learner::SaveModel(SmallModel(), env_, JobFile("mnist", "model/model.tar.gz")));
  launcher_.End("mnist", {.interrupted = true});
  const JobRecord failed = AwaitFailure();
  EXPECT_EQ(failed.error->reason, "TRAINING_FAILED");
  EXPECT_THAT(failed.error->message, HasSubstr("someone other than the server"));
}

TEST_F(JobRunTest, ACancelWinsOverAnUploadThatIsUnderWay) {
  Start();
  Train();
  FailWritesAfterEvent(NewestEvent() + 1, [&] { launcher_.Finish("mnist", SmallModel()); });
  clock_.AwaitWaiters(1);  // for the next attempt
  EXPECT_EQ(Get("mnist").state, JobState::kUploading);
  registry_.FailWrites(absl::OkStatus());
  ASSERT_THAT(jobs_->Cancel("mnist", false, {}), IsOk());
  clock_.Advance(options_.run.retry_interval);
  EXPECT_EQ(AwaitState("mnist", JobState::kCancelled).produced_version, 0);
  EXPECT_THAT(GetVersion("digits", 1), StatusIs(absl::StatusCode::kNotFound));
}

// ---- Ends that nobody wants.

TEST_F(JobRunTest, TheTrainersErrorIsTheJobs) {
  Start();
  Train();
  const absl::Status error = MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidData,
                                       {.what = "cannot read row 3 of " + JobFile("mnist", "input/data/train/a.csv"),
                                        .why = "\"abc\" is not a number",
                                        .remedy = "Correct it."},
                                       {.field_violations = {{"spec.channels", "row 3"}}});
  launcher_.End("mnist", {.status = error});
  const JobRecord failed = AwaitFailure();
  EXPECT_EQ(*failed.error, (registry::StoredError{.code = 3,
                                                  .reason = "INVALID_DATA",
                                                  .message = "cannot read row 3 of train/a.csv: \"abc\" is not a "
                                                             "number. Correct it.",
                                                  .field_violations = {{"spec.channels", "row 3"}}}));
  EXPECT_FALSE(env_.Exists(JobFile("mnist", "input")));
}

TEST_F(JobRunTest, ALaunchThatFailsFailsTheJobAndTheNextOneRuns) {
  launcher_.FailLaunches(ErrnoError(ENOENT, "cannot start lltrain"));
  Start();
  Submit("mnist");
  EXPECT_THAT(AwaitFailure().error->message, HasSubstr("cannot start lltrain"));
  launcher_.FailLaunches(absl::OkStatus());
  Train("next");
}

TEST_F(JobRunTest, AnEndWithoutAnArtifactIsAFailure) {
  Start();
  Train();
  launcher_.End("mnist", {});
  EXPECT_EQ(AwaitFailure().error->reason, "INVALID_ARTIFACT");
}

TEST_F(JobRunTest, ABrokenArtifactIsNotRegistered) {
  Start();
  Train();
  ASSERT_THAT(env_.WriteFileAtomically(JobFile("mnist", "model/model.tar.gz"), "not an archive"), IsOk());
  launcher_.End("mnist", {});
  EXPECT_EQ(AwaitFailure().error->reason, "INVALID_ARTIFACT");
}

TEST_F(JobRunTest, DataThatWentWhileTheJobWaitedFailsIt) {
  Start();
  Train("first");
  Submit("mnist");
  DeleteObject("data", "train.pbr");
  launcher_.End("first", {.status = absl::InternalError("ended")});
  EXPECT_EQ(AwaitFailure().error->reason, "OBJECT_NOT_FOUND");
}

TEST_F(JobRunTest, DataIsWhatItIsWhenTheJobBegins) {
  Start();
  Train("first");
  Submit("mnist");
  PutObject("data", "train.pbr", "new rows");
  launcher_.Finish("first", SmallModel());
  EXPECT_EQ(launcher_.AwaitLaunch("mnist").channels[0].objects[0].sha256, Sha256Hex("new rows"));
}

TEST_F(JobRunTest, LostBytesFailTheJob) {
  const std::string digest = Sha256Hex("rows to train on");
  ASSERT_THAT(env_.RemoveFile(dir_.File(absl::StrCat("blobs/", digest.substr(0, 2), "/", digest))), IsOk());
  Start();
  Submit("mnist");
  const JobRecord failed = AwaitFailure();
  EXPECT_EQ(failed.error->reason, "CORRUPT_BLOB");
  EXPECT_THAT(failed.error->message, HasSubstr("buckets/data/objects/train.pbr"));
}

// ---- Disks.

TEST_F(JobRunTest, ADiskThatIsFullWhenTheJobBeginsFailsIt) {
  Start();
  env_.FailAfter(0, ErrnoError(ENOSPC, "cannot create directory"));
  Submit("mnist");
  EXPECT_EQ(AwaitFailure().error->reason, "STORAGE_FULL");
}

TEST_F(JobRunTest, ADiskThatIsFullForTheArtifactFailsTheJobAndLeavesNothing) {
  Start();
  // Each point of failure in the blob store, until none is left.
  for (int64_t allowed = 0;; ++allowed) {
    const std::string id = absl::StrCat("job-", allowed);
    Train(id);
    blob_env_.FailAfter(allowed, ErrnoError(ENOSPC, "cannot write"));
    launcher_.Finish(id, SmallModel());
    JobWatcher watcher(*jobs_, id);
    const JobRecord ended = watcher.Await([](const JobRecord& job) { return registry::IsTerminal(job.state); });
    blob_env_.Heal();
    if (ended.state == JobState::kSucceeded) {
      EXPECT_GT(allowed, 3) << "the blob store must write, sync and rename";
      EXPECT_EQ(ended.produced_version, 1);
      break;
    }
    ASSERT_EQ(ended.state, JobState::kFailed);
    EXPECT_EQ(ended.error->reason, "STORAGE_FULL");
    EXPECT_THAT(GetVersion("digits", 1), StatusIs(absl::StatusCode::kNotFound));
    EXPECT_FALSE(env_.Exists(JobFile(id, "model")));
  }
}

TEST_F(JobRunTest, AnEndThatCannotBeWrittenIsWrittenWhenTheDiskIsBack) {
  Start();
  Train();
  registry_.FailWrites(ErrnoError(ENOSPC, "cannot write"));
  launcher_.End("mnist", {.status = absl::InternalError("broken")});
  Advance(options_.run.retry_interval);
  Advance(options_.run.retry_interval);
  clock_.AwaitWaiters(1);  // two attempts have failed
  EXPECT_EQ(Get("mnist").state, JobState::kTraining);
  registry_.FailWrites(absl::OkStatus());
  clock_.Advance(options_.run.retry_interval);
  EXPECT_THAT(AwaitFailure().error->message, HasSubstr("broken"));
}

TEST_F(JobRunTest, ATrainedModelIsNotLostToAFullDatabase) {
  Start();
  Train();
  registry_.FailWrites(ErrnoError(ENOSPC, "cannot write"));
  launcher_.Finish("mnist", SmallModel());
  Advance(options_.run.retry_interval);
  clock_.AwaitWaiters(1);  // the move to UPLOADING has failed
  registry_.FailWrites(absl::OkStatus());
  clock_.Advance(options_.run.retry_interval);
  EXPECT_EQ(AwaitState("mnist", JobState::kSucceeded).produced_version, 1);
}

TEST_F(JobRunTest, AServerThatStopsDoesNotWaitForTheDisk) {
  Start();
  Train();
  registry_.FailWrites(ErrnoError(ENOSPC, "cannot write"));
  jobs_->Shutdown();
  EXPECT_EQ(Get("mnist").state, JobState::kTraining);
  registry_.FailWrites(absl::OkStatus());
  Restart();
  launcher_.AwaitLaunch("mnist");
}

TEST_F(JobRunTest, AJobThatCannotLeaveTheQueueTriesAgain) {
  Start();
  Train("first");
  Submit("mnist");
  FailWritesAfterEvent(NewestEvent() + 1, [&] { launcher_.End("first", {.status = absl::InternalError("ended")}); });
  EXPECT_EQ(Get("first").state, JobState::kFailed);
  clock_.AwaitWaiters(1);  // for the next attempt
  EXPECT_EQ(Get("mnist").state, JobState::kQueued);
  registry_.FailWrites(absl::OkStatus());
  clock_.Advance(options_.run.retry_interval);
  launcher_.AwaitLaunch("mnist");
}

}  // namespace
}  // namespace ll::training
