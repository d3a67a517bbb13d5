// Softmax loss of a block of margins, and its derivatives, for all models at once.
//
// For an example of class y with weight c_y and a model with margins f_0 .. f_{K-1}:
//     loss         = c_y (log sum_k exp(f_k) - f_y)
//     residual_k   = d loss / d f_k = c_y (exp(f_k) / sum_i exp(f_i) - [k = y])
// with the largest margin taken out of all exponents first. A margin that is not finite makes the loss NaN.
#ifndef LL_LEARNER_KERNELS_SOFTMAX_H_
#define LL_LEARNER_KERNELS_SOFTMAX_H_

#include <cstdint>

#include "learner/kernels/tile.h"

namespace ll::learner::kernels {

// How the margins of a unit of models lie in its tiles: class k of model i of the unit is lane k * width + i, counted
// through the tiles of the unit. Lanes behind the last class belong to nobody.
struct SoftmaxUnit {
  int classes = 0;
  int width = kTileModels;  // a power of two, at most 16
  int tiles = 0;            // TilesFor(classes * width)
};

// For rows examples and whole units of `tiles` tiles in all, with f = margins[i][m] + intercepts[m]: the losses of a
// model are added to the lane of its class 0 (the others stay), and margins become residuals. Residuals of lanes that
// belong to nobody are 0. class_weights: one per class.
void SoftmaxResiduals(const SoftmaxUnit& unit, const float* labels, int64_t rows, int tiles, const float* intercepts,
                      const float* class_weights, TileMatrix<float> margins, double* losses);

// The losses alone; margins stay.
void SoftmaxLosses(const SoftmaxUnit& unit, const float* labels, int64_t rows, int tiles, const float* intercepts,
                   const float* class_weights, TileMatrix<const float> margins, double* losses);

}  // namespace ll::learner::kernels

#endif  // LL_LEARNER_KERNELS_SOFTMAX_H_
