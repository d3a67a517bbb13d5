#include "services/training/job_states.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"

namespace ll::training {
namespace {

using registry::JobState;

constexpr JobState kAfterQueued[] = {JobState::kPreparing, JobState::kCancelled};
constexpr JobState kAfterPreparing[] = {JobState::kTraining, JobState::kFailed, JobState::kCancelling,
                                        JobState::kQueued};
constexpr JobState kAfterTraining[] = {JobState::kUploading, JobState::kFailed, JobState::kCancelling,
                                       JobState::kQueued};
constexpr JobState kAfterUploading[] = {JobState::kSucceeded, JobState::kFailed, JobState::kCancelling,
                                        JobState::kQueued};
constexpr JobState kAfterCancelling[] = {JobState::kCancelled};

}  // namespace

absl::Span<const JobState> NextStates(JobState state) {
  switch (state) {
    case JobState::kQueued: return kAfterQueued;
    case JobState::kPreparing: return kAfterPreparing;
    case JobState::kTraining: return kAfterTraining;
    case JobState::kUploading: return kAfterUploading;
    case JobState::kCancelling: return kAfterCancelling;
    case JobState::kSucceeded:
    case JobState::kFailed:
    case JobState::kCancelled: break;
  }
  return {};
}

absl::Status MoveTo(JobState next, absl::Time now, registry::JobRecord* job) {
  const absl::Span<const JobState> allowed = NextStates(job->state);
  if (std::find(allowed.begin(), allowed.end(), next) == allowed.end()) {
    return MakeError(
        absl::StatusCode::kInternal, ErrorReason::kInternal,
        {.what = absl::StrCat("cannot move ", registry::JobName(job->id)),
         .why = absl::StrCat(registry::StateName(next), " does not follow ", registry::StateName(job->state))});
  }
  if (next == JobState::kPreparing) job->start_time = now;
  if (next == JobState::kQueued) job->start_time.reset();
  if (registry::IsTerminal(next)) job->end_time = now;
  job->state = next;
  return absl::OkStatus();
}

}  // namespace ll::training
