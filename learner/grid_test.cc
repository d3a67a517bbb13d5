#include "learner/grid.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace ll::learner {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr uint64_t kSeed = 7;
const GridInputs kInputs = {.positive_weight = 1,
                            .base = {.largest_l1 = 2, .stable_sgd_rate = 0.01},
                            .common = {.largest_l1 = 5, .stable_sgd_rate = 0.03},
                            .common_deviation = 4};

Hyperparameters Normalized() {
  Hyperparameters hyperparameters;
  hyperparameters.normalize_data = true;
  return hyperparameters;
}

template <typename T>
std::vector<T> ValuesOf(const std::vector<Candidate>& grid, T Candidate::*member) {
  std::vector<T> values;
  for (const Candidate& candidate : grid) {
    if (std::find(values.begin(), values.end(), candidate.*member) == values.end()) values.push_back(candidate.*member);
  }
  return values;
}

// The reference's 32 points, bit by bit of the index.
TEST(GridTest, OnNormalizedFeaturesItIsTheReferencesGrid) {
  const std::vector<Candidate> grid = BuildGrid(Normalized(), kInputs, kSeed);
  ASSERT_EQ(grid.size(), 32u);
  for (size_t i = 0; i < grid.size(); ++i) {
    EXPECT_EQ(grid[i].lr_scheduler_step, i % 2 == 0 ? 10 : 100) << i;
    EXPECT_EQ(grid[i].wd, i % 2 == 0 ? 0.01 : 1e-4) << i;
    EXPECT_EQ(grid[i].lr_scheduler_minimum_lr, i / 2 % 2 == 0 ? 1e-5 : 1e-4) << i;
    EXPECT_EQ(grid[i].learning_rate, i / 4 % 2 == 0 ? 0.005 : 0.1) << i;
    EXPECT_DOUBLE_EQ(grid[i].l1, std::vector<double>({0, 0.002, 0.02, 0.2})[i / 8]) << i;
    EXPECT_EQ(grid[i].lr_scheduler_factor, 0.99) << i;
    EXPECT_EQ(grid[i].beta_1, 0.9);
    EXPECT_EQ(grid[i].beta_2, 0.999);
    EXPECT_EQ(grid[i].bias_lr_mult, 10);
    EXPECT_EQ(grid[i].bias_wd_mult, 0);
    EXPECT_TRUE(grid[i].centre && grid[i].scale && grid[i].use_bias);
  }
}

TEST(GridTest, WithNormalizationOpenEverySecondPairScalesFeaturesAlike) {
  const std::vector<Candidate> reference = BuildGrid(Normalized(), kInputs, kSeed);
  const std::vector<Candidate> grid = BuildGrid({}, kInputs, kSeed);
  ASSERT_EQ(grid.size(), 32u);
  for (size_t i = 0; i < grid.size(); ++i) {
    Candidate expected = reference[i];
    if (i / 2 % 2 == 1) {
      expected.centre = expected.scale = false;
      expected.common_deviation = 4;
      expected.l1 *= 5.0 / 2;  // the same share of the largest
    }
    EXPECT_EQ(grid[i], expected) << i;
  }
  EXPECT_THAT(DescribeCandidate(grid[2]),
              ::testing::IsSupersetOf({Pair("normalize_data", "false"), Pair("feature_unit", "4")}));
}

TEST(GridTest, EachKindOfFeaturesHasItsSgdRate) {
  Hyperparameters hyperparameters;
  hyperparameters.optimizer = Optimizer::kSgd;
  std::vector<Candidate> grid = BuildGrid(hyperparameters, kInputs, kSeed);
  EXPECT_THAT(
      (std::vector<double>{grid[0].learning_rate, grid[2].learning_rate, grid[4].learning_rate, grid[6].learning_rate}),
      ElementsAre(0.01, 0.03, 10 * 0.01, 10 * 0.03));
  // Without normalisation by the user's word, the base's features are everyone's.
  hyperparameters.normalize_data = false;
  grid = BuildGrid(hyperparameters, kInputs, kSeed);
  EXPECT_THAT(ValuesOf(grid, &Candidate::learning_rate), ElementsAre(0.01, 10 * 0.01));
  EXPECT_THAT(grid, Each(Field(&Candidate::common_deviation, 1)));
  EXPECT_EQ(grid[31].l1, 0.1 * 2);
}

