#include "learner/warm_start.h"

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "base/executor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "learner/testing/synthetic_data.h"
#include "learner/trainer.h"
#include "tests/testing/status_matchers.h"

namespace ll::learner {
namespace {

using ::ll::learner::testing::MakeLogisticRows;
using ::ll::learner::testing::SyntheticRows;
using ::ll::testing::HasReason;
using ::ll::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;

using Values = std::map<std::string, std::string>;

// The first column is far from zero, so that it is stored with an offset; the second is constant.
SyntheticRows RowsFor(const std::string& predictor_type, int64_t rows, uint64_t seed) {
  SyntheticRows data = MakeLogisticRows(rows, 5, seed);
  for (int64_t i = 0; i < rows; ++i) {
    float& label = data.labels[static_cast<size_t>(i)];
    if (predictor_type == "multiclass_classifier") label += data.at(i, 2) > 0 ? 1.0f : 0.0f;
    if (predictor_type == "regressor") label = 300 + 40 * data.at(i, 0) - 7 * data.at(i, 2) + label;
    data.at(i, 0) += 1000;
    data.at(i, 1) = 3;
  }
  return data;
}

class WarmStartTest : public ::testing::TestWithParam<Values> {
 protected:
  absl::StatusOr<TrainResult> Train(Values values, const Model* warm_start, int64_t rows = 2000) {
    Dataset train = RowsFor(values["predictor_type"], rows, 1).ToDataset();
    LL_ASSIGN_OR_RETURN(const Hyperparameters hyperparameters, ParseHyperparameters(values));
    reports_.clear();
    return learner::Train(train, nullptr, hyperparameters,
                          {.executor = &pool_,
                           .on_epoch = [this](const EpochReport& report) { reports_.push_back(report); },
                           .warm_start = warm_start});
  }

  ThreadPool pool_{2};
  std::vector<EpochReport> reports_;
};

class EveryPredictorTest : public WarmStartTest {};

// Whatever a candidate does to its features, it begins as the model it was given, and hardly moves at such a rate.
TEST_P(EveryPredictorTest, ATinyRateGivesTheModelBack) {
  Values values = GetParam();
  values["epochs"] = "8";
  LL_ASSERT_OK_AND_ASSIGN(const TrainResult first, Train(values, nullptr));
  const SyntheticRows test = RowsFor(values["predictor_type"], 200, 2);
  Scores expected, scores;
  first.model.Score(test.values.data(), test.rows(), &expected);
  for (const char* normalize : {"true", "false", "auto"}) {
    values["normalize_data"] = normalize;
    values["learning_rate"] = "1e-12";
    values["l1"] = values["wd"] = "0";
    values["epochs"] = "2";
    LL_ASSERT_OK_AND_ASSIGN(const TrainResult second, Train(values, &first.model));
    second.model.Score(test.values.data(), test.rows(), &scores);
    for (size_t i = 0; i < scores.values.size(); ++i) {
      EXPECT_NEAR(scores.values[i], expected.values[i], 2e-5 * (1 + std::fabs(expected.values[i]))) << normalize << i;
    }
    // All candidates, not the chosen one alone.
    for (const CandidateProgress& candidate : reports_[0].candidates) {
      EXPECT_NEAR(candidate.train_loss, reports_[0].candidates[0].train_loss, 1e-4);
    }
  }
}

TEST_P(EveryPredictorTest, ItBeginsWhereTheModelEnded) {
  Values values = GetParam();
  values["epochs"] = "10";
  LL_ASSERT_OK_AND_ASSIGN(const TrainResult first, Train(values, nullptr));
  const double cold = reports_.front().criterion_value;
  const double end = reports_.back().criterion_value;
  LL_ASSERT_OK_AND_ASSIGN(const TrainResult second, Train(values, &first.model));
  EXPECT_LT(reports_.front().criterion_value, cold);
  EXPECT_LT(reports_.front().criterion_value - end, 0.2 * (cold - end)) << "after one epoch, nearly where ten led";
}

const Values kPredictors[] = {
    {{"predictor_type", "binary_classifier"}},
    {{"predictor_type", "multiclass_classifier"}, {"num_classes", "3"}},
    {{"predictor_type", "regressor"}},
};
INSTANTIATE_TEST_SUITE_P(Predictors, EveryPredictorTest, ::testing::ValuesIn(kPredictors));

TEST_F(WarmStartTest, AModelThatDoesNotFitIsNamedOnBothSides) {
  LL_ASSERT_OK_AND_ASSIGN(const TrainResult binary, Train({{"predictor_type", "binary_classifier"}}, nullptr, 200));
  EXPECT_THAT(Train({{"predictor_type", "regressor"}}, &binary.model, 200).status(),
              AllOf(HasReason(ErrorReason::kSchemaMismatch),
                    StatusIs(absl::StatusCode::kFailedPrecondition,
                             HasSubstr("it is a binary_classifier, and predictor_type is regressor"))));
  LL_ASSERT_OK_AND_ASSIGN(const TrainResult multiclass,
                          Train({{"predictor_type", "multiclass_classifier"}, {"num_classes", "3"}}, nullptr, 200));
  EXPECT_THAT(
      Train({{"predictor_type", "multiclass_classifier"}, {"num_classes", "4"}}, &multiclass.model, 200).status(),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("it has 3 classes, and num_classes is 4")));
  Dataset wider = MakeLogisticRows(100, 7, 1).ToDataset();
  EXPECT_THAT(
      learner::Train(wider, nullptr, Hyperparameters{}, {.executor = &pool_, .warm_start = &binary.model}).status(),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("it has 5 features, and the rows have 7")));
  EXPECT_THAT(Train({{"predictor_type", "binary_classifier"}, {"use_bias", "false"}}, &binary.model, 200).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("it has a bias, and use_bias is false")));
}

}  // namespace
}  // namespace ll::learner
