#include "learner/calibration.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "learner/metrics.h"

namespace ll::learner {
namespace {

// The criterion's value with one threshold, counted example by example. NaN where a target is missed.
double ValueAt(const CriterionOptions& options, const std::vector<float>& scores, const std::vector<float>& labels,
               float threshold) {
  std::vector<int64_t> predicted;
  for (const float score : scores) predicted.push_back(score >= threshold ? 1 : 0);
  const ConfusionMatrix counts = CountConfusion(predicted, labels);
  const double missed = std::numeric_limits<double>::quiet_NaN();
  switch (options.criterion) {
    case SelectionCriterion::kFBeta: return counts.f_beta(options.f_beta);
    case SelectionCriterion::kPrecisionAtTargetRecall:
      return counts.recall() >= options.target_recall ? counts.precision() : missed;
    case SelectionCriterion::kRecallAtTargetPrecision:
      return counts.precision() >= options.target_precision ? counts.recall() : missed;
    default: return counts.accuracy();
  }
}

struct CalibrationCase {
  CriterionOptions options;
  int distinct_scores;  // few make many ties
};

class CalibrationTest : public ::testing::TestWithParam<CalibrationCase> {};

// Small random problems, against every threshold that could make a difference.
TEST_P(CalibrationTest, FindsTheBestCutOfAll) {
  SeededRandom random(41);
  const CriterionOptions& options = GetParam().options;
  Calibrator calibrator(options);
  for (int problem = 0; problem < 300; ++problem) {
    std::vector<float> scores;
    std::vector<float> labels;
    const uint64_t examples = 1 + random.Below(12);
    for (uint64_t i = 0; i < examples; ++i) {
      scores.push_back(static_cast<float>(random.Below(static_cast<uint64_t>(GetParam().distinct_scores))) /
                       static_cast<float>(GetParam().distinct_scores - 1));
      labels.push_back(random.Unit() < scores.back() ? 1.f : 0.f);
    }
    double best = std::numeric_limits<double>::quiet_NaN();
    std::vector<float> thresholds = scores;
    thresholds.push_back(2);
    for (const float threshold : thresholds) {
      const double value = ValueAt(options, scores, labels, threshold);
      if (!(best >= value)) best = std::isnan(value) ? best : value;
    }
    const Calibration found = calibrator.Calibrate(scores, labels);
    const double value = ValueAt(options, scores, labels, found.threshold);
    if (std::isnan(best)) {
      EXPECT_EQ(found.value, 0);
      continue;
    }
    ASSERT_DOUBLE_EQ(value, best) << problem;
    ASSERT_DOUBLE_EQ(found.value, best) << problem;
    // No cut further up, with some score between the two, does as well.
    for (const float threshold : thresholds) {
      const bool further_up = std::any_of(scores.begin(), scores.end(),
                                          [&](float score) { return score >= found.threshold && score < threshold; });
      EXPECT_FALSE(further_up && ValueAt(options, scores, labels, threshold) >= best) << problem << " " << threshold;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Criteria, CalibrationTest,
    ::testing::Values(
        CalibrationCase{{.criterion = SelectionCriterion::kAccuracy}, 1000},
        CalibrationCase{{.criterion = SelectionCriterion::kAccuracy}, 4},
        CalibrationCase{{.criterion = SelectionCriterion::kFBeta, .f_beta = 1}, 1000},
        CalibrationCase{{.criterion = SelectionCriterion::kFBeta, .f_beta = 2.5}, 5},
        CalibrationCase{{.criterion = SelectionCriterion::kPrecisionAtTargetRecall, .target_recall = 0.7}, 1000},
        CalibrationCase{{.criterion = SelectionCriterion::kPrecisionAtTargetRecall, .target_recall = 1}, 4},
        CalibrationCase{{.criterion = SelectionCriterion::kRecallAtTargetPrecision, .target_precision = 0.6}, 1000},
        CalibrationCase{{.criterion = SelectionCriterion::kRecallAtTargetPrecision, .target_precision = 0.9}, 4}));

TEST(ThresholdTest, LiesHalfWayBetweenNeighbours) {
  Calibrator calibrator({});
  const Calibration found = calibrator.Calibrate({0.1f, 0.75f, 0.25f, 0.9f}, {0, 1, 0, 1});
  EXPECT_EQ(found.threshold, 0.5f);
  EXPECT_EQ(found.value, 1);
}

TEST(ThresholdTest, OfTwoEquallyGoodCutsTheHigherIsTaken) {
  // Above 0.8 and above 0.4 both make one mistake.
  Calibrator calibrator({});
  EXPECT_FLOAT_EQ(calibrator.Calibrate({0.9f, 0.8f, 0.4f, 0.2f}, {1, 0, 1, 0}).threshold, 0.85f);
}

TEST(ThresholdTest, NeighboursWithNothingBetweenThem) {
  const float high = 0.5f;
  const float low = std::nextafter(high, 0.f);
  Calibrator calibrator({});
  EXPECT_EQ(calibrator.Calibrate({low, high}, {0, 1}).threshold, high);
}

TEST(ThresholdTest, EverythingPositiveOrNegative) {
  Calibrator calibrator({});
  // Half-way to the end of the range of probabilities, and never on the wrong side of a score at that end.
  EXPECT_EQ(calibrator.Calibrate({0.5f, 0.75f}, {1, 1}).threshold, 0.25f);
  EXPECT_EQ(calibrator.Calibrate({0.5f, 0.25f}, {0, 0}).threshold, 0.75f);
  EXPECT_EQ(calibrator.Calibrate({0.f, 0.75f}, {1, 1}).threshold, 0.f);
  EXPECT_GT(calibrator.Calibrate({1.f, 0.75f}, {0, 0}).threshold, 1.f);
}

TEST(ThresholdTest, WhereNoCutReachesTheTargetTheNearestIsTaken) {
  Calibrator calibrator({.criterion = SelectionCriterion::kRecallAtTargetPrecision, .target_precision = 0.9});
  // Precisions from the top: 0, 1/2, 2/3, 1/2.
  const Calibration found = calibrator.Calibrate({0.9f, 0.7f, 0.5f, 0.3f}, {0, 1, 1, 0});
  EXPECT_FLOAT_EQ(found.threshold, 0.4f);
  EXPECT_EQ(found.value, 0);
}

}  // namespace
}  // namespace ll::learner
