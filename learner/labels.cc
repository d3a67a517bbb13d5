#include "learner/labels.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"

namespace ll::learner {
namespace {

constexpr double kMostClassWeight = 1e6;

absl::Status InvalidData(std::string what, std::string why, std::string remedy) {
  return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidData,
                   {.what = std::move(what), .why = std::move(why), .remedy = std::move(remedy)});
}

bool IsClass(float label, int classes) {
  return label >= 0 && label < static_cast<float>(classes) && label == std::trunc(label);
}

absl::Status UnknownLabel(size_t row, float label, absl::string_view channel, const Hyperparameters& hyperparameters) {
  const std::string what = absl::StrCat("cannot use row ", row + 1, " of the ", channel, " channel");
  const std::string why = absl::StrCat("its label is ", label, ", and a ");
  switch (hyperparameters.predictor_type) {
    case PredictorType::kBinaryClassifier: break;
    case PredictorType::kMulticlassClassifier:
      return InvalidData(what,
                         absl::StrCat(why, "multiclass classifier with num_classes=", hyperparameters.num_classes,
                                      " knows whole numbers from 0 to ", hyperparameters.num_classes - 1),
                         "Number the classes from 0, and set num_classes to how many there are.");
    case PredictorType::kRegressor:
      return InvalidData(what, absl::StrCat(why, "regressor needs a finite number"), "Correct the label.");
  }
  return InvalidData(what, absl::StrCat(why, "binary classifier knows 0 and 1"),
                     "Write the two classes as 0 and 1, or use predictor_type=multiclass_classifier or regressor.");
}

}  // namespace

absl::Status CheckLabels(absl::Span<const float> labels, absl::string_view channel,
                         const Hyperparameters& hyperparameters, const std::function<void(const std::string&)>& warn) {
  if (labels.empty()) {
    return InvalidData(absl::StrCat("cannot use the ", channel, " channel"), "its rows have no labels",
                       "Give every row its label.");
  }
  const bool regressor = hyperparameters.predictor_type == PredictorType::kRegressor;
  const bool binary = hyperparameters.predictor_type == PredictorType::kBinaryClassifier;
  const int classes = binary ? 2 : hyperparameters.num_classes;
  bool all_equal = true;
  for (size_t i = 0; i < labels.size(); ++i) {
    if (!(regressor ? std::isfinite(labels[i]) : IsClass(labels[i], classes))) {
      return UnknownLabel(i, labels[i], channel, hyperparameters);
    }
    all_equal = all_equal && labels[i] == labels[0];
  }
  if (all_equal && warn) {
    warn(absl::StrCat("every label of the ", channel, " channel is ", labels[0],
                      regressor ? ": there is nothing to learn" : ": no model can learn what tells the classes apart"));
  }
  return absl::OkStatus();
}

double BalancedPositiveWeight(absl::Span<const float> labels) {
  const auto positives = static_cast<double>(std::count(labels.begin(), labels.end(), 1.0f));
  const double negatives = static_cast<double>(labels.size()) - positives;
  return positives > 0 && negatives > 0 ? negatives / positives : 1.0;
}

ExampleWeights MeasureExampleWeights(absl::Span<const float> labels, const Hyperparameters& hyperparameters) {
  ExampleWeights weights;
  const auto rows = static_cast<double>(labels.size());
  if (hyperparameters.predictor_type == PredictorType::kBinaryClassifier) {
    const PositiveExampleWeight& asked = hyperparameters.positive_example_weight_mult;
    if (asked.kind == PositiveExampleWeight::Kind::kNumber) weights.positive = asked.value;
    if (asked.kind == PositiveExampleWeight::Kind::kBalanced) weights.positive = BalancedPositiveWeight(labels);
  }
  if (hyperparameters.predictor_type == PredictorType::kMulticlassClassifier &&
      hyperparameters.balance_multiclass_weights) {
    weights.classes.assign(static_cast<size_t>(hyperparameters.num_classes), 0.0);
    for (const float label : labels) ++weights.classes[static_cast<size_t>(label)];
    for (double& weight : weights.classes) {
      weight = weight > 0 ? std::min(rows / weight, kMostClassWeight) : kMostClassWeight;
    }
  }
  return weights;
}

std::vector<float> LabelScale::Apply(absl::Span<const float> labels) const {
  std::vector<float> scaled;
  scaled.reserve(labels.size());
  for (const float label : labels) {
    scaled.push_back(static_cast<float>((static_cast<double>(label) - mean) / deviation));
  }
  return scaled;
}

LabelScale MeasureLabelScale(absl::Span<const float> labels, int64_t rows, const Hyperparameters& hyperparameters) {
  LabelScale scale;
  if (hyperparameters.predictor_type != PredictorType::kRegressor) return scale;
  double mean = 0;
  for (const float label : labels.subspan(0, static_cast<size_t>(rows))) mean += static_cast<double>(label);
  mean /= static_cast<double>(rows);
  double squares = 0;
  for (const float label : labels.subspan(0, static_cast<size_t>(rows))) {
    squares += std::pow(static_cast<double>(label) - mean, 2);
  }
  const double deviation = std::sqrt(squares / static_cast<double>(rows));
  // Without a bias nothing could make up for a mean that was taken away.
  if (hyperparameters.use_bias && hyperparameters.unbias_label.value_or(true)) scale.mean = mean;
  if (hyperparameters.normalize_label.value_or(true) && deviation > 0) scale.deviation = deviation;
  return scale;
}

}  // namespace ll::learner
