// Runs each job on a thread of this process, with the same code, files and events as the process: for tests, which then
// need no program beside them and can step through training. Kill() can do no more than RequestStop().
#ifndef LL_SERVICES_TRAINING_LAUNCHERS_IN_PROCESS_LAUNCHER_H_
#define LL_SERVICES_TRAINING_LAUNCHERS_IN_PROCESS_LAUNCHER_H_

#include <memory>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/env.h"
#include "registry/blob_store.h"
#include "services/training/job_launcher.h"

namespace ll::training {

class InProcessLauncher final : public JobLauncher {
 public:
  // Nothing is owned.
  InProcessLauncher(registry::BlobStore& blobs, Env& env, Clock& clock) : blobs_(blobs), env_(env), clock_(clock) {}

  absl::StatusOr<std::unique_ptr<RunningJob>> Launch(const JobLaunch& launch, JobObserver& observer) override;

 private:
  registry::BlobStore& blobs_;
  Env& env_;
  Clock& clock_;
};

}  // namespace ll::training

#endif  // LL_SERVICES_TRAINING_LAUNCHERS_IN_PROCESS_LAUNCHER_H_
