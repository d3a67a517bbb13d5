// Where a command reads and writes. Only main.cc touches the process's own streams; everything else is given these, so
// a test can be a terminal 80 columns wide, or a pipe, over strings.
//
// The answer goes to `out` and nothing else does; progress, hints, questions, warnings and errors go to `err`.
#ifndef LL_CLIENTS_LLCTL_IO_STREAMS_H_
#define LL_CLIENTS_LLCTL_IO_STREAMS_H_

#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/env.h"

namespace ll::llctl {

struct IoStreams {
  SequentialFile& in;
  std::ostream& out;
  std::ostream& err;
  bool in_is_terminal = false;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  int width = 80;      // columns of the terminal
  bool color = false;  // of `out` and `err`, each only when it is a terminal
};

enum class Style { kPlain, kBold, kDim, kGood, kChanging, kBad };

// `text` in a style, with terminal escapes only if `colored`.
std::string Styled(Style style, absl::string_view text, bool colored);

// Asks "QUESTION [y/N] " on `err` and reads one line; true for y or yes. Call it only when `in_is_terminal`.
absl::StatusOr<bool> Confirm(IoStreams& io, absl::string_view question);

}  // namespace ll::llctl

#endif  // LL_CLIENTS_LLCTL_IO_STREAMS_H_
