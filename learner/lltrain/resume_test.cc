// Jobs that are stopped and go on.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/digest.h"
#include "base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "learner/checkpoint.h"
#include "learner/lltrain/train_job.h"
#include "nlohmann/json.hpp"
#include "tests/testing/fake_clock.h"
#include "tests/testing/fault_env.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll::lltrain {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kHyperparameters[] =
    R"({"predictor_type": "binary_classifier", "mini_batch_size": "50", "epochs": "5", "early_stopping_patience": "9"})";

std::string Csv(int rows, uint64_t seed) {
  SeededRandom random(seed);
  std::string text;
  for (int i = 0; i < rows; ++i) {
    const double a = random.Uniform(-1, 1), b = random.Uniform(-1, 1);
    absl::StrAppend(&text, a + b + random.Uniform(-0.3, 0.3) > 0 ? 1 : 0, ",", a, ",", b, "\n");
  }
  return text;
}

class ResumeTest : public ::testing::Test {
 protected:
  ResumeTest() {
    dir_.Write("input/config/hyperparameters.json", kHyperparameters);
    dir_.Write("input/data/train/part.csv", Csv(400, 1));
    dir_.Write("input/data/validation/part.csv", Csv(200, 2));
  }

  // One run of the job, told to stop once so many epochs are complete (0: never).
  ExitCode Run(int stop_after = 0) {
    log_text_.clear();
    epochs_.clear();
    warnings_.clear();
    bool stop = false;
    TrainLog log(clock_, 1, [this](absl::string_view line) { absl::StrAppend(&log_text_, line); });
    ProgressEvents events([&](absl::string_view line) {
      const auto event = nlohmann::json::parse(std::string(line));
      if (event["event"] == "warning") warnings_.push_back(event["message"]);
      if (event["event"] != "epoch") return;
      epochs_.push_back(event["epoch"]);
      clock_.Advance(epoch_duration_);
      if (on_epoch_) on_epoch_();
      stop = static_cast<int>(epochs_.size()) == stop_after;
    });
    ThreadPool pool(threads_);
    return RunTrainJob(
        options_,
        {.env = env_, .clock = clock_, .executor = pool, .log = log, .events = events, .stop_requested = [&stop] {
           return stop;
         }});
  }

  void KeepCheckpoints() { options_.checkpoint_directory = dir_.File("checkpoints"); }
  bool HasCheckpoint() { return env_.Exists(dir_.File("checkpoints/training.checkpoint")); }
  std::string Failure() { return env_.ReadFile(dir_.File("output/failure")).value_or(""); }
  // Name -> digest of all that the job made.
  std::map<std::string, std::string> Outputs() {
    std::map<std::string, std::string> outputs;
    const std::vector<std::string> names = env_.List(dir_.File("model")).value();
    for (const std::string& name : names) {
      outputs[name] = Sha256Hex(env_.ReadFile(dir_.File(absl::StrCat("model/", name))).value());
    }
    return outputs;
  }
  int64_t Count(absl::string_view text) const {
    return static_cast<int64_t>(std::vector<std::string>(absl::StrSplit(log_text_, text)).size()) - 1;
  }

  ll::testing::TempDir dir_;
  ll::testing::FaultEnv env_;
  ll::testing::FakeClock clock_;
  TrainJobOptions options_{.job_directory = dir_.path()};
  absl::Duration epoch_duration_ = absl::Seconds(1);
  std::function<void()> on_epoch_;
  int threads_ = 2;
  std::string log_text_;
  std::vector<int> epochs_;
  std::vector<std::string> warnings_;
};

TEST_F(ResumeTest, NoCheckpointIsKeptUnlessThereIsAFolderForThem) {
  ASSERT_EQ(Run(2), ExitCode::kSuccess) << log_text_;
  EXPECT_THAT(log_text_, HasSubstr("Checkpoint loading and saving are disabled."));
  EXPECT_FALSE(HasCheckpoint());
}

TEST_F(ResumeTest, AStoppedJobGoesOnToTheSameBytes) {
  ASSERT_EQ(Run(), ExitCode::kSuccess) << log_text_;
  ASSERT_EQ(epochs_.size(), 5u);
  const std::map<std::string, std::string> expected = Outputs();
  ASSERT_EQ(expected.count("model.tar.gz") + expected.count("metrics.json") + expected.count("loss.svg"), 3u);
  LL_ASSERT_OK(env_.CreateDirectories(dir_.File("checkpoints")));  // as a platform does
  for (int stop_after = 1; stop_after < 5; ++stop_after) {
    threads_ = 1 + stop_after % 3;
    ASSERT_EQ(Run(stop_after), ExitCode::kSuccess) << log_text_;
    EXPECT_TRUE(HasCheckpoint());
    EXPECT_EQ(Count("Saved checkpoint"), 1) << "none is due in so little time, but one is written at the stop";
    threads_ = 1 + (stop_after + 1) % 3;
    options_.resume = true;
    ASSERT_EQ(Run(), ExitCode::kSuccess) << log_text_;
    options_.resume = false;
    EXPECT_EQ(epochs_.front(), stop_after);
    EXPECT_THAT(log_text_, AllOf(HasSubstr(absl::StrCat("going on after ", stop_after, " epoch")),
                                 HasSubstr("\"Total Records Seen\":{\"sum\":2000.0")));
    EXPECT_EQ(Outputs(), expected) << "stopped after " << stop_after;
    EXPECT_FALSE(HasCheckpoint()) << "a job that is through needs none";
  }
}

