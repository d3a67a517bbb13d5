// The log of a training job, in the lines that its readers match with regular expressions (docs/formats.md):
//
//   [11/24/2026 13:17:05 INFO 4711] #quality_metric: host=algo-1, epoch=0, train <objective> <loss>=0.587203946795
//   #metrics {"Metrics": {"train_<objective>": {"sum": ..., "count": 1, "min": ..., "max": ...}}, ...}
//
// The per-epoch #quality_metric lines give the loss of model 0, as their readers expect; the best model and its losses
// are on a #best_model_metric line of their own. At the end, a #model_metric line each gives the settings and last
// losses of all models.
#ifndef LL_LEARNER_LLTRAIN_TRAIN_LOG_H_
#define LL_LEARNER_LLTRAIN_TRAIN_LOG_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "base/clock.h"
#include "learner/trainer.h"

namespace ll::lltrain {

// What lines about metrics need to know of the job.
struct MetricNames {
  std::string objective;  // "binary_classification_cross_entropy_objective"
  double f_beta = 1.0;
  int accuracy_top_k = 3;
};

// Not thread-safe.
class TrainLog final {
 public:
  // `write` gets whole lines with their line ends. `thread` stands in every line.
  TrainLog(Clock& clock, int64_t thread, std::function<void(absl::string_view)> write)
      : clock_(clock), thread_(thread), write_(std::move(write)) {}

  void set_host(std::string host) { host_ = std::move(host); }
  void set_metric_names(MetricNames names) { names_ = std::move(names); }

  void Info(absl::string_view message) { Line("INFO", message); }
  void Warning(absl::string_view message) { Line("WARNING", message); }
  void Error(absl::string_view message) { Line("ERROR", message); }

  // "<label>: {json}", values as texts.
  void Configuration(absl::string_view label, const std::map<std::string, std::string>& values);

  // What is said of the process before the data are read.
  void Begin();
  // A channel that was read, from `path`: rows, and their bytes in memory.
  void ChannelRead(absl::string_view path, absl::Duration duration, int64_t rows, uint64_t bytes);
  // What normalisation measured, and on how many rows at least.
  void Scaled(const learner::DataScale& scale, int points);

  // Goes on from the epochs of an earlier run, which are not logged again.
  void Resumed(absl::Span<const learner::EpochReport> history);

  // All lines of one epoch.
  void Epoch(const learner::EpochReport& report);

  // Why training ended, and what became of each model.
  void Finished(const learner::TrainResult& result);
  // What was chosen.
  void Selected(const learner::Model& model);

  // Scores of one channel ("train", "validation", "test"), named as by MeasureModel.
  void Scores(absl::string_view channel, const std::map<std::string, double>& scores);

  // How long each part took: "setuptime", "update.time", "finalize.time", "totaltime".
  void Times(const std::map<std::string, absl::Duration>& times, int epochs);

 private:
  void Line(absl::string_view level, absl::string_view message);
  void CandidateLines(absl::string_view channel, const learner::EpochReport& report);
  void RecordCounts(const learner::EpochReport& report);
  void Counts(absl::string_view meta, const learner::EpochReport& report);

  Clock& clock_;
  const int64_t thread_;
  const std::function<void(absl::string_view)> write_;
  std::string host_ = "algo-1";
  MetricNames names_;
  int64_t records_seen_ = 0;
  int64_t batches_seen_ = 0;
  int stale_epochs_ = 0;
};

}  // namespace ll::lltrain

#endif  // LL_LEARNER_LLTRAIN_TRAIN_LOG_H_
