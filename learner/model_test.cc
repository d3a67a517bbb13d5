#include "learner/model.h"

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace ll::learner {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Model::Parts BinaryParts(std::vector<double> weights, double bias) {
  Model::Parts parts;
  parts.schema.feature_dim = static_cast<int>(weights.size());
  parts.weights = std::move(weights);
  parts.bias = {bias};
  return parts;
}

TEST(ModelTest, ScoresALogisticModel) {
  LL_ASSERT_OK_AND_ASSIGN(const Model model, Model::Create(BinaryParts({2, -1}, 0.5)));
  const std::vector<float> rows = {1, 1, 0, 3};
  Scores scores;
  model.Score(rows.data(), 2, &scores);
  EXPECT_THAT(scores.values,
              ElementsAre(static_cast<float>(1 / (1 + std::exp(-1.5))), static_cast<float>(1 / (1 + std::exp(2.5)))));
  EXPECT_THAT(scores.labels, ElementsAre(1, 0));
  EXPECT_EQ(model.schema().score_kind(), ScoreKind::kProbability);
}

TEST(ModelTest, AScoreEqualToTheThresholdIsPositive) {
  Model::Parts parts = BinaryParts({1}, 0);
  parts.threshold = 0.5f;
  LL_ASSERT_OK_AND_ASSIGN(const Model model, Model::Create(std::move(parts)));
  const std::vector<float> rows = {0, -1e-3f};
  Scores scores;
  model.Score(rows.data(), 2, &scores);
  EXPECT_THAT(scores.labels, ElementsAre(1, 0));
}

// Rows of which three quarters are zeros, in both forms.
TEST(ModelTest, SparseRowsScoreTheSameBitsAsDenseOnes) {
  constexpr int kFeatures = 37;
  constexpr int kRows = 20;
  SeededRandom random(7);
  Model::Parts parts;
  parts.schema = {.predictor_type = PredictorType::kMulticlassClassifier,
                  .loss = Loss::kSoftmax,
                  .feature_dim = kFeatures,
                  .outputs = 3};
  for (int i = 0; i < 3 * kFeatures; ++i) parts.weights.push_back(random.Normal());
  parts.bias = {0.5, -0.0, -1};
  LL_ASSERT_OK_AND_ASSIGN(const Model model, Model::Create(std::move(parts)));
  std::vector<float> dense;
  std::vector<float> values;
  std::vector<int32_t> indices;
  std::vector<int64_t> row_begin = {0};
  for (int row = 0; row < kRows; ++row) {
    for (int j = 0; j < kFeatures; ++j) {
      const bool present = row > 0 && random.Below(4) == 0;  // the first row is empty
      dense.push_back(present ? static_cast<float>(random.Normal()) : 0.0f);
      if (!present) continue;
      values.push_back(dense.back());
      indices.push_back(j);
    }
    row_begin.push_back(static_cast<int64_t>(values.size()));
  }
  const SparseBlock sparse = {.row_begin = row_begin.data(),
                              .indices = indices.data(),
                              .values = values.data(),
                              .rows = kRows,
                              .columns = kFeatures};
  Scores expected;
  model.Score(dense.data(), kRows, &expected);
  Scores scores;
  model.Score(sparse, &scores);
  EXPECT_EQ(scores.values, expected.values);
  EXPECT_EQ(scores.labels, expected.labels);
  std::vector<double> expected_margins(3 * kRows);
  model.Margins(dense.data(), kRows, expected_margins.data());
  std::vector<double> margins(3 * kRows);
  model.Margins(sparse, margins.data());
  EXPECT_EQ(margins, expected_margins);
}

TEST(ModelTest, ExtremeMarginsSaturateWithoutNan) {
  LL_ASSERT_OK_AND_ASSIGN(const Model model, Model::Create(BinaryParts({1e6}, 0)));
  const std::vector<float> rows = {1, -1};
  Scores scores;
  model.Score(rows.data(), 2, &scores);
  EXPECT_THAT(scores.values, ElementsAre(1, 0));
}

TEST(ModelTest, ScoresASoftmaxModelAndBreaksTiesToTheLowestIndex) {
  Model::Parts parts;
  parts.schema = {
      .predictor_type = PredictorType::kMulticlassClassifier, .loss = Loss::kSoftmax, .feature_dim = 1, .outputs = 3};
  parts.weights = {0, 1, 1};
  parts.bias = {0, 0, 0};
  LL_ASSERT_OK_AND_ASSIGN(const Model model, Model::Create(std::move(parts)));
  const std::vector<float> rows = {0, 1000};
  Scores scores;
  model.Score(rows.data(), 2, &scores);
  EXPECT_THAT(scores.values, ElementsAre(1 / 3.f, 1 / 3.f, 1 / 3.f, 0, 0.5, 0.5));
  EXPECT_THAT(scores.labels, ElementsAre(0, 1));
}

TEST(ModelTest, ARegressorGivesValuesAndNoLabels) {
  Model::Parts parts = BinaryParts({2}, 1);
  parts.schema.predictor_type = PredictorType::kRegressor;
  parts.schema.loss = Loss::kSquared;
  LL_ASSERT_OK_AND_ASSIGN(const Model model, Model::Create(std::move(parts)));
  const std::vector<float> rows = {3};
  Scores scores;
  scores.labels = {7};
  model.Score(rows.data(), 1, &scores);
  EXPECT_THAT(scores.values, ElementsAre(7));
  EXPECT_THAT(scores.labels, IsEmpty());
  EXPECT_EQ(model.schema().score_kind(), ScoreKind::kValue);
}

TEST(ModelTest, MarginsAgreeWithALongDoubleSum) {
  SeededRandom random(3);
  for (const int features : {1, 7, 8, 9, 100, 784}) {
    std::vector<double> weights;
    std::vector<float> row;
    for (int j = 0; j < features; ++j) {
      weights.push_back(random.Normal());
      row.push_back(static_cast<float>(random.Normal()));
    }
    long double expected = 0.25L;
    for (size_t j = 0; j < row.size(); ++j) expected += static_cast<long double>(weights[j]) * row[j];
    LL_ASSERT_OK_AND_ASSIGN(const Model model, Model::Create(BinaryParts(weights, 0.25)));
    double margin = 0;
    model.Margins(row.data(), 1, &margin);
    EXPECT_NEAR(margin, static_cast<double>(expected), 1e-12) << features;
  }
}

TEST(ModelTest, ARowScoresTheSameBitsAloneAndInABatch) {
  constexpr int kFeatures = 37;
  constexpr int64_t kRows = 50;
  SeededRandom random(5);
  std::vector<double> weights;
  for (int j = 0; j < kFeatures; ++j) weights.push_back(random.Normal());
  std::vector<float> rows;
  for (int i = 0; i < kFeatures * kRows; ++i) rows.push_back(static_cast<float>(random.Normal()));
  LL_ASSERT_OK_AND_ASSIGN(const Model model, Model::Create(BinaryParts(weights, -0.1)));
  Scores batch;
  model.Score(rows.data(), kRows, &batch);
  Scores alone;
  for (int64_t i = 0; i < kRows; ++i) {
    model.Score(rows.data() + i * kFeatures, 1, &alone);
    EXPECT_EQ(alone.values[0], batch.values[static_cast<size_t>(i)]) << i;
  }
}

TEST(ModelTest, RefusesPartsThatDoNotFit) {
  Model::Parts parts = BinaryParts({1, 2}, 0);
  parts.schema.feature_dim = 3;
  EXPECT_THAT(Model::Create(parts), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("2 weights")));
  EXPECT_THAT(Model::Create(parts), HasReason(ErrorReason::kInvalidArtifact));
  parts = BinaryParts({1, 2}, 0);
  parts.bias = {};
  EXPECT_THAT(Model::Create(parts), HasReason(ErrorReason::kInvalidArtifact));
  parts = BinaryParts({1, 2}, 0);
  parts.schema.outputs = 2;
  EXPECT_THAT(Model::Create(parts), HasReason(ErrorReason::kInvalidArtifact));
  parts = BinaryParts({}, 0);
  EXPECT_THAT(Model::Create(parts), HasReason(ErrorReason::kInvalidArtifact));
}

TEST(ModelTest, RefusesNumbersThatAreNotFinite) {
  EXPECT_THAT(Model::Create(BinaryParts({std::numeric_limits<double>::quiet_NaN()}, 0)),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not a finite number")));
  EXPECT_THAT(Model::Create(BinaryParts({1}, std::numeric_limits<double>::infinity())),
              HasReason(ErrorReason::kInvalidArtifact));
  Model::Parts parts = BinaryParts({1}, 0);
  parts.threshold = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(Model::Create(std::move(parts)), HasReason(ErrorReason::kInvalidArtifact));
}

}  // namespace
}  // namespace ll::learner
