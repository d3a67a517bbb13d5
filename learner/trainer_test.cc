#include "learner/trainer.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "base/executor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "learner/metrics.h"
#include "learner/testing/synthetic_data.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/status_matchers.h"

namespace ll::learner {
namespace {

using ::ll::learner::testing::MakeLogisticRows;
using ::ll::learner::testing::SyntheticRows;
using ::ll::testing::HasReason;
using ::ll::testing::StatusIs;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::Not;

Hyperparameters SmallHyperparameters() {
  Hyperparameters hyperparameters;
  hyperparameters.mini_batch_size = 50;
  hyperparameters.epochs = 6;
  return hyperparameters;
}

class TrainerTest : public ::testing::Test {
 protected:
  absl::StatusOr<TrainResult> Run(Dataset train, const Hyperparameters& hyperparameters) {
    return ll::learner::Train(train, nullptr, hyperparameters, Hooks());
  }
  absl::StatusOr<TrainResult> Run(Dataset train, Dataset validation, const Hyperparameters& hyperparameters) {
    return ll::learner::Train(train, &validation, hyperparameters, Hooks());
  }
  TrainHooks Hooks() {
    return {.executor = &pool_,
            .seed = seed_,
            .clock = &clock_,
            .on_scaled = [this](const DataScale& scale) { scales_.push_back(scale); },
            .on_epoch = [this](const EpochReport& report) { reports_.push_back(report); },
            .on_warning = [this](const std::string& warning) { warnings_.push_back(warning); },
            .stop_requested = stop_requested_};
  }

