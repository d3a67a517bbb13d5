#include "learner/calibration.h"

#include <cmath>
#include <cstdint>
#include <limits>

namespace ll::learner {
namespace {

double Ratio(double part, double whole) { return whole > 0 ? part / whole : 0; }

// How good a cut is: first whether and how nearly it reaches the target, then the value.
struct Merit {
  double reach = 0;
  double value = 0;
  bool operator>(const Merit& other) const {
    return reach > other.reach || (reach == other.reach && value > other.value);
  }
};

Merit WithTarget(double reached, double target, double value) {
  return reached >= target ? Merit{.reach = 1, .value = value} : Merit{.reach = reached - 1, .value = 0};
}

Merit Judge(const CriterionOptions& options, double true_positives, double false_positives, double positives,
            double negatives) {
  const double precision = Ratio(true_positives, true_positives + false_positives);
  const double recall = Ratio(true_positives, positives);
  switch (options.criterion) {
    case SelectionCriterion::kFBeta: {
      const double beta2 = options.f_beta * options.f_beta;
      const double misses = positives - true_positives;
      // The formula of the header, multiplied out: 0 / 0 only where there is nothing positive at all.
      return {.value =
                  Ratio((1 + beta2) * true_positives, (1 + beta2) * true_positives + beta2 * misses + false_positives)};
    }
    case SelectionCriterion::kPrecisionAtTargetRecall: return WithTarget(recall, options.target_recall, precision);
    case SelectionCriterion::kRecallAtTargetPrecision: return WithTarget(precision, options.target_precision, recall);
    case SelectionCriterion::kAccuracy:
    case SelectionCriterion::kLossFunction: break;
  }
  return {.value = Ratio(true_positives + negatives - false_positives, positives + negatives)};
}

// Half-way between two neighbouring scores, low < result <= high whatever the rounding.
float Between(float low, float high) {
  const auto middle = static_cast<float>((static_cast<double>(low) + static_cast<double>(high)) / 2);
  return middle > low ? middle : high;
}

}  // namespace

CriterionOptions CriterionOf(const Hyperparameters& hyperparameters) {
  const bool binary = hyperparameters.predictor_type == PredictorType::kBinaryClassifier;
  return {.criterion =
              binary ? hyperparameters.binary_classifier_model_selection_criteria : SelectionCriterion::kLossFunction,
          .f_beta = hyperparameters.f_beta,
          .target_precision = hyperparameters.target_precision,
          .target_recall = hyperparameters.target_recall,
          .probabilities = EffectiveLoss(hyperparameters) != Loss::kHinge};
}

Calibration Calibrator::Calibrate(absl::Span<const float> scores, absl::Span<const float> labels) {
  ranked_.Assign(scores, labels);
  const auto positives = static_cast<double>(ranked_.positives());
  const auto negatives = static_cast<double>(ranked_.negatives());
  // The cut above all scores comes first; its upper neighbour is the end of the range.
  Merit best = Judge(options_, 0, 0, positives, negatives);
  float above = 1;
  float below = 0;
  float lowest = 0;
  bool anything_positive = false;
  bool below_is_next = true;
  double true_positives = 0;
  double false_positives = 0;
  ranked_.ForEachGroup([&](const ScoreGroup& group) {
    if (below_is_next) below = group.score;
    if (true_positives + false_positives == 0 && !options_.probabilities) above = group.score + 1;
    lowest = group.score;
    below_is_next = false;
    true_positives += static_cast<double>(group.positives);
    false_positives += static_cast<double>(group.negatives);
    const Merit merit = Judge(options_, true_positives, false_positives, positives, negatives);
    if (merit > best) {
      best = merit;
      above = group.score;
      anything_positive = true;
      below_is_next = true;
    }
  });
  if (below_is_next) below = options_.probabilities ? 0 : lowest - 1;  // the other end
  if (below >= above) {
    // Scores at the very end of the range: nothing lies between.
    return {.threshold = anything_positive ? above : std::nextafter(above, std::numeric_limits<float>::infinity()),
            .value = best.value};
  }
  return {.threshold = Between(below, above), .value = best.value};
}

}  // namespace ll::learner
