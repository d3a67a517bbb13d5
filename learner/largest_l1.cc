#include "learner/largest_l1.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "absl/types/span.h"
#include "learner/kernels/gradient.h"
#include "learner/kernels/sparse_gradient.h"
#include "learner/partition.h"
#include "learner/sparse_columns.h"
#include "learner/tile_storage.h"

namespace ll::learner {
namespace {

// Adds the gradient of some columns over some rows; bits do not depend on how rows are cut into chunks.
void AddGradient(const Rows& rows, kernels::TileMatrix<const float> residuals, int tiles, Range columns,
                 kernels::TileMatrix<float> gradient) {
  if (!rows.sparse()) {
    kernels::Gradient({rows.values + columns.begin, rows.columns, rows.rows, static_cast<int>(columns.size())},
                      residuals, tiles, /*accumulate=*/true, gradient.From(columns.begin));
    return;
  }
  SparseColumns by_column(rows.columns);
  by_column.Build(rows, [&](int32_t column) { return columns.begin <= column && column < columns.end; });
  const kernels::SparseColumnsView all = by_column.view();
  for (int64_t k = 0; k < all.count; ++k) {
    const kernels::SparseColumnsView one = {all.columns + k, all.begin + k, all.rows, all.values, 1};
    kernels::SparseGradient(one, residuals, tiles, /*accumulate=*/true, gradient.From(all.columns[k]));
  }
}

}  // namespace

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
  data.ForEachChunk(1, [&](int64_t first, const Rows& chunk) {
    const Rows part = chunk.Slice(0, std::min(chunk.rows, rows - first));
    executor.RunOnAll([&](int worker) {
      AddGradient(part, residuals.matrix().From(first), tiles, PartOf(data.columns(), worker, executor.workers()),
                  gradient.matrix());
    });
    return first + chunk.rows < rows;
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
