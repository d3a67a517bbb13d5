#include "learner/readers/csv_reader.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "learner/readers/csv_cell.h"
#include "learner/readers/row_checks.h"

namespace ll::learner {

CsvReader::CsvReader(std::unique_ptr<SequentialFile> file, std::string name, const CsvOptions& options)
    : lines_(std::move(file), std::move(name)), options_(options), header_expected_(options.header) {}

absl::StatusOr<bool> CsvReader::Read(RowBuffer& rows) {
  while (!rows.full()) {
    absl::string_view line;
    LL_ASSIGN_OR_RETURN(const bool more, lines_.Next(&line));
    if (!more) return false;
    if (csv::Trim(line).empty()) continue;
    if (std::exchange(header_expected_, false)) {
      LL_RETURN_IF_ERROR(TakeHeader(line, rows));
      continue;
    }
    LL_RETURN_IF_ERROR(AppendRow(line, rows));
    first_row_ = false;
  }
  return true;
}

absl::Status CsvReader::TakeHeader(absl::string_view line, RowBuffer& rows) {
  std::vector<std::string> names = csv::CellTexts(line);
  float number;
  if (csv::ParseCell(line.data(), line.data() + line.size(), &number) != nullptr) {
    return lines_.Error({.why = "the content type says header=present, and the first line holds numbers",
                         .remedy = "Leave header=present out for files without a header.",
                         .text = ShownText(line)});
  }
  const auto cells = static_cast<int64_t>(names.size());
  names.erase(names.begin(), names.begin() + std::min<int64_t>(options_.label_columns, cells));
  if (names.empty()) return NoFeatures("0");
  std::set<std::string> seen;
  for (size_t i = 0; i < names.size(); ++i) {
    const int64_t column = static_cast<int64_t>(i) + options_.label_columns + 1;
    const std::string shown = ShownText(names[i]);
    if (names[i].empty()) {
      return lines_.Error({.why = "the header has no name here", .remedy = "Give every column a name."}, column);
    }
    if (!seen.insert(names[i]).second) {
      return lines_.Error({.why = absl::StrCat("the header has the name \"", shown, "\" twice"),
                           .remedy = "Give each column a name of its own.",
                           .text = shown},
                          column);
    }
  }
  const std::string source = absl::StrCat("the header of ", lines_.name());
  if (rows.columns() == 0) rows.SetColumns(static_cast<int>(names.size()), source);
  if (names.size() != static_cast<size_t>(rows.columns())) return BadWidth(cells, rows);
  if (rows.feature_names().empty()) {
    rows.SetFeatureNames(std::move(names), source);
    return absl::OkStatus();
  }
  const auto differs = std::mismatch(names.begin(), names.end(), rows.feature_names().begin());
  if (differs.first == names.end()) return absl::OkStatus();
  const std::string shown = ShownText(*differs.first), expected = ShownText(*differs.second);
  return lines_.Error({.why = absl::StrCat("the column is called \"", shown, "\", and \"", expected, "\" in ",
                                           rows.feature_names_source()),
                       .remedy = "Give all files the same columns in the same order.",
                       .text = shown,
                       .expected = expected,
                       .got = shown},
                      differs.first - names.begin() + options_.label_columns + 1);
}

absl::Status CsvReader::AppendRow(absl::string_view line, RowBuffer& rows) {
  const char* const end = line.data() + line.size();
  if (rows.columns() == 0) {
    const int64_t features = csv::CountCells(line) - options_.label_columns;
    if (features < 1) return NoFeatures(line);
    rows.SetColumns(static_cast<int>(features), absl::StrCat("row ", lines_.number(), " of ", lines_.name()));
  }
  float label = 0;
  float* const features = rows.NextRow();
  const int64_t cells = rows.columns() + options_.label_columns;
  const char* at = line.data();
  for (int64_t i = 0; i < cells; ++i) {
    float* const value = i < options_.label_columns ? &label : features + (i - options_.label_columns);
    const char* next = csv::ParseCell(at, end, value);
    if (next == nullptr) {
      LL_ASSIGN_OR_RETURN(next, MissingCell(line, at, i + 1, rows.rules(), value));
    }
    if (next == end) {
      if (i + 1 < cells) return BadWidth(csv::CountCells(line), rows);
      at = end;
      break;
    }
    at = next + 1;
    if (i + 1 == cells) return BadWidth(csv::CountCells(line), rows);
  }
  if (auto problem = CheckLabel(label, rows.rules())) return lines_.Error(*problem, 1);
  rows.CommitRow(label);
  return absl::OkStatus();
}

absl::StatusOr<const char*> CsvReader::MissingCell(absl::string_view line, const char* cell, int64_t column,
                                                   const RowRules& rules, float* value) const {
  const absl::string_view whole = csv::CellAt(cell, line.data() + line.size());
  if (rules.missing == MissingValues::kRefuse || column <= options_.label_columns || !csv::SaysMissing(whole)) {
    return BadCell(line, cell, column);
  }
  *value = rules.missing == MissingValues::kZero ? 0 : std::numeric_limits<float>::quiet_NaN();
  return whole.data() + whole.size();
}

absl::Status CsvReader::BadCell(absl::string_view line, const char* cell, int64_t column) const {
  const char* const end = line.data() + line.size();
  if (first_row_) {
    const std::string guess = SeemsToHold(line);
    if (!guess.empty() && !absl::StrContains(guess, "text/csv")) {
      return lines_.Error({.why = "the file does not hold CSV text",
                           .remedy = absl::StrCat("To judge by its first bytes, ", guess, "."),
                           .text = ShownText(line)});
    }
    if (csv::LooksLikeHeader(line)) {
      return lines_.Error({.why = absl::StrCat("the first row looks like a header: \"", ShownText(line), "\""),
                           .remedy = "Say so with the content type \"text/csv; header=present\", or remove it.",
                           .text = ShownText(line)});
    }
  }
  return lines_.Error(csv::DescribeBadCell(csv::CellAt(cell, end)), column);
}

absl::Status CsvReader::NoFeatures(absl::string_view line) const {
  float label;
  if (csv::ParseCell(line.data(), line.data() + line.size(), &label) == nullptr) return BadCell(line, line.data(), 1);
  return lines_.Error({.why = "the row holds a label and no features",
                       .remedy = "The label comes first, then at least one feature, separated by commas."});
}

absl::Status CsvReader::BadWidth(int64_t cells, const RowBuffer& rows) const {
  DataProblem problem = WrongWidth(rows, cells - options_.label_columns);
  if (options_.label_columns > 0) absl::StrAppend(&problem.why, ", ", cells, " columns with the label");
  return lines_.Error(problem);
}

}  // namespace ll::learner
