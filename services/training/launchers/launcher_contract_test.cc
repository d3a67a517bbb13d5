// What every launcher must do, run against each of them; and what only a process can do.
#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/error_reason.h"
#include "base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "learner/artifact.h"
#include "services/training/launchers/in_process_launcher.h"
#include "services/training/launchers/process_launcher.h"
#include "tests/testing/fault_env.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll::training {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::IsOk;
using ::ll::testing::StatusIs;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// Label 1 where the sum of three features is positive.
std::string SampleCsv() {
  SeededRandom random(1);
  std::string text;
  for (int i = 0; i < 500; ++i) {
    const double a = random.Uniform(-1, 1), b = random.Uniform(-1, 1), c = random.Uniform(-1, 1);
    absl::StrAppend(&text, a + b + c > 0 ? 1 : 0, ",", a, ",", b, ",", c, "\n");
  }
  return text;
}

class Recorder final : public JobObserver {
 public:
  void OnEpoch(const learner::EpochReport& report) override {
    MutexLock lock(&mutex_);
    epochs_.push_back(report);
  }
  void OnWarning(const std::string& warning) override {
    MutexLock lock(&mutex_);
    warnings_.push_back(warning);
  }
  void OnExit(const JobExit& exit) override {
    MutexLock lock(&mutex_);
    EXPECT_FALSE(exit_.has_value()) << "OnExit is the last call";
    exit_ = exit;
  }

  void AwaitEpoch() {
    MutexLock lock(&mutex_);
    mutex_.Await([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !epochs_.empty() || exit_.has_value(); });
  }
  JobExit AwaitExit() {
    MutexLock lock(&mutex_);
    mutex_.Await([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return exit_.has_value(); });
    return *exit_;
  }
  bool exited() {
    MutexLock lock(&mutex_);
    return exit_.has_value();
  }
  std::vector<learner::EpochReport> epochs() {
    MutexLock lock(&mutex_);
    return epochs_;
  }
  std::vector<std::string> warnings() {
    MutexLock lock(&mutex_);
    return warnings_;
  }

 private:
  Mutex mutex_;
  std::vector<learner::EpochReport> epochs_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> warnings_ ABSL_GUARDED_BY(mutex_);
  std::optional<JobExit> exit_ ABSL_GUARDED_BY(mutex_);
};

class LauncherTest : public ::testing::Test {
 protected:
  LauncherTest() { blobs_ = *registry::BlobStore::Open(Env::Posix(), dir_.File("blobs")); }

  std::unique_ptr<JobLauncher> ProcessWith(const std::string& program) {
    return std::make_unique<ProcessLauncher>(program, *blobs_, env_);
  }
  std::unique_ptr<JobLauncher> Process() { return ProcessWith(JoinPath(std::getenv("LL_BIN_DIR"), "lltrain")); }
  std::unique_ptr<JobLauncher> InProcess() { return std::make_unique<InProcessLauncher>(*blobs_, env_, Clock::Real()); }

  // Three epochs over the sample.
  JobLaunch Launch(const std::string& id, const std::string& csv = SampleCsv()) {
    pins_.push_back(*blobs_->Put(csv));
    JobLaunch launch{.job_id = id,
                     .directory = JobDirectory(dir_.File("jobs"), id),
                     .spec = {.hyperparameters = {{"predictor_type", "binary_classifier"},
                                                  {"mini_batch_size", "100"},
                                                  {"epochs", "3"},
                                                  {"num_models", "2"}},
                              .threads = 1},
                     .channels = {{.name = "train",
                                   .content_type = "text/csv",
                                   .objects = {{.name = "buckets/data/objects/train.csv",
                                                .key = "train.csv",
                                                .sha256 = pins_.back().sha256()}}}}};
    EXPECT_THAT(launch.directory.Create(env_), IsOk());
    return launch;
  }
  // Never ends by itself.
  JobLaunch EndlessLaunch(const std::string& id) {
    JobLaunch launch = Launch(id);
    launch.spec.hyperparameters["epochs"] = launch.spec.hyperparameters["early_stopping_patience"] = "1000000000";
    return launch;
  }
  std::string Log(const JobLaunch& launch) { return env_.ReadFile(launch.directory.log()).value_or(""); }

