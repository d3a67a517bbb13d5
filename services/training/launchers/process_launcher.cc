#include "services/training/launchers/process_launcher.h"

#include <signal.h>

#include <atomic>
#include <thread>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/child_process.h"
#include "base/error_reason.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "services/training/launchers/job_layout.h"
#include "services/training/launchers/trainer_events.h"

namespace ll::training {
namespace {

std::vector<std::string> Arguments(const JobLaunch& launch) {
  std::vector<std::string> arguments = {"train", absl::StrCat("--job-dir=", launch.directory.root()),
                                        absl::StrCat("--progress-fd=", kChildEventFd),
                                        absl::StrCat("--lifeline-fd=", kChildLifelineFd)};
  if (launch.spec.threads > 0) arguments.push_back(absl::StrCat("--threads=", launch.spec.threads));
  if (launch.spec.seed.has_value()) arguments.push_back(absl::StrCat("--seed=", *launch.spec.seed));
  return arguments;
}

// For a process that ended without saying why in its events.
absl::Status EndedSilently(const JobLaunch& launch, const ExitStatus& process, const std::string& failure_file) {
  const bool killed = process.signalled && process.code == SIGKILL;
  const absl::string_view failure = absl::StripAsciiWhitespace(failure_file);
  return MakeError(
      absl::StatusCode::kInternal, ErrorReason::kTrainingFailed,
      {.what = absl::StrCat(registry::JobName(launch.job_id), " failed"),
       .why = failure.empty() ? absl::StrCat("its process ", process.ToString()) : std::string(failure),
       .remedy = absl::StrCat(killed ? "The system kills processes when memory runs out: train on less data or more "
                                       "memory. "
                                     : "",
                              "The log may say more: `llctl training-job logs ", launch.job_id, "`.")});
}

absl::Status CannotStart(const JobLaunch& launch, const absl::Status& spawned) {
  return MakeError(absl::StatusCode::kInternal, ErrorReason::kTrainingFailed,
                   {.what = absl::StrCat("cannot start ", registry::JobName(launch.job_id)),
                    .why = std::string(spawned.message()),
                    .remedy = "The program lltrain belongs beside llserver, in the same folder."});
}

class TrainerProcess final : public RunningJob {
 public:
  TrainerProcess(std::unique_ptr<ChildProcess> child, const JobLaunch& launch, JobObserver& observer, Env& env)
      : child_(std::move(child)), launch_(launch), observer_(observer), env_(env), thread_([this] { Follow(); }) {}

  ~TrainerProcess() override {
    Kill();
    thread_.join();
  }

  void RequestStop() override { Signal(SIGTERM); }
  void Kill() override { Signal(SIGKILL); }

 private:
  void Signal(int signal) {
    stop_requested_ = true;
    const absl::Status sent = child_->Signal(signal);
    if (!sent.ok())
      LogWarning("cannot stop a training process", {{"job", launch_.job_id}, {"error", std::string(sent.message())}});
  }

  // Reads what the process says until it has ended.
  void Follow() {
    TrainerEvents events(observer_);
    std::vector<char> buffer(64 << 10);
    while (true) {
      const absl::StatusOr<size_t> count = child_->ReadEvents(absl::MakeSpan(buffer));
      if (!count.ok() || *count == 0) break;
      events.Append({buffer.data(), *count});
    }
    const ExitStatus process = child_->Wait();
    LogInfo("training process ended", {{"job", launch_.job_id}, {"status", process.ToString()}});
    observer_.OnExit(ExitOf(process, events.end()));
  }

  JobExit ExitOf(const ExitStatus& process, const std::optional<JobExit>& said) {
    if (said.has_value() && said->status.ok() == process.success()) return *said;
    const std::string failure_file = env_.ReadFile(launch_.directory.failure()).value_or("");
    return {.status = EndedSilently(launch_, process, failure_file), .interrupted = stop_requested_};
  }

  const std::unique_ptr<ChildProcess> child_;
  const JobLaunch launch_;
  JobObserver& observer_;
  Env& env_;
  std::atomic<bool> stop_requested_{false};
  std::thread thread_;  // last: it uses the others
};

}  // namespace

absl::StatusOr<std::unique_ptr<RunningJob>> ProcessLauncher::Launch(const JobLaunch& launch, JobObserver& observer) {
  LL_RETURN_IF_ERROR(LayOutJob(launch, blobs_, env_));
  absl::StatusOr<std::unique_ptr<ChildProcess>> child =
      ChildProcess::Spawn({.program = program_, .arguments = Arguments(launch), .log_path = launch.directory.log()});
  if (!child.ok()) return CannotStart(launch, child.status());
  LogInfo("training process started", {{"job", launch.job_id}, {"pid", absl::StrCat((*child)->pid())}});
  return std::make_unique<TrainerProcess>(*std::move(child), launch, observer, env_);
}

}  // namespace ll::training
