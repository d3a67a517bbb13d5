#include "services/training/job_run.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "registry/stored_error.h"
#include "services/training/input_channels.h"
#include "services/training/job_states.h"
#include "services/training/job_watch.h"

namespace ll::training {
namespace {

using registry::JobRecord;
using registry::JobState;

JobExit Stopped() { return {.status = absl::CancelledError("stopped before training began"), .interrupted = true}; }

// Whether a later attempt may succeed: the disk refused.
bool IsStorageError(const absl::Status& status) {
  return HasReason(status, ErrorReason::kStorageFull) || HasReason(status, ErrorReason::kStorageFailed);
}

absl::Status TookTooLong(const JobRecord& job) {
  return MakeError(absl::StatusCode::kDeadlineExceeded, ErrorReason::kStoppingCondition,
                   {.what = absl::StrCat(registry::JobName(job.id), " was stopped"),
                    .why = absl::StrCat("it ran longer than its stopping condition allows, ",
                                        absl::FormatDuration(job.spec.max_runtime.value_or(absl::ZeroDuration()))),
                    .remedy = "Create a job with a longer max_runtime, fewer epochs or less data."});
}

absl::Status StoppedFromOutside(const JobRecord& job) {
  return MakeError(absl::StatusCode::kInternal, ErrorReason::kTrainingFailed,
                   {.what = absl::StrCat(registry::JobName(job.id), " failed"),
                    .why = "its process was told to stop by someone other than the server",
                    .remedy = "Cancel jobs with `llctl training-job cancel`."});
}

}  // namespace

absl::Status InterruptedError(const std::string& job_id) {
  return MakeError(absl::StatusCode::kUnavailable, ErrorReason::kInterrupted,
                   {.what = absl::StrCat(registry::JobName(job_id), " was interrupted"),
                    .why = "the server stopped twice while the job was running, without a checkpoint in between",
                    .remedy = "Look into the server's log; create the job again when it is clear that the job was not "
                              "the cause. Nothing was registered."});
}

JobRun::JobRun(const JobParts& parts, LiveJobs& live, const JobRunOptions& options, JobRecord claimed)
    : parts_(parts),
      live_(live),
      options_(options),
      job_(std::move(claimed)),
      directory_(options_.jobs_directory, job_.id),
      progress_{.progress = job_.progress, .candidates = job_.candidates, .warnings = job_.warnings} {}

void JobRun::Run() {
  Settle(Train());
  live_.Forget(job_.id);
}

void JobRun::RequestStop(StopCause cause) {
  MutexLock lock(&mutex_);
  cause_ = std::max(cause_, cause);
}

StopCause JobRun::cause() {
  MutexLock lock(&mutex_);
  return cause_;
}

void JobRun::OnEpoch(const learner::EpochReport& report) {
  LiveProgress progress = ToLiveProgress(report);
  {
    MutexLock lock(&mutex_);
    progress.warnings = std::move(progress_.warnings);
    progress_ = progress;
    progress_is_new_ = true;
  }
  live_.Publish(job_.id, std::move(progress));
}

void JobRun::OnWarning(const std::string& warning) {
  LiveProgress progress;
  {
    MutexLock lock(&mutex_);
    if (std::find(progress_.warnings.begin(), progress_.warnings.end(), warning) != progress_.warnings.end()) return;
    progress_.warnings.push_back(warning);
    progress = progress_;
  }
  live_.Publish(job_.id, std::move(progress));
}

void JobRun::OnExit(const JobExit& exit) {
  MutexLock lock(&mutex_);
  exit_ = exit;
}

JobExit JobRun::Train() {
  absl::StatusOr<PinnedInputs> inputs = PinInputs(parts_.registry, parts_.blobs, job_.spec);
  if (!inputs.ok()) return {.status = inputs.status()};
  lineage_ = LineageOf(inputs->channels);
  if (const absl::Status created = directory_.Create(parts_.env); !created.ok()) return {.status = created};
  if (const absl::Status noted = directory_.NoteStart(parts_.env); !noted.ok()) return {.status = noted};
  if (cause() != StopCause::kNone) return Stopped();

  const JobLaunch launch{
      .job_id = job_.id, .directory = directory_, .spec = job_.spec, .channels = std::move(inputs->channels)};
  absl::StatusOr<std::unique_ptr<RunningJob>> running = parts_.launcher.Launch(launch, *this);
  if (!running.ok()) return {.status = running.status()};
  inputs->pins.clear();
  // A run that its row does not show could not be seen or cancelled: `running` is killed then.
  const absl::StatusOr<JobRecord> row = Advance(JobState::kTraining);
  if (!row.ok()) return {.status = row.status()};
  if (row->state == JobState::kCancelling) RequestStop(StopCause::kCancel);
  return AwaitExit(**running);
}

JobExit JobRun::AwaitExit(RunningJob& running) {
  const absl::Time deadline =
      job_.spec.max_runtime.has_value() ? *job_.start_time + *job_.spec.max_runtime : absl::InfiniteFuture();
  absl::Time kill_time = absl::InfiniteFuture();
  absl::Time next_write = absl::InfinitePast();
  bool asked_to_stop = false;
  while (true) {
    {
      MutexLock lock(&mutex_);
      const auto something_to_do = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        return exit_.has_value() || (cause_ != StopCause::kNone && !asked_to_stop);
      };
      parts_.clock.AwaitUntil(&mutex_, something_to_do, parts_.clock.Now() + options_.poll_interval);
      if (exit_.has_value()) return *exit_;
    }
    const absl::Time now = parts_.clock.Now();
    if (now >= deadline) RequestStop(StopCause::kMaxRuntime);
    if (!asked_to_stop && cause() != StopCause::kNone) {
      running.RequestStop();
      asked_to_stop = true;
      kill_time = now + options_.stop_grace;
    }
    if (now >= kill_time) running.Kill();
    if (now >= next_write && WriteProgress()) next_write = now + options_.progress_interval;
    live_.Notify(job_.id);  // whoever follows the log looks again
  }
}

