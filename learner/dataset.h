// The rows of a channel as training holds them: one float32 copy, row-major, in huge pages where the system gives them.
// A source (row_source.h) is collected into it, and the trainer's passes run over it.
//
//   LL_ASSIGN_OR_RETURN(Dataset train, Dataset::Collect(*source));
//   train.row(17)          // columns() floats
#ifndef LL_LEARNER_DATASET_H_
#define LL_LEARNER_DATASET_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "learner/huge_page_memory.h"
#include "learner/row_source.h"

namespace ll::learner {

// Safe to read from many threads while no one moves its offsets.
class Dataset final {
 public:
  // Reads one pass of `source` to its end, without ever holding two copies of a row. INVALID_ARGUMENT with reason
  // INVALID_CHANNEL when it has no rows, with INVALID_DATA when its blocks do not agree. `max_bytes` bounds the rows
  // held (0: no bound); more than that, or than the system gives, is RESOURCE_EXHAUSTED.
  static absl::StatusOr<Dataset> Collect(RowSource& source, uint64_t max_bytes = 0);

  // Copies `values` (rows x columns, row-major) and `labels` (rows, or empty when there are none). At least one row
  // and one column; aborts when there is no memory for them.
  static Dataset FromRows(absl::Span<const float> values, absl::Span<const float> labels, int columns);

  int64_t rows() const { return rows_; }
  int columns() const { return columns_; }
  const float* row(int64_t index) const { return values() + index * columns_; }
  const float* values() const { return reinterpret_cast<const float*>(memory_.data()); }  // rows x columns, row-major
  absl::Span<const float> labels() const { return labels_; }  // rows, or empty when the source has none

  // Puts all rows, with their labels, into the order that `seed` gives: an order, uniformly chosen, that is the same on
  // every machine (Fisher and Yates: for i from rows - 1 down to 1, rows i and Below(i + 1) change places).
  void Shuffle(uint64_t seed);

  // The mean of each column over the rows in which it is not NaN; 0 for a column that always is.
  std::vector<double> MeansOfPresent() const;

  // Replaces each NaN by its column's number of `values`, which has columns() entries; how many there were. Offsets
  // must be zero.
  int64_t FillMissing(absl::Span<const double> values);

  // Columns whose mean is more than 64 standard deviations from zero drown in float32 (a date near 2e7 leaves no bits
  // for its differences). Such a column is stored minus a recorded constant: stored = original - offset. From this call
  // on all columns are stored minus `offsets`, which has columns() entries; at first they are zero. Whoever folds
  // weights back to original features must undo it: b_original = b_stored - sum_j w_j * offset_j.
  void SetOffsets(absl::Span<const double> offsets);
  absl::Span<const double> offsets() const { return offsets_; }

 private:
  Dataset() = default;

  // Where the next rows go: room for at least a block, as far as `max_bytes` allows.
  absl::StatusOr<absl::Span<float>> Room(uint64_t max_bytes);
  // Copies one block behind the rows already held, unless it lies there already.
  absl::Status Append(const RowBlock& block, uint64_t max_bytes);
  uint64_t held_bytes() const { return static_cast<uint64_t>(rows_) * static_cast<uint64_t>(columns_) * sizeof(float); }

  HugePageMemory memory_;
  int64_t rows_ = 0;
  int columns_ = 0;
  std::vector<float> labels_;
  std::vector<double> offsets_;
};

}  // namespace ll::learner

#endif  // LL_LEARNER_DATASET_H_
