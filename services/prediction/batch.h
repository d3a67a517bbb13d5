// A batch of rows on its way through a model: checked first, then scored in slices, so that a caller who gives up in
// the middle of a large batch is noticed.
//
//   LL_RETURN_IF_ERROR(CheckRows(rows, handle->schema().feature_dim));
//   LL_RETURN_IF_ERROR(ScoreInSlices(*handle, rows, [&] { return context->IsCancelled(); }, &scratch,
//                                    [&](const learner::Scores& slice) { ... append ... }));
#ifndef LL_SERVICES_PREDICTION_BATCH_H_
#define LL_SERVICES_PREDICTION_BATCH_H_

#include <cstdint>
#include <variant>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/types/span.h"
#include "services/prediction/predictor.h"

namespace ll::prediction {

// Rows as they came, row-major: `values` may hold anything until CheckRows() has approved it.
struct DenseRows {
  absl::Span<const float> values = {};
  int64_t columns = 0;
};

// Rows as they came, without zeros: see ll.v1.SparseRows. Again, anything until CheckRows() has approved it.
struct SparseRows {
  absl::Span<const int32_t> row_offsets = {};
  absl::Span<const int32_t> column_indices = {};
  absl::Span<const float> values = {};
  int64_t columns = 0;  // 0: as many as the model has features
};

using Rows = std::variant<DenseRows, SparseRows>;

// Of approved rows.
int64_t CountRows(const Rows& rows);

// INVALID_ARGUMENT unless these are one or more whole rows of `feature_dim` finite numbers, sparse ones with ascending
// indices. The error says what was expected and what was found, counts rows and columns from 1, and has a violation of
// the field, such as "dense.values" or "sparse.row_offsets".
absl::Status CheckRows(const Rows& rows, int feature_dim);

// Scores approved rows in their order and hands each slice to `append`; `scratch` is memory to be reused. CANCELLED as
// soon as `abandoned` holds, else as Predictor::Predict. Each row's scores are those it would get alone.
absl::Status ScoreInSlices(const Predictor& predictor, const Rows& rows, absl::FunctionRef<bool()> abandoned,
                           learner::Scores* scratch, absl::FunctionRef<void(const learner::Scores&)> append);

}  // namespace ll::prediction

#endif  // LL_SERVICES_PREDICTION_BATCH_H_