bool JobRun::WriteProgress() {
  LiveProgress progress;
  {
    MutexLock lock(&mutex_);
    if (!progress_is_new_) return false;
    progress_is_new_ = false;
    progress = progress_;
  }
  const absl::Status written = parts_.registry.Write({}, [&](registry::Transaction& transaction) {
    return transaction.jobs().UpdateProgress(job_.id, progress.progress, progress.candidates);
  });
  // The next epoch brings the next attempt.
  if (!written.ok()) LogWarning("cannot store progress", {{"job", job_.id}, {"error", std::string(written.message())}});
  return true;
}

void JobRun::Settle(JobExit exit) {
  std::optional<TrainedModel> model;
  bool wanted = false;
  absl::Status status = Persist([&]() -> absl::Status {
    LL_ASSIGN_OR_RETURN(wanted, WantsModel(exit));
    return absl::OkStatus();
  });
  if (status.ok() && wanted) {
    absl::StatusOr<TrainedModel> stored = StoreTrainedModel(parts_.env, parts_.blobs, directory_.artifact());
    status = stored.status();
    if (stored.ok()) model = *std::move(stored);
  }
  if (!status.ok()) exit = {.status = status};
  // Now, because as soon as the row is terminal the job can be deleted and its folder belong to another.
  absl::Status removed = directory_.RemoveWorkFiles(parts_.env);
  if (!GoesOn(exit)) removed.Update(directory_.RemoveCheckpoint(parts_.env));
  if (!removed.ok()) {
    LogWarning("cannot remove a job's files", {{"job", job_.id}, {"error", std::string(removed.message())}});
  }
  status = Persist([&] { return WriteEnd(exit, model.has_value() ? &*model : nullptr); });
  if (status.ok() || !model.has_value()) return;
  // The model cannot be registered, for a reason that will not go away.
  exit = {.status = status};
  Persist([&] { return WriteEnd(exit, nullptr); }).IgnoreError();  // logged
}

