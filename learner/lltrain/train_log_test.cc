#include "learner/lltrain/train_log.h"

#include <cmath>
#include <regex>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/testing/fake_clock.h"

namespace ll::lltrain {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kObjective[] = "binary_classification_cross_entropy_objective";

class TrainLogTest : public ::testing::Test {
 protected:
  TrainLogTest() { log_.set_metric_names({.objective = kObjective, .f_beta = 1.0}); }

  // The first group of every match, in order: what a reader of metrics would collect.
  std::vector<std::string> Matches(const std::string& pattern) const {
    const std::regex regex(pattern);
    std::vector<std::string> matches;
    for (auto it = std::sregex_iterator(text_.begin(), text_.end(), regex); it != std::sregex_iterator(); ++it) {
      matches.push_back((*it)[1]);
    }
    return matches;
  }

  // The #metrics lines.
  std::vector<nlohmann::json> MetricLines() const {
    std::vector<nlohmann::json> lines;
    for (const absl::string_view line : absl::StrSplit(text_, '\n')) {
      if (absl::StartsWith(line, "#metrics ")) lines.push_back(nlohmann::json::parse(std::string(line.substr(9))));
    }
    return lines;
  }

  ll::testing::FakeClock clock_;
  std::string text_;
  TrainLog log_{clock_, 4711, [this](absl::string_view line) { absl::StrAppend(&text_, line); }};
};

learner::EpochReport Report(int epoch, bool validation) {
  learner::EpochReport report;
  report.epoch = epoch;
  report.epochs = 15;
  report.candidates.resize(2);
  report.candidates[0].train_loss = 0.587203946795123;
  report.candidates[1].train_loss = 0.2;
  if (validation) {
    report.candidates[0].validation_loss = 0.310915306337456;
    report.candidates[1].validation_loss = 0.125;
  }
  report.best_candidate = 1;
  report.criterion_name = "sampled_accuracy";
  report.criterion_value = 0.875;
  report.improved = true;
  report.rows = 250;
  report.mini_batches = 3;
  report.duration = absl::Milliseconds(100);
  return report;
}

TEST_F(TrainLogTest, LinesCarryTimeLevelAndThread) {
  log_.Info("hello");
  log_.Warning("careful");
  log_.Error("broken");
  EXPECT_EQ(text_,
            "[01/01/2026 00:00:00 INFO 4711] hello\n"
            "[01/01/2026 00:00:00 WARNING 4711] careful\n"
            "[01/01/2026 00:00:00 ERROR 4711] broken\n");
}

TEST_F(TrainLogTest, ConfigurationIsJson) {
  log_.Configuration("Final configuration", {{"epochs", "3"}, {"wd", "auto"}});
  EXPECT_THAT(text_, HasSubstr(R"(Final configuration: {"epochs":"3","wd":"auto"})"));
}

// The patterns with which metrics are collected from these logs, to the letter.
TEST_F(TrainLogTest, EpochLinesMatchTheMetricPatterns) {
  log_.Epoch(Report(0, true));
  EXPECT_THAT(Matches(R"(#quality_metric: host=\S+, epoch=\S+, train \S+_objective <loss>=(\S+))"),
              ElementsAre("0.587203946795"));
  EXPECT_THAT(Matches(R"(#quality_metric: host=\S+, epoch=\S+, validation \S+_objective <loss>=(\S+))"),
              ElementsAre("0.310915306337"));
  EXPECT_THAT(Matches(R"(#progress_metric: host=\S+, completed (\S+) %)"), ElementsAre("6"));
  EXPECT_THAT(Matches(R"(#throughput_metric: host=\S+, train throughput=(\S+) records/second)"), ElementsAre("2500"));
  EXPECT_THAT(Matches(R"(#early_stopping_criteria_metric: host=\S+, epoch=0, criteria=sampled_accuracy, value=(\S+))"),
              ElementsAre("0.875"));
  // Model 0 is on the lines above; the best one has its own, which they do not match.
  EXPECT_THAT(text_, HasSubstr(absl::StrCat("#best_model_metric: host=algo-1, epoch=0, model=1, train ", kObjective,
                                            "=0.2, validation ", kObjective, "=0.125\n")));
  EXPECT_THAT(text_, HasSubstr("Epoch 0: Loss improved. Updating best model"));
}

TEST_F(TrainLogTest, WithoutValidationThereAreNoValidationLines) {
  log_.Epoch(Report(0, false));
  EXPECT_THAT(Matches(R"((validation))"), IsEmpty());
  EXPECT_THAT(Matches(R"(#quality_metric: host=\S+, epoch=\S+, train \S+_objective <loss>=(\S+))"),
              ElementsAre("0.587203946795"));
}

TEST_F(TrainLogTest, EveryModelHasAMetricsLine) {
  log_.set_host("node-7");
  log_.Epoch(Report(4, true));
  const std::vector<nlohmann::json> lines = MetricLines();
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_EQ(lines[1]["Metrics"][absl::StrCat("train_", kObjective)],
            nlohmann::json::parse(R"({"sum": 0.2, "count": 1, "min": 0.2, "max": 0.2})"));
  EXPECT_EQ(lines[1]["Dimensions"], nlohmann::json::parse(R"({"Algorithm": "Linear Learner", "Host": "node-7",
                                                              "Operation": "training", "model": 1, "epoch": 4})"));
  EXPECT_NEAR(lines[1]["EndTime"].get<double>() - lines[1]["StartTime"].get<double>(), 0.1, 1e-6);
  EXPECT_TRUE(lines[3]["Metrics"].contains(absl::StrCat("validation_", kObjective)));
  EXPECT_EQ(lines[4]["Dimensions"]["Meta"], "training_data_iter");
}

TEST_F(TrainLogTest, RecordsAndBatchesAreCounted) {
  log_.Epoch(Report(0, false));
  log_.Epoch(Report(1, false));
  const nlohmann::json metrics = MetricLines().back()["Metrics"];
  EXPECT_EQ(metrics["Total Records Seen"]["sum"], 500);
  EXPECT_EQ(metrics["Total Batches Seen"]["sum"], 6);
  EXPECT_EQ(metrics["Max Records Seen Between Resets"]["max"], 250);
  EXPECT_EQ(metrics["Max Batches Seen Between Resets"]["max"], 3);
  EXPECT_EQ(metrics["Reset Count"]["sum"], 2);
}

TEST_F(TrainLogTest, StaleEpochsAreCounted) {
  for (int epoch = 0; epoch < 4; ++epoch) {
    learner::EpochReport report = Report(epoch, false);
    report.improved = epoch == 1;
    log_.Epoch(report);
  }
  EXPECT_THAT(text_, HasSubstr("Epoch 0: Loss has not improved for 1 epoch.\n"));
  EXPECT_THAT(text_, HasSubstr("Epoch 1: Loss improved. Updating best model\n"));
  EXPECT_THAT(text_, HasSubstr("Epoch 2: Loss has not improved for 1 epoch.\n"));
  EXPECT_THAT(text_, HasSubstr("Epoch 3: Loss has not improved for 2 epochs.\n"));
}

TEST_F(TrainLogTest, ADivergedModelGivesNoNumber) {
  learner::EpochReport report = Report(0, false);
  report.candidates[1].train_loss = NAN;
  report.candidates[1].diverged = true;
  report.best_candidate = 0;
  report.duration = absl::ZeroDuration();
  log_.Epoch(report);
  EXPECT_TRUE(MetricLines()[1]["Metrics"][absl::StrCat("train_", kObjective)]["sum"].is_null());
  EXPECT_THAT(Matches("(#throughput_metric)"), IsEmpty());
}

TEST_F(TrainLogTest, FinalScoresMatchTheMetricPatterns) {
  const std::map<std::string, double> scores = {{"objective_loss", 0.0370000000000001},
                                                {"binary_classification_accuracy", 0.99479},
                                                {"binary_f_beta", 0.99483},
                                                {"precision", 0.98972},
                                                {"recall", 1.0},
                                                {"roc_auc_score", 0.99899}};
  for (const char* channel : {"train", "validation", "test"}) {
    text_.clear();
    log_.Scores(channel, scores);
    const std::string prefix = absl::StrCat(R"(#quality_metric: host=\S+, )", channel, " ");
    EXPECT_THAT(Matches(prefix + R"(\S+_objective <loss>=(\S+))"), ElementsAre("0.037"));
    EXPECT_THAT(Matches(prefix + R"(binary_classification_accuracy <score>=(\S+))"), ElementsAre("0.99479"));
    EXPECT_THAT(Matches(prefix + R"(binary_f_\S+ <score>=(\S+))"), ElementsAre("0.99483"));
    EXPECT_THAT(Matches(prefix + R"(precision <score>=(\S+))"), ElementsAre("0.98972"));
    EXPECT_THAT(Matches(prefix + R"(recall <score>=(\S+))"), ElementsAre("1"));
    EXPECT_THAT(Matches(prefix + R"(roc_auc_score <score>=(\S+))"), ElementsAre("0.99899"));
    EXPECT_THAT(text_, HasSubstr(absl::StrCat("#", channel, "_score (algo-1) : ('precision', 0.98972)")));
    EXPECT_THAT(text_, HasSubstr("binary_f_1.000"));
  }
}

TEST_F(TrainLogTest, TheEndSaysWhatWasChosenAndWhy) {
  learner::Model::Parts parts;
  parts.schema.feature_dim = 1;
  parts.weights = {1};
  parts.bias = {0};
  parts.threshold = 0.25f;
  parts.training.best_candidate = 5;
  parts.training.best_epoch = 3;
  parts.training.candidates.resize(6);
  parts.training.candidates[5].index = 5;
  parts.training.candidates[5].hyperparameters = {{"wd", "0.01"}};
  learner::TrainResult result{.model = *learner::Model::Create(parts), .stopped_early = true, .weights = {}};
  log_.Scaled({.mean = std::vector<double>(30, 0.5), .deviation = std::vector<double>(30, 2.0)}, 10000);
  log_.Finished(result);
  log_.Selected(result.model);
  EXPECT_THAT(text_, HasSubstr("Early stop condition met. Stopping training."));
  EXPECT_THAT(Matches(R"(#progress_metric: host=\S+, completed (\S+) %)"), ElementsAre("100"));
  EXPECT_THAT(text_, HasSubstr(R"(Best model found for hyperparameters: {"wd":"0.01"})"));
  EXPECT_THAT(text_, HasSubstr("Selected model 5 of epoch 3, threshold: 0.25"));
  EXPECT_THAT(text_, HasSubstr("... 30 in all"));
  EXPECT_THAT(Matches(R"(#model_metric: host=\S+, model=(\d+), train \S+=)"),
              ElementsAre("0", "0", "0", "0", "0", "5"));
}

TEST_F(TrainLogTest, TimesAreInMilliseconds) {
  log_.Times({{"totaltime", absl::Seconds(2)}, {"setuptime", absl::Milliseconds(5)}}, 3);
  const nlohmann::json line = MetricLines().back();
  EXPECT_EQ(line["Metrics"]["totaltime"]["sum"], 2000.0);
  EXPECT_EQ(line["Metrics"]["setuptime"]["sum"], 5.0);
  EXPECT_EQ(line["Metrics"]["epochs"]["sum"], 3.0);
  EXPECT_NEAR(line["EndTime"].get<double>() - line["StartTime"].get<double>(), 2.0, 1e-6);
}

}  // namespace
}  // namespace ll::lltrain
