#include "clients/llctl/input/libsvm_rows.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"

namespace ll::llctl {

absl::StatusOr<bool> LibsvmRows::Next(Row& row) {
  absl::string_view line;
  do {
    LL_ASSIGN_OR_RETURN(const bool more, reader_.ReadLine(line));
    if (!more) return false;
    ++line_number_;
    line = absl::StripAsciiWhitespace(line.substr(0, line.find('#')));
  } while (line.empty());
  row = {.sparse = true, .indices = std::move(row.indices), .values = std::move(row.values)};
  row.indices.clear();
  row.values.clear();
  int64_t column = 0;
  for (const absl::string_view word : absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty())) {
    ++column;
    if (column == 1 && !absl::StrContains(word, ':')) continue;  // the label
    LL_RETURN_IF_ERROR(TakeEntry(word, column, row));
  }
  return true;
}

absl::Status LibsvmRows::TakeEntry(absl::string_view word, int64_t column, Row& row) const {
  const size_t colon = word.find(':');
  int32_t index = 0;
  float value = 0;
  if (colon == absl::string_view::npos || !absl::ascii_isdigit(static_cast<unsigned char>(word[0])) ||
      !absl::SimpleAtoi(word.substr(0, colon), &index)) {
    return DataError(name_, line_number_, column, word, "it is not index:value");
  }
  if (!ParseFloat(word.substr(colon + 1), value)) {
    return DataError(name_, line_number_, column, word, "its value is not a finite number");
  }
  if (index < index_base_) {
    return DataError(name_, line_number_, column, word, "indices count from 1",
                     "If these count from 0, give the content type \"text/libsvm; index_base=0\".");
  }
  index -= index_base_;
  if (!row.indices.empty() && index <= row.indices.back()) {
    return DataError(name_, line_number_, column, word, "its index is not above the one before");
  }
  row.indices.push_back(index);
  row.values.push_back(value);
  return absl::OkStatus();
}

}  // namespace ll::llctl
