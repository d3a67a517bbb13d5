// How a job ends badly: an exit code, a class and a text, by the container contract.
#ifndef LL_LEARNER_LLTRAIN_FAILURE_H_
#define LL_LEARNER_LLTRAIN_FAILURE_H_

#include <string>

#include "absl/status/status.h"

namespace ll::lltrain {

enum class ExitCode {
  kSuccess = 0,
  kAlgorithmError = 1,  // training itself failed
  kCustomerError = 2,   // hyperparameters, data or configuration are wrong; the caller can mend it
  kPlatformError = 3,   // the machine failed: disk, memory, or it was told to stop
};

// Whose failure a status is, decided by its reason and, where it carries none, by its code.
ExitCode ExitCodeOf(const absl::Status& status);

// What goes to output/failure: "ClientError: cannot read row 3 of ... (caused by INVALID_DATA)".
std::string FailureText(const absl::Status& status);

}  // namespace ll::lltrain

#endif  // LL_LEARNER_LLTRAIN_FAILURE_H_
