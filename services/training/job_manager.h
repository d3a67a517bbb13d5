// Training jobs, from the request to the registered version: the engine behind TrainingService.
//
// Jobs wait in the registry in the order of their creation; a few workers take the oldest, run it through the launcher
// and record its end. Nothing about a job is kept in memory alone but its newest progress, so the server can die at any
// line: the next Open() settles what was left.
//
//   LL_ASSIGN_OR_RETURN(auto jobs, JobManager::Open(parts, {.run = {.jobs_directory = "data/jobs"}}));
//   jobs->Start();
//   LL_ASSIGN_OR_RETURN(JobRecord job, jobs->Submit({.id = "mnist", .spec = {...}}, write));       // QUEUED
//   LL_ASSIGN_OR_RETURN(auto watch, jobs->Watch("mnist", wake));
//   ... watch->Next() ...                                                                         // SUCCEEDED
#ifndef LL_SERVICES_TRAINING_JOB_MANAGER_H_
#define LL_SERVICES_TRAINING_JOB_MANAGER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "registry/list_query.h"
#include "registry/records.h"
#include "registry/registry.h"
#include "services/training/job_run.h"
#include "services/training/job_watch.h"
#include "services/training/live_jobs.h"

namespace ll::training {

struct JobManagerOptions {
  JobRunOptions run = {};
  int max_running = 1;   // at a time; each job uses all cores unless told otherwise, so more of them finish no sooner
  int max_queued = 100;  // that wait
};

// Thread-safe. Watches and log readers must not outlive it.
class JobManager {
 public:
  // Settles the jobs that an earlier server left running: they wait again, to go on from their last checkpoint;
  // CANCELLED when a cancel was under way; INTERRUPTED when servers stopped twice in the same place. Removes files that
  // nobody needs. Nothing runs before Start().
  static absl::StatusOr<std::unique_ptr<JobManager>> Open(const JobParts& parts, const JobManagerOptions& options);
  // Shutdown().
  ~JobManager();
  JobManager(const JobManager&) = delete;
  JobManager& operator=(const JobManager&) = delete;

  // Begins to run the jobs that wait, those of an earlier server too. Call once.
  void Start();

  // Asks running jobs to end, within a mini-batch; jobs that wait stay QUEUED.
  void RequestShutdown();
  // RequestShutdown(), then waits until nothing runs any more and what ran is settled as Open() would settle it.
  void Shutdown();

  // Checks and queues a job; id, header and spec of `job` count. INVALID_ARGUMENT with every violation of the spec (see
  // job_check.h); NOT_FOUND when a channel names nothing, or INVALID_ARGUMENT / INVALID_CHANNEL when its objects do not
  // agree (see input_channels.h); NOT_FOUND or FAILED_PRECONDITION when it cannot begin with the version that
  // spec.warm_start names, which is kept by its number; ALREADY_EXISTS; RESOURCE_EXHAUSTED / OVERLOADED when too many
  // jobs wait.
  absl::StatusOr<registry::JobRecord> Submit(const registry::JobRecord& job, const registry::WriteOptions& write);

  // NOT_FOUND.
  absl::StatusOr<registry::JobRecord> Get(const std::string& job_id);
  // INVALID_ARGUMENT when the query does not fit.
  absl::StatusOr<registry::Page<registry::JobRecord>> List(const registry::ListQuery& query);

  // Ends a job: at once when it waits, else within a mini-batch. With `keep_model` the best model so far is registered,
  // if an epoch is complete. The same again changes nothing. NOT_FOUND; FAILED_PRECONDITION / WRONG_STATE when the job
  // has ended, or is being cancelled with another `keep_model`.
  absl::StatusOr<registry::JobRecord> Cancel(const std::string& job_id, bool keep_model,
                                             const registry::WriteOptions& write);

  // Removes a job that has ended, with its log; the version it made stays. NOT_FOUND; FAILED_PRECONDITION / WRONG_STATE
  // when it has not ended; ABORTED / ETAG_MISMATCH unless `etag` is empty or the job's.
  absl::Status Delete(const std::string& job_id, const std::string& etag, const registry::WriteOptions& write);

  // `wake` is called when Next() may have something new; it must be quick and must not call the manager. NOT_FOUND.
  absl::StatusOr<std::unique_ptr<JobWatch>> Watch(const std::string& job_id, std::function<void()> wake);
  absl::StatusOr<std::unique_ptr<JobLogReader>> ReadLog(const std::string& job_id, const JobLogReader::Options& options,
                                                        std::function<void()> wake);

 private:
  JobManager(const JobParts& parts, const JobManagerOptions& options);

  absl::Status SettleLeftovers();
  absl::Status SettleLeftover(registry::JobRecord job, registry::Transaction& transaction);
  void CleanDirectories();

  void WorkerLoop();
  // The oldest job that waits, now PREPARING; nothing when none does.
  absl::StatusOr<std::optional<registry::JobRecord>> Claim();
  void RunJob(const registry::JobRecord& claimed);
  void WakeWorkers();

  const JobParts parts_;
  const JobManagerOptions options_;
  LiveJobs live_;

  Mutex mutex_;
  int64_t arrivals_ ABSL_GUARDED_BY(mutex_) = 0;  // grows when a job may have begun to wait
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<std::string, JobRun*> runs_ ABSL_GUARDED_BY(mutex_);  // by job id; owned by the worker's stack
  std::vector<std::thread> workers_;
};

}  // namespace ll::training

#endif  // LL_SERVICES_TRAINING_JOB_MANAGER_H_
