#include "learner/lltrain/job_report.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "learner/artifact/model_json.h"
#include "learner/evaluation.h"
#include "learner/lltrain/svg_chart.h"
#include "nlohmann/json.hpp"

namespace ll::lltrain {
namespace {

using Json = nlohmann::ordered_json;
using learner::Dataset;
using learner::Model;

constexpr char kMetrics[] = "metrics.json";
constexpr char kLoss[] = "loss.svg";
constexpr char kThreshold[] = "threshold.svg";
constexpr char kWeights[] = "weights.svg";
constexpr const char* kFileNames[] = {kMetrics, kLoss, kThreshold, kWeights};

// Enough for a line of a few hundred pixels.
constexpr int64_t kMaxScoredRows = 100'000;
constexpr size_t kCurvePoints = 400;
// Fewer pixels make no picture; more are no picture of a page.
constexpr int kMinSide = 8, kMaxSide = 256;
constexpr int kMaxMaps = 16;
// A diverging candidate must not flatten the others' curves.
constexpr double kShownOfChosen = 20;

Json Number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

// Side of the square that the features may be the pixels of, or 0.
int SideOf(const Model& model) {
  const int side = static_cast<int>(std::lround(std::sqrt(model.schema().feature_dim)));
  const bool square = side * side == model.schema().feature_dim && side >= kMinSide && side <= kMaxSide;
  return square && model.feature_names().empty() ? side : 0;
}

std::string WeightPicture(const Model& model, int side) {
  std::vector<WeightMap> maps;
  const auto features = static_cast<size_t>(model.schema().feature_dim);
  for (int k = 0; k < std::min(model.schema().outputs, kMaxMaps); ++k) {
    const bool several = model.schema().outputs > 1;
    const std::string name =
        model.class_names().empty() ? absl::StrCat(k) : model.class_names()[static_cast<size_t>(k)];
    maps.push_back({.title = several ? absl::StrCat("class ", name) : "weights",
                    .weights = model.weights().subspan(static_cast<size_t>(k) * features, features)});
  }
  return DrawWeightMaps(maps, side);
}

struct ScoredExample {
  float score;
  bool positive;
};

// The model for rows as the data set stores them, minus its offsets.
Model OfStoredRows(const Model& model, const Dataset& data) {
  Model::Parts parts = model.parts();
  for (size_t j = 0; j < parts.weights.size(); ++j) parts.bias[0] += parts.weights[j] * data.offsets()[j];
  absl::StatusOr<Model> stored = Model::Create(std::move(parts));
  return stored.ok() ? *std::move(stored) : model;  // one more finite number is one
}

// Highest score first.
std::vector<ScoredExample> ScoreExamples(const Model& model, const Dataset& data) {
  const std::vector<int64_t> rows = learner::SampleRows(data.rows(), kMaxScoredRows);
  ThreadPool calling_thread(1);
  const std::vector<float> scores = learner::ScoresOf(OfStoredRows(model, data), data, rows, calling_thread);
  std::vector<ScoredExample> examples;
  for (size_t i = 0; i < rows.size(); ++i) {
    examples.push_back({scores[i], data.labels()[static_cast<size_t>(rows[i])] > 0});
  }
  std::stable_sort(examples.begin(), examples.end(),
                   [](const ScoredExample& a, const ScoredExample& b) { return a.score > b.score; });
  return examples;
}

// Precision TP / (TP + FP) and recall TP / P when the label is 1 from each score on.
std::string ThresholdChart(const Model& model, const Dataset& data, const std::string& channel) {
  const std::vector<ScoredExample> examples = ScoreExamples(model, data);
  const auto positives = std::count_if(examples.begin(), examples.end(), [](const auto& e) { return e.positive; });
  ChartSeries precision{.name = "precision"}, recall{.name = "recall"};
  const size_t step = std::max<size_t>(1, examples.size() / kCurvePoints);
  int64_t hits = 0;
  for (size_t i = 0; i < examples.size(); ++i) {
    hits += examples[i].positive ? 1 : 0;
    const bool last_of_equals = i + 1 == examples.size() || examples[i + 1].score < examples[i].score;
    if (!last_of_equals || (i % step != 0 && i + 1 != examples.size() && examples.size() > kCurvePoints)) continue;
    const double score = examples[i].score;
    precision.points.emplace_back(score, static_cast<double>(hits) / static_cast<double>(i + 1));
    if (positives > 0) recall.points.emplace_back(score, static_cast<double>(hits) / static_cast<double>(positives));
  }
  for (ChartSeries* series : {&precision, &recall}) std::reverse(series->points.begin(), series->points.end());
  return DrawChart({.title = absl::StrCat("Precision and recall on ", channel, " by threshold"),
                    .x_label = "threshold",
                    .y_label = "",
                    .series = {precision, recall},
                    .mark = {{absl::StrCat("threshold ", model.threshold()), double{model.threshold()}}}});
}

}  // namespace

absl::Span<const char* const> JobReport::FileNames() { return kFileNames; }

void JobReport::AddEpoch(const learner::EpochReport& report) { epochs_.push_back(report); }

std::map<std::string, std::string> JobReport::Files(const Model& model, const Dataset& data,
                                                    const std::string& channel) const {
  std::map<std::string, std::string> files = {{kMetrics, MetricsJson(model)}, {kLoss, LossChart(model)}};
  if (model.schema().predictor_type == learner::PredictorType::kBinaryClassifier) {
    files[kThreshold] = ThresholdChart(model, data, channel);
  }
  if (const int side = SideOf(model); side > 0) files[kWeights] = WeightPicture(model, side);
  return files;
}

std::string JobReport::MetricsJson(const Model& model) const {
  const learner::TrainingRecord& training = model.training();
  Json json = Json::parse(learner::FormatTrainingJson(training));
  if (model.schema().predictor_type == learner::PredictorType::kBinaryClassifier) json["threshold"] = model.threshold();
  Json epochs = Json::array();
  for (const learner::EpochReport& report : epochs_) {
    epochs.push_back({{"epoch", report.epoch},
                      {"best_candidate", report.best_candidate},
                      {"criterion", {{"name", report.criterion_name}, {"value", Number(report.criterion_value)}}},
                      {"improved", report.improved}});
    Json train = Json::array(), validation = Json::array();
    for (const learner::CandidateProgress& candidate : report.candidates) {
      train.push_back(Number(candidate.train_loss));
      if (candidate.validation_loss.has_value()) validation.push_back(Number(*candidate.validation_loss));
    }
    epochs.back()["train_loss"] = std::move(train);
    if (!validation.empty()) epochs.back()["validation_loss"] = std::move(validation);
  }
  json["epochs"] = std::move(epochs);
  return absl::StrCat(json.dump(2, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace), "\n");
}

std::string JobReport::LossChart(const Model& model) const {
  const auto chosen = static_cast<size_t>(model.training().best_candidate);
  Chart chart{.title = "Loss of the candidates", .x_label = "epoch", .y_label = "loss", .series = {}, .log_y = true};
  const size_t count = epochs_.empty() ? 0 : epochs_[0].candidates.size();
  ChartSeries validation{.name = absl::StrCat("validation, candidate ", chosen)};
  for (size_t i = 0; i < count; ++i) {
    ChartSeries& series = chart.series.emplace_back();
    if (i == chosen) series.name = absl::StrCat("train, candidate ", i);
    for (const learner::EpochReport& report : epochs_) {
      const learner::CandidateProgress& candidate = report.candidates[i];
      series.points.emplace_back(report.epoch, candidate.train_loss);
      if (i == chosen && candidate.validation_loss.has_value()) {
        validation.points.emplace_back(report.epoch, *candidate.validation_loss);
      }
    }
    if (i == chosen) chart.y_limit = kShownOfChosen * series.points[0].second;
  }
  if (!validation.points.empty()) chart.series.push_back(std::move(validation));
  chart.mark = {"kept", static_cast<double>(model.training().best_epoch)};
  return DrawChart(chart);
}

}  // namespace ll::lltrain