absl::Status JobRun::Persist(absl::FunctionRef<absl::Status()> attempt) {
  while (true) {
    const absl::Status status = attempt();
    if (status.ok()) return status;
    LogError("cannot record the end of a training job", {{"job", job_.id}, {"error", std::string(status.message())}});
    if (!IsStorageError(status)) return status;
    MutexLock lock(&mutex_);
    const auto stopping = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return cause_ == StopCause::kShutdown; };
    if (parts_.clock.AwaitUntil(&mutex_, stopping, parts_.clock.Now() + options_.retry_interval)) return status;
  }
}

absl::StatusOr<bool> JobRun::WantsModel(const JobExit& exit) {
  if (!exit.status.ok()) return false;
  if (!exit.interrupted) {
    LL_ASSIGN_OR_RETURN(const JobRecord row, Advance(JobState::kUploading));
    return row.state != JobState::kCancelling || row.keep_model;
  }
  LL_ASSIGN_OR_RETURN(const JobRecord row, ReadJob(parts_.registry, job_.id));
  return row.state == JobState::kCancelling && row.keep_model;
}

absl::StatusOr<JobRecord> JobRun::Advance(JobState next) {
  JobRecord row;
  LL_RETURN_IF_ERROR(parts_.registry.Write({}, [&](registry::Transaction& transaction) -> absl::Status {
    LL_ASSIGN_OR_RETURN(row, transaction.jobs().Get(job_.id));
    if (row.state == JobState::kCancelling) return absl::OkStatus();
    LL_RETURN_IF_ERROR(MoveTo(next, parts_.clock.Now(), &row));
    LL_ASSIGN_OR_RETURN(row, transaction.jobs().Update(row, "state"));
    return absl::OkStatus();
  }));
  LogInfo("training job", {{"job", job_.id}, {"state", std::string(registry::StateName(row.state))}});
  live_.Notify(job_.id);
  return row;
}

absl::Status JobRun::WriteEnd(const JobExit& exit, const TrainedModel* model) {
  LiveProgress progress;
  {
    MutexLock lock(&mutex_);
    progress = progress_;
  }
  JobRecord job;
  LL_RETURN_IF_ERROR(parts_.registry.Write({}, [&](registry::Transaction& transaction) -> absl::Status {
    LL_ASSIGN_OR_RETURN(job, transaction.jobs().Get(job_.id));
    const bool cancelled = job.state == JobState::kCancelling;
    const bool registers = model != nullptr && (!cancelled || job.keep_model);
    job.progress = progress.progress;
    job.candidates = registers ? model->candidates : progress.candidates;
    job.warnings = progress.warnings;
    if (cancelled && job.keep_model && !registers) {
      job.warnings.push_back(absl::StrCat("No model was kept: ", exit.status.message()));
    }
    const JobState end = EndOf(exit, job, registers);
    if (end == JobState::kFailed) job.error = registry::ToStoredError(FailureOf(exit));
    LL_RETURN_IF_ERROR(MoveTo(end, parts_.clock.Now(), &job));
    if (!registers) return transaction.jobs().Update(job, "state").status();
    job.metrics = model->version.metrics;
    registry::VersionRecord version = model->version;
    version.lineage = lineage_;
    LL_ASSIGN_OR_RETURN(job, transaction.CommitTrainingResult(job, version));
    return absl::OkStatus();
  }));
  LogInfo("training job", {{"job", job_.id},
                           {"state", std::string(registry::StateName(job.state))},
                           {"model", job.spec.model_id},
                           {"version", absl::StrCat(job.produced_version)},
                           {"error", job.error.has_value() ? job.error->message : ""}});
  return absl::OkStatus();
}

JobState JobRun::EndOf(const JobExit& exit, const JobRecord& row, bool registers) {
  if (row.state == JobState::kCancelling) return JobState::kCancelled;
  if (registers) return JobState::kSucceeded;
  return GoesOn(exit) ? JobState::kQueued : JobState::kFailed;
}

absl::Status JobRun::FailureOf(const JobExit& exit) {
  if (!exit.interrupted) return directory_.WithoutFolders(exit.status);
  return cause() == StopCause::kMaxRuntime ? TookTooLong(job_) : StoppedFromOutside(job_);
}

}  // namespace ll::training
