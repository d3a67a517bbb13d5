#include "services/prediction/batch.h"

#include <algorithm>
#include <bit>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/error_reason.h"
#include "base/status_macros.h"

namespace ll::prediction {
namespace {

// About a millisecond of scoring.
constexpr int64_t kSliceValues = int64_t{1} << 20;

// Infinities and NaNs are the float32 numbers whose exponent bits are all ones: without its sign, such a number is
// 0x7f800000 or more, and adding 0x00800000 carries into the sign bit. Blocks are looked at like this, as integers and
// without branches, which compilers turn into vector code.
constexpr uint32_t kMagnitudeBits = 0x7fffffff;
constexpr uint32_t kCarry = 0x00800000;
constexpr uint32_t kSignBit = 0x80000000;
constexpr size_t kBlockValues = 1024;

uint32_t CarryOf(float value) { return (std::bit_cast<uint32_t>(value) & kMagnitudeBits) + kCarry; }

bool IsFinite(float value) { return (CarryOf(value) & kSignBit) == 0; }

bool AllFinite(const float* values, size_t count) {
  uint32_t carries = 0;
  for (size_t i = 0; i < count; ++i) carries |= CarryOf(values[i]);
  return (carries & kSignBit) == 0;
}

// values.size(): all are finite.
size_t FindNotFinite(absl::Span<const float> values) {
  for (size_t begin = 0; begin < values.size(); begin += kBlockValues) {
    const size_t count = std::min(kBlockValues, values.size() - begin);
    if (AllFinite(values.data() + begin, count)) continue;
    return static_cast<size_t>(std::find_if_not(values.begin() + begin, values.end(), IsFinite) - values.begin());
  }
  return values.size();
}

absl::Status InvalidRows(absl::string_view field, const std::string& why, const std::string& remedy,
                         std::map<std::string, std::string> metadata = {}) {
  return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidArgument,
                   {.what = "cannot score the batch", .why = why, .remedy = remedy},
                   {.metadata = std::move(metadata), .field_violations = {{std::string(field), why}}});
}

absl::Status NoRows(absl::string_view field) { return InvalidRows(field, "it has no rows", "Send at least one row."); }

absl::Status WrongWidth(absl::string_view field, int64_t columns, int feature_dim) {
  return InvalidRows(field,
                     absl::StrCat("its rows have ", columns, " columns, and the model has ", feature_dim, " features"),
                     absl::StrCat("Send ", feature_dim, " numbers a row and say so in `columns`."),
                     {{"expected_columns", absl::StrCat(feature_dim)}, {"columns", absl::StrCat(columns)}});
}

// `row` and `column` from 0.
absl::Status NotFinite(absl::string_view field, size_t row, size_t column, float value) {
  const std::string row_number = absl::StrCat(row + 1);
  const std::string column_number = absl::StrCat(column + 1);
  return InvalidRows(field, absl::StrCat("row ", row_number, ", column ", column_number, " is ", value),
                     "Send finite numbers only.", {{"row", row_number}, {"column", column_number}});
}

absl::Status Check(const DenseRows& rows, int feature_dim) {
  const size_t count = rows.values.size();
  if (count == 0) return NoRows("dense.values");
  if (rows.columns != feature_dim) return WrongWidth("dense.columns", rows.columns, feature_dim);
  const size_t columns = static_cast<size_t>(rows.columns);
  if (count % columns != 0) {
    return InvalidRows("dense.values",
                       absl::StrCat(count, " numbers are ", count / columns, " rows of ", columns, " columns and ",
                                    count % columns, " numbers over"),
                       "Send whole rows.");
  }
  const size_t bad = FindNotFinite(rows.values);
  if (bad == count) return absl::OkStatus();
  return NotFinite("dense.values", bad / columns, bad % columns, rows.values[bad]);
}

absl::Status CheckOffsets(const SparseRows& rows) {
  constexpr char kField[] = "sparse.row_offsets";
  constexpr char kRemedy[] = "Send rows + 1 offsets, from 0 to the number of entries, each the end of its row.";
  const absl::Span<const int32_t> offsets = rows.row_offsets;
  if (offsets.front() != 0) return InvalidRows(kField, absl::StrCat("the first is ", offsets.front()), kRemedy);
  const auto less = std::is_sorted_until(offsets.begin(), offsets.end());
  if (less != offsets.end()) {
    return InvalidRows(kField, absl::StrCat("row ", less - offsets.begin(), " ends at ", *less, ", before it begins"),
                       kRemedy);
  }
  if (static_cast<size_t>(offsets.back()) != rows.values.size()) {
    return InvalidRows(kField,
                       absl::StrCat("the last is ", offsets.back(), ", and there are ", rows.values.size(), " values"),
                       kRemedy);
  }
  return absl::OkStatus();
}

absl::Status CheckIndices(const SparseRows& rows, int feature_dim) {
  for (size_t row = 0; row + 1 < rows.row_offsets.size(); ++row) {
    int32_t before = -1;
    for (int32_t e = rows.row_offsets[row]; e < rows.row_offsets[row + 1]; ++e) {
      const int32_t index = rows.column_indices[static_cast<size_t>(e)];
      if (index > before && index < feature_dim) {
        before = index;
        continue;
      }
      const bool outside = index < 0 || index >= feature_dim;
      return InvalidRows(
          "sparse.column_indices",
          outside ? absl::StrCat("row ", row + 1, " has the index ", index, ", and the model has ", feature_dim,
                                 " features")
                  : absl::StrCat("row ", row + 1, " has the index ", index, " after ", before),
          outside ? absl::StrCat("Indices go from 0 to ", feature_dim - 1, ".") : "Indices ascend within a row.",
          {{"row", absl::StrCat(row + 1)}, {"index", absl::StrCat(index)}});
    }
  }
  return absl::OkStatus();
}

absl::Status Check(const SparseRows& rows, int feature_dim) {
  if (rows.row_offsets.size() < 2) return NoRows("sparse.row_offsets");
  if (rows.columns != 0 && rows.columns != feature_dim) return WrongWidth("sparse.columns", rows.columns, feature_dim);
  if (rows.column_indices.size() != rows.values.size()) {
    return InvalidRows(
        "sparse.column_indices",
        absl::StrCat("there are ", rows.column_indices.size(), " indices and ", rows.values.size(), " values"),
        "Send one index for each value.");
  }
  LL_RETURN_IF_ERROR(CheckOffsets(rows));
  LL_RETURN_IF_ERROR(CheckIndices(rows, feature_dim));
  const size_t bad = FindNotFinite(rows.values);
  if (bad == rows.values.size()) return absl::OkStatus();
  const auto next_row = std::upper_bound(rows.row_offsets.begin(), rows.row_offsets.end(), static_cast<int32_t>(bad));
  return NotFinite("sparse.values", static_cast<size_t>(next_row - rows.row_offsets.begin()) - 1,
                   static_cast<size_t>(rows.column_indices[bad]), rows.values[bad]);
}

int64_t Count(const DenseRows& rows) { return static_cast<int64_t>(rows.values.size()) / rows.columns; }
int64_t Count(const SparseRows& rows) { return static_cast<int64_t>(rows.row_offsets.size()) - 1; }

// How many rows from `first` on are a slice: one at least.
int64_t SliceRows(const DenseRows& rows, int64_t first) {
  return std::min(Count(rows) - first, std::max<int64_t>(1, kSliceValues / rows.columns));
}
int64_t SliceRows(const SparseRows& rows, int64_t first) {
  const auto begin = rows.row_offsets.begin() + first;
  const auto last = std::min(rows.row_offsets.end(), begin + 1 + kSliceValues);  // rows without entries are rows, too
  const auto end = std::upper_bound(begin + 1, last, *begin + kSliceValues);
  return std::max<int64_t>(1, end - begin - 1);
}

absl::Status ScoreSlice(const Predictor& predictor, const DenseRows& rows, int64_t first, int64_t count,
                        learner::Scores* scores) {
  return predictor.Predict(rows.values.data() + first * rows.columns, count, scores);
}
absl::Status ScoreSlice(const Predictor& predictor, const SparseRows& rows, int64_t first, int64_t count,
                        learner::Scores* scores) {
  const absl::Span<const int32_t> offsets =
      rows.row_offsets.subspan(static_cast<size_t>(first), static_cast<size_t>(count) + 1);
  std::vector<int64_t> row_begin;
  row_begin.reserve(offsets.size());
  for (const int32_t offset : offsets) row_begin.push_back(offset - offsets.front());
  return predictor.Predict({.row_begin = row_begin.data(),
                            .indices = rows.column_indices.data() + offsets.front(),
                            .values = rows.values.data() + offsets.front(),
                            .rows = count,
                            .columns = predictor.schema().feature_dim},
                           scores);
}

}  // namespace

int64_t CountRows(const Rows& rows) {
  return std::visit([](const auto& each) { return Count(each); }, rows);
}

absl::Status CheckRows(const Rows& rows, int feature_dim) {
  return std::visit([&](const auto& each) { return Check(each, feature_dim); }, rows);
}

absl::Status ScoreInSlices(const Predictor& predictor, const Rows& rows, absl::FunctionRef<bool()> abandoned,
                           learner::Scores* scratch, absl::FunctionRef<void(const learner::Scores&)> append) {
  const int64_t total = CountRows(rows);
  int64_t count = 0;
  for (int64_t first = 0; first < total; first += count) {
    if (abandoned()) {
      return MakeError(absl::StatusCode::kCancelled, ErrorReason::kCancelled,
                       {.what = absl::StrCat("stopped scoring after ", first, " of ", total, " rows"),
                        .why = "the caller has gone away or its deadline has passed"});
    }
    count = std::visit([&](const auto& each) { return SliceRows(each, first); }, rows);
    LL_RETURN_IF_ERROR(
        std::visit([&](const auto& each) { return ScoreSlice(predictor, each, first, count, scratch); }, rows));
    append(*scratch);
  }
  return absl::OkStatus();
}

}  // namespace ll::prediction
