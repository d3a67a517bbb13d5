#include "learner/evaluation.h"

#include <memory>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "learner/testing/synthetic_data.h"

namespace ll::learner {
namespace {

using ::testing::ElementsAre;

TEST(SampleRowsTest, SpreadsEvenly) {
  EXPECT_THAT(SampleRows(4, 10), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(SampleRows(10, 4), ElementsAre(0, 2, 5, 7));
  EXPECT_THAT(SampleRows(10, 1), ElementsAre(0));
}

class EvaluationTest : public ::testing::Test {
 protected:
  std::vector<Evaluation::Result> Evaluate(const CriterionOptions& criterion, int64_t calibration_rows, int workers,
                                           std::vector<bool> skip = std::vector<bool>(20)) {
    ThreadPool pool(workers);
    return Evaluation(data_, data_.labels(), *objective_, *bank_, criterion, calibration_rows, pool).Run(skip);
  }

  static std::unique_ptr<ModelBank> MakeBank(const Dataset& data) {
    ThreadPool pool(1);
    Hyperparameters hyperparameters;
    hyperparameters.num_models = 20;
    hyperparameters.init_scale = 1;
    return std::make_unique<ModelBank>(BuildGrid(hyperparameters, {.positive_weight = 2}, 1), 1,
                                       ComputeScaler(data, data.rows(), pool), hyperparameters, 1);
  }

  double Margin(int candidate, int64_t row) const {
    const LinearFunction function = bank_->Fold(candidate);
    double f = function.bias[0];
    for (int j = 0; j < data_.columns(); ++j) f += function.weights[static_cast<size_t>(j)] * data_.row(row)[j];
    return f;
  }

  const Dataset data_ = testing::MakeLogisticRows(1000, 9, 5).ToDataset();
  const std::unique_ptr<Objective> objective_ = MakeObjective({});
  const std::unique_ptr<ModelBank> bank_ = MakeBank(data_);
};

TEST_F(EvaluationTest, LossAndCriterionAreThoseOfTheFoldedModel) {
  const std::vector<Evaluation::Result> results = Evaluate({}, 1000, 1);
  for (int i = 0; i < 20; ++i) {
    double loss = 0;
    std::vector<float> scores;
    for (int64_t row = 0; row < data_.rows(); ++row) {
      const double label = data_.labels()[static_cast<size_t>(row)];
      scores.push_back(static_cast<float>(Margin(i, row)));
      loss += ExampleWeights{.positive = 2}.Of(label) * objective_->Loss(Margin(i, row), label);
    }
    EXPECT_NEAR(results[static_cast<size_t>(i)].mean_loss, loss / 1000, 1e-5) << i;
    EXPECT_NEAR(results[static_cast<size_t>(i)].criterion, Calibrator({}).Calibrate(scores, data_.labels()).value,
                0.0015)
        << i;
  }
}

TEST_F(EvaluationTest, TheCriterionIsMeasuredOnTheSample) {
  const std::vector<Evaluation::Result> results = Evaluate({}, 50, 1);
  std::vector<float> scores;
  const std::vector<int64_t> sample = SampleRows(1000, 50);
  for (const int64_t row : sample) scores.push_back(static_cast<float>(Margin(3, row)));
  EXPECT_NEAR(results[3].criterion, Calibrator({}).Calibrate(scores, LabelsOf(data_.labels(), sample)).value, 0.021);
  EXPECT_EQ(results[3].mean_loss, Evaluate({}, 1000, 1)[3].mean_loss);
}

TEST_F(EvaluationTest, DoesNotDependOnTheNumberOfWorkers) {
  const std::vector<Evaluation::Result> expected = Evaluate({}, 300, 1);
  for (const int workers : {2, 3, 7}) {
    const std::vector<Evaluation::Result> results = Evaluate({}, 300, workers);
    for (size_t i = 0; i < expected.size(); ++i) {
      EXPECT_EQ(results[i].mean_loss, expected[i].mean_loss);
      EXPECT_EQ(results[i].criterion, expected[i].criterion);
    }
  }
}

TEST_F(EvaluationTest, ByLossNothingIsRanked) {
  const std::vector<Evaluation::Result> results = Evaluate({.criterion = SelectionCriterion::kLossFunction}, 1000, 2);
  EXPECT_GT(results[0].mean_loss, 0);
  EXPECT_EQ(results[0].criterion, 0);
}

TEST_F(EvaluationTest, SkippedCandidatesAreNotRanked) {
  std::vector<bool> skip(20);
  skip[4] = true;
  const std::vector<Evaluation::Result> results = Evaluate({}, 1000, 1, skip);
  EXPECT_EQ(results[4].criterion, 0);
  EXPECT_GT(results[5].criterion, 0);
}

}  // namespace
}  // namespace ll::learner
