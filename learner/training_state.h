// A training between two epochs: all that must be kept to go on with it later, in another process, and get the same
// bits as if it had never stopped (checkpoint.h makes a file of it).
//
// What is measured on the data (scaler, units of the labels, the grid's points) is part of it, so that a training goes
// on with the numbers it began with. What follows from data and hyperparameters by counting is not.
//
//   hooks.on_state = [&](TrainingState state) { newest = std::move(state); };
//   ...
//   hooks.resume_from = &newest;
#ifndef LL_LEARNER_TRAINING_STATE_H_
#define LL_LEARNER_TRAINING_STATE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/executor.h"
#include "learner/dataset.h"
#include "learner/early_stopping.h"
#include "learner/grid.h"
#include "learner/labels.h"
#include "learner/model.h"
#include "learner/model_bank.h"
#include "learner/scaler.h"

namespace ll::learner {

// Which rows a training sees, in which order.
struct DataFingerprint {
  int64_t rows = 0;
  int columns = 0;
  std::string sha256;  // of labels and rows; hexadecimal

  bool operator==(const DataFingerprint&) const = default;
};

// Of the rows as they are stored, and their labels. Does not depend on the number of workers.
DataFingerprint FingerprintOf(const Dataset& data, Executor& executor);

// The same without the digest.
inline DataFingerprint CountsOf(const Dataset& data) {
  return {.rows = data.rows(), .columns = data.columns(), .sha256 = ""};
}

// The best model so far: of rows as they are stored, and labels as they are trained on.
struct KeptModel {
  int candidate = 0;
  int epoch = 0;
  double train_loss = 0;
  LinearFunction function;
};

struct TrainingState {
  int epochs_run = 0;
  DataFingerprint train;
  std::optional<DataFingerprint> validation;
  Scaler scaler;  // of rows as they came
  LabelScale label_scale;
  std::vector<Candidate> candidates;
  BankState bank;
  std::vector<CandidateSummary> summaries;  // with what has diverged
  EarlyStopping::State stopping;
  std::optional<KeptModel> kept;
};

// FAILED_PRECONDITION with reason INVALID_CHECKPOINT.
absl::Status OtherTraining(std::string why);

// OtherTraining(), saying how, when the channels now are not those of `then`. Counts of them are enough for a first
// look.
absl::Status CheckSameData(const TrainingState& then, const DataFingerprint& train,
                           const std::optional<DataFingerprint>& validation);

}  // namespace ll::learner

#endif  // LL_LEARNER_TRAINING_STATE_H_
