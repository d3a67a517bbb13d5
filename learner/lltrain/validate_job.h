// `lltrain validate`: what `lltrain train` would say of a job's configuration and of the beginning of its data, without
// training and without writing anything.
#ifndef LL_LEARNER_LLTRAIN_VALIDATE_JOB_H_
#define LL_LEARNER_LLTRAIN_VALIDATE_JOB_H_

#include <cstdint>
#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "base/env.h"

namespace ll::lltrain {

struct ValidateOptions {
  std::string job_directory = "/opt/ml";
  int64_t rows = 1000;  // looked at in each channel; 0: all
};

// Reports on `out` what is there, and on `err` every error that is found: hyperparameters, configuration and each
// channel are looked at whatever is wrong with the others. Returns the first error.
absl::Status ValidateJob(const ValidateOptions& options, Env& env, std::ostream& out, std::ostream& err);

}  // namespace ll::lltrain

#endif  // LL_LEARNER_LLTRAIN_VALIDATE_JOB_H_
