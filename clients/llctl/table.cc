#include "clients/llctl/table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"

namespace ll::llctl {
namespace {

std::string EscapeSpaces(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= ' ' || c == 0x7f) {
      absl::StrAppendFormat(&escaped, "\\x%02x", static_cast<unsigned char>(c));
    } else {
      escaped.push_back(c);
    }
  }
  return escaped;
}

}  // namespace

size_t DisplayWidth(absl::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

Table::Table(std::vector<std::string> titles) {
  std::vector<Cell>& row = rows_.emplace_back();
  for (std::string& title : titles) row.push_back({std::move(title), Style::kBold});
}

void Table::AddRow(std::vector<Cell> row) {
  for (Cell& cell : row) cell.text = cell.text.empty() ? "<none>" : EscapeSpaces(cell.text);
  rows_.push_back(std::move(row));
}

void Table::Print(std::ostream& out, bool colored) const {
  std::vector<size_t> widths(rows_[0].size());
  for (const std::vector<Cell>& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], DisplayWidth(row[i].text));
  }
  for (const std::vector<Cell>& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) {
      out << Styled(row[i].style, row[i].text, colored);
      if (i + 1 < row.size()) out << std::string(widths[i] - DisplayWidth(row[i].text) + 2, ' ');
    }
    out << "\n";
  }
}

}  // namespace ll::llctl
