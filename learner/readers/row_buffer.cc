#include "learner/readers/row_buffer.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

namespace ll::learner {

RowBuffer::RowBuffer(RowRules rules) : rules_(std::move(rules)) {
  if (rules_.feature_dim > 0) SetColumns(rules_.feature_dim, rules_.feature_dim_source);
}

void RowBuffer::SetColumns(int columns, std::string source) {
  columns_ = columns;
  rules_.feature_dim_source = std::move(source);
  const size_t row_bytes = static_cast<size_t>(columns) * sizeof(float);
  capacity_ = static_cast<int64_t>(std::max<size_t>(1, kBlockBytes / row_bytes));
  values_.resize(static_cast<size_t>(capacity_) * static_cast<size_t>(columns));
  if (rules_.labels) labels_.resize(static_cast<size_t>(capacity_));
}

RowBlock RowBuffer::block() const {
  return {
      .values = values_.data(), .labels = rules_.labels ? labels_.data() : nullptr, .rows = rows_, .columns = columns_};
}

std::optional<DataProblem> CheckLabel(float label, const RowRules& rules) {
  if (rules.num_classes == 0) return std::nullopt;
  if (label >= 0 && label < static_cast<float>(rules.num_classes) && label == std::trunc(label)) return std::nullopt;
  const std::string allowed =
      rules.num_classes == 2 ? "0 or 1" : absl::StrCat("whole numbers from 0 to ", rules.num_classes - 1);
  return DataProblem{.why = absl::StrCat("the label is ", label, ", and labels are ", allowed),
                     .remedy = "Renumber the classes, or choose another predictor_type.",
                     .text = absl::StrCat(label),
                     .expected = allowed,
                     .got = absl::StrCat(label)};
}

// A float is NaN or infinite when all its exponent bits are 1; adding 1 to the exponent then carries into bit 31, and
// only then. The carries of a row are collected without a branch, so that the compiler can use vector instructions.
int64_t FirstNonFinite(const float* values, int64_t count) {
  constexpr uint32_t kExponent = 0x7f800000, kOne = 0x00800000, kCarry = 0x80000000;
  uint32_t carries = 0;
  for (int64_t i = 0; i < count; ++i) {
    uint32_t bits;
    std::memcpy(&bits, values + i, sizeof bits);
    carries |= (bits & kExponent) + kOne;
  }
  if ((carries & kCarry) == 0) return count;
  return std::find_if(values, values + count, [](float value) { return !std::isfinite(value); }) - values;
}

}  // namespace ll::learner