TEST(GridTest, FeaturesScaledAlikeAreCentredOnRequestOnly) {
  for (const std::optional<bool> unbias :
       {std::optional<bool>(), std::optional<bool>(true), std::optional<bool>(false)}) {
    Hyperparameters hyperparameters;
    hyperparameters.unbias_data = unbias;
    EXPECT_EQ(BuildGrid(hyperparameters, kInputs, kSeed)[2].centre, unbias == true);
  }
}

TEST(GridTest, AFixedValueIsKeptByAllAndTheOthersGoOn) {
  Hyperparameters hyperparameters = Normalized();
  hyperparameters.learning_rate = 0.03;
  const std::vector<Candidate> grid = BuildGrid(hyperparameters, kInputs, kSeed);
  ASSERT_EQ(grid.size(), 32u);
  EXPECT_THAT(grid, Each(Field(&Candidate::learning_rate, 0.03)));
  // 2 x 2 x 4 points, then draws, all different.
  const std::vector<Candidate> points(grid.begin(), grid.begin() + 16);
  EXPECT_THAT(ValuesOf(points, &Candidate::wd), UnorderedElementsAre(0.01, 1e-4));
  EXPECT_THAT(ValuesOf(points, &Candidate::lr_scheduler_minimum_lr), UnorderedElementsAre(1e-5, 1e-4));
  EXPECT_EQ(ValuesOf(points, &Candidate::l1).size(), 4u);
  const std::vector<Candidate> draws(grid.begin() + 16, grid.end());
  EXPECT_EQ(ValuesOf(draws, &Candidate::wd).size(), 16u);
}

TEST(GridTest, HalfOfTheFirstAxisMayBeFixed) {
  Hyperparameters hyperparameters = Normalized();
  hyperparameters.wd = 0.5;
  hyperparameters.num_models = 2;
  std::vector<Candidate> grid = BuildGrid(hyperparameters, kInputs, kSeed);
  EXPECT_THAT(ValuesOf(grid, &Candidate::wd), ElementsAre(0.5));
  EXPECT_THAT(ValuesOf(grid, &Candidate::lr_scheduler_step), ElementsAre(10, 100));

  hyperparameters = Normalized();
  hyperparameters.lr_scheduler_step = 7;
  hyperparameters.num_models = 2;
  grid = BuildGrid(hyperparameters, kInputs, kSeed);
  EXPECT_THAT(ValuesOf(grid, &Candidate::wd), ElementsAre(0.01, 1e-4));
  EXPECT_THAT(ValuesOf(grid, &Candidate::lr_scheduler_step), ElementsAre(7));
}

TEST(GridTest, WithEverythingFixedAllCandidatesAreTheUsers) {
  Hyperparameters hyperparameters = Normalized();
  hyperparameters.learning_rate = 0.3;
  hyperparameters.wd = 0.2;
  hyperparameters.l1 = 0.1;
  hyperparameters.lr_scheduler_step = 5;
  hyperparameters.lr_scheduler_factor = 0.9;
  hyperparameters.lr_scheduler_minimum_lr = 0.01;
  const std::vector<Candidate> grid = BuildGrid(hyperparameters, kInputs, kSeed);
  EXPECT_THAT(grid, AllOf(::testing::SizeIs(32), Each(grid[0])));
  EXPECT_THAT(DescribeCandidate(grid[0]),
              UnorderedElementsAre(Pair("optimizer", "adam"), Pair("learning_rate", "0.3"), Pair("wd", "0.2"),
                                   Pair("l1", "0.1"), Pair("normalize_data", "true"), Pair("lr_scheduler_step", "5"),
                                   Pair("lr_scheduler_factor", "0.9"), Pair("lr_scheduler_minimum_lr", "0.01")));
}

TEST(GridTest, WithoutAScheduleItHasNoScheduleAxes) {
  Hyperparameters hyperparameters = Normalized();
  hyperparameters.use_lr_scheduler = false;
  hyperparameters.num_models = 16;
  const std::vector<Candidate> grid = BuildGrid(hyperparameters, kInputs, kSeed);
  // wd x learning_rate x l1: all points of it.
  for (size_t i = 0; i < grid.size(); ++i) {
    for (size_t other = 0; other < i; ++other) {
      EXPECT_FALSE(grid[i].wd == grid[other].wd && grid[i].learning_rate == grid[other].learning_rate &&
                   grid[i].l1 == grid[other].l1);
    }
  }
  EXPECT_EQ(DescribeCandidate(grid[0]).count("lr_scheduler_step"), 0u);
}

