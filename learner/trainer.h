// Training: dozens of linear models in one pass over the data.
//
// All models of the grid see every mini-batch together; one read of a row serves them all. Weights lie model-minor
// (one feature's weights of all models are neighbours), rows are used as they are, and normalisation is a per-model
// transform of gradients and weights, never of the data.
//
//   ThreadPool pool(2);
//   LL_ASSIGN_OR_RETURN(TrainResult result, Train(train, validation, hp, {.executor = &pool, .seed = 1}));
//   result.model.Score(...)
//
// The result depends on the rows, their order, the hyperparameters and the seed; not on the number of threads, bit for
// bit: every number is summed by one thread in one order.
#ifndef LL_LEARNER_TRAINER_H_
#define LL_LEARNER_TRAINER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/executor.h"
#include "learner/dataset.h"
#include "learner/hyperparameters.h"
#include "learner/labels.h"
#include "learner/model.h"
#include "learner/training_state.h"

namespace ll::learner {

inline constexpr uint64_t kDefaultSeed = 20171129;

// One model of the grid after one epoch.
struct CandidateProgress {
  double train_loss = 0;  // mean over the rows of the epoch, each scored before the update its batch causes
  std::optional<double> validation_loss;
  std::optional<double> criterion;  // the selection criterion on validation, e.g. accuracy
  bool diverged = false;
};

// After each epoch.
struct EpochReport {
  int epoch = 0;  // from 0
  int epochs = 0;
  std::vector<CandidateProgress> candidates;
  int best_candidate = 0;
  std::string criterion_name;  // of early stopping: "sampled_accuracy", "binary_classification_cross_entropy_objective"
  double criterion_value = 0;  // best over the candidates
  bool improved = false;       // the kept model was replaced
  int64_t rows = 0;            // trained on in this epoch
  int64_t mini_batches = 0;    // updates in this epoch
  absl::Duration duration;
};

// What was measured on the first rows of train, for normalisation.
struct DataScale {
  std::vector<double> mean;              // columns
  std::vector<double> deviation;         // columns; of the population, 1 where it is 0
  std::optional<LabelScale> label = {};  // of a regressor
};

struct TrainHooks {
  Executor* executor = nullptr;  // required; not owned
  uint64_t seed = kDefaultSeed;
  Clock* clock = nullptr;  // for durations; nullptr: the real one
  // Called on the training thread before the first epoch.
  std::function<void(const DataScale&)> on_scaled = nullptr;
  // Called on the training thread between epochs.
  std::function<void(const EpochReport&)> on_epoch = nullptr;
  // Called on the training thread for things a user should know, e.g. a mini-batch size that was clamped.
  std::function<void(const std::string&)> on_warning = nullptr;
  // Asked before every mini-batch, from one thread; true ends training within it.
  std::function<bool()> stop_requested = nullptr;
  // The model to begin with (warm_start.h); not owned. nullptr: random weights, as the hyperparameters have it.
  const Model* warm_start = nullptr;
  // Where an earlier run of the same training was; not owned, not read once the first epoch begins. nullptr: this is
  // the beginning. Epochs that were run then are not reported again.
  const TrainingState* resume_from = nullptr;
  // Called on the training thread after each epoch, after on_epoch.
  std::function<void(TrainingState)> on_state = nullptr;
};

struct TrainResult {
  Model model;                 // normalisation folded in, threshold calibrated, TrainingRecord filled
  bool stopped_early = false;  // by the patience rule
  bool interrupted = false;    // by stop_requested; the model is the best so far
  ExampleWeights weights;      // as the kept model was trained with, in numbers
};

// Trains and chooses. With `validation`, the model, epoch and threshold are chosen on it by the selection criterion;
// without (nullptr), model and epoch by train loss and the threshold on train. Equal criteria go to the lower loss,
// equal losses to the lower index. Sets the offsets of both data sets' columns (see Dataset::SetOffsets).
// With a warm start whose schema does not fit: FAILED_PRECONDITION with reason SCHEMA_MISMATCH.
//
// A regressor's train losses are in the units of the labels that it is trained on, as normalize_label has it; all other
// numbers are in units of the labels as they came.
//
// The record's metrics are those of MeasureModel (metrics.h) for the finished model, named "validation:..."
// or, without that channel, "train:..."; with it, "train:objective_loss" is the train_loss of the kept epoch.
//
// INVALID_ARGUMENT with reason INVALID_DATA: no labels, labels outside the predictor's range, feature_dim or widths
// that do not agree. FAILED_PRECONDITION with
// reason TRAINING_DIVERGED: no candidate has a finite loss; with reason INVALID_CHECKPOINT: the state to resume from is
// of other data. CANCELLED: interrupted before one epoch was complete.
absl::StatusOr<TrainResult> Train(Dataset& train, Dataset* validation, const Hyperparameters& hyperparameters,
                                  const TrainHooks& hooks);

}  // namespace ll::learner

#endif  // LL_LEARNER_TRAINER_H_
