#include "learner/readers/libsvm_reader.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "fast_float/fast_float.h"
#include "learner/readers/row_checks.h"

namespace ll::learner {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

// Takes the next word off the front of `rest`; empty when there is none.
absl::string_view NextWord(absl::string_view* rest) {
  while (!rest->empty() && IsBlank(rest->front())) rest->remove_prefix(1);
  const size_t length = std::min(rest->find_first_of(" \t"), rest->size());
  const absl::string_view word = rest->substr(0, length);
  rest->remove_prefix(length);
  return word;
}

// Whole text, as a number; it may be NaN or infinite.
bool ParseNumber(absl::string_view text, float* value) {
  if (absl::ConsumePrefix(&text, "+") && absl::StartsWith(text, "-")) return false;
  const char* const end = text.data() + text.size();
  const auto result = fast_float::from_chars(text.data(), end, *value);
  return result.ec == std::errc() && result.ptr == end && !text.empty();
}

// Digits alone. More than 18 of them are more than any index.
bool ParseIndex(absl::string_view digits, uint64_t* index) {
  *index = 0;
  if (digits.empty() || digits.size() > 18) return false;
  for (const char c : digits) {
    if (c < '0' || c > '9') return false;
    *index = *index * 10 + static_cast<uint64_t>(c - '0');
  }
  return true;
}

DataProblem NotAnEntry(absl::string_view word) {
  const std::string shown = ShownText(word);
  DataProblem problem{.why = absl::StrCat("\"", shown, "\" is not index:value"),
                      .remedy = "After the label, a row lists its features as 3:0.5, separated by blanks.",
                      .text = shown};
  if (absl::StartsWith(word, "qid:")) {
    problem.why = "qid belongs to ranking, and there is none here";
    problem.remedy = "Remove the words that begin with qid.";
  }
  return problem;
}

DataProblem NotANumber(absl::string_view text) {
  const std::string shown = ShownText(text);
  return {.why = absl::StrCat("\"", shown, "\" is not a finite 32-bit number"),
          .remedy = "Correct the value, or remove the row.",
          .text = shown};
}

}  // namespace

LibsvmReader::LibsvmReader(std::unique_ptr<SequentialFile> file, std::string name, int index_base)
    : lines_(std::move(file), std::move(name)), index_base_(static_cast<uint64_t>(index_base)) {}

absl::StatusOr<bool> LibsvmReader::Read(RowBuffer& rows) {
  while (!rows.full()) {
    absl::string_view line;
    LL_ASSIGN_OR_RETURN(const bool more, lines_.Next(&line));
    if (!more) return false;
    line = line.substr(0, line.find('#'));
    if (std::all_of(line.begin(), line.end(), IsBlank)) continue;
    LL_RETURN_IF_ERROR(AppendRow(line, rows));
  }
  return true;
}

absl::Status LibsvmReader::AppendRow(absl::string_view line, RowBuffer& rows) {
  if (rows.columns() == 0 && rows.layout() == RowLayout::kDense) {
    return lines_.Error({.why = "rows of libsvm do not say how many features there are",
                         .remedy = "Set the hyperparameter feature_dim."});
  }
  indices_.clear();
  values_.clear();
  absl::string_view rest = line;
  absl::string_view word = NextWord(&rest);
  int64_t column = 1;
  std::optional<float> label;
  if (!absl::StrContains(word, ':')) {
    if (!ParseNumber(word, &label.emplace())) return lines_.Error(NotANumber(word), column);
    word = NextWord(&rest);
    ++column;
  }
  if (auto problem = CheckLabel(label, rows.rules())) return lines_.Error(*problem, 1);
  for (; !word.empty(); word = NextWord(&rest), ++column) LL_RETURN_IF_ERROR(TakeEntry(word, column, rows));
  rows.AppendSparseRow(indices_, values_, label.value_or(0));
  return absl::OkStatus();
}

absl::Status LibsvmReader::TakeEntry(absl::string_view word, int64_t column, const RowBuffer& rows) {
  const size_t colon = word.find(':');
  uint64_t index = 0;
  if (colon == absl::string_view::npos || !ParseIndex(word.substr(0, colon), &index)) {
    return lines_.Error(NotAnEntry(word), column);
  }
  LL_RETURN_IF_ERROR(CheckIndex(word, index, column, rows));
  const absl::string_view text = word.substr(colon + 1);
  float value;
  if (!ParseNumber(text, &value)) return lines_.Error(NotANumber(text), column);
  if (!std::isfinite(value)) {
    const bool too_large = std::any_of(text.begin(), text.end(), absl::ascii_isdigit);  // not spelt "inf"
    if (too_large) return lines_.Error(NotANumber(text), column);
    if (!std::isnan(value) || rows.rules().missing == MissingValues::kRefuse) {
      return lines_.Error(NotFinite(value), column);
    }
    if (rows.rules().missing == MissingValues::kZero) value = 0;
  }
  indices_.push_back(static_cast<int32_t>(index - index_base_));
  values_.push_back(value);
  return absl::OkStatus();
}

absl::Status LibsvmReader::CheckIndex(absl::string_view word, uint64_t index, int64_t column,
                                      const RowBuffer& rows) const {
  const uint64_t limit = rows.columns() > 0 ? static_cast<uint64_t>(rows.columns()) : WidestRow(rows.layout());
  const int64_t previous = indices_.empty() ? -1 : indices_.back();
  const auto feature = static_cast<int64_t>(index) - static_cast<int64_t>(index_base_);
  if (feature > previous && feature < static_cast<int64_t>(limit)) return absl::OkStatus();
  const std::string shown = ShownText(word);
  if (index < index_base_) {
    return lines_.Error({.why = absl::StrCat("\"", shown, "\" has index 0, and indices count from 1"),
                         .remedy = "If this file counts from 0, say so: \"text/libsvm; index_base=0\".",
                         .text = shown},
                        column);
  }
  if (feature >= static_cast<int64_t>(limit)) {
    const std::string source =
        rows.columns() > 0 ? absl::StrCat(" (by ", rows.columns_source(), ")") : std::string(" at most");
    return lines_.Error({.why = absl::StrCat("\"", shown, "\" has index ", index, ", and rows have ", limit,
                                             " features", source, ", counted from ", index_base_),
                         .remedy = "Correct the index, or feature_dim.",
                         .text = shown,
                         .expected = absl::StrCat("at most ", limit - 1 + index_base_),
                         .got = absl::StrCat(index)},
                        column);
  }
  const bool twice = feature == previous;
  return lines_.Error(
      {.why = twice ? absl::StrCat("\"", shown, "\" gives the feature with index ", index, " twice")
                    : absl::StrCat("\"", shown, "\" has index ", index, ", which is less than the one before"),
       .remedy = twice ? "Each feature may have one value in a row." : "Sort each row by index.",
       .text = shown},
      column);
}

}  // namespace ll::learner
