#include "learner/rows.h"

#include "learner/kernels/forward.h"
#include "learner/kernels/sparse_forward.h"

namespace ll::learner {

void Margins(const Rows& rows, kernels::TileMatrix<const float> weights, int tiles,
             kernels::TileMatrix<float> margins) {
  if (rows.sparse()) {
    kernels::SparseForward(rows.sparse_view(), weights, tiles, margins);
  } else {
    kernels::Forward(rows.dense_view(), weights, tiles, margins);
  }
}

void Margins(const Rows& rows, const Model& model, double* margins) {
  if (rows.sparse()) {
    model.Margins({.row_begin = rows.row_begin,
                   .indices = rows.indices,
                   .values = rows.values,
                   .rows = rows.rows,
                   .columns = rows.columns},
                  margins);
  } else {
    model.Margins(rows.values, rows.rows, margins);
  }
}

}  // namespace ll::learner
