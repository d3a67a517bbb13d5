#include "learner/largest_l1.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "learner/testing/synthetic_data.h"

namespace ll::learner {
namespace {

// The definition, example by example in double.
double Expected(const testing::SyntheticRows& rows, const Scaler& scaler, const Candidate& candidate,
                const Objective& objective) {
  const double bias =
      candidate.use_bias ? objective.BestConstant(rows.labels, {.positive = candidate.positive_weight})[0] : 0;
  double largest = 0;
  for (int j = 0; j < rows.columns; ++j) {
    double slope = 0;
    for (int64_t i = 0; i < rows.rows(); ++i) {
      const double label = rows.labels[static_cast<size_t>(i)];
      const auto column = static_cast<size_t>(j);
      double z = rows.values[static_cast<size_t>(i * rows.columns + j)];
      if (candidate.centre) z -= scaler.mean[column];
      z /= DivisorOf(candidate, scaler, column);
      slope += ExampleWeights{.positive = candidate.positive_weight}.Of(label) * objective.Gradient(bias, label) * z;
    }
    largest = std::max(largest, std::fabs(slope / static_cast<double>(rows.rows())));
  }
  return largest;
}

TEST(LargestL1Test, IsTheSteepestSlopeAtZeroWeights) {
  testing::SyntheticRows rows = testing::MakeLogisticRows(500, 7, 2);
  for (int64_t i = 0; i < rows.rows(); ++i) rows.at(i, 3) = rows.at(i, 3) * 20 + 100;
  const Dataset data = rows.ToDataset();
  const std::unique_ptr<Objective> objective = MakeObjective({});
  for (const int workers : {1, 3}) {
    ThreadPool pool(workers);
    const Scaler scaler = ComputeScaler(data, data.rows(), pool);
    for (const Candidate& candidate :
         {Candidate{.use_bias = true, .centre = true, .scale = true},
          Candidate{.use_bias = true, .centre = false, .scale = false, .common_deviation = 2.5, .positive_weight = 3},
          Candidate{.use_bias = false, .centre = false, .scale = true}}) {
      const double expected = Expected(rows, scaler, candidate, *objective);
      EXPECT_NEAR(LargestL1(data, data.labels(), data.rows(), scaler, candidate,
                            {.positive = candidate.positive_weight}, *objective, pool),
                  expected, 1e-4 * expected);
    }
  }
}

TEST(LargestL1Test, WithOneClassThereIsNothingToExplain) {
  testing::SyntheticRows rows = testing::MakeLogisticRows(100, 3, 2);
  std::fill(rows.labels.begin(), rows.labels.end(), 0.f);
  ThreadPool pool(1);
  const Dataset data = rows.ToDataset();
  const Scaler scaler = ComputeScaler(data, 100, pool);
  EXPECT_LT(LargestL1(data, data.labels(), 100, scaler, {}, {}, *MakeObjective({}), pool), 1e-12);
}

}  // namespace
}  // namespace ll::learner
