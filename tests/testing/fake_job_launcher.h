// A job launcher whose runs do what the test says, when it says so.
//
//   FakeJobLauncher launcher;
//   ... a job is submitted ...
//   launcher.AwaitLaunch("mnist");
//   launcher.Report("mnist", EpochOf({0.5, 0.4}));
//   launcher.Finish("mnist", SmallModel());
#ifndef LL_TESTS_TESTING_FAKE_JOB_LAUNCHER_H_
#define LL_TESTS_TESTING_FAKE_JOB_LAUNCHER_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "learner/model.h"
#include "learner/trainer.h"
#include "services/training/job_launcher.h"

namespace ll::testing {

// Thread-safe.
class FakeJobLauncher final : public training::JobLauncher {
 public:
  // What a run does when it is asked to stop.
  enum class OnStop {
    kEnd,           // ends at once, before one epoch was complete
    kEndWithModel,  // ends at once and leaves SmallModel()
    kIgnore,        // goes on until it is killed
  };

  ~FakeJobLauncher() override;

  absl::StatusOr<std::unique_ptr<training::RunningJob>> Launch(const training::JobLaunch& launch,
                                                               training::JobObserver& observer) override;

  void set_on_stop(OnStop on_stop);
  // Launch() fails from now on, until it is OK.
  void FailLaunches(absl::Status error);

  // Blocks until the job runs and returns what it was launched with.
  training::JobLaunch AwaitLaunch(const std::string& job_id);
  // Blocks until the running job has been asked to stop.
  void AwaitStopRequest(const std::string& job_id);

  // Of the running job, on the calling thread.
  void Report(const std::string& job_id, const learner::EpochReport& report);
  void Warn(const std::string& job_id, const std::string& warning);
  void Finish(const std::string& job_id, const learner::Model& model);  // leaves the artifact and ends well
  void End(const std::string& job_id, const training::JobExit& exit);
  void KillAll();

  int running() const;
  // Ids in the order of their launches.
  std::vector<std::string> launched() const;

 private:
  class Run;
  struct RunState {
    training::JobLaunch launch;
    training::JobObserver* observer;
    bool stop_requested = false;
  };

  // Takes the run out of `runs_`, then tells its observer; nothing if it has ended already.
  void EndRun(const std::string& job_id, const training::JobExit& exit);
  void Stop(const std::string& job_id);

  mutable Mutex mutex_;
  OnStop on_stop_ ABSL_GUARDED_BY(mutex_) = OnStop::kEnd;
  absl::Status launch_error_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, RunState> runs_ ABSL_GUARDED_BY(mutex_);  // by job id
  std::vector<std::string> launched_ ABSL_GUARDED_BY(mutex_);
};

// A binary classifier of two features with one candidate.
learner::Model SmallModel();

// The report of epoch `epoch` of 3 with these train losses, one for each candidate, 100 rows in half a second.
learner::EpochReport EpochOf(int epoch, const std::vector<double>& train_losses);

}  // namespace ll::testing

#endif  // LL_TESTS_TESTING_FAKE_JOB_LAUNCHER_H_
