// How the numbers of many models lie in memory: the vocabulary of the kernels.
//
// Models are lanes. Sixteen of them make a tile: 64 bytes of float, one AVX-512 vector, two AVX2 vectors, four NEON
// vectors. A tile matrix has one row per feature (weights, gradients) or per example (margins, residuals), and a row is
// the 16 lanes of a tile side by side, model-minor; one tile's rows lie behind each other, then come the next tile's:
//
//     values[tile * tile_stride + row * 16 + lane]
//
// No kernel ever mixes two lanes, so a model's numbers do not depend on the models beside it, nor on the width of the
// machine's vectors. Rows of features stay as they are: row-major, any stride, not aligned.
//
// Bits: every number is one chain of operations in a fixed order. Products and sums are fused (one rounding) on every
// machine that has fused multiply-add, and such machines agree bit for bit; older ones round twice and differ in the
// last digits.
#ifndef LL_LEARNER_KERNELS_TILE_H_
#define LL_LEARNER_KERNELS_TILE_H_

#include <cstdint>

namespace ll::learner::kernels {

inline constexpr int kTileModels = 16;

// Tiles that hold `models` lanes.
constexpr int TilesFor(int models) { return (models + kTileModels - 1) / kTileModels; }

// Not owned. `values` is aligned to 64 bytes and tile_stride is a multiple of 16.
template <class T>
struct TileMatrix {
  T* values = nullptr;
  int64_t tile_stride = 0;  // floats from one tile to the next

  T* row(int64_t index) const { return values + index * kTileModels; }
  TileMatrix From(int64_t row_index) const { return {row(row_index), tile_stride}; }
  TileMatrix tile(int64_t index) const { return {values + index * tile_stride, tile_stride}; }
  // Implicit, as T* becomes const T*.
  operator TileMatrix<const T>() const { return {values, tile_stride}; }  // NOLINT(google-explicit-constructor)
};

// Rows of features, row-major. Not owned.
struct RowsView {
  const float* values = nullptr;
  int64_t stride = 0;  // floats from one row to the next
  int64_t rows = 0;
  int columns = 0;
};

// Rows of features without their zeros. Row i is made of the entries [row_begin[i], row_begin[i + 1]), whose columns
// ascend. Not owned.
struct SparseRowsView {
  const int64_t* row_begin = nullptr;  // rows + 1
  const int32_t* indices = nullptr;    // of each entry, its column
  const float* values = nullptr;
  int64_t rows = 0;
};

// The same entries by columns: only columns that have some, ascending. Column columns[k] is made of the entries
// [begin[k], begin[k + 1]), whose rows ascend. Not owned.
struct SparseColumnsView {
  const int32_t* columns = nullptr;  // count
  const int64_t* begin = nullptr;    // count + 1
  const int32_t* rows = nullptr;     // of each entry, its row
  const float* values = nullptr;
  int64_t count = 0;
};

}  // namespace ll::learner::kernels

#endif  // LL_LEARNER_KERNELS_TILE_H_
