// A trained linear model: immutable, ready to score raw feature rows.
//
// For a row x of d raw features (normalisation is already folded in) and output k:
//     f_k = b_k + sum_j W[k][j] * x_j                                   (the margin)
//     score_k = link(f): 1 / (1 + exp(-f)) for logistic, softmax for softmax_loss, f itself otherwise
// Weights are kept in double and sums run in double, in one fixed order: a row scores the same bits alone, in a batch,
// on any thread and after any number of saves and loads.
//
//   Scores scores;
//   model.Score(rows.data(), n, &scores);
//   scores.values[i * model.schema().outputs + k], scores.labels[i]
#ifndef LL_LEARNER_MODEL_H_
#define LL_LEARNER_MODEL_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "learner/hyperparameters.h"
#include "learner/row_source.h"

namespace ll::learner {

// What a score is.
enum class ScoreKind {
  kProbability,  // of the positive class, or of each class
  kMargin,       // f itself, for hinge_loss
  kValue,        // in label units, for a regressor
};

// What a model takes and gives; two models with equal feature_dim and outputs can replace each other behind an
// endpoint.
struct ModelSchema {
  PredictorType predictor_type = PredictorType::kBinaryClassifier;
  Loss loss = Loss::kLogistic;
  int feature_dim = 0;
  int outputs = 1;  // scores per row: num_classes for multiclass, else 1

  ScoreKind score_kind() const;
  // How many labels there are; 0 for a regressor.
  int classes() const { return has_labels() ? (outputs == 1 ? 2 : outputs) : 0; }
  // Whether a reply carries predicted labels (classification) beside scores.
  bool has_labels() const { return predictor_type != PredictorType::kRegressor; }
};

// Filled by Model::Score; reuse one object to keep its memory.
struct Scores {
  std::vector<float> values;  // rows x outputs, row-major
  // One per row: 0 or 1 by the threshold, or the argmax (lowest index on ties); empty for a regressor.
  std::vector<int64_t> labels;
};

// One point of the grid that was trained beside the winner, for reports.
struct CandidateSummary {
  int index = 0;
  std::map<std::string, std::string> hyperparameters;  // what differs between candidates, e.g. {"learning_rate", "0.1"}
  double train_loss = 0;                               // of its last epoch in which it was finite
  std::optional<double> validation_loss;               // likewise
  bool diverged = false;                               // its loss or weights stopped being finite; never selectable
};

// How a model came to be; kept in the artifact, not needed to score.
struct TrainingRecord {
  std::map<std::string, std::string> hyperparameters;  // as the user gave them
  std::map<std::string, double> metrics;               // final metrics by name, e.g. "validation:objective_loss"
  std::vector<CandidateSummary> candidates;
  int best_candidate = 0;
  int best_epoch = 0;  // counted from 0
  int epochs_run = 0;
  uint64_t seed = 0;
  int64_t train_rows = 0;
};

// Thread-safe (immutable).
class Model final {
 public:
  struct Parts {
    ModelSchema schema;
    std::vector<double> weights;  // outputs x feature_dim, row-major, for raw features
    std::vector<double> bias;     // outputs
    float threshold = 0.5f;       // binary: predicted_label = 1 iff score >= threshold
    TrainingRecord training;
    // For people, where they are known: feature_dim names, and one for each class (label 0, label 1, ...).
    std::vector<std::string> feature_names = {};
    std::vector<std::string> class_names = {};
    // Standard deviation of each feature in training, 0 where it was constant; empty where they are not known.
    std::vector<double> feature_deviations = {};
  };

  // INVALID_ARGUMENT with reason INVALID_ARTIFACT when sizes do not match the schema or a number is not finite.
  static absl::StatusOr<Model> Create(Parts parts);

  // `rows` is n x feature_dim, row-major. NaN and infinity in a row give whatever IEEE arithmetic gives: doors refuse
  // them before. A label compares the float score that is returned, not the double behind it.
  void Score(const float* rows, int64_t n, Scores* scores) const;

  // The margin f_k of each row and output, before the link: margins gets n x outputs values.
  void Margins(const float* rows, int64_t n, double* margins) const;

  // The same for rows without their zeros, whose columns are features: every index must be below feature_dim. The work
  // is proportional to the entries, and the answers are those of the dense rows, bit for bit.
  void Score(const SparseBlock& rows, Scores* scores) const;
  void Margins(const SparseBlock& rows, double* margins) const;

  // The scores and labels that belong to n x outputs margins: Score() is Margins() and then this.
  void ScoreMargins(const double* margins, int64_t n, Scores* scores) const;

  // Everything above at once, e.g. to make a copy with a fuller training record.
  const Parts& parts() const { return parts_; }
  const ModelSchema& schema() const { return parts_.schema; }
  absl::Span<const double> weights() const { return parts_.weights; }
  absl::Span<const double> bias() const { return parts_.bias; }
  float threshold() const { return parts_.threshold; }
  const TrainingRecord& training() const { return parts_.training; }
  // Empty where they are not known.
  absl::Span<const std::string> feature_names() const { return parts_.feature_names; }
  absl::Span<const std::string> class_names() const { return parts_.class_names; }
  absl::Span<const double> feature_deviations() const { return parts_.feature_deviations; }
  uint64_t memory_bytes() const;

 private:
  explicit Model(Parts parts) : parts_(std::move(parts)) {}

  Parts parts_;
};

}  // namespace ll::learner

#endif  // LL_LEARNER_MODEL_H_
