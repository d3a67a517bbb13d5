// From margins to scores: the last step of a prediction.
#ifndef LL_LEARNER_LINK_H_
#define LL_LEARNER_LINK_H_

#include "absl/types/span.h"
#include "learner/hyperparameters.h"

namespace ll::learner {

// sigma(f) = 1 / (1 + exp(-f)), without overflow and with full relative precision at both ends.
double Sigmoid(double margin);

// log(1 + exp(f)) = max(f, 0) + log1p(exp(-|f|)): the logistic loss of a negative example with margin f.
double Softplus(double margin);

// The scores of one row from its margins (one per output):
//   logistic       sigma(f)
//   softmax_loss   exp(f_k - max f) / sum_i exp(f_i - max f)
//   any other      f itself
// `scores` has margins.size() entries. Arithmetic is in double; only the result is rounded to float.
void ApplyLink(Loss loss, absl::Span<const double> margins, float* scores);

}  // namespace ll::learner

#endif  // LL_LEARNER_LINK_H_
