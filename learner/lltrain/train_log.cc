#include "learner/lltrain/train_log.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "nlohmann/json.hpp"

namespace ll::lltrain {
namespace {

using Json = nlohmann::ordered_json;

// Lists of numbers of wide data are cut to this many.
constexpr size_t kShownColumns = 20;

// As metric lines give numbers: 12 significant digits.
std::string Digits(double value) { return absl::StrFormat("%.12g", value); }

Json Summary(double value) {
  const Json number = std::isfinite(value) ? Json(value) : Json(nullptr);
  return {{"sum", number}, {"count", 1}, {"min", number}, {"max", number}};
}

std::string Dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json Columns(const std::vector<double>& values) {
  Json json = Json::array();
  for (size_t i = 0; i < values.size() && i < kShownColumns; ++i) json.push_back(values[i]);
  if (values.size() > kShownColumns) json.push_back(absl::StrCat("... ", values.size(), " in all"));
  return json;
}

// "binary_f_beta" with beta 1 is logged as "binary_f_1.000", "multiclass_top_k_accuracy" with k 3 as
// "multiclass_top_k_accuracy_3".
std::string LoggedName(const std::string& metric, const MetricNames& names) {
  if (metric == "objective_loss") return names.objective;
  if (metric == "binary_f_beta") return absl::StrFormat("binary_f_%.3f", names.f_beta);
  if (metric == "macro_f_beta") return absl::StrFormat("macro_f_%.3f", names.f_beta);
  if (metric == "multiclass_top_k_accuracy") return absl::StrCat(metric, "_", names.accuracy_top_k);
  return metric;
}

bool IsLoss(const std::string& metric) {
  return metric == "objective_loss" || metric == "unweighted_loss" || metric == "mse" || metric == "rmse" ||
         metric == "absolute_loss";
}

// {"model": 3} and such, in the order in which readers of these lines know them.
Json Dimensions(const std::string& host, Json more = Json::object()) {
  Json dimensions = {{"Algorithm", "Linear Learner"}, {"Host", host}, {"Operation", "training"}};
  dimensions.update(more);
  return dimensions;
}

std::string MetricsLine(absl::Time end, absl::Duration duration, const Json& dimensions, const Json& metrics) {
  const Json json = {{"StartTime", absl::ToDoubleSeconds(end - duration - absl::UnixEpoch())},
                     {"EndTime", absl::ToDoubleSeconds(end - absl::UnixEpoch())},
                     {"Dimensions", dimensions},
                     {"Metrics", metrics}};
  return absl::StrCat("#metrics ", Dump(json), "\n");
}

}  // namespace

void TrainLog::Line(absl::string_view level, absl::string_view message) {
  write_(absl::StrCat("[", absl::FormatTime("%m/%d/%Y %H:%M:%S", clock_.Now(), absl::UTCTimeZone()), " ", level, " ",
                      thread_, "] ", message, "\n"));
}

void TrainLog::Configuration(absl::string_view label, const std::map<std::string, std::string>& values) {
  Info(absl::StrCat(label, ": ", Dump(Json(values))));
}

void TrainLog::Epoch(const learner::EpochReport& report) {
  CandidateLines("train", report);
  const bool has_validation = report.candidates.front().validation_loss.has_value();
  if (has_validation) CandidateLines("validation", report);

  const std::string epoch = absl::StrCat("host=", host_, ", epoch=", report.epoch, ", ");
  const learner::CandidateProgress& first = report.candidates.front();
  const auto best = static_cast<size_t>(report.best_candidate);
  Info(absl::StrCat("#quality_metric: ", epoch, "train ", names_.objective, " <loss>=", Digits(first.train_loss)));
  std::string best_losses = absl::StrCat("train ", names_.objective, "=", Digits(report.candidates[best].train_loss));
  if (has_validation) {
    Info(absl::StrCat("#quality_metric: ", epoch, "validation ", names_.objective,
                      " <loss>=", Digits(*first.validation_loss)));
    absl::StrAppend(&best_losses, ", validation ", names_.objective, "=",
                    Digits(report.candidates[best].validation_loss.value_or(NAN)));
  }
  Info(absl::StrCat("#best_model_metric: ", epoch, "model=", best, ", ", best_losses));
  Info(absl::StrCat("#early_stopping_criteria_metric: ", epoch, "criteria=", report.criterion_name,
                    ", value=", Digits(report.criterion_value)));
  stale_epochs_ = report.improved ? 0 : stale_epochs_ + 1;
  Info(report.improved ? absl::StrCat("Epoch ", report.epoch, ": Loss improved. Updating best model")
                       : absl::StrCat("Epoch ", report.epoch, ": Loss has not improved for ", stale_epochs_,
                                      stale_epochs_ == 1 ? " epoch." : " epochs."));
  if (report.improved && has_validation) Info(absl::StrCat("Saving model for epoch: ", report.epoch));
  RecordCounts(report);
  Info(absl::StrCat("#progress_metric: host=", host_, ", completed ", 100 * (report.epoch + 1) / report.epochs,
                    " % of epochs"));
  if (const double seconds = absl::ToDoubleSeconds(report.duration); seconds > 0) {
    Info(absl::StrCat("#throughput_metric: host=", host_,
                      ", train throughput=", Digits(static_cast<double>(report.rows) / seconds), " records/second"));
  }
}

void TrainLog::Begin() {
  write_("Process 1 is a worker.\n");
  Info("Using default worker.");
  Info("Create Store: local");
}

void TrainLog::ChannelRead(absl::string_view path, absl::Duration duration, int64_t rows, uint64_t bytes) {
  Info(absl::StrCat("epoch_stats=", Dump({{"data_pipeline", std::string(path)},
                                          {"epoch", 0},
                                          {"duration", absl::ToInt64Milliseconds(duration)},
                                          {"num_examples", rows},
                                          {"num_bytes", bytes}})));
}

void TrainLog::Scaled(const learner::DataScale& scale, int points) {
  Json mean_label, stdev_label;  // null for a classifier
  if (scale.label.has_value()) {
    mean_label = scale.label->mean;
    stdev_label = scale.label->deviation;
  }
  Info(absl::StrCat("Scaler algorithm parameters ", Dump({{"num_point_for_scaler", points}})));
  Info(absl::StrCat("Scaling model computed with parameters: ", Dump({{"mean_weight", Columns(scale.mean)},
                                                                      {"stdev_weight", Columns(scale.deviation)},
                                                                      {"mean_label", mean_label},
                                                                      {"stdev_label", stdev_label}})));
  Info("Number of GPUs being used: 0");
  learner::EpochReport nothing_yet;
  nothing_yet.epoch = -1;
  Counts("init_train_data_iter", nothing_yet);
}

void TrainLog::Resumed(absl::Span<const learner::EpochReport> history) {
  for (const learner::EpochReport& report : history) {
    stale_epochs_ = report.improved ? 0 : stale_epochs_ + 1;
    records_seen_ += report.rows;
    batches_seen_ += report.mini_batches;
  }
}

void TrainLog::CandidateLines(absl::string_view channel, const learner::EpochReport& report) {
  const absl::Time end = clock_.Now();
  const std::string name = absl::StrCat(channel, "_", names_.objective);
  for (size_t i = 0; i < report.candidates.size(); ++i) {
    const learner::CandidateProgress& candidate = report.candidates[i];
    const double loss = channel == "train" ? candidate.train_loss : candidate.validation_loss.value_or(NAN);
    write_(MetricsLine(end, report.duration, Dimensions(host_, {{"model", i}, {"epoch", report.epoch}}),
                       {{name, Summary(loss)}}));
  }
}

void TrainLog::RecordCounts(const learner::EpochReport& report) {
  records_seen_ += report.rows;
  batches_seen_ += report.mini_batches;
  Counts("training_data_iter", report);
}

void TrainLog::Counts(absl::string_view meta, const learner::EpochReport& report) {
  const auto count = [](int64_t value) { return Summary(static_cast<double>(value)); };
  write_(MetricsLine(clock_.Now(), report.duration,
                     Dimensions(host_, {{"Meta", std::string(meta)}, {"epoch", std::max(report.epoch, 0)}}),
                     {{"Total Records Seen", count(records_seen_)},
                      {"Total Batches Seen", count(batches_seen_)},
                      {"Max Records Seen Between Resets", count(report.rows)},
                      {"Max Batches Seen Between Resets", count(report.mini_batches)},
                      {"Reset Count", count(report.epoch + 1)},
                      {"Number of Records Since Last Reset", count(report.rows)},
                      {"Number of Batches Since Last Reset", count(report.mini_batches)}}));
}

void TrainLog::Finished(const learner::TrainResult& result) {
  if (result.stopped_early) {
    Info("Early stop condition met. Stopping training.");
    Info(absl::StrCat("#progress_metric: host=", host_, ", completed 100 % epochs"));
  }
  const learner::TrainingRecord& training = result.model.training();
  for (const learner::CandidateSummary& candidate : training.candidates) {
    Info(absl::StrCat("#model_metric: host=", host_, ", model=", candidate.index, ", train ", names_.objective, "=",
                      Digits(candidate.train_loss),
                      candidate.validation_loss.has_value()
                          ? absl::StrCat(", validation ", names_.objective, "=", Digits(*candidate.validation_loss))
                          : "",
                      candidate.diverged ? ", diverged" : "",
                      ", hyperparameters=", Dump(Json(candidate.hyperparameters))));
  }
}

void TrainLog::Selected(const learner::Model& model) {
  const learner::TrainingRecord& training = model.training();
  for (const learner::CandidateSummary& candidate : training.candidates) {
    if (candidate.index != training.best_candidate) continue;
    Info(absl::StrCat("Best model found for hyperparameters: ", Dump(Json(candidate.hyperparameters))));
  }
  Info(absl::StrCat("Selected model ", training.best_candidate, " of epoch ", training.best_epoch,
                    ", threshold: ", Digits(model.threshold())));
}

void TrainLog::Scores(absl::string_view channel, const std::map<std::string, double>& scores) {
  for (const auto& [metric, value] : scores) {
    const std::string name = LoggedName(metric, names_);
    Info(absl::StrCat("#", channel, "_score (", host_, ") : ('", name, "', ", Dump(Json(value)), ")"));
    Info(absl::StrCat("#quality_metric: host=", host_, ", ", channel, " ", name,
                      IsLoss(metric) ? " <loss>=" : " <score>=", Digits(value)));
  }
}

void TrainLog::Times(const std::map<std::string, absl::Duration>& times, int epochs) {
  Json metrics = {{"epochs", Summary(epochs)}};
  absl::Duration longest;
  for (const auto& [name, time] : times) {
    metrics[name] = Summary(absl::ToDoubleMilliseconds(time));
    longest = std::max(longest, time);
  }
  write_(MetricsLine(clock_.Now(), longest, Dimensions(host_), metrics));
}

}  // namespace ll::lltrain
