// The log as its readers know it: every metric is collected by the regular expression that SageMaker collects it with,
// from the log of a real job, and has the value that the model's record says.
#include <cmath>
#include <cstdlib>
#include <map>
#include <regex>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "learner/artifact.h"
#include "learner/lltrain/train_job.h"
#include "tests/testing/fault_env.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll::lltrain {
namespace {

constexpr char kHost[] = "#quality_metric: host=\\S+, ";

// Metric of the record -> the end of the expression that finds it in the log.
const std::map<std::string, std::string> kBinary = {
    {"objective_loss", "\\S+_objective <loss>=(\\S+)"},
    {"binary_classification_accuracy", "binary_classification_accuracy <score>=(\\S+)"},
    {"binary_f_beta", "binary_f_\\S+ <score>=(\\S+)"},
    {"precision", "precision <score>=(\\S+)"},
    {"recall", "recall <score>=(\\S+)"},
    {"roc_auc_score", "roc_auc_score <score>=(\\S+)"},
};
const std::map<std::string, std::string> kMulticlass = {
    {"objective_loss", "\\S+_objective <loss>=(\\S+)"},
    {"multiclass_accuracy", "multiclass_accuracy <score>=(\\S+)"},
    {"multiclass_top_k_accuracy", "multiclass_top_k_accuracy_\\S+ <score>=(\\S+)"},
    {"dcg", "dcg <score>=(\\S+)"},
    {"macro_recall", "macro_recall <score>=(\\S+)"},
    {"macro_precision", "macro_precision <score>=(\\S+)"},
    {"macro_f_beta", "macro_f_\\S+ <score>=(\\S+)"},
};
const std::map<std::string, std::string> kRegressor = {
    {"objective_loss", "\\S+_objective <loss>=(\\S+)"},
    {"mse", "mse <loss>=(\\S+)"},
    {"absolute_loss", "absolute_loss <loss>=(\\S+)"},
};

std::string Csv(const std::string& predictor_type, uint64_t seed) {
  SeededRandom random(seed);
  std::string text;
  for (int i = 0; i < 300; ++i) {
    const double a = random.Uniform(-1, 1), b = random.Uniform(-1, 1);
    const int label = a + b + random.Uniform(-0.5, 0.5) > 0 ? 1 : 0;
    if (predictor_type == "regressor") {
      absl::StrAppend(&text, 3 * a - b, ",", a, ",", b, "\n");
    } else {
      absl::StrAppend(&text, predictor_type == "multiclass_classifier" && a > 0.5 ? 2 : label, ",", a, ",", b, "\n");
    }
  }
  return text;
}

class LogGrammarTest : public ::testing::Test {
 protected:
  void Run(const std::string& predictor_type, bool validates, const std::string& more = "") {
    LL_ASSERT_OK(env_.RemoveTree(dir_.File("input")));
    dir_.Write("input/config/hyperparameters.json",
               absl::StrCat(R"({"predictor_type": ")", predictor_type, R"(", "epochs": "3", "num_models": "2")",
                            predictor_type == "multiclass_classifier" ? R"(, "num_classes": "3")" : "", more, "}"));
    dir_.Write("input/data/train/a.csv", Csv(predictor_type, 1));
    if (validates) dir_.Write("input/data/validation/a.csv", Csv(predictor_type, 2));
    dir_.Write("input/data/test/a.csv", Csv(predictor_type, 3));
    log_.clear();
    TrainLog log(Clock::Real(), 7, [this](absl::string_view line) { absl::StrAppend(&log_, line); });
    ProgressEvents events(nullptr);
    ThreadPool pool(2);
    ASSERT_EQ(RunTrainJob(options_, {.env = env_,
                                     .clock = Clock::Real(),
                                     .executor = pool,
                                     .log = log,
                                     .events = events,
                                     .stop_requested = [] { return false; }}),
              ExitCode::kSuccess)
        << log_;
    training_ = learner::LoadModel(env_, dir_.File("model/model.tar.gz"))->training();
  }

  // What the first group of `expression` matches, in each line in which the expression is found.
  std::vector<double> Find(const std::string& expression) const {
    const std::regex regex(expression);
    std::vector<double> values;
    for (const std::string& line : std::vector<std::string>(absl::StrSplit(log_, '\n'))) {
      std::smatch match;
      if (std::regex_search(line, match, regex)) values.push_back(std::atof(match[1].str().c_str()));
    }
    return values;
  }

  // Each metric once for the channel, as the record has it, to 12 digits.
  void ExpectMetrics(const std::string& channel, const std::map<std::string, std::string>& expressions) const {
    for (const auto& [metric, expression] : expressions) {
      const std::vector<double> found = Find(absl::StrCat(kHost, channel, " ", expression));
      ASSERT_EQ(found.size(), 1u) << channel << " " << metric;
      const double expected = training_.metrics.at(absl::StrCat(channel, ":", metric));
      EXPECT_NEAR(found[0], expected, 1e-11 * std::fabs(expected)) << channel << " " << metric;
    }
  }
  // The lines of each epoch.
  void ExpectEpochs(const std::vector<std::string>& channels) const {
    for (const std::string& channel : channels) {
      EXPECT_EQ(Find(absl::StrCat(kHost, "epoch=\\S+, ", channel, " \\S+_objective <loss>=(\\S+)")).size(), 3u);
    }
    EXPECT_EQ(Find("#progress_metric: host=\\S+, completed (\\S+) %"), (std::vector<double>{33, 66, 100}));
    EXPECT_EQ(Find("#throughput_metric: host=\\S+, train throughput=(\\S+) records/second").size(), 3u);
    EXPECT_EQ(Find("#early_stopping_criteria_metric: host=\\S+, epoch=\\S+, criteria=\\S+, value=(\\S+)").size(), 3u);
  }

