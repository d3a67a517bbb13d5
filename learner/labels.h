// Labels before they are learnt: what they may be, what each counts, and the units in which a regressor learns them.
#ifndef LL_LEARNER_LABELS_H_
#define LL_LEARNER_LABELS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "learner/hyperparameters.h"
#include "learner/objective.h"

namespace ll::learner {

// INVALID_ARGUMENT with reason INVALID_DATA, naming the row of the channel: no labels, or one that the predictor does
// not know. What a user should know, such as that all labels are equal, goes to `warn` (may be empty).
absl::Status CheckLabels(absl::Span<const float> labels, absl::string_view channel,
                         const Hyperparameters& hyperparameters, const std::function<void(const std::string&)>& warn);

// n_negative / n_positive, 1 where one of them is 0.
double BalancedPositiveWeight(absl::Span<const float> labels);

// positive_example_weight_mult and balance_multiclass_weights as numbers. "balanced" is n_negative / n_positive;
// a class of balanced weights gets 1 / its share of the labels, and 1,000,000 when it never occurs. "auto" is 1.
ExampleWeights MeasureExampleWeights(absl::Span<const float> labels, const Hyperparameters& hyperparameters);

// A regressor learns (y - mean) / deviation. The model for labels y is deviation * f + mean.
struct LabelScale {
  double mean = 0;
  double deviation = 1;

  std::vector<float> Apply(absl::Span<const float> labels) const;
};

// Of the first `rows` labels, as normalize_label and unbias_label ask: the population's deviation, 1 where it is 0. The
// identity for a classifier.
LabelScale MeasureLabelScale(absl::Span<const float> labels, int64_t rows, const Hyperparameters& hyperparameters);

}  // namespace ll::learner

#endif  // LL_LEARNER_LABELS_H_
