// Where a training run happens: the seam between the engine, which knows jobs and models, and the ways to run the
// trainer. launchers/process_launcher.h starts an `lltrain` process; launchers/in_process_launcher.h runs the same code
// on a thread of this process. One contract suite (launchers/launcher_contract_test.cc) holds for both.
//
//   LL_ASSIGN_OR_RETURN(auto running, launcher.Launch({...}, observer));
//   ... observer.OnEpoch(...) for each epoch, at last observer.OnExit(...) ...
//   running.reset();
#ifndef LL_SERVICES_TRAINING_JOB_LAUNCHER_H_
#define LL_SERVICES_TRAINING_JOB_LAUNCHER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "learner/trainer.h"
#include "registry/records.h"
#include "services/training/input_channels.h"
#include "services/training/job_directory.h"

namespace ll::training {

struct JobLaunch {
  std::string job_id = {};
  JobDirectory directory;
  registry::JobSpec spec = {};
  // The caller keeps the objects' blobs pinned until Launch() has returned.
  std::vector<InputChannel> channels = {};
};

// How a run ended.
struct JobExit {
  // OK: directory.artifact() is a whole model. Otherwise the trainer's error in its own words, with its code, reason
  // and field violations; CANCELLED when it was stopped before one epoch was complete.
  absl::Status status = {};
  // It ended because it was asked to; with an OK status the model is the best of the complete epochs.
  bool interrupted = false;
};

// Called on a thread of the launcher's, one call at a time. Calls must not block for long and must not destroy the run.
class JobObserver {
 public:
  virtual ~JobObserver() = default;
  virtual void OnEpoch(const learner::EpochReport& report) = 0;
  virtual void OnWarning(const std::string& warning) = 0;
  // The last call.
  virtual void OnExit(const JobExit& exit) = 0;
};

// A run that was started. The destructor kills it if it has not ended, and returns after OnExit has. Thread-safe.
class RunningJob {
 public:
  virtual ~RunningJob() = default;
  // Asks it to end within a mini-batch. May be called again; after the end it does nothing.
  virtual void RequestStop() = 0;
  // Ends it without regard to what it is doing, if the launcher can; for one that did not obey RequestStop().
  virtual void Kill() = 0;
};

// Thread-safe.
class JobLauncher {
 public:
  virtual ~JobLauncher() = default;
  // Lays out `launch.directory`, which Create() has made, and starts the run. `observer` must outlive it and may be
  // called before this returns. An error means that nothing runs and OnExit is not called.
  virtual absl::StatusOr<std::unique_ptr<RunningJob>> Launch(const JobLaunch& launch, JobObserver& observer) = 0;
};

}  // namespace ll::training

#endif  // LL_SERVICES_TRAINING_JOB_LAUNCHER_H_
