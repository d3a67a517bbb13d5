// Training as it goes, in memory: the newest progress of each running job and everybody who wants to hear of it. Rows
// in the registry follow at most once a second; watchers look here.
//
//   live.Publish("mnist", progress);                        // a runner, after every epoch
//   auto listening = live.Listen("mnist", [] { ... });      // a watcher; then it calls Overlay() on the job's row
#ifndef LL_SERVICES_TRAINING_LIVE_JOBS_H_
#define LL_SERVICES_TRAINING_LIVE_JOBS_H_

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "learner/trainer.h"
#include "registry/records.h"

namespace ll::training {

struct LiveProgress {
  registry::JobProgress progress = {};
  std::vector<registry::CandidateRecord> candidates = {};
  std::vector<std::string> warnings = {};
};

// What a report says, as rows and replies have it. The best loss is the lowest of the epoch: on validation if there is
// such a channel, else on train; diverged candidates do not count.
LiveProgress ToLiveProgress(const learner::EpochReport& report);

// Thread-safe.
class LiveJobs {
 public:
  // Who listens, until it is destroyed; the destructor waits for a call in progress.
  class Listening {
   public:
    virtual ~Listening() = default;
  };

  // `listener` is called after each change of the job, on the thread that made it: it must be quick, must not block and
  // must not call LiveJobs. The job need not exist.
  std::unique_ptr<Listening> Listen(const std::string& job_id, std::function<void()> listener);

  // Replaces what is known of a running job and tells the listeners.
  void Publish(const std::string& job_id, LiveProgress progress);
  // The job does not run any more, or its row has changed: tells the listeners.
  void Forget(const std::string& job_id);
  void Notify(const std::string& job_id);

  // Puts the newest progress over that of a row that has not ended.
  void Overlay(registry::JobRecord* job) const;

 private:
  class Registration;
  using Listeners = std::list<std::function<void()>>;

  void NotifyLocked(const std::string& job_id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable Mutex mutex_;
  std::map<std::string, LiveProgress> progress_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Listeners> listeners_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ll::training

#endif  // LL_SERVICES_TRAINING_LIVE_JOBS_H_
