#include "learner/dataset.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/random.h"
#include "base/status_macros.h"

namespace ll::learner {
namespace {

// What is offered to a source at least, however little memory is left in the mapping.
constexpr uint64_t kRoomBytes = 1 << 20;

// Growth by half: little is reserved in vain, and rows are moved (by their page tables) a logarithmic number of times.
uint64_t GrownCapacity(uint64_t capacity, uint64_t needed) { return std::max(needed, capacity + capacity / 2); }

}  // namespace

absl::StatusOr<Dataset> Dataset::Collect(RowSource& source, uint64_t max_bytes) {
  Dataset dataset;
  while (true) {
    LL_ASSIGN_OR_RETURN(const absl::Span<float> room, dataset.Room(max_bytes));
    LL_ASSIGN_OR_RETURN(const RowBlock block, source.NextInto(room));
    if (block.rows == 0) break;
    LL_RETURN_IF_ERROR(dataset.Append(block, max_bytes));
  }
  if (dataset.rows_ == 0) {
    return MakeError(
        absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidChannel,
        {.what = "cannot use the channel", .why = "it has no rows", .remedy = "Give it at least one row."});
  }
  dataset.memory_.ShrinkTo(dataset.held_bytes());
  dataset.labels_.shrink_to_fit();
  dataset.offsets_.assign(static_cast<size_t>(dataset.columns_), 0.0);
  return dataset;
}

absl::StatusOr<absl::Span<float>> Dataset::Room(uint64_t max_bytes) {
  if (columns_ == 0) return absl::Span<float>();
  const uint64_t row_bytes = static_cast<uint64_t>(columns_) * sizeof(float);
  const uint64_t held = held_bytes();
  // Without room for another row, the source uses memory of its own, and Append() says what is wrong.
  if (max_bytes > 0 && held + row_bytes > max_bytes) return absl::Span<float>();
  if (held + std::max(kRoomBytes, row_bytes) > memory_.capacity()) {
    LL_RETURN_IF_ERROR(memory_.Reserve(GrownCapacity(memory_.capacity(), held + std::max(kRoomBytes, row_bytes))));
  }
  uint64_t room = memory_.capacity() - held;
  if (max_bytes > 0) room = std::min(room, max_bytes - held);
  return absl::MakeSpan(reinterpret_cast<float*>(memory_.data() + held), room / sizeof(float));
}

absl::Status Dataset::Append(const RowBlock& block, uint64_t max_bytes) {
  const bool first = rows_ == 0;
  if (first) columns_ = block.columns;
  const bool labels_agree = first || labels_.empty() == (block.labels == nullptr);
  if (block.columns < 1 || block.columns != columns_ || !labels_agree) {
    return MakeError(
        absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidData,
        {.what = absl::StrCat("cannot use the rows from row ", rows_ + 1, " on"),
         .why = labels_agree ? absl::StrCat("they have ", block.columns, " features, those before have ", columns_)
                             : "some rows have a label and some have none",
         .remedy = "Give every row the same shape."});
  }
  const uint64_t row_bytes = static_cast<uint64_t>(columns_) * sizeof(float);
  const uint64_t held = held_bytes();
  const uint64_t added = static_cast<uint64_t>(block.rows) * row_bytes;
  if (max_bytes > 0 && held + added > max_bytes) {
    return MakeError(
        absl::StatusCode::kResourceExhausted, ErrorReason::kInvalidChannel,
        {.what = absl::StrCat("cannot hold more than ", held / row_bytes, " rows of ", columns_, " features"),
         .why = absl::StrCat("the rows may take at most ", max_bytes, " bytes of memory"),
         .remedy = "Train on fewer rows, or raise the limit."});
  }
  if (held + added > memory_.capacity()) {
    LL_RETURN_IF_ERROR(memory_.Reserve(GrownCapacity(memory_.capacity(), held + added)));
  }
  if (reinterpret_cast<const std::byte*>(block.values) != memory_.data() + held) {
    std::memcpy(memory_.data() + held, block.values, added);
  }
  if (block.labels != nullptr) labels_.insert(labels_.end(), block.labels, block.labels + block.rows);
  rows_ += block.rows;
  return absl::OkStatus();
}

Dataset Dataset::FromRows(absl::Span<const float> values, absl::Span<const float> labels, int columns) {
  Dataset dataset;
  const RowBlock block = {.values = values.data(),
                          .labels = labels.empty() ? nullptr : labels.data(),
                          .rows = static_cast<int64_t>(values.size()) / columns,
                          .columns = columns};
  if (!dataset.Append(block, /*max_bytes=*/0).ok()) std::abort();
  dataset.offsets_.assign(static_cast<size_t>(columns), 0.0);
  return dataset;
}

void Dataset::Shuffle(uint64_t seed) {
  SeededRandom random(seed);
  auto* const values = reinterpret_cast<float*>(memory_.data());
  for (int64_t i = rows_ - 1; i > 0; --i) {
    const auto j = static_cast<int64_t>(random.Below(static_cast<uint64_t>(i) + 1));
    if (i == j) continue;
    std::swap_ranges(values + i * columns_, values + (i + 1) * columns_, values + j * columns_);
    if (!labels_.empty()) std::swap(labels_[static_cast<size_t>(i)], labels_[static_cast<size_t>(j)]);
  }
}

std::vector<double> Dataset::MeansOfPresent() const {
  std::vector<double> sums(static_cast<size_t>(columns_));
  std::vector<int64_t> counts(static_cast<size_t>(columns_));
  for (int64_t i = 0; i < rows_; ++i) {
    for (int column = 0; column < columns_; ++column) {
      const float value = row(i)[column];
      if (std::isnan(value)) continue;
      sums[static_cast<size_t>(column)] += value;
      ++counts[static_cast<size_t>(column)];
    }
  }
  for (size_t column = 0; column < sums.size(); ++column) {
    if (counts[column] > 0) sums[column] /= static_cast<double>(counts[column]);
  }
  return sums;
}

int64_t Dataset::FillMissing(absl::Span<const double> values) {
  int64_t filled = 0;
  auto* const all = reinterpret_cast<float*>(memory_.data());
  for (int64_t i = 0; i < rows_; ++i) {
    for (int column = 0; column < columns_; ++column) {
      float& value = all[i * columns_ + column];
      if (!std::isnan(value)) continue;
      value = static_cast<float>(values[static_cast<size_t>(column)]);
      ++filled;
    }
  }
  return filled;
}

void Dataset::SetOffsets(absl::Span<const double> offsets) {
  struct Shift {
    int column;
    double subtracted;
  };
  std::vector<Shift> shifts;
  for (int column = 0; column < columns_; ++column) {
    const double change = offsets[static_cast<size_t>(column)] - offsets_[static_cast<size_t>(column)];
    if (change != 0) shifts.push_back({column, change});
  }
  auto* values = reinterpret_cast<float*>(memory_.data());
  for (int64_t row = 0; row < rows_ && !shifts.empty(); ++row) {
    for (const Shift& shift : shifts) {
      float& value = values[row * columns_ + shift.column];
      value = static_cast<float>(static_cast<double>(value) - shift.subtracted);
    }
  }
  offsets_.assign(offsets.begin(), offsets.end());
}

}  // namespace ll::learner
