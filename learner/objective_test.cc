#include "learner/objective.h"

#include <cmath>
#include <memory>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "learner/link.h"
#include "learner/tile_storage.h"
#include "tests/testing/status_matchers.h"

namespace ll::learner {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::StatusIs;
using ::testing::HasSubstr;

std::unique_ptr<Objective> Make(Loss loss) {
  Hyperparameters hyperparameters;
  hyperparameters.loss = loss;
  return MakeObjective(hyperparameters).value();
}

struct Example {
  double margin;
  double label;
  double loss;
  double gradient;
};

// Numbers to check by hand.
TEST(LogisticTest, FollowsItsTable) {
  const std::unique_ptr<Objective> objective = Make(Loss::kLogistic);
  const double e = std::exp(1.0);
  const std::vector<Example> table = {
      {0, 0, std::log(2.0), 0.5},
      {0, 1, std::log(2.0), -0.5},
      {1, 0, std::log(1 + e), e / (1 + e)},
      {1, 1, std::log(1 + 1 / e), -1 / (1 + e)},
      {800, 0, 800, 1},
      {-800, 1, 800, -1},
      {800, 1, 0, 0},
      // Far on the right side, the little that is left must not be lost to 1 - 1.
      {-40, 0, std::exp(-40.0), std::exp(-40.0)},
      {40, 1, std::exp(-40.0), -std::exp(-40.0)},
  };
  for (const Example& example : table) {
    EXPECT_NEAR(objective->Loss(example.margin, example.label), example.loss, 1e-14 * (1e-6 + example.loss));
    EXPECT_NEAR(objective->Gradient(example.margin, example.label), example.gradient,
                1e-14 * (1e-6 + std::fabs(example.gradient)));
  }
}

// Every loss that can be made, by its parameters.
class ObjectiveTest : public ::testing::TestWithParam<Loss> {
 protected:
  const std::unique_ptr<Objective> objective_ = Make(GetParam());
};

TEST_P(ObjectiveTest, TheGradientIsTheSlopeOfTheLoss) {
  constexpr double kStep = 1e-5;
  for (const double label : {0.0, 1.0}) {
    for (double margin = -8; margin <= 8; margin += 0.37) {
      const double slope =
          (objective_->Loss(margin + kStep, label) - objective_->Loss(margin - kStep, label)) / (2 * kStep);
      EXPECT_NEAR(objective_->Gradient(margin, label), slope, 1e-9) << margin << " " << label;
    }
  }
}

TEST_P(ObjectiveTest, TheBestConstantHasNoBetterNeighbour) {
  const std::vector<float> labels = {0, 0, 1, 0, 1, 0, 0};
  for (const double weight : {0.3, 1.0, 4.0}) {
    const auto loss_at = [&](double margin) {
      double total = 0;
      for (const float label : labels) total += ExampleWeight(label, weight) * objective_->Loss(margin, label);
      return total;
    };
    const double best = objective_->BestConstant(labels, weight);
    EXPECT_LT(loss_at(best), loss_at(best - 1e-3));
    EXPECT_LT(loss_at(best), loss_at(best + 1e-3));
  }
}

TEST_P(ObjectiveTest, TheBestConstantIsFiniteForOneClass) {
  for (const float label : {0.f, 1.f}) {
    EXPECT_TRUE(std::isfinite(objective_->BestConstant({label, label}, 1)));
  }
}

TEST_P(ObjectiveTest, LanesAgreeWithTheDefinition) {
  constexpr int kRows = 40;
  constexpr int kLanes = 2 * kernels::kTileModels;
  TileStorage<float> margins(kRows, 2);
  TileStorage<float> intercepts(1, 2);
  TileStorage<float> weights(1, 2);
  std::vector<float> labels;
  for (int i = 0; i < kRows; ++i) {
    labels.push_back(i % 4 == 0 ? 1.f : 0.f);
    for (int m = 0; m < kLanes; ++m)
      margins.at(i, m) = 0.3f * static_cast<float>(i - 20) + 0.1f * static_cast<float>(m);
  }
  for (int m = 0; m < kLanes; ++m) {
    intercepts.lanes()[m] = static_cast<float>(m % 5) - 2;
    weights.lanes()[m] = 1 + static_cast<float>(m % 3);
  }
  TileStorage<float> residuals = TileStorage<float>(kRows, 2);
  std::copy_n(margins.lanes(), kRows * kLanes, residuals.lanes());
  const ObjectiveLanes lanes = {2, intercepts.lanes(), weights.lanes()};
  std::vector<double> losses(kLanes);
  std::vector<double> losses_alone(kLanes);
  objective_->Losses(labels.data(), kRows, lanes, margins.matrix(), losses_alone.data());
  objective_->Residuals(labels.data(), kRows, lanes, residuals.matrix(), losses.data());
  for (int m = 0; m < kLanes; ++m) {
    double expected = 0;
    for (int i = 0; i < kRows; ++i) {
      const double label = labels[static_cast<size_t>(i)];
      const double margin = static_cast<double>(margins.at(i, m) + intercepts.lanes()[m]);
      const double weight = ExampleWeight(label, weights.lanes()[m]);
      expected += weight * objective_->Loss(margin, label);
      EXPECT_NEAR(residuals.at(i, m), weight * objective_->Gradient(margin, label), 1e-6);
    }
    EXPECT_NEAR(losses[static_cast<size_t>(m)], expected, 1e-5 * expected);
    EXPECT_NEAR(losses_alone[static_cast<size_t>(m)], expected, 1e-5 * expected);
  }
}

INSTANTIATE_TEST_SUITE_P(Losses, ObjectiveTest, ::testing::Values(Loss::kLogistic),
                         [](const ::testing::TestParamInfo<Loss>& info) { return std::string(Name(info.param)); });

TEST(MakeObjectiveTest, NamesWhatItDoesNotTrain) {
  Hyperparameters hyperparameters;
  hyperparameters.loss = Loss::kHinge;
  EXPECT_THAT(MakeObjective(hyperparameters), StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("hinge_loss")));
  hyperparameters = {};
  hyperparameters.predictor_type = PredictorType::kRegressor;
  EXPECT_THAT(MakeObjective(hyperparameters), HasReason(ErrorReason::kUnimplemented));
}

}  // namespace
}  // namespace ll::learner
