#include "learner/optimizer.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "learner/kernels/adam.h"
#include "learner/tile_storage.h"

namespace ll::learner {
namespace {

Candidate Base() {
  return {.learning_rate = 0.1,
          .beta_1 = 0.9,
          .beta_2 = 0.999,
          .lr_scheduler_step = 3,
          .lr_scheduler_factor = 0.5,
          .lr_scheduler_minimum_lr = 0.02,
          .l1 = 0.25,
          .wd = 0.01,
          .bias_lr_mult = 10,
          .bias_wd_mult = 0};
}

std::vector<double> Rates(const Candidate& candidate, int updates) {
  LearningRate rate(candidate);
  std::vector<double> rates;
  for (int i = 0; i < updates; ++i, rate.Advance()) rates.push_back(rate.current());
  return rates;
}

TEST(LearningRateTest, FallsEveryStepDownToTheMinimum) {
  EXPECT_THAT(Rates(Base(), 11),
              ::testing::ElementsAre(0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.025, 0.025, 0.025, 0.02, 0.02));
}

TEST(LearningRateTest, AMinimumAboveTheRateDoesNotRaiseIt) {
  Candidate candidate = Base();
  candidate.learning_rate = 0.01;
  EXPECT_THAT(Rates(candidate, 7), ::testing::Each(0.01));
}

TEST(LearningRateTest, StaysWithoutAScheduler) {
  Candidate candidate = Base();
  candidate.use_lr_scheduler = false;
  EXPECT_THAT(Rates(candidate, 20), ::testing::Each(0.1));
}

TEST(StepScheduleTest, CorrectsTheBiasOfBothMoments) {
  const Candidate base = Base();
  StepSchedule schedule({&base});
  for (int t = 1; t <= 5; ++t) {
    schedule.Advance();
    const double rate = t <= 3 ? 0.1 : 0.05;
    const double correction_2 = std::sqrt(1 - std::pow(0.999, t));
    const double correction = correction_2 / (1 - std::pow(0.9, t));
    EXPECT_FLOAT_EQ(schedule.weights().rate[0], static_cast<float>(rate * correction));
    EXPECT_FLOAT_EQ(schedule.weights().threshold[0], static_cast<float>(rate * correction_2 * 0.25));
    EXPECT_FLOAT_EQ(schedule.weights().decay[0], static_cast<float>(rate * 0.01));
    EXPECT_FLOAT_EQ(schedule.bias().rate[0], static_cast<float>(10 * rate * correction));
    EXPECT_EQ(schedule.bias().threshold[0], 0);
    EXPECT_EQ(schedule.bias().decay[0], 0);
  }
}

TEST(StepScheduleTest, TheBiasDecaysOnlyWithItsOwnFactor) {
  Candidate candidate = Base();
  candidate.bias_wd_mult = 2;
  StepSchedule schedule({&candidate});
  schedule.Advance();
  EXPECT_FLOAT_EQ(schedule.bias().decay[0], 10 * 0.1f * 0.01f * 2);
}

TEST(StepScheduleTest, WithoutABiasItsRateIsZero) {
  Candidate candidate = Base();
  candidate.use_bias = false;
  StepSchedule schedule({&candidate});
  schedule.Advance();
  EXPECT_EQ(schedule.bias().rate[0], 0);
}

TEST(StepScheduleTest, LanesWithoutAModelNeverMove) {
  const Candidate base = Base();
  std::vector<const Candidate*> lanes(32, nullptr);
  std::fill_n(lanes.begin(), 17, &base);
  StepSchedule schedule(lanes);
  schedule.Advance();
  EXPECT_GT(schedule.weights().rate[16], 0);
  for (int lane = 17; lane < 32; ++lane) EXPECT_EQ(schedule.weights().rate[lane], 0);
}

// Without a gradient, decoupled decay alone moves a weight: w_t = w_0 prod_t (1 - lr_t wd).
TEST(StepScheduleTest, DecayHasItsClosedForm) {
  constexpr int kUpdates = 200;
  Candidate candidate = Base();
  candidate.wd = 0.3;
  candidate.l1 = 0;
  StepSchedule schedule({&candidate});
  LearningRate rate(candidate);
  TileStorage<float> weight(1, 1);
  TileStorage<float> zeros(1, 1);
  TileStorage<float> first(1, 1);
  TileStorage<float> second(1, 1);
  weight.at(0, 0) = 2;
  double expected = 2;
  const float mean = 0;
  const float inverse_deviation = 1;
  for (int t = 0; t < kUpdates; ++t, rate.Advance()) {
    schedule.Advance();
    kernels::AdamUpdate(schedule.weights(), {&mean, &inverse_deviation, zeros.lanes(), zeros.lanes()}, 1, 1,
                        zeros.matrix(), zeros.lanes(), 1, {weight.matrix(), first.matrix(), second.matrix()});
    expected *= 1 - rate.current() * 0.3;
  }
  EXPECT_NEAR(weight.at(0, 0), expected, 1e-6);
}

}  // namespace
}  // namespace ll::learner
