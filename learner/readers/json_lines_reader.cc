#include "learner/readers/json_lines_reader.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "base/status_macros.h"

namespace ll::learner {

JsonLinesReader::JsonLinesReader(std::unique_ptr<SequentialFile> file, std::string name)
    : lines_(std::move(file), std::move(name)) {}

absl::StatusOr<bool> JsonLinesReader::Read(RowBuffer& rows) {
  while (!rows.full()) {
    absl::string_view line;
    LL_ASSIGN_OR_RETURN(const bool more, lines_.Next(&line));
    if (!more) return false;
    if (absl::StripAsciiWhitespace(line).empty()) continue;
    LL_RETURN_IF_ERROR(instances_.Append(line, lines_.offset(), lines_.place(), rows));
  }
  return true;
}

}  // namespace ll::learner
