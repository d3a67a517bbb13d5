#include "services/training/live_jobs.h"

#include <limits>
#include <utility>

#include "absl/time/time.h"

namespace ll::training {
namespace {

double RowsPerSecond(const learner::EpochReport& report) {
  const double seconds = absl::ToDoubleSeconds(report.duration);
  return seconds > 0 ? static_cast<double>(report.rows) / seconds : 0;
}

}  // namespace

LiveProgress ToLiveProgress(const learner::EpochReport& report) {
  LiveProgress live;
  live.progress = {.epoch = report.epoch + 1, .epochs = report.epochs, .rows_per_second = RowsPerSecond(report)};
  double lowest = std::numeric_limits<double>::infinity();
  for (size_t i = 0; i < report.candidates.size(); ++i) {
    const learner::CandidateProgress& candidate = report.candidates[i];
    const auto index = static_cast<int64_t>(i);
    live.candidates.push_back({.index = index,
                               .train_loss = candidate.train_loss,
                               .validation_loss = candidate.validation_loss,
                               .diverged = candidate.diverged});
    const double loss = candidate.validation_loss.value_or(candidate.train_loss);
    if (candidate.diverged || loss >= lowest) continue;
    lowest = live.progress.best_loss = loss;
    live.progress.best_candidate = index;
  }
  return live;
}

class LiveJobs::Registration final : public LiveJobs::Listening {
 public:
  Registration(LiveJobs& live, std::string job_id, Listeners::iterator place)
      : live_(live), job_id_(std::move(job_id)), place_(place) {}
  ~Registration() override {
    MutexLock lock(&live_.mutex_);
    const auto listeners = live_.listeners_.find(job_id_);
    listeners->second.erase(place_);
    if (listeners->second.empty()) live_.listeners_.erase(listeners);
  }

 private:
  LiveJobs& live_;
  const std::string job_id_;
  const Listeners::iterator place_;
};

std::unique_ptr<LiveJobs::Listening> LiveJobs::Listen(const std::string& job_id, std::function<void()> listener) {
  MutexLock lock(&mutex_);
  Listeners& listeners = listeners_[job_id];
  return std::make_unique<Registration>(*this, job_id, listeners.insert(listeners.end(), std::move(listener)));
}

void LiveJobs::Publish(const std::string& job_id, LiveProgress progress) {
  MutexLock lock(&mutex_);
  progress_[job_id] = std::move(progress);
  NotifyLocked(job_id);
}

void LiveJobs::Forget(const std::string& job_id) {
  MutexLock lock(&mutex_);
  progress_.erase(job_id);
  NotifyLocked(job_id);
}

void LiveJobs::Notify(const std::string& job_id) {
  MutexLock lock(&mutex_);
  NotifyLocked(job_id);
}

void LiveJobs::NotifyLocked(const std::string& job_id) {
  const auto listeners = listeners_.find(job_id);
  if (listeners == listeners_.end()) return;
  for (const std::function<void()>& listener : listeners->second) listener();
}

void LiveJobs::Overlay(registry::JobRecord* job) const {
  if (registry::IsTerminal(job->state)) return;
  MutexLock lock(&mutex_);
  const auto live = progress_.find(job->id);
  if (live == progress_.end()) return;
  job->progress = live->second.progress;
  job->candidates = live->second.candidates;
  job->warnings = live->second.warnings;
}

}  // namespace ll::training
