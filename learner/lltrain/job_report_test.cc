#include "learner/lltrain/job_report.h"

#include <cmath>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "learner/lltrain/svg_chart.h"
#include "nlohmann/json.hpp"
#include "tests/testing/golden.h"

namespace ll::lltrain {
namespace {

using ::ll::testing::MatchesGolden;
using ::testing::HasSubstr;
using ::testing::Not;

// One feature, which is the margin.
learner::Model Binary() {
  learner::Model::Parts parts;
  parts.schema = {.feature_dim = 1};
  parts.weights = {1};
  parts.bias = {0};
  parts.threshold = 0.5f;
  parts.training = {.hyperparameters = {},
                    .metrics = {{"train:objective_loss", 0.25}},
                    .candidates = {{.index = 0, .hyperparameters = {}, .validation_loss = {}},
                                   {.index = 1, .hyperparameters = {}, .validation_loss = {}}},
                    .best_candidate = 1,
                    .best_epoch = 1,
                    .epochs_run = 2};
  return *learner::Model::Create(parts);
}

JobReport TwoEpochs() {
  JobReport report;
  for (int epoch = 0; epoch < 2; ++epoch) {
    report.AddEpoch({.epoch = epoch,
                     .epochs = 2,
                     .candidates = {{.train_loss = epoch == 0 ? 1e3 : NAN, .validation_loss = {}, .criterion = {}},
                                    {.train_loss = 0.5 / (epoch + 1), .validation_loss = 0.75, .criterion = {}}},
                     .best_candidate = 1,
                     .criterion_name = "sampled_accuracy",
                     .criterion_value = 0.875,
                     .improved = true,
                     .duration = {}});
  }
  return report;
}

// Three of label 1 and one of label 0 between them, and equal scores at the end.
learner::Dataset Rows() { return learner::Dataset::FromRows({{3, 1, 2, -1, -1}}, {{1, 0, 1, 1, 0}}, 1); }

TEST(JobReportTest, TheMetricsFileHasEveryEpoch) {
  const auto files = TwoEpochs().Files(Binary(), Rows(), "train");
  const auto json = nlohmann::json::parse(files.at("metrics.json"));
  EXPECT_EQ(json["metrics"]["train:objective_loss"], 0.25);
  EXPECT_EQ(json["best_candidate"], 1);
  EXPECT_EQ(json["threshold"], 0.5);
  ASSERT_EQ(json["epochs"].size(), 2u);
  EXPECT_EQ(json["epochs"][1]["criterion"]["value"], 0.875);
  EXPECT_TRUE(json["epochs"][1]["train_loss"][0].is_null());
  EXPECT_EQ(json["epochs"][1]["train_loss"][1], 0.25);
}

TEST(JobReportTest, Pictures) {
  const auto files = TwoEpochs().Files(Binary(), Rows(), "train");
  EXPECT_TRUE(MatchesGolden("lltrain/loss.svg", files.at("loss.svg")));
  EXPECT_TRUE(MatchesGolden("lltrain/threshold.svg", files.at("threshold.svg")));
  EXPECT_EQ(files.count("weights.svg"), 0u);
}

TEST(JobReportTest, EveryFileIsNamedSoThatTheNextRunRemovesIt) {
  for (const auto& [name, text] : TwoEpochs().Files(Binary(), Rows(), "train")) {
    EXPECT_THAT(JobReport::FileNames(), ::testing::Contains(name));
  }
}

TEST(JobReportTest, SquareImagesHaveMapsOfTheirWeights) {
  learner::Model::Parts parts;
  parts.schema = {.predictor_type = learner::PredictorType::kMulticlassClassifier,
                  .loss = learner::Loss::kSoftmax,
                  .feature_dim = 64,
                  .outputs = 3};
  parts.weights.assign(192, 0);
  parts.weights[0] = 2;
  parts.weights[65] = -1;
  parts.bias = {0, 0, 0};
  parts.class_names = {"a", "b & c", "d"};
  const learner::Dataset rows = learner::Dataset::FromRows(std::vector<float>(64), std::vector<float>(1), 64);
  const auto files = JobReport().Files(*learner::Model::Create(parts), rows, "train");
  EXPECT_EQ(files.count("threshold.svg"), 0u);
  const std::string& svg = files.at("weights.svg");
  EXPECT_THAT(svg, HasSubstr("<rect x=\"0\" y=\"0\" width=\"1\" height=\"1\" fill=\"#ff0000\"/>"));
  EXPECT_THAT(svg, HasSubstr("<rect x=\"1\" y=\"0\" width=\"1\" height=\"1\" fill=\"#8080ff\"/>"));
  EXPECT_THAT(svg, HasSubstr("class b &amp; c</text>"));
  // Named features are no pixels.
  parts.feature_names.assign(64, "named");
  EXPECT_EQ(JobReport().Files(*learner::Model::Create(parts), rows, "train").count("weights.svg"), 0u);
}

TEST(JobReportTest, ColumnsWithOffsetsAreScoredAsTheyCame) {
  learner::Dataset rows = Rows();
  const auto before = TwoEpochs().Files(Binary(), rows, "train");
  const std::vector<double> offsets = {1};
  rows.SetOffsets(offsets);
  EXPECT_EQ(TwoEpochs().Files(Binary(), rows, "train"), before);
}

TEST(SvgChartTest, ChartsOfNothingAreDrawn) {
  EXPECT_THAT(DrawChart({.title = "a < b", .x_label = "", .y_label = "", .series = {}}), HasSubstr("a &lt; b"));
  const std::string svg = DrawChart({.title = "",
                                     .x_label = "",
                                     .y_label = "",
                                     .series = {{.name = "s", .points = {{0, NAN}, {1, -1}, {2, INFINITY}}}},
                                     .log_y = true});
  EXPECT_THAT(svg, HasSubstr("<polyline points=\"\""));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
}

}  // namespace
}  // namespace ll::lltrain
