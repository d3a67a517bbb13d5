// The exit codes of llctl: one table, printed by `llctl help exit-codes`.
#ifndef LL_CLIENTS_LLCTL_EXIT_CODES_H_
#define LL_CLIENTS_LLCTL_EXIT_CODES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/types/span.h"

namespace ll::llctl {

enum ExitCode {
  kDone = 0,
  kFailed = 1,
  kUsage = 2,
  kNotFound = 3,
  kNotPermitted = 4,
  kTimedOut = 5,
  kConflict = 6,
  kUnavailable = 7,
  kInterrupted = 130,
};

struct ExitCodeMeaning {
  ExitCode code;
  const char* meaning;
};
absl::Span<const ExitCodeMeaning> ExitCodeTable();

// The code of a command that ended with `status`: the one it was given by WithExitCode, else by its canonical code. A
// file of this machine that is missing or not readable is a plain failure: 3 and 4 are about the server's resources.
ExitCode ExitCodeOf(const absl::Status& status);

// The same error, ending llctl with `code`.
absl::Status WithExitCode(absl::Status status, ExitCode code);

// The command line is wrong (exit code 2): what is, and what would be right.
absl::Status UsageError(const std::string& what, const std::string& remedy = "");

}  // namespace ll::llctl

#endif  // LL_CLIENTS_LLCTL_EXIT_CODES_H_
