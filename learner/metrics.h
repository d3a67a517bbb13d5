// How good a trained model is on labelled rows, by the names that metric lines use.
#ifndef LL_LEARNER_METRICS_H_
#define LL_LEARNER_METRICS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "base/executor.h"
#include "learner/dataset.h"
#include "learner/hyperparameters.h"
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

// What multiclass_classifier metrics are counted from. `rank` of an example is 1 where its class has the highest score;
// equal scores rank by class.
struct ClassCounts {
  explicit ClassCounts(int classes)
      : true_positives(static_cast<size_t>(classes)),
        predicted(static_cast<size_t>(classes)),
        actual(static_cast<size_t>(classes)) {}
  void Add(int64_t predicted_class, int64_t actual_class);

  // Means over the classes that occur, as a label or as a prediction, of each class against all others.
  double macro_precision() const;
  double macro_recall() const;
  double macro_f_beta(double beta) const;

  std::vector<int64_t> true_positives;
  std::vector<int64_t> predicted;
  std::vector<int64_t> actual;
};

struct MetricOptions {
  double f_beta = 1;
  int accuracy_top_k = 3;
  ExampleWeights weights = {};  // in the objective's loss
};

MetricOptions MetricOptionsOf(const Hyperparameters& hyperparameters, ExampleWeights weights);

// Scores every row with `model` and measures "objective_loss" (mean weighted loss; `objective` is of labels as they
// are), "unweighted_loss" where weights are not all equal, and
//   binary_classifier      "binary_classification_accuracy", "precision", "recall", "binary_f_beta", and
//                          "roc_auc_score" if both labels occur
//   multiclass_classifier  "multiclass_accuracy", "multiclass_top_k_accuracy" (rank <= k), "dcg" (mean of
//                          1 / log2(1 + rank)), "macro_precision", "macro_recall", "macro_f_beta"
//   regressor              "mse", "rmse", "absolute_loss"
// Does not depend on the number of workers, bit for bit.
std::map<std::string, double> MeasureModel(const Model& model, const Objective& objective, const Dataset& data,
                                           const MetricOptions& options, Executor& executor);

}  // namespace ll::learner

#endif  // LL_LEARNER_METRICS_H_