  ThreadPool pool_{2};
  ll::testing::FakeClock clock_;
  uint64_t seed_ = kDefaultSeed;
  std::function<bool()> stop_requested_;
  std::vector<DataScale> scales_;  // of each run
  std::vector<EpochReport> reports_;
  std::vector<std::string> warnings_;
};

TEST_F(TrainerTest, LearnsWhatCanBeLearnt) {
  LL_ASSERT_OK_AND_ASSIGN(const TrainResult result,
                          Run(MakeLogisticRows(3000, 8, 1, /*signal=*/20).ToDataset(), SmallHyperparameters()));
  const Dataset test = MakeLogisticRows(1000, 8, 2, /*signal=*/20).ToDataset();
  const std::map<std::string, double> metrics = MeasureModel(result.model, *MakeObjective({}), test, {}, pool_);
  EXPECT_GT(metrics.at("binary_classification_accuracy"), 0.95);
  EXPECT_GT(metrics.at("roc_auc_score"), 0.99);
  EXPECT_THAT(warnings_, IsEmpty());
  EXPECT_EQ(reports_.size(), 6u);
}

TEST_F(TrainerTest, WithoutValidationTheLowestTrainLossIsKept) {
  LL_ASSERT_OK_AND_ASSIGN(const TrainResult result,
                          Run(MakeLogisticRows(600, 5, 1).ToDataset(), SmallHyperparameters()));
  const TrainingRecord& record = result.model.training();
  for (const EpochReport& report : reports_) {
    EXPECT_EQ(report.candidates.size(), 32u);
    EXPECT_EQ(report.criterion_name, "binary_classification_cross_entropy_objective");
    EXPECT_EQ(report.rows, 600);
    for (const CandidateProgress& candidate : report.candidates) {
      EXPECT_GE(candidate.train_loss, report.criterion_value);
      EXPECT_FALSE(candidate.validation_loss.has_value());
    }
    EXPECT_EQ(report.candidates[static_cast<size_t>(report.best_candidate)].train_loss, report.criterion_value);
  }
  const EpochReport& kept = reports_[static_cast<size_t>(record.best_epoch)];
  EXPECT_TRUE(kept.improved);
  EXPECT_EQ(record.best_candidate, kept.best_candidate);
  // Of the finished model, not the epoch's running mean; close to it at the end of a training.
  EXPECT_NEAR(record.metrics.at("train:objective_loss"), kept.criterion_value, 0.01);
  EXPECT_NE(record.metrics.at("train:objective_loss"), kept.criterion_value);
  EXPECT_THAT(record.metrics, AllOf(Contains(Key("train:binary_classification_accuracy")),
                                    Contains(Key("train:precision")), Contains(Key("train:recall")),
                                    Contains(Key("train:binary_f_beta")), Contains(Key("train:roc_auc_score"))));
  EXPECT_THAT(record.metrics, Not(Contains(Key("validation:objective_loss"))));
}

TEST_F(TrainerTest, WithValidationTheBestCriterionOnItIsKept) {
  LL_ASSERT_OK_AND_ASSIGN(
      const TrainResult result,
      Run(MakeLogisticRows(600, 5, 1).ToDataset(), MakeLogisticRows(400, 5, 2).ToDataset(), SmallHyperparameters()));
  const TrainingRecord& record = result.model.training();
  for (const EpochReport& report : reports_) {
    EXPECT_EQ(report.criterion_name, "sampled_accuracy");
    const CandidateProgress& best = report.candidates[static_cast<size_t>(report.best_candidate)];
    EXPECT_EQ(best.criterion, report.criterion_value);
    for (const CandidateProgress& candidate : report.candidates) {
      EXPECT_TRUE(*candidate.criterion < *best.criterion ||
                  (*candidate.criterion == *best.criterion && *candidate.validation_loss >= *best.validation_loss));
    }
  }
  // The final model's own count on the rows agrees with what it was chosen for.
  EXPECT_NEAR(record.metrics.at("validation:binary_classification_accuracy"),
              reports_[static_cast<size_t>(record.best_epoch)].criterion_value, 0.003);
  const EpochReport& kept = reports_[static_cast<size_t>(record.best_epoch)];
  EXPECT_EQ(record.metrics.at("train:objective_loss"),
            kept.candidates[static_cast<size_t>(record.best_candidate)].train_loss);
}

TEST_F(TrainerTest, EveryCriterionIsServed) {
  const Dataset check = MakeLogisticRows(2000, 5, 2).ToDataset();
  Hyperparameters hyperparameters = SmallHyperparameters();
  hyperparameters.target_recall = 0.95;
  hyperparameters.target_precision = 0.93;
  for (const SelectionCriterion criterion :
       {SelectionCriterion::kAccuracy, SelectionCriterion::kFBeta, SelectionCriterion::kPrecisionAtTargetRecall,
        SelectionCriterion::kRecallAtTargetPrecision, SelectionCriterion::kLossFunction}) {
    reports_.clear();
    hyperparameters.binary_classifier_model_selection_criteria = criterion;
    LL_ASSERT_OK_AND_ASSIGN(const TrainResult result, Run(MakeLogisticRows(2000, 5, 1).ToDataset(),
                                                          MakeLogisticRows(2000, 5, 2).ToDataset(), hyperparameters));
    const std::map<std::string, double>& metrics = result.model.training().metrics;
    const std::string& name = reports_[0].criterion_name;
    switch (criterion) {
      case SelectionCriterion::kAccuracy: EXPECT_EQ(name, "sampled_accuracy"); break;
      case SelectionCriterion::kFBeta: EXPECT_EQ(name, "sampled_f_beta"); break;
      case SelectionCriterion::kPrecisionAtTargetRecall:
        EXPECT_EQ(name, "sampled_precision_at_target_recall");
        EXPECT_GE(metrics.at("validation:recall"), 0.95);
        break;
      case SelectionCriterion::kRecallAtTargetPrecision:
        EXPECT_EQ(name, "sampled_recall_at_target_precision");
        EXPECT_GE(metrics.at("validation:precision"), 0.93);
        break;
      case SelectionCriterion::kLossFunction:
        EXPECT_EQ(name, "binary_classification_cross_entropy_objective");
        EXPECT_EQ(result.model.threshold(), 0.5f);
        break;
    }
  }
}

// Everything a run decides, for bit-by-bit comparison.
struct Outcome {
  std::vector<double> numbers;
  std::map<std::string, double> metrics;
  bool operator==(const Outcome&) const = default;
};

Outcome OutcomeOf(const TrainResult& result, const std::vector<EpochReport>& reports) {
  Outcome outcome = {.numbers = std::vector<double>(result.model.weights().begin(), result.model.weights().end()),
                     .metrics = result.model.training().metrics};
  outcome.numbers.push_back(result.model.bias()[0]);
  outcome.numbers.push_back(static_cast<double>(result.model.threshold()));
  outcome.numbers.push_back(result.model.training().best_candidate);
  outcome.numbers.push_back(result.model.training().best_epoch);
  for (const EpochReport& report : reports) {
    for (const CandidateProgress& candidate : report.candidates) {
      outcome.numbers.push_back(candidate.train_loss);
      outcome.numbers.push_back(candidate.validation_loss.value_or(0));
      outcome.numbers.push_back(candidate.criterion.value_or(0));
    }
  }
  return outcome;
}

Outcome TrainOn(int workers, int models, bool with_validation) {
  Dataset train = MakeLogisticRows(900, 120, 1).ToDataset();
  Dataset validation = MakeLogisticRows(700, 120, 2).ToDataset();
  ThreadPool pool(workers);
  Hyperparameters hyperparameters;
  hyperparameters.mini_batch_size = 400;
  hyperparameters.epochs = 4;
  hyperparameters.num_models = models;
  std::vector<EpochReport> reports;
  const absl::StatusOr<TrainResult> result = ll::learner::Train(
      train, with_validation ? &validation : nullptr, hyperparameters,
      {.executor = &pool, .on_epoch = [&](const EpochReport& report) { reports.push_back(report); }});
  EXPECT_THAT(result, ll::testing::IsOk());
  return OutcomeOf(*result, reports);
}

TEST(TrainerThreadsTest, TheModelIsTheSameBitForBitOnAnyNumberOfThreads) {
  for (const bool with_validation : {false, true}) {
    for (const int models : {1, 16, 32, 50}) {
      const Outcome expected = TrainOn(1, models, with_validation);
      for (const int workers : {2, 3, 4, 7}) {
        EXPECT_EQ(TrainOn(workers, models, with_validation), expected)
            << models << " models on " << workers << " threads, validation " << with_validation;
      }
    }
  }
}

TEST_F(TrainerTest, TheSeedDecidesTheStart) {
  std::set<double> losses;
  for (const uint64_t seed : {uint64_t{1}, uint64_t{1}, uint64_t{2}}) {
    seed_ = seed;
    reports_.clear();
    LL_ASSERT_OK(Run(MakeLogisticRows(300, 5, 1).ToDataset(), SmallHyperparameters()));
    losses.insert(reports_[0].candidates[0].train_loss);
  }
  EXPECT_EQ(losses.size(), 2u);
}

TEST_F(TrainerTest, TheModelAloneIsTheFirstOfTheGrid) {
  Hyperparameters hyperparameters = SmallHyperparameters();
  LL_ASSERT_OK(Run(MakeLogisticRows(300, 5, 1).ToDataset(), hyperparameters));
  const std::vector<EpochReport> grid = reports_;
  reports_.clear();
  hyperparameters.num_models = 1;
  LL_ASSERT_OK(Run(MakeLogisticRows(300, 5, 1).ToDataset(), hyperparameters));
  for (size_t epoch = 0; epoch < grid.size(); ++epoch) {
    EXPECT_EQ(reports_[epoch].candidates[0].train_loss, grid[epoch].candidates[0].train_loss);
  }
}

// Powers of two scale without rounding: only the weight may notice.
TEST_F(TrainerTest, ScalingAFeatureChangesItsWeightAlone) {
  Hyperparameters hyperparameters = SmallHyperparameters();
  hyperparameters.normalize_data = true;
  SyntheticRows rows = MakeLogisticRows(300, 5, 1);
  LL_ASSERT_OK_AND_ASSIGN(const TrainResult plain, Run(rows.ToDataset(), hyperparameters));
  for (int64_t i = 0; i < rows.rows(); ++i) rows.at(i, 2) *= 1024;
  LL_ASSERT_OK_AND_ASSIGN(const TrainResult scaled, Run(rows.ToDataset(), hyperparameters));
  for (size_t j = 0; j < 5; ++j) {
    EXPECT_EQ(scaled.model.weights()[j] * (j == 2 ? 1024 : 1), plain.model.weights()[j]);
  }
  EXPECT_EQ(scaled.model.bias()[0], plain.model.bias()[0]);
  EXPECT_EQ(scaled.model.feature_deviations()[2], 1024 * plain.model.feature_deviations()[2]);
}

// A column like a date written as a number: its differences must survive, in training and in the folded model.
TEST_F(TrainerTest, AFeatureFarFromZeroIsWorthAsMuchAsOneNearIt) {
  SyntheticRows near = MakeLogisticRows(2000, 3, 1, /*signal=*/8);
  for (int64_t i = 0; i < near.rows(); ++i) near.at(i, 0) = std::round(near.at(i, 0) * 100) * 2;
  SyntheticRows far = near;
  for (int64_t i = 0; i < far.rows(); ++i) far.at(i, 0) += 20'000'000;
  LL_ASSERT_OK_AND_ASSIGN(const TrainResult plain, Run(near.ToDataset(), near.ToDataset(), SmallHyperparameters()));
  LL_ASSERT_OK_AND_ASSIGN(const TrainResult shifted, Run(far.ToDataset(), far.ToDataset(), SmallHyperparameters()));
  EXPECT_NEAR(scales_[1].mean[0], 20'000'000 + scales_[0].mean[0], 1e-6);
  EXPECT_NEAR(scales_[1].deviation[0], scales_[0].deviation[0], 1e-6);
  EXPECT_NEAR(shifted.model.training().metrics.at("validation:objective_loss"),
              plain.model.training().metrics.at("validation:objective_loss"), 1e-3);
  Scores near_scores;
  plain.model.Score(near.values.data(), near.rows(), &near_scores);
  Scores far_scores;
  shifted.model.Score(far.values.data(), far.rows(), &far_scores);
  for (size_t i = 0; i < far_scores.values.size(); ++i) {
    ASSERT_NEAR(far_scores.values[i], near_scores.values[i], 0.02) << i;
  }
}

TEST_F(TrainerTest, TrainingAgainOnTheSameRowsGivesTheSameBits) {
  SyntheticRows rows = MakeLogisticRows(300, 3, 1);
  for (int64_t i = 0; i < rows.rows(); ++i) rows.at(i, 1) += 5000;
  Dataset train = rows.ToDataset();
  Dataset validation = rows.ToDataset();
  LL_ASSERT_OK_AND_ASSIGN(const TrainResult first,
                          ll::learner::Train(train, &validation, SmallHyperparameters(), Hooks()));
  EXPECT_NE(train.offsets()[1], 0);
  LL_ASSERT_OK_AND_ASSIGN(const TrainResult second,
                          ll::learner::Train(train, &validation, SmallHyperparameters(), Hooks()));
  EXPECT_EQ(first.model.weights(), second.model.weights());
  EXPECT_EQ(first.model.bias(), second.model.bias());
  EXPECT_EQ(first.model.training().metrics, second.model.training().metrics);
}

TEST_F(TrainerTest, TheModelScoresAsItsPartsSay) {
  const Dataset data = MakeLogisticRows(200, 6, 3).ToDataset();
  LL_ASSERT_OK_AND_ASSIGN(const TrainResult result,
                          Run(MakeLogisticRows(200, 6, 3).ToDataset(), SmallHyperparameters()));
  Scores scores;
  result.model.Score(data.values(), data.rows(), &scores);
  for (int64_t i = 0; i < data.rows(); ++i) {
    double margin = result.model.bias()[0];
    for (size_t j = 0; j < 6; ++j) margin += result.model.weights()[j] * static_cast<double>(data.row(i)[j]);
    const auto row = static_cast<size_t>(i);
    EXPECT_NEAR(scores.values[row], 1 / (1 + std::exp(-margin)), 1e-7);
    EXPECT_EQ(scores.labels[row], scores.values[row] >= result.model.threshold() ? 1 : 0);
  }
}

TEST_F(TrainerTest, WithoutBiasTheModelHasNone) {
  Hyperparameters hyperparameters = SmallHyperparameters();
  hyperparameters.use_bias = false;
  SyntheticRows rows = MakeLogisticRows(300, 3, 1);
  for (int64_t i = 0; i < rows.rows(); ++i) rows.at(i, 1) += 1000;  // neither centred nor shifted
  LL_ASSERT_OK_AND_ASSIGN(const TrainResult result, Run(rows.ToDataset(), hyperparameters));
  EXPECT_EQ(result.model.bias()[0], 0);
}

TEST_F(TrainerTest, BalancedWeightsCountBothClassesAlike) {
  SyntheticRows rows = MakeLogisticRows(1000, 4, 1);
  for (int64_t i = 0; i < rows.rows(); ++i) {
    if (i % 5 != 0) rows.labels[static_cast<size_t>(i)] = 0;
  }
  const auto positives = static_cast<double>(std::count(rows.labels.begin(), rows.labels.end(), 1.f));
  Hyperparameters hyperparameters = SmallHyperparameters();
  LL_ASSERT_OK_AND_ASSIGN(const TrainResult plain, Run(rows.ToDataset(), hyperparameters));
  hyperparameters.positive_example_weight_mult.kind = PositiveExampleWeight::Kind::kBalanced;
  LL_ASSERT_OK_AND_ASSIGN(const TrainResult balanced, Run(rows.ToDataset(), hyperparameters));
  EXPECT_EQ(plain.weights.positive, 1);
  EXPECT_DOUBLE_EQ(balanced.weights.positive, (1000 - positives) / positives);
  EXPECT_GT(balanced.model.bias()[0], plain.model.bias()[0] + 0.5);
  EXPECT_THAT(balanced.model.training().metrics, Contains(Key("train:unweighted_loss")));
}

// A decay of 300 at rate 0.1 throws weights to 30 times their size with every update; at 0.005 it only shrinks them.
TEST_F(TrainerTest, ADivergedModelIsNeverChosen) {
  Hyperparameters hyperparameters = SmallHyperparameters();
  hyperparameters.wd = 300;
  hyperparameters.epochs = 10;
  for (const bool with_validation : {false, true}) {
    reports_.clear();
    LL_ASSERT_OK_AND_ASSIGN(const TrainResult result,
                            with_validation ? Run(MakeLogisticRows(600, 5, 1).ToDataset(),
                                                  MakeLogisticRows(300, 5, 2).ToDataset(), hyperparameters)
                                            : Run(MakeLogisticRows(600, 5, 1).ToDataset(), hyperparameters));
    int diverged = 0;
    for (const CandidateSummary& candidate : result.model.training().candidates) {
      diverged += candidate.diverged ? 1 : 0;
      EXPECT_TRUE(std::isfinite(candidate.train_loss));
    }
    EXPECT_GT(diverged, 0);
    EXPECT_LT(diverged, 32);
    const size_t best = static_cast<size_t>(result.model.training().best_candidate);
    EXPECT_FALSE(result.model.training().candidates[best].diverged);
    for (const EpochReport& report : reports_) {
      EXPECT_FALSE(report.candidates[static_cast<size_t>(report.best_candidate)].diverged);
    }
  }
}

TEST_F(TrainerTest, WhenAllDivergeItSaysSo) {
  Hyperparameters hyperparameters = SmallHyperparameters();
  hyperparameters.learning_rate = 1e38;
  const auto result = Run(MakeLogisticRows(600, 5, 1).ToDataset(), hyperparameters);
  EXPECT_THAT(result, StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("all 32 models")));
  EXPECT_THAT(result, HasReason(ErrorReason::kTrainingDiverged));
}

TEST_F(TrainerTest, StopsEarlyWhenNothingImproves) {
  Hyperparameters hyperparameters = SmallHyperparameters();
  hyperparameters.epochs = 100;
  hyperparameters.early_stopping_patience = 2;
  hyperparameters.early_stopping_tolerance = 0.05;
  LL_ASSERT_OK_AND_ASSIGN(const TrainResult result, Run(MakeLogisticRows(600, 5, 1).ToDataset(), hyperparameters));
  EXPECT_TRUE(result.stopped_early);
  EXPECT_FALSE(result.interrupted);
  EXPECT_LT(result.model.training().epochs_run, 100);
  EXPECT_EQ(static_cast<int>(reports_.size()), result.model.training().epochs_run);
}

TEST_F(TrainerTest, AStopKeepsTheBestSoFar) {
  int asked = 0;
  stop_requested_ = [&] { return ++asked > 30; };  // 12 mini-batches an epoch
  LL_ASSERT_OK_AND_ASSIGN(const TrainResult result,
                          Run(MakeLogisticRows(600, 5, 1).ToDataset(), SmallHyperparameters()));
  EXPECT_TRUE(result.interrupted);
  EXPECT_EQ(result.model.training().epochs_run, 2);
  EXPECT_EQ(asked, 31);
}

TEST_F(TrainerTest, AStopBeforeTheFirstEpochIsCancelled) {
  stop_requested_ = [] { return true; };
  EXPECT_THAT(Run(MakeLogisticRows(600, 5, 1).ToDataset(), SmallHyperparameters()),
              StatusIs(absl::StatusCode::kCancelled));
}

// Labels far from zero, in units of their own: 5000 + 40 times a linear function of the features.
SyntheticRows RegressionRows(int64_t rows, uint64_t seed) {
  SyntheticRows data = MakeLogisticRows(rows, 4, seed);
  for (int64_t i = 0; i < rows; ++i) {
    const double f = data.at(i, 0) - 2.0 * data.at(i, 1) + 0.5 * data.at(i, 3);
    data.labels[static_cast<size_t>(i)] = static_cast<float>(5000 + 40 * f + static_cast<double>(i % 3 - 1));
  }
  return data;
}

class RegressorTest : public TrainerTest, public ::testing::WithParamInterface<Loss> {};

TEST_P(RegressorTest, LearnsALinearFunctionInUnitsOfTheLabel) {
  Hyperparameters hyperparameters = SmallHyperparameters();
  hyperparameters.predictor_type = PredictorType::kRegressor;
  hyperparameters.loss = GetParam();
  hyperparameters.epochs = 15;
  LL_ASSERT_OK_AND_ASSIGN(const TrainResult result, Run(RegressionRows(3000, 1).ToDataset(),
                                                        RegressionRows(500, 2).ToDataset(), hyperparameters));
  EXPECT_EQ(result.model.schema().score_kind(), ScoreKind::kValue);
  EXPECT_NEAR(result.model.weights()[0], 40, 1);
  EXPECT_NEAR(result.model.weights()[1], -80, 1);
  EXPECT_NEAR(result.model.weights()[2], 0, 1);
  EXPECT_NEAR(result.model.bias()[0], 5000, 2);
  const std::map<std::string, double>& metrics = result.model.training().metrics;
  EXPECT_LT(metrics.at("validation:rmse"), 2);
  EXPECT_NEAR(scales_[0].label->mean, 5000, 10);
  // The epoch's validation loss is in units of the label too.
  const EpochReport& kept = reports_[static_cast<size_t>(result.model.training().best_epoch)];
  EXPECT_NEAR(metrics.at("validation:objective_loss"), kept.criterion_value, 1e-3 * kept.criterion_value + 1e-6);
}

INSTANTIATE_TEST_SUITE_P(Losses, RegressorTest,
                         ::testing::Values(Loss::kSquared, Loss::kAbsolute, Loss::kEpsInsensitiveSquared,
                                           Loss::kEpsInsensitiveAbsolute, Loss::kQuantile, Loss::kHuber),
                         [](const ::testing::TestParamInfo<Loss>& info) { return std::string(Name(info.param)); });

TEST_F(TrainerTest, LabelsStayAsTheyAreWhereAsked) {
  Hyperparameters hyperparameters = SmallHyperparameters();
  hyperparameters.predictor_type = PredictorType::kRegressor;
  hyperparameters.normalize_label = false;
  hyperparameters.unbias_label = false;
  SyntheticRows rows = RegressionRows(2000, 1);
  for (float& label : rows.labels) label = (label - 5000) / 40;
  LL_ASSERT_OK_AND_ASSIGN(const TrainResult result, Run(rows.ToDataset(), hyperparameters));
  EXPECT_EQ(scales_[0].label->mean, 0);
  EXPECT_EQ(scales_[0].label->deviation, 1);
  EXPECT_NEAR(result.model.weights()[1], -2, 0.05);
}

TEST_F(TrainerTest, AHingeModelScoresMarginsThatCutNearOneHalf) {
  Hyperparameters hyperparameters = SmallHyperparameters();
  hyperparameters.loss = Loss::kHinge;
  LL_ASSERT_OK_AND_ASSIGN(const TrainResult result,
                          Run(MakeLogisticRows(3000, 8, 1, /*signal=*/20).ToDataset(), hyperparameters));
  EXPECT_EQ(result.model.schema().score_kind(), ScoreKind::kMargin);
  EXPECT_NEAR(result.model.threshold(), 0.5, 1) << "between the margins of the classes";
  EXPECT_GT(result.model.training().metrics.at("train:binary_classification_accuracy"), 0.95);
}

// Three classes by the greatest of three features; the third is rare.
SyntheticRows ThreeClasses(int64_t rows, uint64_t seed) {
  SyntheticRows data = MakeLogisticRows(rows, 4, seed);
  for (int64_t i = 0; i < rows; ++i) {
    const float third = data.at(i, 2) - 1.5f;
    const int label = data.at(i, 0) > data.at(i, 1) ? (third > data.at(i, 0) ? 2 : 0) : (third > data.at(i, 1) ? 2 : 1);
    data.labels[static_cast<size_t>(i)] = static_cast<float>(label);
  }
  return data;
}

Hyperparameters ThreeClassHyperparameters() {
  Hyperparameters hyperparameters = SmallHyperparameters();
  hyperparameters.predictor_type = PredictorType::kMulticlassClassifier;
  hyperparameters.num_classes = 3;
  return hyperparameters;
}

TEST_F(TrainerTest, LearnsClasses) {
  LL_ASSERT_OK_AND_ASSIGN(
      const TrainResult result,
      Run(ThreeClasses(3000, 1).ToDataset(), ThreeClasses(1000, 2).ToDataset(), ThreeClassHyperparameters()));
  EXPECT_EQ(result.model.schema().outputs, 3);
  EXPECT_EQ(reports_[0].candidates.size(), 28u);
  EXPECT_EQ(reports_[0].criterion_name, "multiclass_cross_entropy_objective");
  EXPECT_GT(result.model.training().metrics.at("validation:multiclass_accuracy"), 0.93);
}

TEST_F(TrainerTest, BalancedClassesRaiseTheRecallOfTheRareOne) {
  Hyperparameters hyperparameters = ThreeClassHyperparameters();
  LL_ASSERT_OK_AND_ASSIGN(const TrainResult plain, Run(ThreeClasses(3000, 1).ToDataset(), hyperparameters));
  hyperparameters.balance_multiclass_weights = true;
  LL_ASSERT_OK_AND_ASSIGN(const TrainResult balanced, Run(ThreeClasses(3000, 1).ToDataset(), hyperparameters));
  ASSERT_EQ(balanced.weights.classes.size(), 3u);
  double shares = 0;
  for (const double weight : balanced.weights.classes) shares += 1 / weight;
  EXPECT_NEAR(shares, 1, 1e-12);
  EXPECT_GT(balanced.model.bias()[2] - balanced.model.bias()[0], plain.model.bias()[2] - plain.model.bias()[0] + 0.5);
}

// Every kind of task and every layout of lanes.
TEST(TrainerThreadsTest, OtherTasksAreTheSameBitForBitOnAnyNumberOfThreads) {
  for (const int models : {1, 3, 28, 40}) {
    for (const bool regressor : {false, true}) {
      std::vector<std::vector<double>> weights;
      for (const int workers : {1, 2, 3}) {
        Hyperparameters hyperparameters = ThreeClassHyperparameters();
        if (regressor) hyperparameters.predictor_type = PredictorType::kRegressor;
        hyperparameters.num_models = models;
        hyperparameters.mini_batch_size = 300;
        hyperparameters.epochs = 2;
        Dataset train = (regressor ? RegressionRows(700, 1) : ThreeClasses(700, 1)).ToDataset();
        Dataset validation = (regressor ? RegressionRows(300, 2) : ThreeClasses(300, 2)).ToDataset();
        ThreadPool pool(workers);
        LL_ASSERT_OK_AND_ASSIGN(const TrainResult result,
                                ll::learner::Train(train, &validation, hyperparameters, {.executor = &pool}));
        weights.emplace_back(result.model.weights().begin(), result.model.weights().end());
        for (const CandidateSummary& candidate : result.model.training().candidates) {
          weights.back().push_back(candidate.train_loss);
          weights.back().push_back(*candidate.validation_loss);
        }
      }
      EXPECT_EQ(weights[1], weights[0]) << models;
      EXPECT_EQ(weights[2], weights[0]) << models;
    }
  }
}

TEST_F(TrainerTest, RefusesLabelsOutsideTheClasses) {
  SyntheticRows rows = ThreeClasses(100, 1);
  for (const float bad : {3.f, -1.f, 0.5f}) {
    rows.labels[41] = bad;
    EXPECT_THAT(Run(rows.ToDataset(), ThreeClassHyperparameters()),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("row 42 of the train channel")));
  }
}

