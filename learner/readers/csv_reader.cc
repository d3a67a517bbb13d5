#include "learner/readers/csv_reader.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "fast_float/fast_float.h"

namespace ll::learner {
namespace {

constexpr absl::string_view kByteOrderMark("\xef\xbb\xbf");

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

absl::string_view Trim(absl::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

// The cell that begins at `cell`, with its quotes and the blanks around it: up to the next comma outside quotes, or
// the end of the line.
absl::string_view CellAt(const char* cell, const char* end) {
  bool quoted = false;
  const char* at = cell;
  for (; at < end && (quoted || *at != ','); ++at) {
    if (*at == '"') quoted = !quoted;
  }
  return {cell, static_cast<size_t>(at - cell)};
}

// What a cell says: without blanks, quotes, and blanks inside quotes.
absl::string_view CellText(absl::string_view cell) {
  cell = Trim(cell);
  if (cell.size() >= 2 && cell.front() == '"' && cell.back() == '"') cell = Trim(cell.substr(1, cell.size() - 2));
  return cell;
}

bool ParseNumber(absl::string_view text, float* value) {
  if (absl::ConsumePrefix(&text, "+") && absl::StartsWith(text, "-")) return false;
  const char* const end = text.data() + text.size();
  const auto result = fast_float::from_chars(text.data(), end, *value);
  return result.ec == std::errc() && result.ptr == end && !text.empty();
}

// Parses the cell at `cell`; gives its end (a comma, or `end`), or nullptr when it is not a finite number. The byte at
// `end` may be read.
inline const char* ParseCell(const char* cell, const char* end, float* value) {
  // Whole numbers of up to seven digits are exact in float32 and need no general parser: most cells of images, counts
  // and one-hot columns are of this kind.
  unsigned digit = static_cast<unsigned char>(*cell) - '0';
  if (digit < 10) {
    const char* at = cell + 1;
    unsigned number = digit;
    while ((digit = static_cast<unsigned char>(*at) - '0') < 10 && at - cell < 7) {
      number = number * 10 + digit;
      ++at;
    }
    if (at >= end || *at == ',') {
      *value = static_cast<float>(number);
      return std::min(at, end);
    }
  }
  const auto result = fast_float::from_chars(cell, end, *value);
  if (result.ec == std::errc() && (result.ptr == end || *result.ptr == ',') && std::isfinite(*value)) {
    return result.ptr;
  }
  const absl::string_view whole = CellAt(cell, end);
  if (ParseNumber(CellText(whole), value) && std::isfinite(*value)) return whole.data() + whole.size();
  return nullptr;
}

int64_t CountCells(absl::string_view line) {
  int64_t count = 0;
  const char* const end = line.data() + line.size();
  for (const char* at = line.data() - 1; at < end; ++count) {
    const absl::string_view cell = CellAt(at + 1, end);
    at = cell.data() + cell.size();
  }
  return count;
}

// Whether a first row that does not parse is a row of names: every cell begins like one, and none is a number ("nan").
bool LooksLikeHeader(absl::string_view line) {
  const char* const end = line.data() + line.size();
  for (const char* at = line.data() - 1; at < end;) {
    const absl::string_view cell = CellAt(at + 1, end);
    const absl::string_view text = CellText(cell);
    float value;
    if (text.empty() || ParseNumber(text, &value)) return false;
    if (!absl::ascii_isalpha(static_cast<unsigned char>(text[0])) && text[0] != '_') return false;
    at = cell.data() + cell.size();
  }
  return true;
}

DataProblem DescribeBadCell(absl::string_view cell) {
  const absl::string_view text = CellText(cell);
  const std::string shown = ShownText(text);
  DataProblem problem{.why = absl::StrCat("\"", shown, "\" is not a number"),
                      .remedy = "Cells must be numbers; encode text before training.",
                      .text = shown};
  float value;
  if (text.empty()) {
    problem.why = "the cell is empty";
    problem.remedy = "Missing values are not allowed: remove the row or fill the value in.";
  } else if (ParseNumber(text, &value)) {
    const bool is_nan = std::isnan(value);
    const bool spelt_out = absl::ascii_isalpha(static_cast<unsigned char>(text.back()));
    problem.why = absl::StrCat("\"", shown, is_nan || spelt_out ? "\" is not a finite number" : "\" is too large");
    problem.remedy = is_nan || spelt_out ? "Remove the row or fill the value in." : "Values must fit a 32-bit float.";
  } else if (absl::StrContains(text, ':')) {
    problem.remedy = "This looks like a sparse row; CSV rows list every value, separated by commas.";
  } else if (absl::StrContains(text, ';') || absl::StrContains(text, '\t') || absl::StrContains(text, ' ')) {
    problem.remedy = "Cells are separated by commas.";
  }
  return problem;
}

}  // namespace

CsvReader::CsvReader(std::unique_ptr<SequentialFile> file, std::string name, int label_columns)
    : in_(std::move(file)), name_(std::move(name)), label_columns_(label_columns) {}

absl::StatusOr<bool> CsvReader::Read(RowBuffer& rows) {
  while (!rows.full()) {
    absl::string_view line;
    LL_ASSIGN_OR_RETURN(const bool more, NextLine(&line));
    if (!more) return false;
    if (Trim(line).empty()) continue;
    LL_RETURN_IF_ERROR(AppendRow(line, rows));
    first_row_ = false;
  }
  return true;
}

absl::StatusOr<bool> CsvReader::NextLine(absl::string_view* line) {
  in_.Skip(std::exchange(to_skip_, 0));
  if (std::exchange(at_start_, false)) {
    LL_ASSIGN_OR_RETURN(const absl::string_view head, in_.Peek(kByteOrderMark.size()));
    if (absl::StartsWith(head, kByteOrderMark)) in_.Skip(kByteOrderMark.size());
  }
  ++line_;
  size_t searched = 0;
  while (true) {
    absl::string_view bytes = in_.available();
    const size_t end = bytes.find('\n', searched);
    if (end != absl::string_view::npos) {
      *line = bytes.substr(0, end);
      to_skip_ = end + 1;
      break;
    }
    searched = bytes.size();
    if (searched > kMaxRowBytes) {
      return Error({.why = absl::StrCat("the line is longer than the limit of ", kMaxRowBytes, " bytes"),
                    .remedy = "Is this a CSV file with line ends?"});
    }
    LL_ASSIGN_OR_RETURN(bytes, in_.Peek(searched + 1));
    if (bytes.size() == searched) {  // the last line has no end
      *line = bytes;
      to_skip_ = searched;
      if (bytes.empty()) return false;
      break;
    }
  }
  absl::ConsumeSuffix(line, "\r");
  return true;
}

absl::Status CsvReader::AppendRow(absl::string_view line, RowBuffer& rows) {
  const char* const end = line.data() + line.size();
  if (rows.columns() == 0) {
    const int64_t features = CountCells(line) - label_columns_;
    if (features < 1) return NoFeatures(line);
    rows.SetColumns(static_cast<int>(features), absl::StrCat("row ", line_, " of ", name_));
  }
  float label = 0;
  float* const features = rows.NextRow();
  const int64_t cells = rows.columns() + label_columns_;
  const char* at = line.data();
  for (int64_t i = 0; i < cells; ++i) {
    const char* const next = ParseCell(at, end, i < label_columns_ ? &label : features + (i - label_columns_));
    if (next == nullptr) return BadCell(line, at, i + 1);
    if (next == end) {
      if (i + 1 < cells) return BadWidth(line, rows);
      at = end;
      break;
    }
    at = next + 1;
    if (i + 1 == cells) return BadWidth(line, rows);
  }
  if (rows.rules().labels) {
    if (auto problem = CheckLabel(label, rows.rules())) return Error(*problem, 1);
  }
  rows.CommitRow(label);
  return absl::OkStatus();
}

absl::Status CsvReader::BadCell(absl::string_view line, const char* cell, int64_t column) const {
  const char* const end = line.data() + line.size();
  if (first_row_) {
    const std::string guess = SeemsToHold(line);
    if (!guess.empty() && !absl::StrContains(guess, "text/csv")) {
      return Error({.why = "the file does not hold CSV text",
                    .remedy = absl::StrCat("To judge by its first bytes, ", guess, "."),
                    .text = ShownText(line)});
    }
    if (LooksLikeHeader(line)) {
      return Error({.why = absl::StrCat("the first row looks like a header: \"", ShownText(line), "\""),
                    .remedy = "Remove it: a CSV file holds numbers only, the label first.",
                    .text = ShownText(line)});
    }
  }
  return Error(DescribeBadCell(CellAt(cell, end)), column);
}

absl::Status CsvReader::NoFeatures(absl::string_view line) const {
  float label;
  if (ParseCell(line.data(), line.data() + line.size(), &label) == nullptr) return BadCell(line, line.data(), 1);
  return Error({.why = "the row holds a label and no features",
                .remedy = "The label comes first, then at least one feature, separated by commas."});
}

absl::Status CsvReader::BadWidth(absl::string_view line, const RowBuffer& rows) const {
  const int64_t got = CountCells(line) - label_columns_;
  const std::string columns =
      label_columns_ == 0 ? "" : absl::StrCat(", ", got + label_columns_, " columns with the label");
  return Error({.why = absl::StrCat("expected ", rows.columns(), " features (by ", rows.columns_source(), "), got ",
                                    got, columns),
                .remedy = "All rows must have the same features.",
                .expected = absl::StrCat(rows.columns()),
                .got = absl::StrCat(got)});
}

absl::Status CsvReader::Error(const DataProblem& problem, int64_t column) const {
  return DataError({.file = name_, .row = line_, .column = column}, problem);
}

}  // namespace ll::learner
