#include "learner/kernels/sparse_forward.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "learner/kernels/sparse_forward.cc"
#include "hwy/foreach_target.h"
// After foreach_target.
#include "hwy/cache_control.h"
#include "hwy/highway.h"
#include "learner/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ll::learner::kernels::HWY_NAMESPACE {

// What limits is fetching weights: a row's features lie anywhere in a matrix that no near cache holds, and each takes
// one cache line per tile. So the lines of entries to come are asked for early, across the ends of rows: entries of all
// rows lie behind each other. More than this are on their way anyway, as far as the processor looks ahead by itself.
constexpr int64_t kPrefetchEntries = 32;

// One row at a time: the sums of one row of neighbouring tiles stay in registers, and rows are short enough for the
// processor to begin the next before the last sum is done.
template <int kTiles>
HWY_NOINLINE void SparseForwardTiles(const SparseRowsView& rows, TileMatrix<const float> weights,
                                     TileMatrix<float> margins) {
  const int64_t last = rows.row_begin[rows.rows] - 1;
  for (int64_t i = 0; i < rows.rows; ++i) {
    TilesRow<kTiles> sums;
    sums.Clear();
    for (int64_t e = rows.row_begin[i]; e < rows.row_begin[i + 1]; ++e) {
      const float* const ahead = weights.row(rows.indices[HWY_MIN(e + kPrefetchEntries, last)]);
      for (int tile = 0; tile < kTiles; ++tile) hwy::Prefetch(ahead + tile * weights.tile_stride);
      TilesRow<kTiles> row;
      row.Load(weights.row(rows.indices[e]), weights.tile_stride);
      sums.AddProduct(hn::Set(Lanes(), rows.values[e]), row);
    }
    sums.Store(margins.row(i), margins.tile_stride);
  }
}

void SparseForwardLanes(const SparseRowsView& rows, TileMatrix<const float> weights, int tiles,
                        TileMatrix<float> margins) {
  int tile = 0;
  for (; tile + kTilesTogether <= tiles; tile += kTilesTogether) {
    SparseForwardTiles<kTilesTogether>(rows, weights.tile(tile), margins.tile(tile));
  }
  if constexpr (kTilesTogether > 1) {
    for (; tile < tiles; ++tile) SparseForwardTiles<1>(rows, weights.tile(tile), margins.tile(tile));
  }
}

}  // namespace ll::learner::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ll::learner::kernels {

HWY_EXPORT(SparseForwardLanes);

void SparseForward(const SparseRowsView& rows, TileMatrix<const float> weights, int tiles, TileMatrix<float> margins) {
  HWY_DYNAMIC_DISPATCH(SparseForwardLanes)(rows, weights, tiles, margins);
}

}  // namespace ll::learner::kernels
#endif  // HWY_ONCE
