// One run of one job, from the moment it leaves the queue to the row that says how it ended.
//
//   JobRun run(parts, live, options, claimed);   // `claimed` is PREPARING
//   run.Run();                                   // blocks; another thread may call run.RequestStop()
//
// The row decides: between any two steps a cancel may have turned it to CANCELLING, and then the run ends as CANCELLED
// whatever else happened. So every step looks at the row inside the transaction that changes it.
#ifndef LL_SERVICES_TRAINING_JOB_RUN_H_
#define LL_SERVICES_TRAINING_JOB_RUN_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/env.h"
#include "base/mutex.h"
#include "registry/blob_store.h"
#include "registry/records.h"
#include "registry/registry.h"
#include "services/training/job_directory.h"
#include "services/training/job_launcher.h"
#include "services/training/live_jobs.h"
#include "services/training/trained_model.h"

namespace ll::training {

// What the engine works with; not owned.
struct JobParts {
  registry::Registry& registry;
  registry::BlobStore& blobs;
  Env& env;
  Clock& clock;
  JobLauncher& launcher;
};

struct JobRunOptions {
  std::string jobs_directory = {};
  absl::Duration progress_interval = absl::Seconds(1);     // between writes of progress to the row
  absl::Duration poll_interval = absl::Milliseconds(250);  // between looks at time limits and at the growing log
  absl::Duration stop_grace = absl::Seconds(10);           // for a run that was asked to end, before it is killed
  absl::Duration retry_interval = absl::Seconds(1);        // between attempts to write the end when the disk refuses
};

// Why a job is FAILED that ran when its server died, again and again, without getting further.
absl::Status InterruptedError(const std::string& job_id);

enum class StopCause { kNone, kCancel, kMaxRuntime, kShutdown };

class JobRun final : private JobObserver {
 public:
  JobRun(const JobParts& parts, LiveJobs& live, const JobRunOptions& options, registry::JobRecord claimed);

  // Once. Afterwards the row is terminal, or, when the server is stopping, QUEUED again; unless the disk refuses to say
  // so, and then the next start settles the job.
  void Run();

  // Thread-safe; of several causes the last in the enum counts.
  void RequestStop(StopCause cause);

 private:
  // JobObserver: on the launcher's thread.
  void OnEpoch(const learner::EpochReport& report) override;
  void OnWarning(const std::string& warning) override;
  void OnExit(const JobExit& exit) override;

  // From PREPARING to the end of TRAINING.
  JobExit Train();
  JobExit AwaitExit(RunningJob& running);
  bool WriteProgress();  // false: nothing new to write

  // UPLOADING and the end.
  void Settle(JobExit exit);
  absl::StatusOr<bool> WantsModel(const JobExit& exit);
  // Repeats what the disk refuses until it does not, or the server stops.
  absl::Status Persist(absl::FunctionRef<absl::Status()> attempt);
  absl::Status WriteEnd(const JobExit& exit, const TrainedModel* model);
  registry::JobState EndOf(const JobExit& exit, const registry::JobRecord& row, bool registers);
  // Whether it ended because the server stops, to go on when it starts again.
  bool GoesOn(const JobExit& exit) { return exit.interrupted && cause() == StopCause::kShutdown; }
  absl::Status FailureOf(const JobExit& exit);

  // Moves the row on, unless it is CANCELLING; returns it as it is then.
  absl::StatusOr<registry::JobRecord> Advance(registry::JobState next);
  StopCause cause();

  const JobParts parts_;
  LiveJobs& live_;
  const JobRunOptions options_;
  const registry::JobRecord job_;  // as it was claimed
  const JobDirectory directory_;
  std::vector<registry::LineageInput> lineage_;  // set by Train()

  Mutex mutex_;
  StopCause cause_ ABSL_GUARDED_BY(mutex_) = StopCause::kNone;
  std::optional<JobExit> exit_ ABSL_GUARDED_BY(mutex_);
  LiveProgress progress_ ABSL_GUARDED_BY(mutex_);
  bool progress_is_new_ ABSL_GUARDED_BY(mutex_) = false;  // since it was written to the row
};

}  // namespace ll::training

#endif  // LL_SERVICES_TRAINING_JOB_RUN_H_
