// All rows of a reader or source, for tests.
#ifndef LL_LEARNER_READERS_COLLECTED_ROWS_FOR_TEST_H_
#define LL_LEARNER_READERS_COLLECTED_ROWS_FOR_TEST_H_

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "base/status_macros.h"
#include "learner/dataset.h"
#include "learner/readers/row_buffer.h"

namespace ll::learner {

struct CollectedRows {
  std::vector<std::vector<float>> features;
  std::vector<float> labels;  // empty when rows carry none

  void Append(const RowBlock& block) {
    for (int64_t i = 0; i < block.rows; ++i) {
      const float* const row = block.values + i * block.columns;
      features.emplace_back(row, row + block.columns);
      if (block.labels != nullptr) labels.push_back(block.labels[i]);
    }
  }

  // As wide as the block says, and rows before it as wide as that.
  void Append(const SparseBlock& block) {
    for (auto& row : features) row.resize(static_cast<size_t>(block.columns));
    for (int64_t i = 0; i < block.rows; ++i) {
      std::vector<float>& row = features.emplace_back(static_cast<size_t>(block.columns));
      for (int64_t e = block.row_begin[i]; e < block.row_begin[i + 1]; ++e) {
        row[static_cast<size_t>(block.indices[e])] = block.values[e];
      }
      if (block.labels != nullptr) labels.push_back(block.labels[i]);
    }
  }
};

inline absl::StatusOr<CollectedRows> CollectRows(RowReader& reader, RowRules rules,
                                                 RowLayout layout = RowLayout::kDense) {
  CollectedRows all;
  RowBuffer buffer(std::move(rules), layout);
  for (bool more = true; more;) {
    buffer.Clear();
    LL_ASSIGN_OR_RETURN(more, reader.Read(buffer));
    if (layout == RowLayout::kDense) {
      all.Append(buffer.block());
    } else {
      all.Append(buffer.sparse_block());
    }
  }
  return all;
}

inline absl::StatusOr<CollectedRows> CollectRows(RowSource& source) {
  CollectedRows all;
  while (true) {
    LL_ASSIGN_OR_RETURN(const RowBlock block, source.Next());
    if (block.rows == 0) return all;
    all.Append(block);
  }
}

}  // namespace ll::learner

#endif  // LL_LEARNER_READERS_COLLECTED_ROWS_FOR_TEST_H_