  ll::testing::TempDir dir_;
  ll::testing::FaultEnv env_;
  TrainJobOptions options_{.job_directory = dir_.path(), .checkpoint_interval = absl::ZeroDuration()};
  std::string log_;
  learner::TrainingRecord training_;
};

TEST_F(LogGrammarTest, EveryMetricIsFoundByItsExpression) {
  const std::pair<const char*, std::map<std::string, std::string>> predictors[] = {
      {"binary_classifier", kBinary}, {"multiclass_classifier", kMulticlass}, {"regressor", kRegressor}};
  for (const auto& [predictor_type, expressions] : predictors) {
    Run(predictor_type, /*validates=*/true);
    ExpectEpochs({"train", "validation"});
    ExpectMetrics("validation", expressions);
    ExpectMetrics("test", expressions);
    Run(predictor_type, /*validates=*/false);
    ExpectEpochs({"train"});
    ExpectMetrics("train", expressions);
    ExpectMetrics("test", expressions);
  }
}

// Lines that people and programs look for, in the order in which they know them.
TEST_F(LogGrammarTest, TheLinesOfAJobComeInTheirOrder) {
  options_.checkpoint_directory = dir_.File("checkpoints");
  Run("binary_classifier", /*validates=*/true);
  const char* const kLines[] = {
      R"(^Process 1 is a worker\.$)",
      R"(Using default worker\.)",
      R"(Create Store: local)",
      R"(\[\d\d/\d\d/\d{4} \d\d:\d\d:\d\d INFO 7\] Reading default configuration from .*: \{)",
      R"(INFO 7\] Merging with provided configuration from .*/input/config/hyperparameters\.json: \{)",
      R"(INFO 7\] Final configuration: \{)",
      R"(epoch_stats=\{"data_pipeline":".*/input/data/train","epoch":0,"duration":\d+,"num_examples":\d+,"num_bytes":\d+\})",
      R"(Scaler algorithm parameters \{)",
      R"(Scaling model computed with parameters: \{"mean_weight":\[.*\],"stdev_weight":\[.*\],"mean_label":null,"stdev_label":null\})",
      R"(Number of GPUs being used: 0)",
      R"(#metrics \{.*"Meta":"init_train_data_iter".*"Total Records Seen")",
      R"(#metrics \{.*"model":0.*"train_binary_classification_cross_entropy_objective":\{"sum":.*"count":1)",
      R"(#metrics \{.*"model":1.*"train_binary_classification_cross_entropy_objective")",
      R"(#metrics \{.*"model":0.*"validation_binary_classification_cross_entropy_objective")",
      R"(#quality_metric: host=algo-1, epoch=0, train binary_classification_cross_entropy_objective <loss>=)",
      R"(#quality_metric: host=algo-1, epoch=0, validation binary_classification_cross_entropy_objective <loss>=)",
      R"(#early_stopping_criteria_metric: host=algo-1, epoch=0, criteria=sampled_accuracy, value=)",
      R"(Epoch 0: Loss improved\. Updating best model)",
      R"(Saving model for epoch: 0)",
      R"(#progress_metric: host=algo-1, completed 33 % of epochs)",
      R"(#throughput_metric: host=algo-1, train throughput=\S+ records/second)",
      R"(Saved checkpoint to ".*/checkpoints/training\.checkpoint")",
      R"(#validation_score \(algo-1\) : \('binary_classification_accuracy', )",
      R"(#quality_metric: host=algo-1, validation binary_classification_accuracy <score>=)",
      R"(Best model found for hyperparameters: \{)",
      R"(#test_score \(algo-1\) : \('binary_classification_accuracy', )",
      R"(#metrics \{.*"totaltime")",
  };
  std::vector<std::string> lines = absl::StrSplit(log_, '\n');
  size_t at = 0;
  for (const char* expected : kLines) {
    const std::regex regex(expected);
    size_t found = at;
    while (found < lines.size() && !std::regex_search(lines[found], regex)) ++found;
    ASSERT_LT(found, lines.size()) << "after line " << at << " there is none like " << expected << "\n" << log_;
    at = found + 1;
  }
}

TEST_F(LogGrammarTest, AnEarlyStopIsSaid) {
  Run("binary_classifier", /*validates=*/true,
      R"(, "early_stopping_patience": "1", "early_stopping_tolerance": "100")");
  EXPECT_EQ(Find("Early stop condition met\\. Stopping training(\\.)").size(), 1u);
  EXPECT_EQ(Find("#progress_metric: host=algo-1, completed (100) % epochs").size(), 1u);
}

}  // namespace
}  // namespace ll::lltrain
