// The rows of a channel as training sees them: something to pass over, again and again.
//
// Rows that fit into the memory given are held there, one float32 copy in huge pages where the system gives them:
// dense, row-major, or without their zeros where the source has them so and most are zeros. Other rows are streamed:
// every pass reads them from their source again, ahead of whoever works on them (row_stream.h). What a pass sees is the
// same, bit for bit.
//
//   LL_ASSIGN_OR_RETURN(Dataset train, Dataset::Open(std::move(source), {.max_bytes = 512 << 20}));
//   train.ForEachChunk(/*multiple=*/1, [&](int64_t first, const Rows& chunk) {
//     ...chunk.rows rows, the first of which is row `first`...
//     return true;
//   });
//   LL_RETURN_IF_ERROR(train.status());
#ifndef LL_LEARNER_DATASET_H_
#define LL_LEARNER_DATASET_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "learner/held_rows.h"
#include "learner/row_source.h"
#include "learner/row_stream.h"
#include "learner/rows.h"

namespace ll::learner {

struct DatasetOptions {
  // Most memory for the rows and their labels; 0: no bound.
  uint64_t max_bytes = 0;
  // nullopt: sparse if the source has such rows and, as far as its first block shows, at most one value in
  // kDensestSparse is not zero.
  std::optional<RowLayout> layout = {};
};

// A sparse row costs less than a dense one, in time and in memory, from about this share of values on that are not 0:
// one in so many.
inline constexpr int kDensestSparse = 6;

// Passes over rows in memory may run at the same time, as long as no one changes the rows; of streamed rows there is
// one pass at a time.
class Dataset final {
 public:
  // Reads one pass of `source` to its end, without ever holding two copies of a row. INVALID_ARGUMENT with reason
  // INVALID_CHANNEL when it has no rows, with INVALID_DATA when its blocks do not agree. More than `max_bytes`, or than
  // the system gives, is RESOURCE_EXHAUSTED.
  static absl::StatusOr<Dataset> Collect(RowSource& source, const DatasetOptions& options = {});

  // The same, but rows that take more than `max_bytes` are streamed: they and what is kept of each row, its label, take
  // no more than that. The first pass is always read to its end.
  static absl::StatusOr<Dataset> Open(std::unique_ptr<RowSource> source, const DatasetOptions& options);

  // Copies `values` (rows x columns, row-major) and `labels` (rows, or empty when there are none). At least one row
  // and one column; aborts when there is no memory for them.
  static Dataset FromRows(absl::Span<const float> values, absl::Span<const float> labels, int columns);

  int64_t rows() const { return rows_; }
  int columns() const { return columns_; }
  absl::Span<const float> labels() const { return labels_; }  // rows, or empty when the source has none
  bool sparse() const { return held_.sparse(); }
  bool streamed() const { return stream_ != nullptr; }
  // What the source calls its columns, if it does.
  const std::vector<std::string>& feature_names() const { return feature_names_; }
  // Entries of a row in the mean: columns() for dense rows.
  double entries_per_row() const;
  // What rows and labels take; streamed rows, what those in use take at most.
  uint64_t memory_bytes() const;

  // All rows in order, in chunks, until `visit` returns false. A chunk's first row is row `first`, a multiple of
  // `multiple`, as is the number of its rows, but for the last chunk. Rows in memory are a single chunk. A pass over
  // streamed rows can fail: it ends then, no later one visits anything, and status() says why.
  void ForEachChunk(int64_t multiple, absl::FunctionRef<bool(int64_t first, const Rows& chunk)> visit) const;
  absl::Status status() const { return streamed() ? *stream_status_ : absl::OkStatus(); }

  // Of dense rows in memory: row-major, rows x columns.
  const float* row(int64_t index) const { return values() + index * columns_; }
  const float* values() const { return held_.view().values; }

  // Puts all rows, with their labels, into the order that `seed` gives: an order, uniformly chosen, that is the same on
  // every machine (Fisher and Yates: for i from rows - 1 down to 1, rows i and Below(i + 1) change places). Streamed
  // rows cannot be: RESOURCE_EXHAUSTED.
  absl::Status Shuffle(uint64_t seed);

  // The mean of each column over the rows in which it is not NaN; 0 for a column that always is.
  std::vector<double> MeansOfPresent() const;

  // Replaces each NaN by its column's number of `values`, which has columns() entries; how many there were. Offsets
  // must be zero.
  int64_t FillMissing(absl::Span<const double> values);

  // Columns whose mean is more than 64 standard deviations from zero drown in float32 (a date near 2e7 leaves no bits
  // for its differences). Such a column is stored minus a recorded constant: stored = original - offset. From this call
  // on all columns are stored minus `offsets`, which has columns() entries; at first they are zero, and of sparse rows
  // always. Whoever folds weights back to original features must undo it:
  // b_original = b_stored - sum_j w_j * offset_j.
  void SetOffsets(absl::Span<const double> offsets);
  absl::Span<const double> offsets() const { return offsets_; }

 private:
  class Reading;
  explicit Dataset(RowLayout layout) : held_(layout) {}

  HeldRows held_;                                // empty when streamed
  std::unique_ptr<RowStream> stream_;            // nullptr: rows are in memory
  std::unique_ptr<absl::Status> stream_status_;  // with stream_
  int64_t rows_ = 0;
  int64_t entries_ = 0;  // sparse
  int columns_ = 0;
  std::vector<float> labels_;
  std::vector<double> offsets_;
  std::vector<std::string> feature_names_;
};

}  // namespace ll::learner

#endif  // LL_LEARNER_DATASET_H_
