#include "learner/readers/csv_cell.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace ll::learner::csv {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

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

}  // namespace

absl::string_view Trim(absl::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

absl::string_view CellAt(const char* cell, const char* end) {
  bool quoted = false;
  const char* at = cell;
  for (; at < end && (quoted || *at != ','); ++at) {
    if (*at == '"') quoted = !quoted;
  }
  return {cell, static_cast<size_t>(at - cell)};
}

const char* ParseUnusualCell(const char* cell, const char* end, float* value) {
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

std::vector<std::string> CellTexts(absl::string_view line) {
  std::vector<std::string> texts;
  const char* const end = line.data() + line.size();
  for (const char* at = line.data() - 1; at < end;) {
    const absl::string_view cell = CellAt(at + 1, end);
    texts.push_back(absl::StrReplaceAll(CellText(cell), {{"\"\"", "\""}}));
    at = cell.data() + cell.size();
  }
  return texts;
}

bool SaysMissing(absl::string_view cell) {
  const absl::string_view text = CellText(cell);
  return text.empty() || absl::EqualsIgnoreCase(text, "nan") || absl::EqualsIgnoreCase(text, "na") ||
         absl::EqualsIgnoreCase(text, "null");
}

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
    problem.remedy = "Remove the row or fill the value in; missing=zero and missing=mean do that.";
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

}  // namespace ll::learner::csv
