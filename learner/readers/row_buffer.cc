#include "learner/readers/row_buffer.h"

#include <algorithm>
#include <utility>

namespace ll::learner {
namespace {

// Rows of `columns` values that make a block, at least one.
size_t BlockRows(int columns) {
  return std::max<size_t>(1, RowBuffer::kBlockBytes / (static_cast<size_t>(columns) * sizeof(float)));
}

}  // namespace

RowBuffer::RowBuffer(RowRules rules, RowLayout layout) : rules_(std::move(rules)), layout_(layout) {
  if (rules_.feature_dim > 0) SetColumns(rules_.feature_dim, rules_.feature_dim_source);
}

void RowBuffer::SetColumns(int columns, std::string source) {
  columns_ = columns;
  rules_.feature_dim_source = std::move(source);
}

void RowBuffer::SetFeatureNames(std::vector<std::string> names, std::string source) {
  feature_names_ = std::move(names);
  feature_names_source_ = std::move(source);
}

bool RowBuffer::full() const {
  if (layout_ == RowLayout::kSparse) return entries_.size() * (sizeof(float) + sizeof(int32_t)) >= kBlockBytes;
  return values_ != nullptr && rows_ == capacity_;
}

float* RowBuffer::OwnValues() {
  const size_t rows = layout_ == RowLayout::kDense ? BlockRows(columns_) : 1;
  storage_.resize(rows * static_cast<size_t>(columns_));
  capacity_ = static_cast<int64_t>(rows);
  return storage_.data();
}

float* RowBuffer::NextRow() {
  if (layout_ == RowLayout::kSparse) return OwnValues();
  if (values_ == nullptr) {
    const size_t room_rows = room_.size() / static_cast<size_t>(columns_);
    values_ = room_rows > 0 ? room_.data() : OwnValues();
    if (room_rows > 0) capacity_ = static_cast<int64_t>(std::min(room_rows, BlockRows(columns_)));
  }
  return values_ + rows_ * columns_;
}

void RowBuffer::CommitLabel(float label) {
  if (rules_.labels) labels_.push_back(label);
  ++rows_;
}

void RowBuffer::CommitRow(float label) {
  if (layout_ == RowLayout::kSparse) {
    for (int32_t column = 0; column < columns_; ++column) {
      const float value = storage_[static_cast<size_t>(column)];
      if (value == 0) continue;  // NaN is not
      indices_.push_back(column);
      entries_.push_back(value);
      largest_index_ = std::max(largest_index_, column);
    }
    row_begin_.push_back(static_cast<int64_t>(entries_.size()));
  }
  CommitLabel(label);
}

void RowBuffer::AppendSparseRow(absl::Span<const int32_t> indices, absl::Span<const float> values, float label) {
  has_sparse_rows_ = true;
  if (layout_ == RowLayout::kSparse) {
    indices_.insert(indices_.end(), indices.begin(), indices.end());
    entries_.insert(entries_.end(), values.begin(), values.end());
    if (!indices.empty()) largest_index_ = std::max(largest_index_, indices.back());
    row_begin_.push_back(static_cast<int64_t>(entries_.size()));
  } else {
    float* const row = NextRow();
    std::fill_n(row, columns_, 0.0f);
    for (size_t i = 0; i < indices.size(); ++i) row[indices[i]] = values[i];
  }
  CommitLabel(label);
}

RowBlock RowBuffer::block() const {
  return {.values = values_, .labels = rules_.labels ? labels_.data() : nullptr, .rows = rows_, .columns = columns_};
}

SparseBlock RowBuffer::sparse_block() const {
  return {.row_begin = row_begin_.data(),
          .indices = indices_.data(),
          .values = entries_.data(),
          .labels = rules_.labels ? labels_.data() : nullptr,
          .rows = rows_,
          .columns = columns_ > 0 ? columns_ : largest_index_ + 1};
}

void RowBuffer::Clear(absl::Span<float> room) {
  room_ = room;
  values_ = nullptr;
  rows_ = 0;
  labels_.clear();
  row_begin_.resize(1);
  indices_.clear();
  entries_.clear();
}

void RowBuffer::ClearTo(RowLayout layout) {
  layout_ = layout;
  Clear();
}

}  // namespace ll::learner
