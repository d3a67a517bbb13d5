// What can be told of a job's spec without looking at the store: the learner's own check of the hyperparameters, and
// the rules of channels, resources and stopping condition.
#ifndef LL_SERVICES_TRAINING_JOB_CHECK_H_
#define LL_SERVICES_TRAINING_JOB_CHECK_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "registry/records.h"

namespace ll::training {

inline constexpr absl::string_view kAlgorithm = "linear-learner";

// INVALID_ARGUMENT with one violation for each problem, all at once; fields are paths from the job, such as
// "spec.hyperparameters["epochs"]". The reason is INVALID_HYPERPARAMETER or INVALID_CHANNEL when all problems are of
// that kind, else INVALID_ARGUMENT. `warnings` (may be nullptr) gets a sentence for each setting that has no effect.
absl::Status CheckSpec(const registry::JobSpec& spec, std::vector<std::string>* warnings);

// Whether a job with a valid spec may begin with this version. FAILED_PRECONDITION with reason SCHEMA_MISMATCH, or
// WRONG_STATE when the version is not READY.
absl::Status CheckWarmStart(const registry::VersionRecord& version, const registry::JobSpec& spec);

}  // namespace ll::training

#endif  // LL_SERVICES_TRAINING_JOB_CHECK_H_
