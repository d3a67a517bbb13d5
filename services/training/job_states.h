// The states of a training job and the moves between them.
//
//   QUEUED -> PREPARING -> TRAINING -> UPLOADING -> SUCCEEDED
//   from PREPARING, TRAINING and UPLOADING also -> FAILED and -> CANCELLING -> CANCELLED, and -> QUEUED when their
//   server stops, to go on from the last checkpoint
//   from QUEUED also -> CANCELLED
//
// A job that waits is cancelled at once; one that runs is CANCELLING until its process has ended, and a cancel wins
// over whatever else ends it meanwhile. Every change of a job's state goes through MoveTo().
#ifndef LL_SERVICES_TRAINING_JOB_STATES_H_
#define LL_SERVICES_TRAINING_JOB_STATES_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "registry/records.h"

namespace ll::training {

// The states that may follow `state`; empty for a terminal one.
absl::Span<const registry::JobState> NextStates(registry::JobState state);

// Sets the state, and the times that go with it: start_time while the job is out of the queue, end_time when it
// ends. INTERNAL when the table has no such move, which is a defect of the caller; the job is unchanged then.
absl::Status MoveTo(registry::JobState next, absl::Time now, registry::JobRecord* job);

}  // namespace ll::training

#endif  // LL_SERVICES_TRAINING_JOB_STATES_H_
