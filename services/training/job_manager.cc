#include "services/training/job_manager.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "registry/store_errors.h"
#include "registry/stored_error.h"
#include "services/registry/registry_reads.h"
#include "services/training/input_channels.h"
#include "services/training/job_check.h"
#include "services/training/job_directory.h"
#include "services/training/job_states.h"

namespace ll::training {
namespace {

using registry::JobRecord;
using registry::JobState;

// A job of the size that people train takes seconds to minutes.
constexpr absl::Duration kQueueFullRetryDelay = absl::Seconds(30);

absl::Status QueueFull(int max_queued) {
  return MakeError(absl::StatusCode::kResourceExhausted, ErrorReason::kOverloaded,
                   {.what = "cannot queue the training job",
                    .why = absl::StrCat(max_queued, " jobs are waiting already"),
                    .remedy = "Try again when some have ended, or raise the server's --max-queued-jobs."},
                   {.retry_delay = kQueueFullRetryDelay});
}

absl::Status WrongState(const JobRecord& job, absl::string_view what, std::string why, std::string remedy) {
  const std::string name = registry::JobName(job.id);
  return MakeError(absl::StatusCode::kFailedPrecondition, ErrorReason::kWrongState,
                   {.what = absl::StrCat("cannot ", what, " ", name), .why = why, .remedy = std::move(remedy)},
                   {.metadata = {{"state", std::string(registry::StateName(job.state))}},
                    .precondition_violations = {{"STATE", name, why}}});
}

// The row of a cancelled job: ended if it waited, ending if it runs.
absl::Status CancelRow(bool keep_model, absl::Time now, JobRecord* job) {
  if (job->state == JobState::kQueued) return MoveTo(JobState::kCancelled, now, job);
  job->keep_model = keep_model;
  return MoveTo(JobState::kCancelling, now, job);
}

}  // namespace

absl::StatusOr<std::unique_ptr<JobManager>> JobManager::Open(const JobParts& parts, const JobManagerOptions& options) {
  auto manager = std::unique_ptr<JobManager>(new JobManager(parts, options));
  LL_RETURN_IF_ERROR(parts.env.CreateDirectories(options.run.jobs_directory));
  LL_RETURN_IF_ERROR(manager->SettleLeftovers());
  manager->CleanDirectories();
  return manager;
}

JobManager::JobManager(const JobParts& parts, const JobManagerOptions& options) : parts_(parts), options_(options) {}

JobManager::~JobManager() { Shutdown(); }

void JobManager::Start() {
  for (int i = 0; i < options_.max_running; ++i) workers_.emplace_back([this] { WorkerLoop(); });
}

void JobManager::RequestShutdown() {
  MutexLock lock(&mutex_);
  stopping_ = true;
  for (const auto& [id, run] : runs_) run->RequestStop(StopCause::kShutdown);
}

void JobManager::Shutdown() {
  RequestShutdown();
  for (std::thread& worker : workers_) worker.join();
  workers_.clear();
}

absl::Status JobManager::SettleLeftovers() {
  return parts_.registry.Write({}, [&](registry::Transaction& transaction) -> absl::Status {
    LL_ASSIGN_OR_RETURN(const std::vector<JobRecord> unfinished, transaction.jobs().ListUnfinished());
    for (const JobRecord& job : unfinished) {
      if (job.state != JobState::kQueued) LL_RETURN_IF_ERROR(SettleLeftover(job, transaction));
    }
    return absl::OkStatus();
  });
}

absl::Status JobManager::SettleLeftover(JobRecord job, registry::Transaction& transaction) {
  JobState next = JobState::kQueued;
  if (job.state == JobState::kCancelling) {
    next = JobState::kCancelled;
    if (job.keep_model) job.warnings.push_back("No model was kept: the server stopped before it was stored.");
  } else {
    const JobDirectory directory(options_.run.jobs_directory, job.id);
    if (!directory.MayGoOn(parts_.env).value_or(false)) {
      next = JobState::kFailed;
      job.error = registry::ToStoredError(InterruptedError(job.id));
    }
  }
  LL_RETURN_IF_ERROR(MoveTo(next, parts_.clock.Now(), &job));
  LogWarning("training job was left unfinished", {{"job", job.id}, {"state", std::string(StateName(next))}});
  return transaction.jobs().Update(job, "state").status();
}

void JobManager::CleanDirectories() {
  const auto wanted = [&](const std::string& id) -> absl::StatusOr<WantedFiles> {
    const absl::StatusOr<JobRecord> job = ReadJob(parts_.registry, id);
    if (absl::IsNotFound(job.status())) return WantedFiles::kNone;
    if (!job.ok()) return job.status();
    return registry::IsTerminal(job->state) ? WantedFiles::kLog : WantedFiles::kLogAndCheckpoint;
  };
  const absl::Status cleaned = CleanJobDirectories(parts_.env, options_.run.jobs_directory, wanted);
  if (!cleaned.ok())
    LogWarning("cannot remove files of old training jobs", {{"error", std::string(cleaned.message())}});
}

absl::StatusOr<JobRecord> JobManager::Submit(const JobRecord& job, const registry::WriteOptions& write) {
  JobRecord queued{.id = job.id, .header = job.header, .spec = job.spec};
  LL_RETURN_IF_ERROR(CheckSpec(queued.spec, &queued.warnings));
  LL_ASSIGN_OR_RETURN(
      JobRecord inserted,
      parts_.registry.Mutate<JobRecord>(write, [&](registry::Transaction& transaction) -> absl::StatusOr<JobRecord> {
        LL_ASSIGN_OR_RETURN(const std::vector<JobRecord> unfinished, transaction.jobs().ListUnfinished());
        const auto waiting = std::count_if(unfinished.begin(), unfinished.end(),
                                           [](const JobRecord& other) { return other.state == JobState::kQueued; });
        if (job.spec.warm_start.has_value()) {
          LL_ASSIGN_OR_RETURN(const registry::VersionRecord start, transaction.models().Resolve(*job.spec.warm_start));
          LL_RETURN_IF_ERROR(CheckWarmStart(start, queued.spec));
          queued.spec.warm_start = {.model_id = start.model_id, .number = start.number};
        }
        LL_ASSIGN_OR_RETURN(JobRecord record, transaction.jobs().Insert(queued));
        if (waiting >= options_.max_queued) return QueueFull(options_.max_queued);
        // Last: who asks before uploading the data learns of everything else that is wrong.
        LL_RETURN_IF_ERROR(ResolveChannels(transaction, queued.spec).status());
        return record;
      }));
  WakeWorkers();
  return inserted;
}

absl::StatusOr<JobRecord> JobManager::Get(const std::string& job_id) { return ReadJob(parts_.registry, job_id); }

absl::StatusOr<registry::Page<JobRecord>> JobManager::List(const registry::ListQuery& query) {
  return catalog::ReadFrom(parts_.registry, [&](const registry::View& view) { return view.jobs().List(query); });
}

absl::StatusOr<JobRecord> JobManager::Cancel(const std::string& job_id, bool keep_model,
                                             const registry::WriteOptions& write) {
  bool changed = false;  // not so when the answer is a remembered one: the name may belong to another job by now
  LL_ASSIGN_OR_RETURN(
      JobRecord cancelled,
      parts_.registry.Mutate<JobRecord>(write, [&](registry::Transaction& transaction) -> absl::StatusOr<JobRecord> {
        LL_ASSIGN_OR_RETURN(JobRecord job, transaction.jobs().Get(job_id));
        if (registry::IsTerminal(job.state)) {
          return WrongState(job, "cancel", absl::StrCat("it is ", registry::StateName(job.state), " already"),
                            absl::StrCat("See it with `llctl training-job get ", job_id, "`."));
        }
        if (job.state == JobState::kCancelling) {
          if (job.keep_model == keep_model) return job;
          return WrongState(job, "cancel",
                            absl::StrCat("it is being cancelled with keep_model = ", job.keep_model ? "true" : "false"),
                            absl::StrCat("Wait for it with `llctl training-job wait ", job_id, "`."));
        }
        LL_RETURN_IF_ERROR(CancelRow(keep_model, parts_.clock.Now(), &job));
        changed = true;
        return transaction.jobs().Update(job, "cancel");
      }));
  if (!changed || write.validate_only) return cancelled;
  {
    MutexLock lock(&mutex_);
    const auto run = runs_.find(job_id);
    if (run != runs_.end()) run->second->RequestStop(StopCause::kCancel);
  }
  live_.Notify(job_id);
  return cancelled;
}

absl::Status JobManager::Delete(const std::string& job_id, const std::string& etag,
                                const registry::WriteOptions& write) {
  const auto remove = [&](registry::Transaction& transaction) -> absl::StatusOr<registry::NoRecord> {
    LL_ASSIGN_OR_RETURN(const JobRecord job, transaction.jobs().Get(job_id));
    if (!etag.empty() && etag != job.header.etag) return registry::EtagMismatch(registry::JobName(job_id));
    if (!registry::IsTerminal(job.state)) {
      return WrongState(job, "delete", absl::StrCat("it is ", registry::StateName(job.state)),
                        absl::StrCat("Cancel it first with `llctl training-job cancel ", job_id, "`."));
    }
    LL_RETURN_IF_ERROR(transaction.jobs().Delete(job_id));
    // Inside the transaction, so that no new job of this name can have begun to use the folder.
    if (!write.validate_only) {
      LL_RETURN_IF_ERROR(parts_.env.RemoveTree(JobDirectory(options_.run.jobs_directory, job_id).root()));
    }
    return registry::NoRecord{};
  };
  LL_RETURN_IF_ERROR(parts_.registry.Mutate<registry::NoRecord>(write, remove).status());
  live_.Notify(job_id);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<JobWatch>> JobManager::Watch(const std::string& job_id, std::function<void()> wake) {
  LL_RETURN_IF_ERROR(Get(job_id).status());
  return std::make_unique<JobWatch>(parts_.registry, live_, job_id, std::move(wake));
}

absl::StatusOr<std::unique_ptr<JobLogReader>> JobManager::ReadLog(const std::string& job_id,
                                                                  const JobLogReader::Options& options,
                                                                  std::function<void()> wake) {
  LL_RETURN_IF_ERROR(Get(job_id).status());
  LogLines lines(parts_.env, JobDirectory(options_.run.jobs_directory, job_id).log());
  return std::make_unique<JobLogReader>(parts_.registry, live_, job_id, std::move(lines), options, std::move(wake));
}

void JobManager::WakeWorkers() {
  MutexLock lock(&mutex_);
  ++arrivals_;
}

void JobManager::WorkerLoop() {
  int64_t seen = -1;  // arrivals that were looked at
  while (true) {
    {
      MutexLock lock(&mutex_);
      mutex_.Await([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || arrivals_ != seen; });
      if (stopping_) return;
      seen = arrivals_;
    }
    absl::StatusOr<std::optional<JobRecord>> claimed = Claim();
    for (; claimed.ok() && claimed->has_value(); claimed = Claim()) RunJob(**claimed);
    if (claimed.ok()) continue;
    LogError("cannot take a training job from the queue", {{"error", std::string(claimed.status().message())}});
    seen = -1;
    MutexLock lock(&mutex_);
    parts_.clock.AwaitUntil(
        &mutex_, [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_; },
        parts_.clock.Now() + options_.run.retry_interval);
  }
}

absl::StatusOr<std::optional<JobRecord>> JobManager::Claim() {
  std::optional<JobRecord> claimed;
  {
    MutexLock lock(&mutex_);
    if (stopping_) return claimed;
  }
  LL_RETURN_IF_ERROR(parts_.registry.Write({}, [&](registry::Transaction& transaction) -> absl::Status {
    claimed.reset();
    LL_ASSIGN_OR_RETURN(const std::vector<JobRecord> unfinished, transaction.jobs().ListUnfinished());
    for (JobRecord job : unfinished) {
      if (job.state != JobState::kQueued) continue;
      LL_RETURN_IF_ERROR(MoveTo(JobState::kPreparing, parts_.clock.Now(), &job));
      LL_ASSIGN_OR_RETURN(claimed, transaction.jobs().Update(job, "state"));
      break;
    }
    return absl::OkStatus();
  }));
  return claimed;
}

void JobManager::RunJob(const JobRecord& claimed) {
  live_.Notify(claimed.id);
  JobRun run(parts_, live_, options_.run, claimed);
  {
    MutexLock lock(&mutex_);
    runs_[claimed.id] = &run;
    if (stopping_) run.RequestStop(StopCause::kShutdown);
  }
  run.Run();
  MutexLock lock(&mutex_);
  // The job may have been deleted, and another of its name begun, since the row said that it had ended.
  const auto mine = runs_.find(claimed.id);
  if (mine != runs_.end() && mine->second == &run) runs_.erase(mine);
}

}  // namespace ll::training
