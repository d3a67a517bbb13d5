#include "learner/scaler.h"

#include <cmath>
#include <vector>

#include "base/executor.h"
#include "base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace ll::learner {
namespace {

using ::testing::ElementsAre;

TEST(ScalerRowsTest, TakesWholeMiniBatches) {
  EXPECT_EQ(ScalerRows(50000, 1000, 10000), 11000);
  EXPECT_EQ(ScalerRows(50000, 200, 10000), 10200);
  EXPECT_EQ(ScalerRows(50000, 300, 10000), 10200);
  // Shorter data: all whole batches; the last short one is left out.
  EXPECT_EQ(ScalerRows(511, 4, 10000), 508);
  EXPECT_EQ(ScalerRows(508, 4, 10000), 508);
  // Less than one batch: all there is.
  EXPECT_EQ(ScalerRows(3, 4, 10000), 3);
  EXPECT_EQ(ScalerRows(50000, 1000, 1), 1000);
}

TEST(ScalerTest, DividesByTheNumberOfRows) {
  ThreadPool pool(1);
  const Dataset data = Dataset::FromRows({1, 7, 2, 7, 3, 7, 4, 7}, {}, 2);
  const Scaler scaler = ComputeScaler(data, 4, pool);
  EXPECT_THAT(scaler.mean, ElementsAre(2.5, 7));
  EXPECT_THAT(scaler.deviation, ElementsAre(std::sqrt(1.25), 0));
  EXPECT_EQ(scaler.divisor(0), std::sqrt(1.25));
  EXPECT_EQ(scaler.divisor(1), 1);
}

TEST(ScalerTest, LooksAtTheSampleOnly) {
  ThreadPool pool(1);
  const Dataset data = Dataset::FromRows({1, 3, 100}, {}, 1);
  const Scaler scaler = ComputeScaler(data, 2, pool);
  EXPECT_THAT(scaler.mean, ElementsAre(2));
  EXPECT_THAT(scaler.deviation, ElementsAre(1));
}

// A table like the reference's replay: 511 rows at mini-batches of 4, of which 508 count, with a small column, one like
// a date written as a number, and a constant one. Expected values to ten digits, from sums in long double.
TEST(ScalerTest, KeepsItsDigitsWhenTheMeanIsHuge) {
  constexpr int kRows = 511;
  SeededRandom random(1729);
  std::vector<float> values;
  for (int i = 0; i < kRows; ++i) {
    values.push_back(static_cast<float>(373.5 + 216.3 * random.Normal()));
    values.push_back(static_cast<float>(20110000 + 2 * std::floor(300 * random.Unit())));
    values.push_back(16777216.f);
  }
  const Dataset data = Dataset::FromRows(values, {}, 3);
  ThreadPool pool(2);
  const int64_t sample = ScalerRows(kRows, 4, 10000);
  const Scaler scaler = ComputeScaler(data, sample, pool);
  for (int j = 0; j < 3; ++j) {
    long double sum = 0;
    for (int64_t i = 0; i < sample; ++i) sum += data.row(i)[j];
    const long double mean = sum / sample;
    long double squares = 0;
    for (int64_t i = 0; i < sample; ++i) squares += (data.row(i)[j] - mean) * (data.row(i)[j] - mean);
    const auto deviation = static_cast<double>(std::sqrt(squares / sample));
    const auto column = static_cast<size_t>(j);
    EXPECT_NEAR(scaler.mean[column], static_cast<double>(mean), 1e-10 * static_cast<double>(mean)) << j;
    EXPECT_NEAR(scaler.deviation[column], deviation, 1e-10 * deviation) << j;
  }
  EXPECT_EQ(scaler.deviation[2], 0);
}

TEST(ScalerTest, DoesNotDependOnTheNumberOfWorkers) {
  SeededRandom random(3);
  std::vector<float> values;
  for (int i = 0; i < 50 * 7; ++i) values.push_back(static_cast<float>(random.Normal()));
  const Dataset data = Dataset::FromRows(values, {}, 7);
  ThreadPool one(1);
  const Scaler expected = ComputeScaler(data, 50, one);
  for (const int workers : {2, 3, 16}) {
    ThreadPool pool(workers);
    const Scaler scaler = ComputeScaler(data, 50, pool);
    EXPECT_EQ(scaler.mean, expected.mean) << workers;
    EXPECT_EQ(scaler.deviation, expected.deviation) << workers;
  }
}

TEST(ScalerTest, TheCommonDeviationKeepsTheVarianceOfRows) {
  EXPECT_DOUBLE_EQ(CommonDeviation({.mean = {0, 9, 1}, .deviation = {3, 0, 4}}), std::sqrt(12.5));
  EXPECT_EQ(CommonDeviation({.mean = {1, 2}, .deviation = {0, 0}}), 1);
}

TEST(OffsetsTest, AreTheMeansThatAreFarFromZero) {
  const Scaler scaler = {.mean = {64, 65, -65, 20110000.25, 5, 0}, .deviation = {1, 1, 1, 1000, 0, 0}};
  EXPECT_THAT(ChooseOffsets(scaler), ElementsAre(0, 65, -65, 20110000, 5, 0));
}

}  // namespace
}  // namespace ll::learner