TEST_F(TrainerTest, RefusesLabelsThatAreNotZeroOrOne) {
  SyntheticRows rows = MakeLogisticRows(100, 2, 1);
  rows.labels[41] = 2;
  const auto result = Run(rows.ToDataset(), SmallHyperparameters());
  EXPECT_THAT(result, StatusIs(absl::StatusCode::kInvalidArgument,
                               AllOf(HasSubstr("row 42 of the train channel"), HasSubstr("its label is 2"))));
  EXPECT_THAT(result, HasReason(ErrorReason::kInvalidData));
  EXPECT_THAT(Run(MakeLogisticRows(100, 2, 1).ToDataset(), rows.ToDataset(), SmallHyperparameters()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("row 42 of the validation channel")));
  rows.labels[41] = std::nanf("");
  EXPECT_THAT(Run(rows.ToDataset(), SmallHyperparameters()), HasReason(ErrorReason::kInvalidData));
  rows.labels = {};
  EXPECT_THAT(Run(Dataset::FromRows(rows.values, {}, 2), SmallHyperparameters()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no labels")));
}

TEST_F(TrainerTest, RefusesWidthsThatDoNotAgree) {
  Hyperparameters hyperparameters = SmallHyperparameters();
  hyperparameters.feature_dim = 3;
  EXPECT_THAT(Run(MakeLogisticRows(100, 2, 1).ToDataset(), hyperparameters),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("2 features, and feature_dim is 3")));
  EXPECT_THAT(
      Run(MakeLogisticRows(100, 2, 1).ToDataset(), MakeLogisticRows(100, 4, 1).ToDataset(), SmallHyperparameters()),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("4 features, those of train have 2")));
}

