// Jobs that begin with a model.
#include <sstream>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "learner/artifact.h"
#include "learner/lltrain/train_job.h"
#include "learner/lltrain/validate_job.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/fault_env.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll::lltrain {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Csv(int columns) {
  SeededRandom random(1);
  std::string text;
  for (int i = 0; i < 300; ++i) {
    double sum = 0;
    std::string row;
    for (int j = 0; j < columns; ++j) {
      const double x = random.Uniform(-1, 1);
      sum += x;
      absl::StrAppend(&row, ",", x);
    }
    absl::StrAppend(&text, sum > 0 ? 1 : 0, row, "\n");
  }
  return text;
}

class WarmStartJobTest : public ::testing::Test {
 protected:
  WarmStartJobTest() {
    for (const char* job : {"first", "second"}) {
      SetHyperparameters(job, R"({"predictor_type": "binary_classifier", "num_models": "4", "epochs": "5"})");
      dir_.Write(absl::StrCat(job, "/input/data/train/part.csv"), Csv(3));
    }
    dir_.Write("first/input/config/names.json", R"({"features": ["a", "b", "c"], "classes": ["no", "yes"]})");
    EXPECT_EQ(Run("first"), ExitCode::kSuccess);
  }

  void SetHyperparameters(const std::string& job, const char* json) {
    dir_.Write(job + "/input/config/hyperparameters.json", json);
  }
  void CopyModel() {
    dir_.Write("second/input/data/model/model.tar.gz", env_.ReadFile(dir_.File("first/model/model.tar.gz")).value());
  }
  ExitCode Run(const std::string& job) {
    options_.job_directory = dir_.File(job);
    log_.clear();
    TrainLog log(clock_, 1, [this](absl::string_view line) { absl::StrAppend(&log_, line); });
    int epochs = 0;
    ProgressEvents events([&](absl::string_view line) { epochs += absl::StrContains(line, "\"event\":\"epoch\""); });
    ThreadPool pool(2);
    return RunTrainJob(
        options_, {.env = env_, .clock = clock_, .executor = pool, .log = log, .events = events, .stop_requested = [&] {
                     return epochs > 0 && epochs == stop_after_epochs_;
                   }});
  }
  learner::Model ModelOf(const std::string& job) {
    return learner::LoadModel(env_, dir_.File(job + "/model/model.tar.gz")).value();
  }
  std::string Failure() { return env_.ReadFile(dir_.File("second/output/failure")).value_or(""); }

  ll::testing::TempDir dir_;
  ll::testing::FaultEnv env_;
  ll::testing::FakeClock clock_;
  TrainJobOptions options_;
  int stop_after_epochs_ = 0;  // 0: never
  std::string log_;
};

TEST_F(WarmStartJobTest, AJobBeginsWithTheModelOfAnother) {
  SetHyperparameters("second", R"({"predictor_type": "binary_classifier", "num_models": "1", "epochs": "1",
                                   "learning_rate": "1e-12", "wd": "0"})");
  options_.warm_start = dir_.File("first");
  ASSERT_EQ(Run("second"), ExitCode::kSuccess) << log_;
  EXPECT_THAT(log_, HasSubstr("Warm start: training begins with the model "));
  const learner::Model first = ModelOf("first"), second = ModelOf("second");
  for (size_t j = 0; j < 3; ++j) EXPECT_NEAR(second.weights()[j], first.weights()[j], 1e-5);
  EXPECT_THAT(second.feature_names(), ElementsAre("a", "b", "c"));
  EXPECT_THAT(second.class_names(), ElementsAre("no", "yes"));
  // The same, as a platform lays it out.
  CopyModel();
  dir_.Write("second/input/config/inputdataconfig.json",
             R"({"model": {"ContentType": "application/x-sagemaker-model", "TrainingInputMode": "File"}})");
  options_.warm_start.clear();
  ASSERT_EQ(Run("second"), ExitCode::kSuccess) << log_;
  EXPECT_EQ(ModelOf("second").parts().weights, second.parts().weights);
}

TEST_F(WarmStartJobTest, ModelsThatDoNotFitAreRefused) {
  options_.warm_start = dir_.File("first");
  SetHyperparameters("second", R"({"predictor_type": "regressor"})");
  EXPECT_EQ(Run("second"), ExitCode::kCustomerError);
  EXPECT_THAT(Failure(), AllOf(HasSubstr("SCHEMA_MISMATCH"), HasSubstr("it is a binary_classifier")));
  SetHyperparameters("second", R"({"predictor_type": "binary_classifier", "feature_dim": "4"})");
  EXPECT_EQ(Run("second"), ExitCode::kCustomerError);
  EXPECT_THAT(Failure(), HasSubstr("it has 3 features, and the rows have 4"));
  SetHyperparameters("second", R"({"predictor_type": "binary_classifier"})");
  dir_.Write("second/input/data/train/part.csv", Csv(4));
  EXPECT_EQ(Run("second"), ExitCode::kCustomerError);
  EXPECT_THAT(Failure(), AllOf(HasSubstr("row 1"), HasSubstr("the model to begin with")));
  dir_.Write("second/input/data/train/part.csv", Csv(3));
  options_.warm_start = dir_.File("nowhere");
  EXPECT_EQ(Run("second"), ExitCode::kCustomerError);
  options_.warm_start = dir_.File("first");
  CopyModel();
  EXPECT_EQ(Run("second"), ExitCode::kCustomerError);
  EXPECT_THAT(Failure(), HasSubstr("two models"));
}

TEST_F(WarmStartJobTest, ACheckpointBelongsToTheModelItBeganWith) {
  options_.checkpoint_directory = dir_.File("checkpoints");
  options_.warm_start = dir_.File("first");
  stop_after_epochs_ = 2;
  ASSERT_EQ(Run("second"), ExitCode::kSuccess) << log_;
  options_.warm_start.clear();
  EXPECT_EQ(Run("second"), ExitCode::kCustomerError);
  EXPECT_THAT(Failure(), AllOf(HasSubstr("INVALID_CHECKPOINT"), HasSubstr("it began with a model")));
  options_.warm_start = dir_.File("first");
  stop_after_epochs_ = 0;
  ASSERT_EQ(Run("second"), ExitCode::kSuccess) << log_;
  EXPECT_THAT(log_, HasSubstr("going on after 2 epochs"));
}

TEST_F(WarmStartJobTest, ValidationLooksAtTheModelToo) {
  CopyModel();
  std::ostringstream out, err;
  const ValidateOptions options{.job_directory = dir_.File("second")};
  LL_EXPECT_OK(ValidateJob(options, env_, out, err));
  EXPECT_THAT(out.str(), HasSubstr("Channel model: a binary_classifier of 3 features"));
  dir_.Write("second/input/data/train/part.csv", Csv(4));
  EXPECT_FALSE(ValidateJob(options, env_, out, err).ok());
  EXPECT_THAT(err.str(), HasSubstr("the model to begin with"));
  SetHyperparameters("second", R"({"predictor_type": "regressor"})");
  EXPECT_FALSE(ValidateJob(options, env_, out, err).ok());
  EXPECT_THAT(err.str(), HasSubstr("predictor_type is regressor"));
}

}  // namespace
}  // namespace ll::lltrain
