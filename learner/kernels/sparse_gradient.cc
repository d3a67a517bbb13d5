#include "learner/kernels/sparse_gradient.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "learner/kernels/sparse_gradient.cc"
#include "hwy/foreach_target.h"
// After foreach_target.
#include "hwy/highway.h"
#include "learner/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ll::learner::kernels::HWY_NAMESPACE {

// By columns, so that a gradient is summed in registers and written once; by rows it would be fetched and written again
// for every entry. The residuals of a mini-batch, which entries pick from, stay in the second-level cache.
template <int kTiles>
HWY_NOINLINE void SparseGradientTiles(const SparseColumnsView& columns, TileMatrix<const float> residuals,
                                      bool accumulate, TileMatrix<float> gradient) {
  for (int64_t k = 0; k < columns.count; ++k) {
    TilesRow<kTiles> sums;
    if (accumulate) {
      sums.Load(gradient.row(k), gradient.tile_stride);
    } else {
      sums.Clear();
    }
    for (int64_t e = columns.begin[k]; e < columns.begin[k + 1]; ++e) {
      TilesRow<kTiles> row;
      row.Load(residuals.row(columns.rows[e]), residuals.tile_stride);
      sums.AddProduct(hn::Set(Lanes(), columns.values[e]), row);
    }
    sums.Store(gradient.row(k), gradient.tile_stride);
  }
}

void SparseGradientLanes(const SparseColumnsView& columns, TileMatrix<const float> residuals, int tiles,
                         bool accumulate, TileMatrix<float> gradient) {
  int tile = 0;
  for (; tile + kTilesTogether <= tiles; tile += kTilesTogether) {
    SparseGradientTiles<kTilesTogether>(columns, residuals.tile(tile), accumulate, gradient.tile(tile));
  }
  if constexpr (kTilesTogether > 1) {
    for (; tile < tiles; ++tile) {
      SparseGradientTiles<1>(columns, residuals.tile(tile), accumulate, gradient.tile(tile));
    }
  }
}

}  // namespace ll::learner::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ll::learner::kernels {

HWY_EXPORT(SparseGradientLanes);

void SparseGradient(const SparseColumnsView& columns, TileMatrix<const float> residuals, int tiles, bool accumulate,
                    TileMatrix<float> gradient) {
  HWY_DYNAMIC_DISPATCH(SparseGradientLanes)(columns, residuals, tiles, accumulate, gradient);
}

}  // namespace ll::learner::kernels
#endif  // HWY_ONCE
