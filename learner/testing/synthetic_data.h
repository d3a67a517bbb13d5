// Labelled rows for tests, from a known model.
#ifndef LL_LEARNER_TESTING_SYNTHETIC_DATA_H_
#define LL_LEARNER_TESTING_SYNTHETIC_DATA_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "base/random.h"
#include "learner/dataset.h"
#include "learner/link.h"

namespace ll::learner::testing {

// Rows as plain vectors, for tests that change them before they become a Dataset.
struct SyntheticRows {
  int columns = 0;
  std::vector<float> values;  // row-major
  std::vector<float> labels;  // 0 or 1

  int64_t rows() const { return static_cast<int64_t>(labels.size()); }
  float& at(int64_t row, int column) { return values[static_cast<size_t>(row * columns + column)]; }
  Dataset ToDataset() const { return Dataset::FromRows(values, labels, columns); }
};

// Normal features; the label is 1 with probability sigma(sum_j +-x_j * signal / sqrt(columns) - 0.5).
inline SyntheticRows MakeLogisticRows(int64_t rows, int columns, uint64_t seed, double signal = 3) {
  SeededRandom random(seed);
  SyntheticRows data;
  data.columns = columns;
  for (int64_t i = 0; i < rows; ++i) {
    double margin = -0.5;
    for (int j = 0; j < columns; ++j) {
      const double x = random.Normal();
      margin += (j % 2 == 0 ? x : -x) * signal / std::sqrt(columns);
      data.values.push_back(static_cast<float>(x));
    }
    data.labels.push_back(random.Unit() < Sigmoid(margin) ? 1.0f : 0.0f);
  }
  return data;
}

// The same with only one value in `one_in` that is not zero, whatever the label is made of.
inline SyntheticRows MakeSparseRows(int64_t rows, int columns, uint64_t seed, uint64_t one_in = 10) {
  SyntheticRows data = MakeLogisticRows(rows, columns, seed, /*signal=*/6);
  SeededRandom random(seed + 1);
  for (float& value : data.values) {
    if (random.Below(one_in) != 0) value = 0;
  }
  return data;
}

// Given rows as a source, dense or sparse, a few at a time. `rows` must outlive it.
class RowsAsSource final : public RowSource {
 public:
  RowsAsSource(const SyntheticRows& rows, RowLayout layout, int64_t block_rows = 7)
      : rows_(rows), layout_(layout), block_rows_(block_rows) {}

  absl::StatusOr<RowBlock> Next() override {
    const int64_t first = Advance();
    return RowBlock{.values = rows_.values.data() + first * rows_.columns,
                    .labels = rows_.labels.data() + first,
                    .rows = next_ - first,
                    .columns = rows_.columns};
  }

  absl::StatusOr<SparseBlock> NextSparse() override {
    if (layout_ == RowLayout::kDense) return RowSource::NextSparse();
    const int64_t first = Advance();
    row_begin_.assign(1, 0);
    indices_.clear();
    values_.clear();
    for (int64_t row = first; row < next_; ++row) {
      for (int column = 0; column < rows_.columns; ++column) {
        const float value = rows_.values[static_cast<size_t>(row * rows_.columns + column)];
        if (value == 0) continue;
        indices_.push_back(column);
        values_.push_back(value);
      }
      row_begin_.push_back(static_cast<int64_t>(values_.size()));
    }
    return SparseBlock{.row_begin = row_begin_.data(),
                       .indices = indices_.data(),
                       .values = values_.data(),
                       .labels = rows_.labels.data() + first,
                       .rows = next_ - first,
                       .columns = rows_.columns};
  }
  bool has_sparse_rows() const override { return layout_ == RowLayout::kSparse; }

  absl::Status Rewind() override {
    next_ = 0;
    return absl::OkStatus();
  }

 private:
  // The next block's first row.
  int64_t Advance() {
    const int64_t first = next_;
    next_ = std::min(rows_.rows(), first + block_rows_);
    return first;
  }

  const SyntheticRows& rows_;
  const RowLayout layout_;
  const int64_t block_rows_;
  int64_t next_ = 0;
  std::vector<int64_t> row_begin_;
  std::vector<int32_t> indices_;
  std::vector<float> values_;
};

}  // namespace ll::learner::testing

#endif  // LL_LEARNER_TESTING_SYNTHETIC_DATA_H_