class OptimizerTest : public TrainerTest, public ::testing::WithParamInterface<Optimizer> {};

TEST_P(OptimizerTest, LearnsEveryTaskAtItsOwnRates) {
  Hyperparameters hyperparameters = SmallHyperparameters();
  hyperparameters.optimizer = GetParam();
  hyperparameters.epochs = 15;
  LL_ASSERT_OK_AND_ASSIGN(const TrainResult binary,
                          Run(MakeLogisticRows(3000, 8, 1, /*signal=*/20).ToDataset(), hyperparameters));
  EXPECT_GT(binary.model.training().metrics.at("train:binary_classification_accuracy"), 0.95);
  EXPECT_EQ(binary.model.training().candidates[0].hyperparameters.at("optimizer"), Name(GetParam()));
  EXPECT_FALSE(binary.model.training().candidates[0].diverged);
  hyperparameters.predictor_type = PredictorType::kRegressor;
  LL_ASSERT_OK_AND_ASSIGN(const TrainResult regressor, Run(RegressionRows(3000, 1).ToDataset(), hyperparameters));
  EXPECT_LT(regressor.model.training().metrics.at("train:rmse"), 3);
  EXPECT_FALSE(regressor.model.training().candidates[0].diverged);
  hyperparameters = ThreeClassHyperparameters();
  hyperparameters.optimizer = GetParam();
  hyperparameters.epochs = 15;
  LL_ASSERT_OK_AND_ASSIGN(const TrainResult multiclass, Run(ThreeClasses(3000, 1).ToDataset(), hyperparameters));
  EXPECT_GT(multiclass.model.training().metrics.at("train:multiclass_accuracy"), 0.9);
}

