// Consecutive rows of a data set, dense or sparse: what every pass over data works on, a view that owns nothing.
//
//   data.ForEachChunk(mini_batch_size, [&](int64_t first, const Rows& chunk) {
//     Margins(chunk.Slice(0, 200), weights, tiles, margins);
//     return true;
//   });
#ifndef LL_LEARNER_ROWS_H_
#define LL_LEARNER_ROWS_H_

#include <cstdint>

#include "learner/kernels/tile.h"
#include "learner/model.h"

namespace ll::learner {

// Dense: row i is values[i * columns .. ]. Sparse: as in a SparseBlock (row_source.h).
struct Rows {
  int64_t rows = 0;
  int columns = 0;
  const float* values = nullptr;       // rows x columns, row-major; sparse: of all entries
  const int64_t* row_begin = nullptr;  // sparse: rows + 1, counted in entries; nullptr: the rows are dense
  const int32_t* indices = nullptr;    // sparse: of all entries

  bool sparse() const { return row_begin != nullptr; }

  // The rows [begin, begin + count).
  Rows Slice(int64_t begin, int64_t count) const {
    if (sparse()) return {count, columns, values, row_begin + begin, indices};
    return {count, columns, values + begin * columns, nullptr, nullptr};
  }

  // As the kernels want them.
  kernels::RowsView dense_view() const { return {values, columns, rows, columns}; }
  kernels::SparseRowsView sparse_view() const { return {row_begin, indices, values, rows}; }
};

// Margins without their intercepts, of all models of `tiles` tiles (kernels/forward.h).
void Margins(const Rows& rows, kernels::TileMatrix<const float> weights, int tiles, kernels::TileMatrix<float> margins);

// Model::Margins() of either form.
void Margins(const Rows& rows, const Model& model, double* margins);

}  // namespace ll::learner

#endif  // LL_LEARNER_ROWS_H_
