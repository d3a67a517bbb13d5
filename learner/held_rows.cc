#include "learner/held_rows.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "base/status_macros.h"

namespace ll::learner {
namespace {

constexpr uint64_t kEntryBytes = sizeof(float) + sizeof(int32_t);

// Growth by half: little is reserved in vain, and rows are moved (by their page tables) a logarithmic number of times.
absl::Status Grow(HugePageMemory& memory, uint64_t needed) {
  if (needed <= memory.capacity()) return absl::OkStatus();
  return memory.Reserve(std::max(needed, memory.capacity() + memory.capacity() / 2));
}

}  // namespace

uint64_t HeldRows::BytesOf(const RowBlock& block) {
  return static_cast<uint64_t>(block.rows) * static_cast<uint64_t>(block.columns) * sizeof(float);
}

uint64_t HeldRows::BytesOf(const SparseBlock& block) {
  if (block.rows == 0) return 0;
  return static_cast<uint64_t>(block.row_begin[block.rows] - block.row_begin[0]) * kEntryBytes +
         static_cast<uint64_t>(block.rows) * sizeof(int64_t);
}

uint64_t HeldRows::bytes() const {
  if (!sparse()) return static_cast<uint64_t>(rows_) * static_cast<uint64_t>(columns_) * sizeof(float);
  return static_cast<uint64_t>(entries()) * kEntryBytes + static_cast<uint64_t>(rows_) * sizeof(int64_t);
}

absl::StatusOr<absl::Span<float>> HeldRows::Room(uint64_t bytes) {
  if (sparse() || columns_ == 0) return absl::Span<float>();
  const uint64_t row_bytes = static_cast<uint64_t>(columns_) * sizeof(float);
  const uint64_t held = this->bytes();
  LL_RETURN_IF_ERROR(Grow(values_, held + std::max(bytes, row_bytes)));
  const uint64_t rows = (values_.capacity() - held) / row_bytes;
  return absl::MakeSpan(values() + held / sizeof(float), rows * static_cast<uint64_t>(columns_));
}

absl::Status HeldRows::Append(const RowBlock& block) {
  columns_ = block.columns;
  const uint64_t held = bytes();
  const uint64_t added = BytesOf(block);
  LL_RETURN_IF_ERROR(Grow(values_, held + added));
  std::byte* const to = values_.data() + held;
  if (reinterpret_cast<const std::byte*>(block.values) != to) std::memcpy(to, block.values, added);
  rows_ += block.rows;
  return absl::OkStatus();
}

absl::Status HeldRows::ReserveEntries(int64_t count) {
  LL_RETURN_IF_ERROR(Grow(values_, static_cast<uint64_t>(count) * sizeof(float)));
  return Grow(indices_, static_cast<uint64_t>(count) * sizeof(int32_t));
}

absl::Status HeldRows::Append(const SparseBlock& block) {
  columns_ = std::max(columns_, block.columns);
  const int64_t first = block.row_begin[0];
  const int64_t added = block.row_begin[block.rows] - first;
  const int64_t held = entries();
  LL_RETURN_IF_ERROR(ReserveEntries(held + added));
  std::copy_n(block.values + first, added, values() + held);
  std::copy_n(block.indices + first, added, indices() + held);
  for (int64_t i = 1; i <= block.rows; ++i) row_begin_.push_back(held + block.row_begin[i] - first);
  rows_ += block.rows;
  return absl::OkStatus();
}

Rows HeldRows::view() const {
  if (!sparse()) return {.rows = rows_, .columns = columns_, .values = values()};
  return {.rows = rows_, .columns = columns_, .values = values(), .row_begin = row_begin_.data(), .indices = indices()};
}

int64_t HeldRows::FillMissing(absl::Span<const double> values_by_column) {
  int64_t filled = 0;
  float* const all = values();
  const int64_t count = sparse() ? entries() : rows_ * columns_;
  for (int64_t at = 0; at < count; ++at) {
    if (!std::isnan(all[at])) continue;
    const int64_t column = sparse() ? indices()[at] : at % columns_;
    all[at] = static_cast<float>(values_by_column[static_cast<size_t>(column)]);
    ++filled;
  }
  return filled;
}

void HeldRows::Subtract(absl::Span<const double> amounts) {
  struct Shift {
    size_t column;
    double amount;
  };
  std::vector<Shift> shifts;
  for (size_t column = 0; column < amounts.size(); ++column) {
    if (amounts[column] != 0) shifts.push_back({column, amounts[column]});
  }
  for (int64_t row = 0; row < rows_ && !shifts.empty(); ++row) {
    float* const x = values() + row * columns_;
    for (const Shift& shift : shifts) {
      x[shift.column] = static_cast<float>(static_cast<double>(x[shift.column]) - shift.amount);
    }
  }
}

absl::Status HeldRows::Reorder(absl::Span<const int64_t> order) {
  HeldRows ordered(layout_);
  ordered.columns_ = columns_;
  LL_RETURN_IF_ERROR(ordered.ReserveEntries(entries()));
  ordered.row_begin_.reserve(row_begin_.size());
  for (const int64_t row : order) {
    LL_RETURN_IF_ERROR(ordered.Append(SparseBlock{.row_begin = row_begin_.data() + row,
                                                  .indices = indices(),
                                                  .values = values(),
                                                  .rows = 1,
                                                  .columns = columns_}));
  }
  *this = std::move(ordered);
  return absl::OkStatus();
}

void HeldRows::Swap(int64_t a, int64_t b) {
  if (a == b) return;
  std::swap_ranges(values() + a * columns_, values() + (a + 1) * columns_, values() + b * columns_);
}

void HeldRows::Clear() {
  rows_ = 0;
  columns_ = 0;
  row_begin_.assign(1, 0);
}

void HeldRows::ShrinkToFit() {
  values_.ShrinkTo(sparse() ? static_cast<uint64_t>(entries()) * sizeof(float) : bytes());
  indices_.ShrinkTo(static_cast<uint64_t>(entries()) * sizeof(int32_t));
  row_begin_.shrink_to_fit();
}

}  // namespace ll::learner
