#include "learner/readers/json_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace ll::learner {
namespace {

bool IsWhiteSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Finds where a value in brackets ends, in pieces. Whether it is well-formed otherwise is for the parser to say.
class BracketScan {
 public:
  // Goes on over `text`; true once the end was found.
  bool Advance(absl::string_view text) {
    for (; position_ < text.size() && !ended_; ++position_) {
      const char c = text[position_];
      if (in_string_) {
        if (!std::exchange(escaped_, !escaped_ && c == '\\') && c == '"') in_string_ = false;
      } else if (c == '"') {
        in_string_ = true;
      } else if (c == '{' || c == '[') {
        ++depth_;
      } else if (c == '}' || c == ']') {
        ended_ = --depth_ == 0;
      }
    }
    return ended_;
  }
  size_t position() const { return position_; }

 private:
  size_t position_ = 0;
  int depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
  bool ended_ = false;
};

}  // namespace

JsonReader::JsonReader(std::unique_ptr<SequentialFile> file, std::string name)
    : in_(std::move(file)), name_(std::move(name)) {}

absl::StatusOr<bool> JsonReader::Read(RowBuffer& rows) {
  if (position_ == Position::kBeforeList) LL_RETURN_IF_ERROR(EnterList());
  while (position_ != Position::kAfterList && !rows.full()) {
    LL_ASSIGN_OR_RETURN(const char next, NextByte());
    if (next == ']') {
      LL_RETURN_IF_ERROR(LeaveList());
      break;
    }
    if (position_ == Position::kAfterInstance) LL_RETURN_IF_ERROR(Expect(","));
    ++row_;
    LL_ASSIGN_OR_RETURN(const absl::string_view text, Instance());
    LL_RETURN_IF_ERROR(instances_.Append(text, in_.offset(), {.file = name_, .row = row_}, rows));
    in_.Skip(text.size());
    position_ = Position::kAfterInstance;
  }
  return position_ != Position::kAfterList;
}

absl::StatusOr<char> JsonReader::NextByte() {
  while (true) {
    LL_ASSIGN_OR_RETURN(const absl::string_view bytes, in_.Peek(1));
    if (bytes.empty()) return '\0';
    const size_t blanks =
        static_cast<size_t>(std::find_if_not(bytes.begin(), bytes.end(), IsWhiteSpace) - bytes.begin());
    in_.Skip(blanks);
    if (blanks < bytes.size()) return bytes[blanks];
  }
}

absl::Status JsonReader::Expect(absl::string_view token) {
  LL_RETURN_IF_ERROR(NextByte().status());
  LL_ASSIGN_OR_RETURN(const absl::string_view bytes, in_.Peek(token.size()));
  if (absl::StartsWith(bytes, token)) {
    in_.Skip(token.size());
    return absl::OkStatus();
  }
  return Unexpected(token);
}

absl::Status JsonReader::EnterList() {
  LL_ASSIGN_OR_RETURN(const absl::string_view head, in_.Peek(3));
  if (absl::StartsWith(head, "\xef\xbb\xbf")) in_.Skip(3);
  LL_ASSIGN_OR_RETURN(const char first, NextByte());
  if (first == '\0' && in_.available().empty()) {
    position_ = Position::kAfterList;  // an empty file holds no rows
    return absl::OkStatus();
  }
  for (const absl::string_view token : {"{", "\"instances\"", ":", "["}) LL_RETURN_IF_ERROR(Expect(token));
  position_ = Position::kBeforeFirst;
  return absl::OkStatus();
}

absl::Status JsonReader::LeaveList() {
  for (const absl::string_view token : {"]", "}"}) LL_RETURN_IF_ERROR(Expect(token));
  LL_RETURN_IF_ERROR(NextByte().status());
  if (!in_.available().empty()) {
    return Error({.why = "there is text after the document", .remedy = "A file holds one document."});
  }
  position_ = Position::kAfterList;
  return absl::OkStatus();
}

absl::StatusOr<absl::string_view> JsonReader::Instance() {
  LL_ASSIGN_OR_RETURN(const char first, NextByte());
  if (first != '{' && first != '[') return Unexpected("an object or an array");
  BracketScan scan;
  absl::string_view bytes = in_.available();
  while (!scan.Advance(bytes)) {
    if (bytes.size() > kMaxRowBytes) {
      return Error({.why = absl::StrCat("the instance is longer than the limit of ", kMaxRowBytes, " bytes"),
                    .remedy = "Is a bracket missing?"});
    }
    const size_t before = bytes.size();
    LL_ASSIGN_OR_RETURN(bytes, in_.Peek(before + 1));
    if (bytes.size() == before) {
      return Error({.why = "the file ends inside an instance", .remedy = "It was cut short, or a bracket is missing."});
    }
  }
  return bytes.substr(0, scan.position());
}

absl::Status JsonReader::Unexpected(absl::string_view expected) {
  constexpr size_t kShownBytes = 20;
  LL_ASSIGN_OR_RETURN(const absl::string_view bytes, in_.Peek(kShownBytes));
  const std::string shown = ShownText(bytes.substr(0, kShownBytes));
  return Error({.why = absl::StrCat("expected ", expected, ", and here is ",
                                    bytes.empty() ? "the end of the file" : absl::StrCat("\"", shown, "\"")),
                .remedy = "The document is {\"instances\": [{\"features\": [...]}, ...]}.",
                .text = shown,
                .expected = std::string(expected)});
}

absl::Status JsonReader::Error(const DataProblem& problem) const {
  return DataError({.file = name_, .row = row_, .byte_offset = in_.offset()}, problem);
}

}  // namespace ll::learner
