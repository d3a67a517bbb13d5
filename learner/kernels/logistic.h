// Logistic loss of a block of margins, and its derivative, for all models at once.
//
// For an example with label y in {0, 1} and a model with margin f and weight p of positive examples:
//     weight   = y ? p : 1
//     loss     = weight * log(1 + exp(y ? -f : f))
//     residual = d loss / d f = weight * (y ? -sigma(-f) : sigma(f))        sigma(f) = 1 / (1 + exp(-f))
// which is p y log(1 + e^-f) + (1 - y) log(1 + e^f) of the SageMaker Linear Learner. A margin that is not finite makes
// the loss NaN: exp and max would hide it otherwise.
#ifndef LL_LEARNER_KERNELS_LOGISTIC_H_
#define LL_LEARNER_KERNELS_LOGISTIC_H_

#include <cstdint>

#include "learner/kernels/tile.h"

namespace ll::learner::kernels {

// For rows examples and the lanes m of `tiles` tiles, with f = margins[i][m] + intercepts[m]:
//     losses[m] += sum_i loss        in blocks of 32 examples, which are summed in float
//     margins[i][m] = residual
// intercepts, positive_weights, losses: 16 lanes per tile, one tile behind the other.
void LogisticResiduals(const float* labels, int64_t rows, int tiles, const float* intercepts,
                       const float* positive_weights, TileMatrix<float> margins, double* losses);

// The losses alone; margins stay.
void LogisticLosses(const float* labels, int64_t rows, int tiles, const float* intercepts,
                    const float* positive_weights, TileMatrix<const float> margins, double* losses);

}  // namespace ll::learner::kernels

#endif  // LL_LEARNER_KERNELS_LOGISTIC_H_
