// Rows in memory, dense or without their zeros: all of a data set, or the part of a streamed one that is in use.
//
//   HeldRows rows(RowLayout::kSparse);
//   LL_RETURN_IF_ERROR(rows.Append(block));
//   rows.view()
#ifndef LL_LEARNER_HELD_ROWS_H_
#define LL_LEARNER_HELD_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "learner/huge_page_memory.h"
#include "learner/row_source.h"
#include "learner/rows.h"

namespace ll::learner {

// Not thread-safe; views may be read by many threads.
class HeldRows final {
 public:
  explicit HeldRows(RowLayout layout) : layout_(layout) { Clear(); }

  RowLayout layout() const { return layout_; }
  bool sparse() const { return layout_ == RowLayout::kSparse; }
  int64_t rows() const { return rows_; }
  int columns() const { return columns_; }
  // What the rows take: dense 4 bytes a value; sparse 8 bytes an entry and 8 a row.
  uint64_t bytes() const;

  // What `rows` more dense rows would be written to, or those entries of a block take; 0 columns are no rows.
  static uint64_t BytesOf(const RowBlock& block);
  static uint64_t BytesOf(const SparseBlock& block);

  // Room behind the rows held, of whole rows and at least `bytes`; sparse rows and those of unknown width have none.
  // RESOURCE_EXHAUSTED when the system refuses.
  absl::StatusOr<absl::Span<float>> Room(uint64_t bytes);

  // Puts a block of the right layout behind the rows held, unless it lies in their room already. All dense blocks are
  // equally wide; of sparse ones the widest counts.
  absl::Status Append(const RowBlock& block);
  absl::Status Append(const SparseBlock& block);

  // Valid until the next change.
  Rows view() const;

  // Replaces each NaN by its column's number; how many there were.
  int64_t FillMissing(absl::Span<const double> values);
  // Subtracts a number from each column, of dense rows: value = float(double(value) - amount).
  void Subtract(absl::Span<const double> amounts);
  // Row i of the new order is row order[i] of the old. Sparse rows are there twice meanwhile.
  absl::Status Reorder(absl::Span<const int64_t> order);
  // Two dense rows change places.
  void Swap(int64_t a, int64_t b);

  void set_columns(int columns) { columns_ = columns; }
  // No rows, of any width; the memory stays.
  void Clear();
  // Gives back memory beyond the rows.
  void ShrinkToFit();

 private:
  absl::Status ReserveEntries(int64_t count);
  float* values() { return reinterpret_cast<float*>(values_.data()); }
  const float* values() const { return reinterpret_cast<const float*>(values_.data()); }
  int32_t* indices() { return reinterpret_cast<int32_t*>(indices_.data()); }
  const int32_t* indices() const { return reinterpret_cast<const int32_t*>(indices_.data()); }
  int64_t entries() const { return row_begin_.back(); }

  RowLayout layout_;
  int64_t rows_ = 0;
  int columns_ = 0;
  HugePageMemory values_;           // dense: rows x columns; sparse: of entries
  HugePageMemory indices_;          // sparse: of entries
  std::vector<int64_t> row_begin_;  // sparse: rows + 1
};

}  // namespace ll::learner

#endif  // LL_LEARNER_HELD_ROWS_H_
