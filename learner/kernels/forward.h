// Margins without their intercept: rows times weights, for all models at once.
#ifndef LL_LEARNER_KERNELS_FORWARD_H_
#define LL_LEARNER_KERNELS_FORWARD_H_

#include "learner/kernels/tile.h"

namespace ll::learner::kernels {

//   margins[i][m] = sum_j rows[i][j] * weights[j][m]      j ascending
//
// for the lanes m of `tiles` tiles. weights has rows.columns rows, margins rows.rows.
void Forward(const RowsView& rows, TileMatrix<const float> weights, int tiles, TileMatrix<float> margins);

}  // namespace ll::learner::kernels

#endif  // LL_LEARNER_KERNELS_FORWARD_H_