  ::ll::testing::TempDir dir_;
  ::ll::testing::FaultEnv env_;
  std::unique_ptr<registry::BlobStore> blobs_;
  std::vector<registry::PinnedBlob> pins_;
};

class LauncherContract : public LauncherTest, public ::testing::WithParamInterface<const char*> {
 protected:
  LauncherContract() : launcher_(std::string(GetParam()) == "process" ? Process() : InProcess()) {}

  const std::unique_ptr<JobLauncher> launcher_;
};

TEST_P(LauncherContract, ARunReportsItsEpochsAndLeavesAModel) {
  const JobLaunch launch = Launch("mnist");
  Recorder recorder;
  LL_ASSERT_OK_AND_ASSIGN(const auto running, launcher_->Launch(launch, recorder));
  const JobExit exit = recorder.AwaitExit();
  EXPECT_THAT(exit.status, IsOk()) << Log(launch);
  EXPECT_FALSE(exit.interrupted);
  const std::vector<learner::EpochReport> epochs = recorder.epochs();
  ASSERT_THAT(epochs, SizeIs(3));
  EXPECT_EQ(epochs[2].epoch, 2);
  EXPECT_EQ(epochs[2].epochs, 3);
  EXPECT_EQ(epochs[2].rows, 500);
  ASSERT_THAT(epochs[2].candidates, SizeIs(2));
  EXPECT_LT(epochs[2].candidates[0].train_loss, epochs[0].candidates[0].train_loss);
  LL_ASSERT_OK_AND_ASSIGN(const learner::Model model, learner::LoadModel(env_, launch.directory.artifact()));
  EXPECT_EQ(model.schema().feature_dim, 3);
  EXPECT_EQ(model.training().hyperparameters, launch.spec.hyperparameters);
  EXPECT_THAT(Log(launch), HasSubstr("#quality_metric"));
}

TEST_P(LauncherContract, TheSeedDecidesTheModel) {
  std::vector<std::string> artifacts;
  for (const uint64_t seed : {1U, 1U, 2U}) {
    JobLaunch launch = Launch("mnist");
    launch.spec.seed = seed;
    Recorder recorder;
    LL_ASSERT_OK_AND_ASSIGN(const auto running, launcher_->Launch(launch, recorder));
    ASSERT_THAT(recorder.AwaitExit().status, IsOk());
    artifacts.push_back(*env_.ReadFile(launch.directory.artifact()));
  }
  EXPECT_EQ(artifacts[0], artifacts[1]);
  EXPECT_NE(artifacts[0], artifacts[2]);
}

TEST_P(LauncherContract, WarningsAreReported) {
  JobLaunch launch = Launch("mnist");
  launch.spec.hyperparameters["momentum"] = "0.5";
  Recorder recorder;
  LL_ASSERT_OK_AND_ASSIGN(const auto running, launcher_->Launch(launch, recorder));
  EXPECT_THAT(recorder.AwaitExit().status, IsOk());
  EXPECT_THAT(recorder.warnings(), Contains(HasSubstr("momentum")));
}

TEST_P(LauncherContract, ADataErrorKeepsItsWords) {
  const JobLaunch launch = Launch("mnist", "1,2,3\n0,oops,3\n");
  Recorder recorder;
  LL_ASSERT_OK_AND_ASSIGN(const auto running, launcher_->Launch(launch, recorder));
  const JobExit exit = recorder.AwaitExit();
  EXPECT_FALSE(exit.interrupted);
  EXPECT_THAT(exit.status, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("row 2, column 2")));
  EXPECT_THAT(exit.status, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("train.csv")));
  EXPECT_THAT(exit.status, HasReason(ErrorReason::kInvalidData));
  EXPECT_EQ(GetErrorDetails(exit.status)->metadata.at("text"), "oops");
  EXPECT_FALSE(env_.Exists(launch.directory.artifact()));
  EXPECT_THAT(*env_.ReadFile(launch.directory.failure()), HasSubstr(std::string(exit.status.message())));
}

