// Sparse rows turned into columns: what a gradient is summed over (kernels/sparse_gradient.h).
//
//   SparseColumns columns(data.columns());
//   columns.Build(mini_batch, [](int32_t column) { return true; });
//   columns.view().count        // columns that have an entry
//
// Two passes over the entries, counting and placing, and one over a bit per feature: a small part of what the products
// of many models cost.
#ifndef LL_LEARNER_SPARSE_COLUMNS_H_
#define LL_LEARNER_SPARSE_COLUMNS_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "learner/kernels/tile.h"
#include "learner/rows.h"

namespace ll::learner {

// Reused from mini-batch to mini-batch. Not thread-safe.
class SparseColumns final {
 public:
  explicit SparseColumns(int columns)
      : next_(static_cast<size_t>(columns)), present_((static_cast<size_t>(columns) + 63) / 64) {}

  // The columns of `rows`, sparse ones, for which `mine` holds.
  template <class Mine>
  void Build(const Rows& rows, const Mine& mine) {
    Count(rows, mine);
    ListColumns();
    Place(rows, mine);
  }

  // Valid until the next Build().
  kernels::SparseColumnsView view() const {
    return {columns_.data(), begin_.data(), rows_.data(), values_.data(), static_cast<int64_t>(columns_.size())};
  }

 private:
  template <class Mine>
  void Count(const Rows& rows, const Mine& mine) {
    for (int64_t e = rows.row_begin[0]; e < rows.row_begin[rows.rows]; ++e) {
      const int32_t column = rows.indices[e];
      if (!mine(column)) continue;
      ++next_[static_cast<size_t>(column)];
      present_[static_cast<size_t>(column) / 64] |= uint64_t{1} << (column % 64);
    }
  }

  // Turns counts into places, and forgets which columns there were.
  void ListColumns() {
    columns_.clear();
    begin_.assign(1, 0);
    for (size_t word = 0; word < present_.size(); ++word) {
      for (uint64_t bits = present_[word]; bits != 0; bits &= bits - 1) {
        const size_t column = word * 64 + static_cast<size_t>(std::countr_zero(bits));
        columns_.push_back(static_cast<int32_t>(column));
        const int64_t begin = begin_.back();
        begin_.push_back(begin + next_[column]);
        next_[column] = static_cast<int32_t>(begin);
      }
      present_[word] = 0;
    }
    rows_.resize(static_cast<size_t>(begin_.back()));
    values_.resize(rows_.size());
  }

  template <class Mine>
  void Place(const Rows& rows, const Mine& mine) {
    for (int64_t i = 0; i < rows.rows; ++i) {
      for (int64_t e = rows.row_begin[i]; e < rows.row_begin[i + 1]; ++e) {
        const int32_t column = rows.indices[e];
        if (!mine(column)) continue;
        const auto at = static_cast<size_t>(next_[static_cast<size_t>(column)]++);
        rows_[at] = static_cast<int32_t>(i);
        values_[at] = rows.values[e];
      }
    }
    for (const int32_t column : columns_) next_[static_cast<size_t>(column)] = 0;
  }

  std::vector<int32_t> next_;      // by feature: how many entries, then where the next one goes; 0 between builds
  std::vector<uint64_t> present_;  // a bit by feature
  std::vector<int32_t> columns_;
  std::vector<int64_t> begin_;
  std::vector<int32_t> rows_;
  std::vector<float> values_;
};

}  // namespace ll::learner

#endif  // LL_LEARNER_SPARSE_COLUMNS_H_
