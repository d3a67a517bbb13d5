#include "learner/objective.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "learner/link.h"
#include "learner/tile_storage.h"

namespace ll::learner {
namespace {

using ::testing::DoubleEq;
using ::testing::ElementsAre;

// Every loss by its name.
std::unique_ptr<Objective> Make(Loss loss, Hyperparameters hyperparameters = {}) {
  hyperparameters.loss = loss;
  return MakeObjective(hyperparameters);
}

struct Example {
  double margin;
  double label;
  double loss;
  double gradient;
};

void ExpectFollows(const Objective& objective, const std::vector<Example>& table) {
  for (const Example& example : table) {
    SCOPED_TRACE(absl::StrCat(objective.name(), " margin ", example.margin, " label ", example.label));
    EXPECT_NEAR(objective.Loss(example.margin, example.label), example.loss, 1e-14 * (1e-6 + example.loss));
    EXPECT_NEAR(objective.Gradient(example.margin, example.label), example.gradient,
                1e-14 * (1e-6 + std::fabs(example.gradient)));
  }
}

// Numbers to check by hand.
TEST(LossTablesTest, Logistic) {
  const double e = std::exp(1.0);
  ExpectFollows(*Make(Loss::kLogistic), {{0, 0, std::log(2.0), 0.5},
                                         {0, 1, std::log(2.0), -0.5},
                                         {1, 0, std::log(1 + e), e / (1 + e)},
                                         {1, 1, std::log(1 + 1 / e), -1 / (1 + e)},
                                         {800, 0, 800, 1},
                                         {-800, 1, 800, -1},
                                         {800, 1, 0, 0},
                                         // Far on the right side, the little that is left must not be lost to 1 - 1.
                                         {-40, 0, std::exp(-40.0), std::exp(-40.0)},
                                         {40, 1, std::exp(-40.0), -std::exp(-40.0)}});
}

// With margin m a positive costs nothing from (m+1)/2 on, a negative up to (1-m)/2: they meet half-way at 1/2.
TEST(LossTablesTest, Hinge) {
  ExpectFollows(*Make(Loss::kHinge), {{0, 1, 1, -1},
                                      {0.25, 1, 0.75, -1},
                                      {1, 1, 0, 0},
                                      {3, 1, 0, 0},
                                      {0, 0, 0, 0},
                                      {0.25, 0, 0.25, 1},
                                      {-1, 0, 0, 0}});
  ExpectFollows(*Make(Loss::kHinge, {.margin = 3}),
                {{0, 1, 2, -1}, {0, 0, 1, 1}, {-1, 0, 0, 0}, {2, 1, 0, 0}, {0.5, 1, 1.5, -1}, {0.5, 0, 1.5, 1}});
}

TEST(LossTablesTest, Regression) {
  ExpectFollows(*Make(Loss::kSquared), {{3, 1, 4, 4}, {-1, 1, 4, -4}, {1, 1, 0, 0}});
  ExpectFollows(*Make(Loss::kAbsolute), {{3, 1, 2, 1}, {-1, 1, 2, -1}, {1, 1, 0, 0}});
  const Hyperparameters half = {.loss_insensitivity = 0.5};
  ExpectFollows(*Make(Loss::kEpsInsensitiveSquared, half),
                {{2, 1, 0.75, 2}, {1.5, 1, 0, 0}, {0.75, 1, 0, 0}, {-1, 1, 3.75, -4}});
  ExpectFollows(*Make(Loss::kEpsInsensitiveAbsolute, half),
                {{2, 1, 0.5, 1}, {1.5, 1, 0, 0}, {0.75, 1, 0, 0}, {-1, 1, 1.5, -1}});
  ExpectFollows(*Make(Loss::kQuantile, {.quantile = 0.75}), {{0, 2, 1.5, -0.75}, {4, 2, 0.5, 0.25}, {2, 2, 0, 0}});
  ExpectFollows(*Make(Loss::kHuber, {.huber_delta = 2}),
                {{1, 0, 0.5, 1}, {2, 0, 2, 2}, {5, 0, 8, 2}, {-5, 0, 8, -2}, {0, 0, 0, 0}});
}

TEST(LossTablesTest, Softmax) {
  const std::unique_ptr<Objective> objective =
      MakeObjective({.predictor_type = PredictorType::kMulticlassClassifier, .num_classes = 3});
  ASSERT_EQ(objective->outputs(), 3);
  const std::vector<double> margins = {0, std::log(2.0), std::log(5.0)};  // probabilities 1/8, 2/8, 5/8
  EXPECT_DOUBLE_EQ(objective->Loss(margins, 1), std::log(4.0));
  std::vector<double> gradient(3);
  objective->Gradient(margins, 1, absl::MakeSpan(gradient));
  EXPECT_THAT(gradient, ElementsAre(DoubleEq(0.125), DoubleEq(-0.75), DoubleEq(0.625)));
  EXPECT_DOUBLE_EQ(objective->Loss({1000, 0, 0}, 1), 1000);
}

// A loss of labels divided by s, with its own parameter divided alike, is s^-degree the loss.
TEST(ObjectiveUnitsTest, LossesHaveTheirDegree) {
  const double s = 4;
  const Hyperparameters parameters = {
      .predictor_type = PredictorType::kRegressor, .huber_delta = 1.5, .loss_insensitivity = 0.5, .quantile = 0.3};
  for (const Loss loss : {Loss::kSquared, Loss::kAbsolute, Loss::kEpsInsensitiveSquared, Loss::kEpsInsensitiveAbsolute,
                          Loss::kQuantile, Loss::kHuber}) {
    Hyperparameters hyperparameters = parameters;
    hyperparameters.loss = loss;
    const std::unique_ptr<Objective> raw = MakeObjective(hyperparameters);
    const std::unique_ptr<Objective> scaled = MakeObjective(hyperparameters, s);
    for (const double e : {-9.0, -1.0, 0.25, 1.0, 7.0}) {
      EXPECT_NEAR(scaled->Loss((3 + e) / s, 3 / s) * std::pow(s, raw->degree()), raw->Loss(3 + e, 3), 1e-12)
          << Name(loss) << e;
    }
  }
}

struct FamilyCase {
  Loss loss;
  std::vector<double> labels;
};

class ObjectiveTest : public ::testing::TestWithParam<FamilyCase> {
 protected:
  const std::unique_ptr<Objective> objective_ =
      Make(GetParam().loss, {.huber_delta = 0.75, .loss_insensitivity = 0.4, .margin = 1.5, .quantile = 0.8});
};

// Margins between the kinks, which all lie at multiples of 0.05.
TEST_P(ObjectiveTest, TheGradientIsTheSlopeOfTheLoss) {
  constexpr double kStep = 1e-5;
  for (const double label : GetParam().labels) {
    for (double margin = -8.02; margin <= 8; margin += 0.35) {
      const double slope =
          (objective_->Loss(margin + kStep, label) - objective_->Loss(margin - kStep, label)) / (2 * kStep);
      EXPECT_NEAR(objective_->Gradient(margin, label), slope, 1e-8) << margin << " " << label;
    }
  }
}

TEST_P(ObjectiveTest, TheBestConstantHasNoBetterNeighbour) {
  std::vector<float> labels;
  for (int i = 0; i < 7; ++i) {
    labels.push_back(static_cast<float>(GetParam().labels[i % 3 == 1 ? GetParam().labels.size() - 1 : 0]));
  }
  for (const double weight : {0.3, 1.0, 4.0}) {
    const ExampleWeights weights = {.positive = weight};
    const auto loss_at = [&](double margin) {
      double total = 0;
      for (const float label : labels) total += weights.Of(label) * objective_->Loss(margin, label);
      return total;
    };
    const double best = objective_->BestConstant(labels, weights)[0];
    EXPECT_LE(loss_at(best), loss_at(best - 1e-3) + 1e-12);
    EXPECT_LE(loss_at(best), loss_at(best + 1e-3) + 1e-12);
  }
}

TEST_P(ObjectiveTest, TheBestConstantIsFiniteForOneLabel) {
  for (const double label : GetParam().labels) {
    const std::vector<float> labels(2, static_cast<float>(label));
    EXPECT_TRUE(std::isfinite(objective_->BestConstant(labels, {})[0]));
  }
}

TEST_P(ObjectiveTest, LanesAgreeWithTheDefinition) {
  constexpr int kRows = 40;
  constexpr int kLanes = 2 * kernels::kTileModels;
  const bool classifier = objective_->degree() == 0;
  TileStorage<float> margins(kRows, 2);
  TileStorage<float> intercepts(1, 2);
  TileStorage<float> positive_weights(1, 2);
  std::vector<float> labels;
  for (int i = 0; i < kRows; ++i) {
    labels.push_back(static_cast<float>(GetParam().labels[static_cast<size_t>(i) % GetParam().labels.size()]));
    for (int m = 0; m < kLanes; ++m)
      margins.at(i, m) = 0.3f * static_cast<float>(i - 20) + 0.1f * static_cast<float>(m);
  }
  for (int m = 0; m < kLanes; ++m) {
    intercepts.lanes()[m] = static_cast<float>(m % 5) - 2.03f;
    positive_weights.lanes()[m] = classifier ? 1 + static_cast<float>(m % 3) : 1;
  }
  TileStorage<float> residuals = TileStorage<float>(kRows, 2);
  std::copy_n(margins.lanes(), kRows * kLanes, residuals.lanes());
  const ObjectiveLanes lanes = {
      .tiles = 2, .intercepts = intercepts.lanes(), .positive_weights = positive_weights.lanes()};
  std::vector<double> losses(kLanes);
  std::vector<double> losses_alone(kLanes);
  objective_->Losses(labels.data(), kRows, lanes, margins.matrix(), losses_alone.data());
  objective_->Residuals(labels.data(), kRows, lanes, residuals.matrix(), losses.data());
  for (int m = 0; m < kLanes; ++m) {
    double expected = 0;
    for (int i = 0; i < kRows; ++i) {
      const double label = labels[static_cast<size_t>(i)];
      const double margin = static_cast<double>(margins.at(i, m) + intercepts.lanes()[m]);
      const double weight = ExampleWeights{.positive = positive_weights.lanes()[m]}.Of(label);
      expected += weight * objective_->Loss(margin, label);
      EXPECT_NEAR(residuals.at(i, m), weight * objective_->Gradient(margin, label), 4e-6);
    }
    EXPECT_NEAR(losses[static_cast<size_t>(m)], expected, 1e-5 * expected);
    EXPECT_NEAR(losses_alone[static_cast<size_t>(m)], expected, 1e-5 * expected);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Losses, ObjectiveTest,
    ::testing::Values(FamilyCase{Loss::kLogistic, {0, 1}}, FamilyCase{Loss::kHinge, {0, 1}},
                      FamilyCase{Loss::kSquared, {-2, 0.5, 3}}, FamilyCase{Loss::kAbsolute, {-2, 0.5, 3}},
                      FamilyCase{Loss::kEpsInsensitiveSquared, {-2, 0.5, 3}},
                      FamilyCase{Loss::kEpsInsensitiveAbsolute, {-2, 0.5, 3}},
                      FamilyCase{Loss::kQuantile, {-2, 0.5, 3}}, FamilyCase{Loss::kHuber, {-2, 0.5, 3}}),
    [](const ::testing::TestParamInfo<FamilyCase>& info) { return std::string(Name(info.param.loss)); });

TEST(SoftmaxObjectiveTest, TheGradientIsTheSlopeOfTheLoss) {
  const std::unique_ptr<Objective> objective =
      MakeObjective({.predictor_type = PredictorType::kMulticlassClassifier, .num_classes = 4});
  constexpr double kStep = 1e-5;
  std::vector<double> margins = {0.3, -2, 1.5, 0.4};
  std::vector<double> gradient(4);
  for (const double label : {0.0, 2.0}) {
    objective->Gradient(margins, label, absl::MakeSpan(gradient));
    for (size_t k = 0; k < margins.size(); ++k) {
      std::vector<double> up = margins, down = margins;
      up[k] += kStep;
      down[k] -= kStep;
      EXPECT_NEAR(gradient[k], (objective->Loss(up, label) - objective->Loss(down, label)) / (2 * kStep), 1e-9);
    }
  }
}

TEST(SoftmaxObjectiveTest, TheBestConstantGivesTheSharesOfTheClasses) {
  const std::unique_ptr<Objective> objective =
      MakeObjective({.predictor_type = PredictorType::kMulticlassClassifier, .num_classes = 3});
  const std::vector<double> margins = objective->BestConstant({0, 0, 0, 2}, {.classes = {1, 1, 2}});
  EXPECT_NEAR(std::exp(margins[2] - margins[0]), 2. / 3, 1e-12);
  EXPECT_LT(margins[1], -30);
  EXPECT_TRUE(std::isfinite(margins[1]));
}

}  // namespace
}  // namespace ll::learner