TEST_P(LauncherContract, AnErrorKeepsItsFieldViolations) {
  JobLaunch launch = Launch("mnist");
  launch.spec.hyperparameters["epochs"] = "0";
  launch.spec.hyperparameters["no_such_thing"] = "1";
  Recorder recorder;
  LL_ASSERT_OK_AND_ASSIGN(const auto running, launcher_->Launch(launch, recorder));
  const JobExit exit = recorder.AwaitExit();
  EXPECT_THAT(exit.status, HasReason(ErrorReason::kInvalidHyperparameter));
  EXPECT_THAT(GetErrorDetails(exit.status)->field_violations, SizeIs(2));
}

TEST_P(LauncherContract, ARunThatIsAskedToStopLeavesItsBestModel) {
  const JobLaunch launch = EndlessLaunch("mnist");
  Recorder recorder;
  LL_ASSERT_OK_AND_ASSIGN(const auto running, launcher_->Launch(launch, recorder));
  recorder.AwaitEpoch();
  running->RequestStop();
  const JobExit exit = recorder.AwaitExit();
  EXPECT_THAT(exit.status, IsOk()) << Log(launch);
  EXPECT_TRUE(exit.interrupted);
  EXPECT_THAT(learner::LoadModel(env_, launch.directory.artifact()), IsOk());
}

TEST_P(LauncherContract, ARunThatIsStoppedAtOnceIsInterrupted) {
  const JobLaunch launch = EndlessLaunch("mnist");
  Recorder recorder;
  LL_ASSERT_OK_AND_ASSIGN(const auto running, launcher_->Launch(launch, recorder));
  running->RequestStop();
  running->RequestStop();
  EXPECT_TRUE(recorder.AwaitExit().interrupted);
}

TEST_P(LauncherContract, AKilledRunIsInterrupted) {
  const JobLaunch launch = EndlessLaunch("mnist");
  Recorder recorder;
  LL_ASSERT_OK_AND_ASSIGN(const auto running, launcher_->Launch(launch, recorder));
  recorder.AwaitEpoch();
  running->Kill();
  EXPECT_TRUE(recorder.AwaitExit().interrupted);
}

TEST_P(LauncherContract, DestroyingARunEndsIt) {
  const JobLaunch launch = EndlessLaunch("mnist");
  Recorder recorder;
  LL_ASSERT_OK_AND_ASSIGN(auto running, launcher_->Launch(launch, recorder));
  running.reset();
  EXPECT_TRUE(recorder.exited());
}

TEST_P(LauncherContract, AfterTheEndNothingMoreHappens) {
  const JobLaunch launch = Launch("mnist");
  Recorder recorder;
  LL_ASSERT_OK_AND_ASSIGN(auto running, launcher_->Launch(launch, recorder));
  EXPECT_FALSE(recorder.AwaitExit().interrupted);
  running->RequestStop();
  running->Kill();
  running.reset();
}

TEST_P(LauncherContract, RunsDoNotDisturbEachOther) {
  const JobLaunch endless = EndlessLaunch("endless"), bad = Launch("bad", "x\n"), good = Launch("good");
  Recorder endless_recorder, bad_recorder, good_recorder;
  LL_ASSERT_OK_AND_ASSIGN(const auto endless_run, launcher_->Launch(endless, endless_recorder));
  LL_ASSERT_OK_AND_ASSIGN(const auto bad_run, launcher_->Launch(bad, bad_recorder));
  LL_ASSERT_OK_AND_ASSIGN(const auto good_run, launcher_->Launch(good, good_recorder));
  EXPECT_THAT(bad_recorder.AwaitExit().status, HasReason(ErrorReason::kInvalidData));
  EXPECT_THAT(good_recorder.AwaitExit().status, IsOk());
  EXPECT_FALSE(endless_recorder.exited());
}

