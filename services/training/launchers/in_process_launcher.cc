#include "services/training/launchers/in_process_launcher.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include "base/executor.h"
#include "base/status_macros.h"
#include "learner/lltrain/progress_events.h"
#include "learner/lltrain/train_job.h"
#include "learner/lltrain/train_log.h"
#include "services/training/launchers/job_layout.h"
#include "services/training/launchers/trainer_events.h"

namespace ll::training {
namespace {

class TrainerThread final : public RunningJob {
 public:
  TrainerThread(std::unique_ptr<WritableFile> log, const JobLaunch& launch, JobObserver& observer, Env& env,
                Clock& clock)
      : log_(std::move(log)), launch_(launch), observer_(observer), env_(env), clock_(clock), thread_([this] {
          Run();
        }) {}

  ~TrainerThread() override {
    stop_requested_ = true;
    thread_.join();
  }

  void RequestStop() override { stop_requested_ = true; }
  void Kill() override { stop_requested_ = true; }

 private:
  void Run() {
    TrainerEvents events(observer_);
    lltrain::ProgressEvents progress([&](absl::string_view line) { events.Append(line); });
    // A log that cannot be written stops no training.
    lltrain::TrainLog log(clock_, 1, [&](absl::string_view line) { log_->Append(line).IgnoreError(); });
    const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
    ThreadPool pool(launch_.spec.threads > 0 ? static_cast<int>(launch_.spec.threads) : static_cast<int>(cores));
    lltrain::TrainJobOptions options{.job_directory = launch_.directory.root()};
    if (launch_.spec.seed.has_value()) options.seed = *launch_.spec.seed;
    lltrain::RunTrainJob(
        options,
        {.env = env_, .clock = clock_, .executor = pool, .log = log, .events = progress, .stop_requested = [this] {
           return stop_requested_.load();
         }});
    log_->Close().IgnoreError();
    observer_.OnExit(*events.end());  // the last event always says it
  }

  const std::unique_ptr<WritableFile> log_;
  const JobLaunch launch_;
  JobObserver& observer_;
  Env& env_;
  Clock& clock_;
  std::atomic<bool> stop_requested_{false};
  std::thread thread_;  // last: it uses the others
};

}  // namespace

absl::StatusOr<std::unique_ptr<RunningJob>> InProcessLauncher::Launch(const JobLaunch& launch, JobObserver& observer) {
  LL_RETURN_IF_ERROR(LayOutJob(launch, blobs_, env_));
  LL_ASSIGN_OR_RETURN(std::unique_ptr<WritableFile> log, env_.NewWritableFile(launch.directory.log()));
  return std::make_unique<TrainerThread>(std::move(log), launch, observer, env_, clock_);
}

}  // namespace ll::training
