#include "services/prediction/batch.h"

#include <algorithm>
#include <bit>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
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

absl::Status InvalidRows(absl::string_view field, absl::string_view member, const std::string& why,
                         const std::string& remedy, std::map<std::string, std::string> metadata = {}) {
  return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidArgument,
                   {.what = "cannot score the batch", .why = why, .remedy = remedy},
                   {.metadata = std::move(metadata), .field_violations = {{absl::StrCat(field, ".", member), why}}});
}

}  // namespace

absl::Status CheckRows(const DenseRows& rows, int feature_dim, absl::string_view field) {
  const size_t count = rows.values.size();
  if (count == 0) return InvalidRows(field, "values", "it has no rows", "Send at least one row.");
  if (rows.columns != feature_dim) {
    return InvalidRows(
        field, "columns",
        absl::StrCat("its rows have ", rows.columns, " columns, and the model has ", feature_dim, " features"),
        absl::StrCat("Send ", feature_dim, " numbers a row and say so in `columns`."),
        {{"expected_columns", absl::StrCat(feature_dim)}, {"columns", absl::StrCat(rows.columns)}});
  }
  const size_t columns = static_cast<size_t>(rows.columns);
  if (count % columns != 0) {
    return InvalidRows(field, "values",
                       absl::StrCat(count, " numbers are ", count / columns, " rows of ", columns, " columns and ",
                                    count % columns, " numbers over"),
                       "Send whole rows.");
  }
  const size_t bad = FindNotFinite(rows.values);
  if (bad == count) return absl::OkStatus();
  const std::string row = absl::StrCat(bad / columns + 1);
  const std::string column = absl::StrCat(bad % columns + 1);
  return InvalidRows(field, "values", absl::StrCat("row ", row, ", column ", column, " is ", rows.values[bad]),
                     "Send finite numbers only.", {{"row", row}, {"column", column}});
}

absl::Status ScoreInSlices(const Predictor& predictor, const DenseRows& rows, absl::FunctionRef<bool()> abandoned,
                           learner::Scores* scratch, absl::FunctionRef<void(const learner::Scores&)> append) {
  const int64_t total = rows.rows();
  const int64_t rows_per_slice = std::max<int64_t>(1, kSliceValues / rows.columns);
  for (int64_t first = 0; first < total; first += rows_per_slice) {
    if (abandoned()) {
      return MakeError(absl::StatusCode::kCancelled, ErrorReason::kCancelled,
                       {.what = absl::StrCat("stopped scoring after ", first, " of ", total, " rows"),
                        .why = "the caller has gone away or its deadline has passed"});
    }
    const int64_t count = std::min(rows_per_slice, total - first);
    LL_RETURN_IF_ERROR(predictor.Predict(rows.values.data() + first * rows.columns, count, scratch));
    append(*scratch);
  }
  return absl::OkStatus();
}

}  // namespace ll::prediction
