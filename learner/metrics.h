// How good a trained binary classifier is on labelled rows, by the names that metric lines use.
#ifndef LL_LEARNER_METRICS_H_
#define LL_LEARNER_METRICS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/types/span.h"
#include "base/executor.h"
#include "learner/dataset.h"
#include "learner/model.h"
#include "learner/objective.h"

namespace ll::learner {

// Counts of predicted against true labels. A quotient with denominator 0 is 0.
struct ConfusionMatrix {
  int64_t true_positives = 0;
  int64_t false_positives = 0;
  int64_t true_negatives = 0;
  int64_t false_negatives = 0;

  int64_t total() const { return true_positives + false_positives + true_negatives + false_negatives; }
  double accuracy() const;
  double precision() const;
  double recall() const;
  // (1 + beta^2) P R / (beta^2 P + R)
  double f_beta(double beta) const;
};

ConfusionMatrix CountConfusion(absl::Span<const int64_t> predicted, absl::Span<const float> labels);

// The probability that a random example with label 1 scores higher than a random one with label 0, equal scores
// counting one half: the area under the ROC curve. nullopt when one of the labels does not occur.
std::optional<double> RocAuc(absl::Span<const float> scores, absl::Span<const float> labels);

struct MetricOptions {
  double f_beta = 1;
  double positive_weight = 1;  // of examples with label 1, in the objective's loss
};

// Scores every row with `model` and measures: "objective_loss" (mean weighted loss, as trained), "unweighted_loss" if
// that is another, "binary_classification_accuracy", "precision", "recall", "binary_f_beta", and "roc_auc_score" if
// both labels occur. Does not depend on the number of workers, bit for bit.
std::map<std::string, double> MeasureBinaryClassifier(const Model& model, const Objective& objective,
                                                      const Dataset& data, const MetricOptions& options,
                                                      Executor& executor);

}  // namespace ll::learner

#endif  // LL_LEARNER_METRICS_H_