TEST_P(LauncherContract, ARunThatCannotBeginIsAnError) {
  const JobLaunch launch = Launch("mnist");
  env_.FailAfter(0, ErrnoError(ENOSPC, "cannot write"));
  Recorder recorder;
  EXPECT_THAT(launcher_->Launch(launch, recorder), HasReason(ErrorReason::kStorageFull));
  EXPECT_FALSE(recorder.exited());
}

INSTANTIATE_TEST_SUITE_P(Launchers, LauncherContract, ::testing::Values("process", "in_process"),
                         [](const auto& info) { return std::string(info.param); });

TEST_F(LauncherTest, BothWaysMakeTheSameModel) {
  std::vector<std::string> artifacts;
  const std::unique_ptr<JobLauncher> launchers[] = {Process(), InProcess()};
  for (const std::unique_ptr<JobLauncher>& launcher : launchers) {
    const JobLaunch launch = Launch("mnist");
    Recorder recorder;
    LL_ASSERT_OK_AND_ASSIGN(const auto running, launcher->Launch(launch, recorder));
    ASSERT_THAT(recorder.AwaitExit().status, IsOk());
    artifacts.push_back(*env_.ReadFile(launch.directory.artifact()));
  }
  EXPECT_EQ(artifacts[0], artifacts[1]);
}

// ---- Processes.

// The pid of the child of this process that works on the job.
pid_t TrainerOf(const JobLaunch& launch) {
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string pid = entry.path().filename();
    std::ifstream command_line(entry.path() / "cmdline");
    const std::string text((std::istreambuf_iterator<char>(command_line)), std::istreambuf_iterator<char>());
    if (absl::StrContains(text, absl::StrCat("--job-dir=", launch.directory.root()))) return std::stoi(pid);
  }
  ADD_FAILURE() << "no process works on " << launch.directory.root();
  return 0;
}

TEST_F(LauncherTest, AProcessThatSomeoneKilledSaysSo) {
  const JobLaunch launch = EndlessLaunch("mnist");
  Recorder recorder;
  LL_ASSERT_OK_AND_ASSIGN(const auto running, Process()->Launch(launch, recorder));
  recorder.AwaitEpoch();
  ASSERT_EQ(kill(TrainerOf(launch), SIGKILL), 0);
  const JobExit exit = recorder.AwaitExit();
  EXPECT_FALSE(exit.interrupted);
  EXPECT_THAT(exit.status, HasReason(ErrorReason::kTrainingFailed));
  EXPECT_THAT(exit.status, StatusIs(absl::StatusCode::kInternal, HasSubstr("killed by signal 9")));
  EXPECT_THAT(exit.status, StatusIs(absl::StatusCode::kInternal, HasSubstr("memory")));
}

TEST_F(LauncherTest, AProcessThatSaysNothingIsAFailure) {
  for (const auto& [program, what] :
       {std::pair("/bin/true", "exited with code 0"), {"/bin/false", "exited with code 1"}}) {
    Recorder recorder;
    LL_ASSERT_OK_AND_ASSIGN(const auto running, ProcessWith(program)->Launch(Launch("mnist"), recorder));
    const JobExit exit = recorder.AwaitExit();
    EXPECT_THAT(exit.status, HasReason(ErrorReason::kTrainingFailed));
    EXPECT_THAT(exit.status, StatusIs(absl::StatusCode::kInternal, HasSubstr(what)));
  }
}

TEST_F(LauncherTest, AMissingProgramIsAnError) {
  Recorder recorder;
  const absl::Status status = ProcessWith(dir_.File("lltrain"))->Launch(Launch("mnist"), recorder).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInternal, HasSubstr("No such file")));
  EXPECT_THAT(status, HasReason(ErrorReason::kTrainingFailed));
  EXPECT_FALSE(recorder.exited());
}

}  // namespace
}  // namespace ll::training
