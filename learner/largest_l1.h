// Where a lasso path begins: the scale on which l1 strengths are chosen.
#ifndef LL_LEARNER_LARGEST_L1_H_
#define LL_LEARNER_LARGEST_L1_H_

#include <cstdint>

#include "absl/types/span.h"
#include "base/executor.h"
#include "learner/dataset.h"
#include "learner/grid.h"
#include "learner/objective.h"
#include "learner/scaler.h"

namespace ll::learner {

// The smallest l1 at which all weights of `candidate`'s model are zero: the largest component, in absolute value, of
// the gradient at w = 0 with the bias at its best,
//     max_j | 1/n sum_i r_i (x_ij - m_j) / s_j |,      r_i = weight_i * gradient(b, y_i)
// over the first `rows` rows (Friedman, Hastie, Tibshirani 2010, section 2.5). `scaler` describes the rows as stored.
// With several outputs, of all of them. `weights` and `labels` are those that the candidate is trained with.
double LargestL1(const Dataset& data, absl::Span<const float> labels, int64_t rows, const Scaler& scaler,
                 const Candidate& candidate, const ExampleWeights& weights, const Objective& objective,
                 Executor& executor);

}  // namespace ll::learner

#endif  // LL_LEARNER_LARGEST_L1_H_
