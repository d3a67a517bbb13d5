// A batch of dense rows on its way through a model: checked first, then scored in slices, so that a caller who gives up
// in the middle of a large batch is noticed.
//
//   LL_RETURN_IF_ERROR(CheckRows(rows, handle->schema().feature_dim, "dense"));
//   LL_RETURN_IF_ERROR(ScoreInSlices(*handle, rows, [&] { return context->IsCancelled(); }, &scratch,
//                                    [&](const learner::Scores& slice) { ... append ... }));
#ifndef LL_SERVICES_PREDICTION_BATCH_H_
#define LL_SERVICES_PREDICTION_BATCH_H_

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "services/prediction/predictor.h"

namespace ll::prediction {

// Rows as they came, row-major: `values` may hold anything until CheckRows() has approved it.
struct DenseRows {
  absl::Span<const float> values = {};
  int64_t columns = 0;

  int64_t rows() const { return static_cast<int64_t>(values.size()) / columns; }
};

// INVALID_ARGUMENT unless these are one or more whole rows of `feature_dim` finite numbers. The error says what was
// expected and what was found, counts rows and columns from 1, and has a violation of `field`.values or
// `field`.columns.
absl::Status CheckRows(const DenseRows& rows, int feature_dim, absl::string_view field);

// Scores approved rows in their order and hands each slice to `append`; `scratch` is memory to be reused. CANCELLED as
// soon as `abandoned` holds, else as Predictor::Predict. Each row's scores are those it would get alone.
absl::Status ScoreInSlices(const Predictor& predictor, const DenseRows& rows, absl::FunctionRef<bool()> abandoned,
                           learner::Scores* scratch, absl::FunctionRef<void(const learner::Scores&)> append);

}  // namespace ll::prediction

#endif  // LL_SERVICES_PREDICTION_BATCH_H_
