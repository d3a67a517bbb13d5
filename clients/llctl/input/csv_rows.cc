#include "clients/llctl/input/csv_rows.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace ll::llctl {
namespace {

absl::string_view Unquote(absl::string_view cell) {
  cell = absl::StripAsciiWhitespace(cell);
  if (cell.size() >= 2 && cell.front() == '"' && cell.back() == '"') {
    cell = absl::StripAsciiWhitespace(cell.substr(1, cell.size() - 2));
  }
  return cell;
}

}  // namespace

absl::StatusOr<bool> CsvRows::Next(Row& row) {
  absl::string_view line;
  do {
    LL_ASSIGN_OR_RETURN(const bool more, reader_.ReadLine(line));
    if (!more) return false;
    ++line_number_;
  } while (absl::StripAsciiWhitespace(line).empty());
  row.values.clear();
  LL_RETURN_IF_ERROR(ParseLine(line, row.values));
  row.columns = static_cast<int>(row.values.size());
  if (columns_ == 0) columns_ = row.columns;
  if (row.columns != columns_) {
    return DataError(name_, line_number_, 0, "",
                     absl::StrCat("it has ", row.columns, " columns, the rows before have ", columns_));
  }
  return true;
}

absl::Status CsvRows::ParseLine(absl::string_view line, std::vector<float>& values) const {
  int64_t column = 0;
  size_t begin = 0;
  while (begin <= line.size()) {
    size_t end = line.find(',', begin);
    if (end == absl::string_view::npos) end = line.size();
    const absl::string_view cell = Unquote(line.substr(begin, end - begin));
    ++column;
    float value = 0;
    if (!ParseFloat(cell, value)) {
      return DataError(name_, line_number_, column, cell.empty() ? "" : cell,
                       cell.empty() ? "it is empty" : "it is not a finite number",
                       line_number_ == 1 ? "If the first row is a header, take it out: rows are features only." : "");
    }
    values.push_back(value);
    begin = end + 1;
  }
  return absl::OkStatus();
}

}  // namespace ll::llctl
