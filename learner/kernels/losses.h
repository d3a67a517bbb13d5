// Losses of a block of margins, and their derivatives, for all models at once: every loss that has one margin.
//
// For an example with label y, a model with margin f and example weight c (p for y = 1 in binary classification, else
// 1), with e = f - y and (a)+ = max(a, 0):
//
//     kind                     loss                                          parameter
//     kLogistic                log(1 + exp(y ? -f : f))                      -
//     kHinge                   y ? ((m+1)/2 - f)+ : ((m-1)/2 + f)+           m, margin
//     kSquared                 e^2                                           -
//     kAbsolute                |e|                                           -
//     kInsensitiveSquared      (e^2 - eps^2)+                                eps
//     kInsensitiveAbsolute     (|e| - eps)+                                  eps
//     kQuantile                q (y-f)+ + (1-q) (f-y)+                       q, quantile
//     kHuber                   |e| <= delta ? e^2/2 : delta |e| - delta^2/2  delta
//
// The sum gets c * loss and a residual is c * d loss / d f. These are the losses of the SageMaker Linear Learner; with
// g = 2f - 1, its hinge is half the ordinary hinge (m -+ g)+ on labels +-1, so that it cuts at f = 1/2. Where a loss
// has a kink its derivative is the one of the flat side, 0 for |e|. A margin that is not finite makes the loss NaN:
// min, max and comparisons would hide it otherwise.
#ifndef LL_LEARNER_KERNELS_LOSSES_H_
#define LL_LEARNER_KERNELS_LOSSES_H_

#include <cstdint>

#include "learner/kernels/tile.h"

namespace ll::learner::kernels {

enum class LossKind {
  kLogistic,
  kHinge,
  kSquared,
  kAbsolute,
  kInsensitiveSquared,
  kInsensitiveAbsolute,
  kQuantile,
  kHuber,
};

struct MarginLoss {
  LossKind kind = LossKind::kLogistic;
  float parameter = 0;  // see the table
};

// For rows examples and the lanes m of `tiles` tiles, with f = margins[i][m] + intercepts[m]:
//     losses[m] += sum_i loss        in blocks of 32 examples, which are summed in float
//     margins[i][m] = residual
// intercepts, positive_weights, losses: 16 lanes per tile, one tile behind the other. An example whose label is not 0
// weighs positive_weights[m]: 1 for a regressor.
void LossResiduals(const MarginLoss& loss, const float* labels, int64_t rows, int tiles, const float* intercepts,
                   const float* positive_weights, TileMatrix<float> margins, double* losses);

// The losses alone; margins stay.
void Losses(const MarginLoss& loss, const float* labels, int64_t rows, int tiles, const float* intercepts,
            const float* positive_weights, TileMatrix<const float> margins, double* losses);

}  // namespace ll::learner::kernels

#endif  // LL_LEARNER_KERNELS_LOSSES_H_
