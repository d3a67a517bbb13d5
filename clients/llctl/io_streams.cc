#include "clients/llctl/io_streams.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace ll::llctl {
namespace {

const char* Escape(Style style) {
  switch (style) {
    case Style::kPlain: return "";
    case Style::kBold: return "\x1b[1m";
    case Style::kDim: return "\x1b[2m";
    case Style::kGood: return "\x1b[32m";
    case Style::kChanging: return "\x1b[33m";
    case Style::kBad: return "\x1b[31m";
  }
  return "";
}

}  // namespace

std::string Styled(Style style, absl::string_view text, bool colored) {
  if (!colored || style == Style::kPlain) return std::string(text);
  return absl::StrCat(Escape(style), text, "\x1b[0m");
}

absl::StatusOr<bool> Confirm(IoStreams& io, absl::string_view question) {
  io.err << question << " [y/N] " << std::flush;
  std::string answer;
  while (true) {
    char byte;
    LL_ASSIGN_OR_RETURN(const size_t size, io.in.Read(absl::MakeSpan(&byte, 1)));
    if (size == 0 || byte == '\n') break;
    answer.push_back(byte);
  }
  answer = absl::AsciiStrToLower(absl::StripAsciiWhitespace(answer));
  return answer == "y" || answer == "yes";
}

}  // namespace ll::llctl