TEST(GridTest, TheBaseIsAloneWhenOneModelIsWanted) {
  Hyperparameters hyperparameters;
  hyperparameters.num_models = 1;
  const std::vector<Candidate> grid = BuildGrid(hyperparameters, kInputs, kSeed);
  EXPECT_THAT(grid, ElementsAre(BaseCandidate(hyperparameters, kInputs)));
  EXPECT_EQ(grid[0].l1, 0);
  hyperparameters.num_models = 32;
  hyperparameters.under_tuning = true;
  EXPECT_EQ(BuildGrid(hyperparameters, kInputs, kSeed).size(), 1u);
}

TEST(GridTest, ACandidateDoesNotDependOnHowManyThereAre) {
  Hyperparameters hyperparameters;
  hyperparameters.num_models = 50;
  const std::vector<Candidate> fifty = BuildGrid(hyperparameters, kInputs, kSeed);
  hyperparameters.num_models = 100;
  const std::vector<Candidate> hundred = BuildGrid(hyperparameters, kInputs, kSeed);
  EXPECT_TRUE(std::equal(fifty.begin(), fifty.end(), hundred.begin()));
}

TEST(GridTest, DrawsLieAroundTheGridAndDependOnTheSeed) {
  Hyperparameters hyperparameters = Normalized();
  hyperparameters.num_models = 200;
  const std::vector<Candidate> grid = BuildGrid(hyperparameters, kInputs, kSeed);
  for (size_t i = 32; i < grid.size(); ++i) {
    EXPECT_TRUE(grid[i].learning_rate >= 0.001 && grid[i].learning_rate <= 0.1);
    EXPECT_TRUE(grid[i].wd >= 1e-5 && grid[i].wd <= 1e-2);
    EXPECT_TRUE(grid[i].l1 == 0 || (grid[i].l1 >= 0.002 && grid[i].l1 <= 0.2));
    EXPECT_TRUE(grid[i].lr_scheduler_step >= 10 && grid[i].lr_scheduler_step <= 150);
    EXPECT_TRUE(grid[i].lr_scheduler_factor >= 0.98 && grid[i].lr_scheduler_factor <= 0.995);
  }
  const auto without_l1 = std::count_if(grid.begin() + 32, grid.end(), [](const Candidate& c) { return c.l1 == 0; });
  EXPECT_GT(without_l1, 40);
  EXPECT_LT(without_l1, 128);
  hyperparameters.normalize_data = std::nullopt;
  const std::vector<Candidate> open = BuildGrid(hyperparameters, kInputs, kSeed);
  const auto alike = std::count_if(open.begin() + 32, open.end(), [](const Candidate& c) { return !c.scale; });
  EXPECT_GT(alike, 50);
  EXPECT_LT(alike, 118);
  EXPECT_EQ(open[100], BuildGrid(hyperparameters, kInputs, kSeed)[100]);
  hyperparameters = Normalized();
  hyperparameters.num_models = 200;
  EXPECT_EQ(grid[100], BuildGrid(hyperparameters, kInputs, kSeed)[100]);
  EXPECT_NE(grid[100], BuildGrid(hyperparameters, kInputs, kSeed + 1)[100]);
}

TEST(GridTest, FeaturesAreTransformedAsAsked) {
  struct Case {
    std::optional<bool> normalize;
    std::optional<bool> unbias;
    bool use_bias;
    bool centre;
    bool scale;
  };
  const std::vector<Case> cases = {
      {std::nullopt, std::nullopt, true, true, true},
      {true, false, true, true, true},
      {false, std::nullopt, true, true, false},
      {false, true, true, true, false},
      {false, false, true, false, false},
      {std::nullopt, std::nullopt, false, false, true},
      {false, std::nullopt, false, false, false},
  };
  for (const Case& c : cases) {
    Hyperparameters hyperparameters;
    hyperparameters.normalize_data = c.normalize;
    hyperparameters.unbias_data = c.unbias;
    hyperparameters.use_bias = c.use_bias;
    const Candidate base = BaseCandidate(hyperparameters, kInputs);
    EXPECT_EQ(base.centre, c.centre);
    EXPECT_EQ(base.scale, c.scale);
    EXPECT_EQ(base.use_bias, c.use_bias);
  }
}

TEST(CandidateSeedTest, NeighboursAreUnrelated) {
  EXPECT_EQ(CandidateSeed(1, 2), CandidateSeed(1, 2));
  EXPECT_NE(CandidateSeed(1, 2), CandidateSeed(1, 3));
  EXPECT_NE(CandidateSeed(1, 2), CandidateSeed(2, 2));
  EXPECT_NE(CandidateSeed(1, 2), CandidateSeed(2, 1));
}

}  // namespace
}  // namespace ll::learner