INSTANTIATE_TEST_SUITE_P(Optimizers, OptimizerTest,
                         ::testing::Values(Optimizer::kAdam, Optimizer::kSgd, Optimizer::kRmsprop),
                         [](const ::testing::TestParamInfo<Optimizer>& info) { return std::string(Name(info.param)); });

TEST_F(TrainerTest, TheWeightOfPositivesCanBeSearched) {
  SyntheticRows rows = MakeLogisticRows(1000, 4, 1);
  for (int64_t i = 0; i < rows.rows(); ++i) {
    if (i % 5 != 0) rows.labels[static_cast<size_t>(i)] = 0;
  }
  Hyperparameters hyperparameters = SmallHyperparameters();
  hyperparameters.positive_example_weight_mult.kind = PositiveExampleWeight::Kind::kAuto;
  LL_ASSERT_OK_AND_ASSIGN(const TrainResult result, Run(rows.ToDataset(), rows.ToDataset(), hyperparameters));
  const TrainingRecord& record = result.model.training();
  EXPECT_EQ(record.candidates[0].hyperparameters.count("positive_example_weight_mult"), 0u);
  EXPECT_EQ(record.candidates[1].hyperparameters.count("positive_example_weight_mult"), 1u);
  const bool weighted = record.best_candidate % 2 == 1;
  EXPECT_EQ(result.weights.positive != 1, weighted);
}

