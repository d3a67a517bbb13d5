// Rows transposed times residuals, for all models at once: the data's part of the gradient.
#ifndef LL_LEARNER_KERNELS_GRADIENT_H_
#define LL_LEARNER_KERNELS_GRADIENT_H_

#include "learner/kernels/tile.h"

namespace ll::learner::kernels {

//   gradient[j][m] = (accumulate ? gradient[j][m] : 0) + sum_i rows[i][j] * residuals[i][m]      i ascending
//
// for the lanes m of `tiles` tiles. residuals has rows.rows rows, gradient rows.columns. Rows may come in several
// calls, in order, without a change to the bits.
void Gradient(const RowsView& rows, TileMatrix<const float> residuals, int tiles, bool accumulate,
              TileMatrix<float> gradient);

}  // namespace ll::learner::kernels

#endif  // LL_LEARNER_KERNELS_GRADIENT_H_
