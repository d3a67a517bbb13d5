#include "learner/readers/line_reader.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "learner/readers/row_buffer.h"

namespace ll::learner {
namespace {

constexpr absl::string_view kByteOrderMark("\xef\xbb\xbf");

}  // namespace

LineReader::LineReader(std::unique_ptr<SequentialFile> file, std::string name)
    : in_(std::move(file)), name_(std::move(name)) {}

absl::Status LineReader::SkipByteOrderMark() {
  LL_ASSIGN_OR_RETURN(const absl::string_view head, in_.Peek(kByteOrderMark.size()));
  if (absl::StartsWith(head, kByteOrderMark)) in_.Skip(kByteOrderMark.size());
  return absl::OkStatus();
}

absl::StatusOr<bool> LineReader::Next(absl::string_view* line) {
  in_.Skip(std::exchange(to_skip_, 0));
  if (number_++ == 0) LL_RETURN_IF_ERROR(SkipByteOrderMark());
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
                    .remedy = "Is this a text file with line ends?"});
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

}  // namespace ll::learner
