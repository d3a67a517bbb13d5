#include "learner/metrics.h"

#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/executor.h"
#include "base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "learner/ranked_scores.h"
#include "learner/testing/synthetic_data.h"

namespace ll::learner {
namespace {

using ::testing::DoubleEq;
using ::testing::ElementsAre;
using ::testing::Optional;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

TEST(ConfusionTest, CountsAndQuotients) {
  const ConfusionMatrix counts = CountConfusion({1, 1, 1, 0, 0, 0, 0, 1}, {1, 1, 0, 1, 0, 0, 0, 1});
  EXPECT_EQ(counts.true_positives, 3);
  EXPECT_EQ(counts.false_positives, 1);
  EXPECT_EQ(counts.false_negatives, 1);
  EXPECT_EQ(counts.true_negatives, 3);
  EXPECT_EQ(counts.accuracy(), 0.75);
  EXPECT_EQ(counts.precision(), 0.75);
  EXPECT_EQ(counts.recall(), 0.75);
  EXPECT_EQ(counts.f_beta(1), 0.75);
}

TEST(ConfusionTest, FBetaWeighsRecall) {
  const ConfusionMatrix counts = {.true_positives = 1, .false_positives = 1, .true_negatives = 0, .false_negatives = 3};
  // P = 1/2, R = 1/4: F_2 = 5 P R / (4 P + R)
  EXPECT_DOUBLE_EQ(counts.f_beta(2), 5 * 0.5 * 0.25 / (4 * 0.5 + 0.25));
}

TEST(ConfusionTest, NothingPositiveIsZeroNotNan) {
  const ConfusionMatrix counts = {.true_positives = 0, .false_positives = 0, .true_negatives = 5, .false_negatives = 0};
  EXPECT_EQ(counts.precision(), 0);
  EXPECT_EQ(counts.recall(), 0);
  EXPECT_EQ(counts.f_beta(1), 0);
}

TEST(RocAucTest, KnownValues) {
  EXPECT_THAT(RocAuc({0.1f, 0.4f, 0.35f, 0.8f}, {0, 0, 1, 1}), Optional(0.75));
  EXPECT_THAT(RocAuc({0.1f, 0.9f}, {0, 1}), Optional(1.0));
  EXPECT_THAT(RocAuc({0.1f, 0.9f}, {1, 0}), Optional(0.0));
  EXPECT_THAT(RocAuc({0.5f, 0.5f, 0.5f}, {1, 0, 0}), Optional(0.5));
  EXPECT_EQ(RocAuc({0.5f, 0.6f}, {1, 1}), std::nullopt);
}

TEST(RocAucTest, CountsPairsAndHalvesTies) {
  SeededRandom random(4);
  for (const uint64_t distinct : {uint64_t{3}, uint64_t{10}, uint64_t{100000}}) {
    std::vector<float> scores;
    std::vector<float> labels;
    for (int i = 0; i < 200; ++i) {
      scores.push_back(static_cast<float>(random.Below(distinct)) - 50);  // negative ones too
      labels.push_back(static_cast<float>(random.Below(2)));
    }
    double wins = 0;
    double pairs = 0;
    for (size_t i = 0; i < scores.size(); ++i) {
      for (size_t j = 0; j < scores.size(); ++j) {
        if (labels[i] != 1 || labels[j] != 0) continue;
        ++pairs;
        wins += scores[i] > scores[j] ? 1 : (scores[i] == scores[j] ? 0.5 : 0);
      }
    }
    EXPECT_THAT(RocAuc(scores, labels), Optional(DoubleEq(wins / pairs))) << distinct;
  }
}

TEST(RankedScoresTest, GroupsEqualScoresFromTheTop) {
  RankedScores ranked;
  ranked.Assign({0.f, -2.f, 3.f, -0.f, -2.f, 1e-45f}, {1, 0, 1, 0, 1, 1});
  std::vector<std::vector<double>> groups;
  ranked.ForEachGroup([&](const ScoreGroup& group) {
    groups.push_back({group.score, static_cast<double>(group.positives), static_cast<double>(group.negatives)});
  });
  EXPECT_THAT(groups, ElementsAre(ElementsAre(3, 1, 0), ElementsAre(1e-45f, 1, 0), ElementsAre(0, 1, 1),
                                  ElementsAre(-2, 1, 1)));
  EXPECT_EQ(ranked.positives(), 4);
  EXPECT_EQ(ranked.negatives(), 2);
}

TEST(MeasureTest, MeasuresEveryRow) {
  Model::Parts parts;
  parts.schema.feature_dim = 1;
  parts.weights = {1};
  parts.bias = {0};
  const Model model = Model::Create(parts).value();
  const std::unique_ptr<Objective> objective = MakeObjective({});
  const Dataset data = Dataset::FromRows({-1, 1, 2, 3}, {0, 0, 1, 1}, 1);
  ThreadPool pool(1);
  const double loss_0 = std::log1p(std::exp(-1.0)) + std::log1p(std::exp(1.0));
  const double loss_1 = std::log1p(std::exp(-2.0)) + std::log1p(std::exp(-3.0));
  EXPECT_THAT(MeasureModel(model, *objective, data, {.weights = {.positive = 3}}, pool),
              UnorderedElementsAre(Pair("objective_loss", DoubleEq((loss_0 + 3 * loss_1) / 4)),
                                   Pair("unweighted_loss", DoubleEq((loss_0 + loss_1) / 4)),
                                   Pair("binary_classification_accuracy", 0.75), Pair("precision", DoubleEq(2. / 3)),
                                   Pair("recall", 1), Pair("binary_f_beta", DoubleEq(0.8)), Pair("roc_auc_score", 1)));
}

TEST(MeasureTest, MeasuresARegressor) {
  Model::Parts parts;
  parts.schema.predictor_type = PredictorType::kRegressor;
  parts.schema.loss = Loss::kHuber;
  parts.schema.feature_dim = 1;
  parts.weights = {2};
  parts.bias = {1};
  const Model model = Model::Create(parts).value();
  const std::unique_ptr<Objective> objective =
      MakeObjective({.predictor_type = PredictorType::kRegressor, .loss = Loss::kHuber, .huber_delta = 1});
  const Dataset data = Dataset::FromRows({0, 1, 2}, {1, 4, 1}, 1);  // errors 0, -1, 4
  ThreadPool pool(1);
  EXPECT_THAT(
      MeasureModel(model, *objective, data, {}, pool),
      UnorderedElementsAre(Pair("objective_loss", DoubleEq(4. / 3)), Pair("mse", DoubleEq(17. / 3)),
                           Pair("rmse", DoubleEq(std::sqrt(17. / 3))), Pair("absolute_loss", DoubleEq(5. / 3))));
}

// Four examples of three classes; class 0 wins ties.
TEST(MeasureTest, MeasuresAMulticlassClassifier) {
  Model::Parts parts;
  parts.schema.predictor_type = PredictorType::kMulticlassClassifier;
  parts.schema.loss = Loss::kSoftmax;
  parts.schema.feature_dim = 1;
  parts.schema.outputs = 3;
  parts.weights = {0, 1, -1};
  parts.bias = {0, 0, 0};
  const Model model = Model::Create(parts).value();
  const std::unique_ptr<Objective> objective =
      MakeObjective({.predictor_type = PredictorType::kMulticlassClassifier, .num_classes = 3});
  // Ranks of the labels: x = 1: 1, 0, 2 -> label 1 is first; x = 1, label 0 is second; x = -1, label 1 is third;
  // x = 0: all equal, label 2 is third.
  const Dataset data = Dataset::FromRows({1, 1, -1, 0}, {1, 0, 1, 2}, 1);
  ThreadPool pool(1);
  const std::map<std::string, double> metrics =
      MeasureModel(model, *objective, data, {.accuracy_top_k = 2, .weights = {.classes = {1, 2, 3}}}, pool);
  EXPECT_DOUBLE_EQ(metrics.at("multiclass_accuracy"), 0.25);
  EXPECT_DOUBLE_EQ(metrics.at("multiclass_top_k_accuracy"), 0.5);
  EXPECT_DOUBLE_EQ(metrics.at("dcg"), (1 + 1 / std::log2(3.0) + 0.5 + 0.5) / 4);
  // Predicted 1, 1, 2, 0: precision 0, 1/2, 0; recall 0, 1/2, 0.
  EXPECT_DOUBLE_EQ(metrics.at("macro_precision"), 0.5 / 3);
  EXPECT_DOUBLE_EQ(metrics.at("macro_recall"), 0.5 / 3);
  EXPECT_DOUBLE_EQ(metrics.at("macro_f_beta"), 0.5 / 3);
  const double sum = 1 + std::exp(1.0) + std::exp(-1.0);
  const double losses[] = {std::log(sum) - 1, std::log(sum), std::log(sum) + 1, std::log(3.0)};
  EXPECT_NEAR(metrics.at("objective_loss"), (2 * losses[0] + losses[1] + 2 * losses[2] + 3 * losses[3]) / 4, 1e-12);
  EXPECT_NEAR(metrics.at("unweighted_loss"), (losses[0] + losses[1] + losses[2] + losses[3]) / 4, 1e-12);
}

TEST(MeasureTest, LeavesOutWhatIsNotDefined) {
  Model::Parts parts;
  parts.schema.feature_dim = 1;
  parts.weights = {1};
  parts.bias = {0};
  const Dataset data = Dataset::FromRows({1, 2}, {1, 1}, 1);
  ThreadPool pool(1);
  const std::map<std::string, double> metrics =
      MeasureModel(Model::Create(parts).value(), *MakeObjective({}), data, {}, pool);
  EXPECT_EQ(metrics.count("roc_auc_score"), 0u);
  EXPECT_EQ(metrics.count("unweighted_loss"), 0u);
}

TEST(MeasureTest, DoesNotDependOnTheNumberOfWorkers) {
  const testing::SyntheticRows rows = testing::MakeLogisticRows(2000, 5, 8);
  const Dataset data = rows.ToDataset();
  Model::Parts parts;
  parts.schema.feature_dim = 5;
  parts.weights = {1, -1, 1, -1, 1};
  parts.bias = {-0.5};
  const Model model = Model::Create(parts).value();
  const std::unique_ptr<Objective> objective = MakeObjective({});
  ThreadPool one(1);
  ThreadPool three(3);
  EXPECT_EQ(MeasureModel(model, *objective, data, {}, one), MeasureModel(model, *objective, data, {}, three));
}

}  // namespace
}  // namespace ll::learner
