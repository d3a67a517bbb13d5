#include "learner/model_bank.h"

#include <cmath>
#include <limits>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace ll::learner {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::Ge;
using ::testing::Lt;

const Scaler kScaler = {.mean = {1, -2, 0, 5}, .deviation = {2, 0.5, 1, 0}};

std::vector<Candidate> Candidates(int count) {
  Hyperparameters hyperparameters;
  hyperparameters.num_models = count;
  return BuildGrid(hyperparameters, {}, 1);
}

TEST(ModelBankTest, StartsUniformInTheTransformedSpace) {
  Hyperparameters hyperparameters;
  hyperparameters.init_bias = 0.25;
  const ModelBank bank(Candidates(20), 1, kScaler, hyperparameters, 5);
  EXPECT_EQ(bank.tiles(), 2);
  double largest = 0;
  for (int i = 0; i < 20; ++i) {
    const Candidate& candidate = bank.candidates()[static_cast<size_t>(i)];
    const LinearFunction function = bank.Fold(i);
    double w_mean = 0;
    for (size_t j = 0; j < 3; ++j) {
      const double w = function.weights[j] * DivisorOf(candidate, kScaler, j);
      EXPECT_LT(std::fabs(w), 0.07);
      largest = std::max(largest, std::fabs(w));
      if (candidate.centre) w_mean += function.weights[j] * kScaler.mean[j];
    }
    EXPECT_EQ(function.weights[3], 0) << "a constant column starts without weight";
    EXPECT_NEAR(function.bias[0], 0.25 - w_mean, 1e-15);
  }
  EXPECT_GT(largest, 0.06);
}

TEST(ModelBankTest, StartsNormalWhenAsked) {
  Hyperparameters hyperparameters;
  hyperparameters.init_method = InitMethod::kNormal;
  hyperparameters.init_sigma = 3;
  const ModelBank bank(Candidates(200), 1, kScaler, hyperparameters, 5);
  double squares = 0;
  for (int i = 0; i < 200; ++i) squares += std::pow(bank.Fold(i).weights[2], 2);
  EXPECT_NEAR(std::sqrt(squares / 200), 3, 0.5);
}

TEST(ModelBankTest, ACandidateStartsTheSameAloneAndAmongOthers) {
  const ModelBank alone(Candidates(1), 1, kScaler, {}, 5);
  const ModelBank many(Candidates(40), 1, kScaler, {}, 5);
  EXPECT_EQ(alone.Fold(0).weights, many.Fold(0).weights);
  EXPECT_NE(many.Fold(0).weights, many.Fold(1).weights);
  EXPECT_NE(many.Fold(0).weights, ModelBank(Candidates(1), 1, kScaler, {}, 6).Fold(0).weights);
}

TEST(ModelBankTest, InterceptsAndFoldAgree) {
  std::vector<Candidate> candidates = Candidates(3);
  candidates[1].centre = false;
  candidates[2].scale = false;
  ModelBank bank(candidates, 1, kScaler, {}, 5);
  TileStorage<float> intercepts(1, 1);
  bank.Intercepts(0, 1, intercepts.lanes());
  for (int i = 0; i < 3; ++i) EXPECT_NEAR(intercepts.lanes()[i], bank.Fold(i).bias[0], 1e-6) << i;
  EXPECT_EQ(bank.Fold(1).bias[0], 0);
}

TEST(ModelBankTest, AModelWithoutBiasHasNone) {
  Hyperparameters hyperparameters;
  hyperparameters.use_bias = false;
  hyperparameters.init_bias = 3;
  const ModelBank bank({BaseCandidate(hyperparameters, {})}, 1, kScaler, hyperparameters, 5);
  EXPECT_EQ(bank.Fold(0).bias[0], 0);
}

TEST(ModelBankTest, NoticesEveryNumberThatIsNotFinite) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
    ModelBank bank(Candidates(18), 1, kScaler, {}, 5);
    EXPECT_TRUE(bank.Finite(17));
    bank.weights(1).weights.row(3)[1] = bad;
    EXPECT_FALSE(bank.Finite(17));
    EXPECT_TRUE(bank.Finite(16));
    bank.bias(0).weights.row(0)[2] = bad;
    EXPECT_FALSE(bank.Finite(2));
    EXPECT_TRUE(bank.Finite(1));
  }
}

}  // namespace
}  // namespace ll::learner
