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

double LargestL1(const Dataset& data, absl::Span<const float> labels, int64_t rows, const Scaler& scaler,
                 const Candidate& candidate, const ExampleWeights& weights, const Objective& objective,
                 Executor& executor) {
  labels = labels.subspan(0, static_cast<size_t>(rows));
  const int outputs = objective.outputs();
  std::vector<double> bias(static_cast<size_t>(outputs), 0.0);
  if (candidate.use_bias) bias = objective.BestConstant(labels, weights);
  const int tiles = kernels::TilesFor(outputs);
  TileStorage<float> residuals(rows, tiles);  // output k in lane k
  std::vector<double> residual_sums(static_cast<size_t>(outputs), 0.0);
  std::vector<double> slopes(static_cast<size_t>(outputs));
  for (int64_t i = 0; i < rows; ++i) {
    const auto label = static_cast<double>(labels[static_cast<size_t>(i)]);
    objective.Gradient(bias, label, absl::MakeSpan(slopes));
    for (int k = 0; k < outputs; ++k) {
      const double residual = weights.Of(label) * slopes[static_cast<size_t>(k)];
      residuals.at(i, k) = static_cast<float>(residual);
      residual_sums[static_cast<size_t>(k)] += residual;
    }
  }
  TileStorage<float> gradient(data.columns(), tiles);
  executor.RunOnAll([&](int worker) {
    const Range columns = PartOf(data.columns(), worker, executor.workers());
    kernels::Gradient({data.values() + columns.begin, data.columns(), rows, static_cast<int>(columns.size())},
                      residuals.matrix(), tiles, /*accumulate=*/false, gradient.matrix().From(columns.begin));
  });
  double largest = 0;
  for (size_t j = 0; j < scaler.mean.size(); ++j) {
    for (int k = 0; k < outputs; ++k) {
      const double centred = static_cast<double>(gradient.at(static_cast<int64_t>(j), k)) -
                             (candidate.centre ? scaler.mean[j] * residual_sums[static_cast<size_t>(k)] : 0);
      const double slope = centred / static_cast<double>(rows) / DivisorOf(candidate, scaler, j);
      largest = std::max(largest, std::fabs(slope));
    }
  }
  return largest;
}

}  // namespace ll::learner
