#include "learner/readers/row_checks.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace ll::learner {
namespace {

std::string RowName(const DataPlace& place) { return absl::StrCat("row ", place.row, " of ", place.file); }

// What follows from rules.missing for values that are not all finite: the first that may not stay, if any.
std::optional<RowProblem> SettleMissing(absl::Span<float> values, const RowRules& rules) {
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) continue;
    if (!std::isnan(values[i]) || rules.missing == MissingValues::kRefuse) {
      return RowProblem{NotFinite(values[i]), static_cast<int64_t>(i) + 1};
    }
    if (rules.missing == MissingValues::kZero) values[i] = 0;
  }
  return std::nullopt;
}

RowProblem Whole(DataProblem problem) { return {.problem = std::move(problem)}; }

}  // namespace

std::optional<RowProblem> RowAppender::Append(const DecodedRow& row, const DataPlace& place, RowBuffer& rows) {
  if (auto problem = CheckLabel(row.label, rows.rules())) return Whole(*std::move(problem));
  const uint64_t columns = row.sparse ? row.columns : static_cast<uint64_t>(row.count);
  if (rows.columns() == 0) {
    if (columns == 0) {
      return Whole({.why = "its feature vector is empty", .remedy = "A row needs at least one feature."});
    }
    if (columns > WidestRow(rows.layout())) return Whole(TooWide(columns, rows.layout()));
    rows.SetColumns(static_cast<int>(columns), RowName(place));
  }
  if (columns != static_cast<uint64_t>(rows.columns())) {
    return Whole(WrongWidth(rows, static_cast<int64_t>(std::min<uint64_t>(columns, INT64_MAX))));
  }
  if (row.sparse) return AppendSparse(row, rows);
  float* const to = rows.NextRow();
  if (CopyFinite(row.values, row.count, to) < row.count) {
    if (auto problem = SettleMissing(absl::MakeSpan(to, static_cast<size_t>(row.count)), rows.rules())) return problem;
  }
  rows.CommitRow(row.label.value_or(0));
  return std::nullopt;
}

std::optional<RowProblem> RowAppender::AppendSparse(const DecodedRow& row, RowBuffer& rows) {
  const size_t count = row.keys.size();
  indices_.resize(count);
  values_.resize(count);
  order_.resize(count);
  std::iota(order_.begin(), order_.end(), size_t{0});
  const auto by_key = [&](size_t a, size_t b) { return row.keys[a] < row.keys[b]; };
  if (!std::is_sorted(order_.begin(), order_.end(), by_key)) std::stable_sort(order_.begin(), order_.end(), by_key);
  for (size_t i = 0; i < count; ++i) {
    const uint64_t key = row.keys[order_[i]];
    if (key >= row.columns) {
      return Whole({.why = absl::StrCat("it has a feature with index ", key, ", and rows have ", row.columns,
                                        " features, counted from 0"),
                    .remedy = "Correct the index, or the row's shape.",
                    .text = absl::StrCat(key),
                    .expected = absl::StrCat("less than ", row.columns),
                    .got = absl::StrCat(key)});
    }
    if (i > 0 && key == row.keys[order_[i - 1]]) {
      return Whole({.why = absl::StrCat("it gives the feature with index ", key, " twice"),
                    .remedy = "Each feature may have one value in a row.",
                    .text = absl::StrCat(key)});
    }
    indices_[i] = static_cast<int32_t>(key);
    std::memcpy(&values_[i], row.values + order_[i] * sizeof(float), sizeof(float));
  }
  if (auto problem = SettleMissing(absl::MakeSpan(values_), rows.rules())) {
    problem->column = indices_[static_cast<size_t>(problem->column) - 1] + 1;
    return problem;
  }
  rows.AppendSparseRow(indices_, values_, row.label.value_or(0));
  return std::nullopt;
}

std::optional<DataProblem> CheckLabel(std::optional<float> label, const RowRules& rules) {
  if (!rules.labels) return std::nullopt;
  if (!label.has_value()) {
    return DataProblem{.why = "it has no label", .remedy = "Training needs a label in each row."};
  }
  if (!std::isfinite(*label)) {
    const std::string text = absl::StrCat(*label);
    return DataProblem{.why = absl::StrCat("the label \"", text, "\" is not a finite number"),
                       .remedy = "Remove the row or correct its label.",
                       .text = text};
  }
  if (rules.num_classes == 0) return std::nullopt;
  if (*label >= 0 && *label < static_cast<float>(rules.num_classes) && *label == std::trunc(*label)) {
    return std::nullopt;
  }
  const std::string text = absl::StrCat(*label);
  const std::string allowed =
      rules.num_classes == 2 ? "0 or 1" : absl::StrCat("whole numbers from 0 to ", rules.num_classes - 1);
  return DataProblem{.why = absl::StrCat("the label is ", text, ", and labels are ", allowed),
                     .remedy = "Renumber the classes, or choose another predictor_type.",
                     .text = text,
                     .expected = allowed,
                     .got = text};
}

DataProblem WrongWidth(const RowBuffer& rows, int64_t got) {
  return {.why = absl::StrCat("expected ", rows.columns(), " features (by ", rows.columns_source(), "), got ", got),
          .remedy = "All rows must have the same features.",
          .expected = absl::StrCat(rows.columns()),
          .got = absl::StrCat(got)};
}

DataProblem NotFinite(float value) {
  const std::string text = absl::StrCat(value);
  return {.why = absl::StrCat("\"", text, "\" is not a finite number"),
          .remedy = std::isnan(value) ? "Remove the row or fill the value in; missing=zero and missing=mean do that."
                                      : "Remove the row or fill the value in.",
          .text = text};
}

uint64_t WidestRow(RowLayout layout) {
  return layout == RowLayout::kDense ? kMaxRowBytes / sizeof(float) : std::numeric_limits<int32_t>::max();
}

DataProblem TooWide(uint64_t columns, RowLayout layout) {
  return {.why = absl::StrCat("it has ", columns, " features, and the limit is ", WidestRow(layout)),
          .remedy = "Is the index right? Rows are held with all their features.",
          .expected = absl::StrCat("at most ", WidestRow(layout)),
          .got = absl::StrCat(columns)};
}

// A float is NaN or infinite when all its exponent bits are 1; adding 1 to the exponent then carries into bit 31, and
// only then. The carries of a row are collected without a branch, so that the compiler can use vector instructions.
int64_t CopyFinite(const char* from, int64_t count, float* to) {
  constexpr uint32_t kExponent = 0x7f800000, kOne = 0x00800000, kCarry = 0x80000000;
  uint32_t carries = 0;
  for (int64_t i = 0; i < count; ++i) {
    uint32_t bits;
    std::memcpy(&bits, from + i * static_cast<int64_t>(sizeof bits), sizeof bits);
    carries |= (bits & kExponent) + kOne;
    std::memcpy(to + i, &bits, sizeof bits);
  }
  if ((carries & kCarry) == 0) return count;
  return std::find_if(to, to + count, [](float value) { return !std::isfinite(value); }) - to;
}

}  // namespace ll::learner
