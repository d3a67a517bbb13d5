// Margins of rows without their zeros, for all models at once.
#ifndef LL_LEARNER_KERNELS_SPARSE_FORWARD_H_
#define LL_LEARNER_KERNELS_SPARSE_FORWARD_H_

#include "learner/kernels/tile.h"

namespace ll::learner::kernels {

//   margins[i][m] = sum over the entries (j, x) of row i of  x * weights[j][m]      j ascending
//
// for the lanes m of `tiles` tiles: Forward() of the same rows with their zeros, bit for bit, as long as all weights
// are finite.
void SparseForward(const SparseRowsView& rows, TileMatrix<const float> weights, int tiles, TileMatrix<float> margins);

}  // namespace ll::learner::kernels

#endif  // LL_LEARNER_KERNELS_SPARSE_FORWARD_H_
