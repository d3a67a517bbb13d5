#include "learner/largest_l1.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "absl/types/span.h"
#include "learner/kernels/gradient.h"
#include "learner/partition.h"
#include "learner/tile_storage.h"

namespace ll::learner {

double LargestL1(const Dataset& data, int64_t rows, const Scaler& scaler, const Candidate& candidate,
                 const Objective& objective, Executor& executor) {
  const absl::Span<const float> labels = data.labels().subspan(0, static_cast<size_t>(rows));
  const double bias = candidate.use_bias ? objective.BestConstant(labels, candidate.positive_weight) : 0.0;
  TileStorage<float> residuals(rows, 1);  // in lane 0
  double residual_sum = 0;
  for (int64_t i = 0; i < rows; ++i) {
    const auto label = static_cast<double>(labels[static_cast<size_t>(i)]);
    const double residual = ExampleWeight(label, candidate.positive_weight) * objective.Gradient(bias, label);
    residuals.at(i, 0) = static_cast<float>(residual);
    residual_sum += residual;
  }
  TileStorage<float> gradient(data.columns(), 1);
  executor.RunOnAll([&](int worker) {
    const Range columns = PartOf(data.columns(), worker, executor.workers());
    kernels::Gradient({data.values() + columns.begin, data.columns(), rows, static_cast<int>(columns.size())},
                      residuals.matrix(), 1, /*accumulate=*/false, gradient.matrix().From(columns.begin));
  });
  double largest = 0;
  for (size_t j = 0; j < scaler.mean.size(); ++j) {
    const double centred = static_cast<double>(gradient.at(static_cast<int64_t>(j), 0)) -
                           (candidate.centre ? scaler.mean[j] * residual_sum : 0);
    const double slope = centred / static_cast<double>(rows) / (candidate.scale ? scaler.divisor(j) : 1.0);
    largest = std::max(largest, std::fabs(slope));
  }
  return largest;
}

}  // namespace ll::learner