TEST_F(TrainerTest, WarnsAboutAMiniBatchLargerThanTheData) {
  Hyperparameters hyperparameters = SmallHyperparameters();
  hyperparameters.mini_batch_size = 1000;
  LL_ASSERT_OK(Run(MakeLogisticRows(100, 2, 1).ToDataset(), hyperparameters));
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("there are only 100 rows")));
}

// Two hundred rows at mini-batches of 1000 would be fifteen updates in all.
TEST_F(TrainerTest, ByDefaultLittleDataIsLearntAsWell) {
  Hyperparameters hyperparameters;
  hyperparameters.predictor_type = PredictorType::kRegressor;
  SyntheticRows rows = MakeLogisticRows(200, 3, 1);
  for (int64_t i = 0; i < 200; ++i) rows.labels[static_cast<size_t>(i)] = 7 + 5 * rows.at(i, 0) - 3 * rows.at(i, 2);
  LL_ASSERT_OK_AND_ASSIGN(const TrainResult result, Run(rows.ToDataset(), hyperparameters));
  EXPECT_THAT(warnings_, IsEmpty());
  EXPECT_EQ(reports_[0].mini_batches, 50);
  EXPECT_LT(result.model.training().metrics.at("train:rmse"), 0.01);
}

TEST_F(TrainerTest, WarnsAboutASingleClass) {
  SyntheticRows rows = MakeLogisticRows(100, 2, 1);
  std::fill(rows.labels.begin(), rows.labels.end(), 1.f);
  LL_ASSERT_OK_AND_ASSIGN(const TrainResult result, Run(rows.ToDataset(), SmallHyperparameters()));
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("every label of the train channel is 1")));
  EXPECT_EQ(result.model.training().metrics.at("train:binary_classification_accuracy"), 1);
}

TEST_F(TrainerTest, OneRowIsEnough) { LL_ASSERT_OK(Run(Dataset::FromRows({1, 2, 3}, {1}, 3), SmallHyperparameters())); }

TEST_F(TrainerTest, TheRecordTellsHowTheModelCameToBe) {
  Hyperparameters hyperparameters = SmallHyperparameters();
  hyperparameters.learning_rate = 0.03;
  seed_ = 99;
  LL_ASSERT_OK_AND_ASSIGN(const TrainResult result, Run(MakeLogisticRows(300, 5, 1).ToDataset(), hyperparameters));
  const TrainingRecord& record = result.model.training();
  EXPECT_EQ(record.seed, 99u);
  EXPECT_EQ(record.train_rows, 300);
  EXPECT_EQ(record.epochs_run, 6);
  ASSERT_EQ(record.candidates.size(), 32u);
  EXPECT_EQ(record.candidates[7].index, 7);
  EXPECT_EQ(record.candidates[7].hyperparameters.at("learning_rate"), "0.03");
  EXPECT_EQ(record.candidates[7].train_loss, reports_.back().candidates[7].train_loss);
  EXPECT_EQ(result.model.schema().feature_dim, 5);
}

}  // namespace
}  // namespace ll::learner
