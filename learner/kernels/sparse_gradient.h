// The gradient's part from rows without their zeros, for all models at once.
#ifndef LL_LEARNER_KERNELS_SPARSE_GRADIENT_H_
#define LL_LEARNER_KERNELS_SPARSE_GRADIENT_H_

#include "learner/kernels/tile.h"

namespace ll::learner::kernels {

//   gradient[k][m] = (accumulate ? gradient[k][m] : 0) + sum over the entries (i, x) of column columns[k] of
//                                                        x * residuals[i][m]      i ascending
//
// for the lanes m of `tiles` tiles; gradient has a row for each column that has entries. It is what Gradient() makes of
// the same rows with their zeros, bit for bit, as long as all residuals are finite.
void SparseGradient(const SparseColumnsView& columns, TileMatrix<const float> residuals, int tiles, bool accumulate,
                    TileMatrix<float> gradient);

}  // namespace ll::learner::kernels

#endif  // LL_LEARNER_KERNELS_SPARSE_GRADIENT_H_
