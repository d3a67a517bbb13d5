#include "tests/testing/fake_job_launcher.h"

#include <optional>
#include <utility>

#include "base/env.h"
#include "gtest/gtest.h"
#include "learner/artifact.h"
#include "tests/testing/status_matchers.h"

namespace ll::testing {

using training::JobExit;
using training::JobLaunch;

namespace {

JobExit Killed() { return {.status = absl::InternalError("killed"), .interrupted = true}; }

}  // namespace

class FakeJobLauncher::Run final : public training::RunningJob {
 public:
  Run(FakeJobLauncher& launcher, std::string job_id) : launcher_(launcher), job_id_(std::move(job_id)) {}
  ~Run() override { Kill(); }
  void RequestStop() override { launcher_.Stop(job_id_); }
  void Kill() override { launcher_.EndRun(job_id_, {.status = absl::InternalError("killed"), .interrupted = true}); }

 private:
  FakeJobLauncher& launcher_;
  const std::string job_id_;
};

FakeJobLauncher::~FakeJobLauncher() { EXPECT_EQ(running(), 0) << "a run outlives its launcher"; }

absl::StatusOr<std::unique_ptr<training::RunningJob>> FakeJobLauncher::Launch(const JobLaunch& launch,
                                                                              training::JobObserver& observer) {
  MutexLock lock(&mutex_);
  if (!launch_error_.ok()) return launch_error_;
  EXPECT_TRUE(runs_.emplace(launch.job_id, RunState{launch, &observer}).second) << launch.job_id << " runs twice";
  launched_.push_back(launch.job_id);
  return std::make_unique<Run>(*this, launch.job_id);
}

void FakeJobLauncher::set_on_stop(OnStop on_stop) {
  MutexLock lock(&mutex_);
  on_stop_ = on_stop;
}

void FakeJobLauncher::FailLaunches(absl::Status error) {
  MutexLock lock(&mutex_);
  launch_error_ = std::move(error);
}

JobLaunch FakeJobLauncher::AwaitLaunch(const std::string& job_id) {
  MutexLock lock(&mutex_);
  mutex_.Await([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return runs_.count(job_id) > 0; });
  return runs_.at(job_id).launch;
}

void FakeJobLauncher::AwaitStopRequest(const std::string& job_id) {
  MutexLock lock(&mutex_);
  mutex_.Await([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return runs_.at(job_id).stop_requested; });
}

void FakeJobLauncher::Report(const std::string& job_id, const learner::EpochReport& report) {
  training::JobObserver* observer;
  {
    MutexLock lock(&mutex_);
    observer = runs_.at(job_id).observer;
  }
  observer->OnEpoch(report);
}

void FakeJobLauncher::Warn(const std::string& job_id, const std::string& warning) {
  training::JobObserver* observer;
  {
    MutexLock lock(&mutex_);
    observer = runs_.at(job_id).observer;
  }
  observer->OnWarning(warning);
}

void FakeJobLauncher::Finish(const std::string& job_id, const learner::Model& model) {
  const JobLaunch launch = AwaitLaunch(job_id);
  LL_EXPECT_OK(learner::SaveModel(model, Env::Posix(), launch.directory.artifact()));
  EndRun(job_id, {});
}

void FakeJobLauncher::End(const std::string& job_id, const JobExit& exit) { EndRun(job_id, exit); }

void FakeJobLauncher::KillAll() {
  std::vector<std::string> ids;
  {
    MutexLock lock(&mutex_);
    for (const auto& [id, run] : runs_) ids.push_back(id);
  }
  for (const std::string& id : ids) EndRun(id, Killed());
}

void FakeJobLauncher::EndRun(const std::string& job_id, const JobExit& exit) {
  training::JobObserver* observer;
  {
    MutexLock lock(&mutex_);
    const auto run = runs_.find(job_id);
    if (run == runs_.end()) return;
    observer = run->second.observer;
    runs_.erase(run);
  }
  observer->OnExit(exit);
}

void FakeJobLauncher::Stop(const std::string& job_id) {
  OnStop on_stop;
  std::optional<JobLaunch> launch;
  {
    MutexLock lock(&mutex_);
    const auto run = runs_.find(job_id);
    if (run == runs_.end()) return;
    run->second.stop_requested = true;
    on_stop = on_stop_;
    launch = run->second.launch;
  }
  if (on_stop == OnStop::kIgnore) return;
  const bool with_model = on_stop == OnStop::kEndWithModel;
  if (with_model) {
    LL_EXPECT_OK(learner::SaveModel(SmallModel(), Env::Posix(), launch->directory.artifact()));
  }
  EndRun(job_id, {.status = with_model ? absl::OkStatus() : absl::CancelledError("no epoch was complete"),
                  .interrupted = true});
}

int FakeJobLauncher::running() const {
  MutexLock lock(&mutex_);
  return static_cast<int>(runs_.size());
}

std::vector<std::string> FakeJobLauncher::launched() const {
  MutexLock lock(&mutex_);
  return launched_;
}

learner::Model SmallModel() {
  learner::Model::Parts parts;
  parts.schema.feature_dim = 2;
  parts.weights = {1.5, -0.25};
  parts.bias = {0.125};
  parts.training.hyperparameters = {{"predictor_type", "binary_classifier"}};
  parts.training.metrics = {{"train:objective_loss", 0.375}};
  learner::CandidateSummary candidate;
  candidate.hyperparameters = {{"learning_rate", "0.1"}};
  candidate.train_loss = 0.375;
  parts.training.candidates = {candidate};
  return *learner::Model::Create(std::move(parts));
}

learner::EpochReport EpochOf(int epoch, const std::vector<double>& train_losses) {
  learner::EpochReport report;
  report.epoch = epoch;
  report.epochs = 3;
  for (const double loss : train_losses) {
    learner::CandidateProgress candidate;
    candidate.train_loss = loss;
    report.candidates.push_back(candidate);
  }
  report.rows = 100;
  report.duration = absl::Milliseconds(500);
  return report;
}

}  // namespace ll::testing
