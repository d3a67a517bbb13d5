#include "clients/llctl/views/details.h"

#include <algorithm>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace ll::llctl {

void Details::Field(const std::string& title, const std::string& value, Style style) {
  if (!value.empty()) fields_.emplace_back(title, Cell{value, style});
}

void Details::Block(const std::string& title, const std::map<std::string, std::string>& entries) {
  size_t width = 0;
  for (const auto& [key, value] : entries) width = std::max(width, DisplayWidth(key));
  std::vector<std::string> lines;
  for (const auto& [key, value] : entries) {
    lines.push_back(absl::StrCat(key, std::string(width - DisplayWidth(key) + 2, ' '), value));
  }
  Lines(title, lines);
}

void Details::Lines(const std::string& title, const std::vector<std::string>& lines) {
  if (!lines.empty()) blocks_.emplace_back(title, lines);
}

void Details::Add(const std::string& title, const Table& table) {
  if (table.empty()) return;
  std::ostringstream text;
  table.Print(text, /*colored=*/false);
  Lines(title, absl::StrSplit(absl::StripSuffix(text.str(), "\n"), '\n'));
}

void Details::Print(std::ostream& out, bool colored) const {
  size_t width = 0;
  for (const auto& [title, cell] : fields_) width = std::max(width, title.size());
  for (const auto& [title, cell] : fields_) {
    out << Styled(Style::kBold, title + ":", colored) << std::string(width - title.size() + 2, ' ')
        << Styled(cell.style, cell.text, colored) << "\n";
  }
  for (const auto& [title, lines] : blocks_) {
    out << Styled(Style::kBold, title + ":", colored) << "\n";
    for (const std::string& line : lines) out << "  " << line << "\n";
  }
}

}  // namespace ll::llctl
