// Runs each job as an `lltrain` process: what production uses. The process reads and writes the job's directory by the
// container contract, prints to the job's log, and speaks to its launcher through two pipes (base/child_process.h): its
// progress events, and the lifeline that ends it when this process dies, however it dies.
#ifndef LL_SERVICES_TRAINING_LAUNCHERS_PROCESS_LAUNCHER_H_
#define LL_SERVICES_TRAINING_LAUNCHERS_PROCESS_LAUNCHER_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "base/env.h"
#include "registry/blob_store.h"
#include "services/training/job_launcher.h"

namespace ll::training {

class ProcessLauncher final : public JobLauncher {
 public:
  // `program` is the path of lltrain; nothing is owned.
  ProcessLauncher(std::string program, registry::BlobStore& blobs, Env& env)
      : program_(std::move(program)), blobs_(blobs), env_(env) {}

  absl::StatusOr<std::unique_ptr<RunningJob>> Launch(const JobLaunch& launch, JobObserver& observer) override;

 private:
  const std::string program_;
  registry::BlobStore& blobs_;
  Env& env_;
};

}  // namespace ll::training

#endif  // LL_SERVICES_TRAINING_LAUNCHERS_PROCESS_LAUNCHER_H_