TEST_F(ResumeTest, AJobThatIsStoppedAgainAndAgainEndsAsOneThatIsNot) {
  ASSERT_EQ(Run(), ExitCode::kSuccess) << log_text_;
  const std::map<std::string, std::string> expected = Outputs();
  KeepCheckpoints();
  for (int run = 0; run < 4; ++run) ASSERT_EQ(Run(1), ExitCode::kSuccess) << log_text_;
  ASSERT_EQ(Run(), ExitCode::kSuccess) << log_text_;
  EXPECT_EQ(epochs_, std::vector<int>{4});
  EXPECT_EQ(Outputs(), expected);
}

TEST_F(ResumeTest, CheckpointsAreWrittenAtIntervals) {
  KeepCheckpoints();
  options_.checkpoint_interval = absl::Seconds(2);
  ASSERT_EQ(Run(), ExitCode::kSuccess) << log_text_;
  EXPECT_EQ(Count("Saved checkpoint to \""), 2);  // after epochs 1 and 3
  options_.checkpoint_interval = absl::ZeroDuration();
  ASSERT_EQ(Run(), ExitCode::kSuccess) << log_text_;
  EXPECT_EQ(Count("Saved checkpoint to \""), 5);
}

TEST_F(ResumeTest, AFullDiskCostsTheCheckpointAndNotTheJob) {
  KeepCheckpoints();
  options_.checkpoint_interval = absl::ZeroDuration();
  env_.set_short_writes(true);
  on_epoch_ = [this] {
    if (epochs_.size() == 2) env_.FailAfter(2, absl::ResourceExhaustedError("the disk is full"));
    if (epochs_.size() == 4) env_.Heal();
  };
  ASSERT_EQ(Run(4), ExitCode::kSuccess) << log_text_;
  ASSERT_EQ(warnings_.size(), 2u);
  EXPECT_THAT(warnings_[0], AllOf(HasSubstr("checkpoint could not be written"), HasSubstr("the disk is full")));
  EXPECT_THAT(env_.List(dir_.File("checkpoints")).value(), ::testing::ElementsAre("training.checkpoint"));

  // The same, and the disk stays full until the process dies: the checkpoint before is whole.
  LL_ASSERT_OK(env_.RemoveTree(dir_.File("checkpoints")));
  on_epoch_ = [this] {
    if (epochs_.size() == 2) env_.FailAfter(2, absl::ResourceExhaustedError("the disk is full"));
  };
  EXPECT_NE(Run(4), ExitCode::kSuccess);
  env_.Heal();
  on_epoch_ = nullptr;
  ASSERT_EQ(Run(), ExitCode::kSuccess) << log_text_;
  EXPECT_EQ(epochs_.front(), 1);
}

TEST_F(ResumeTest, ADamagedCheckpointIsAnErrorThatNamesIt) {
  KeepCheckpoints();
  ASSERT_EQ(Run(1), ExitCode::kSuccess) << log_text_;
  const std::string bytes = env_.ReadFile(dir_.File("checkpoints/training.checkpoint")).value();
  dir_.Write("checkpoints/training.checkpoint", bytes.substr(0, bytes.size() / 2));
  EXPECT_EQ(Run(), ExitCode::kCustomerError);
  EXPECT_THAT(Failure(), AllOf(HasSubstr("checkpoints/training.checkpoint"), HasSubstr("damaged or cut short"),
                               HasSubstr("INVALID_CHECKPOINT")));
  EXPECT_THAT(epochs_, IsEmpty());
  EXPECT_TRUE(HasCheckpoint());
}

TEST_F(ResumeTest, ACheckpointOfAnotherTrainingIsAnErrorThatSaysWhatDiffers) {
  KeepCheckpoints();
  ASSERT_EQ(Run(1), ExitCode::kSuccess) << log_text_;
  options_.seed = 3;
  EXPECT_EQ(Run(), ExitCode::kCustomerError);
  EXPECT_THAT(Failure(), AllOf(HasSubstr("checkpoints/training.checkpoint"), HasSubstr("seed was")));
  options_.seed = learner::kDefaultSeed;

  dir_.Write("input/config/hyperparameters.json", R"({"predictor_type": "binary_classifier", "epochs": "5"})");
  EXPECT_EQ(Run(), ExitCode::kCustomerError);
  EXPECT_THAT(Failure(), HasSubstr("mini_batch_size was \"50\" and is not set"));
  dir_.Write("input/config/hyperparameters.json", kHyperparameters);

  dir_.Write("input/data/train/part.csv", Csv(400, 3));
  EXPECT_EQ(Run(), ExitCode::kCustomerError);
  EXPECT_THAT(Failure(),
              AllOf(HasSubstr("checkpoints/training.checkpoint"), HasSubstr("channel train had other rows")));
  dir_.Write("input/data/train/part.csv", Csv(400, 1));
  ASSERT_EQ(Run(), ExitCode::kSuccess) << log_text_;
  EXPECT_EQ(epochs_.front(), 1);
}

TEST_F(ResumeTest, ResumingNeedsACheckpoint) {
  options_.resume = true;
  EXPECT_EQ(Run(), ExitCode::kCustomerError);
  EXPECT_THAT(Failure(), HasSubstr("cannot resume the job"));
  KeepCheckpoints();
  EXPECT_EQ(Run(), ExitCode::kCustomerError);
  EXPECT_THAT(Failure(), HasSubstr("there is no checkpoint"));
}

}  // namespace
}  // namespace ll::lltrain
