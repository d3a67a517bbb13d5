// How good every candidate is on the validation rows, after each epoch.
#ifndef LL_LEARNER_EVALUATION_H_
#define LL_LEARNER_EVALUATION_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "base/executor.h"
#include "learner/calibration.h"
#include "learner/dataset.h"
#include "learner/model.h"
#include "learner/model_bank.h"
#include "learner/objective.h"
#include "learner/tile_storage.h"

namespace ll::learner {

// Evenly spread rows: all of them when there are no more than `most`.
std::vector<int64_t> SampleRows(int64_t rows, int64_t most);

// The score of each of some rows, ascending; of a model with one output, for rows as they are stored.
std::vector<float> ScoresOf(const Model& model, const Dataset& data, const std::vector<int64_t>& rows,
                            Executor& executor);

// The labels of some rows.
std::vector<float> LabelsOf(absl::Span<const float> labels, const std::vector<int64_t>& rows);

// The mean loss is over all rows. The selection criterion, at the best threshold for it, is measured on a sample of at
// most `calibration_rows` rows, and no more than fit into 64 MiB of margins. Neither depends on the number of workers,
// bit for bit.
class Evaluation final {
 public:
  struct Result {
    double mean_loss = 0;
    double criterion = 0;
  };

  // Keeps references to its arguments.
  // `labels` as for a TrainingPass.
  Evaluation(const Dataset& data, absl::Span<const float> labels, const Objective& objective, const ModelBank& bank,
             const CriterionOptions& criterion, int64_t calibration_rows, Executor& executor);

  // Of every candidate in the bank as it is now. `skip[i]` leaves candidate i's criterion at 0, because its margins
  // cannot be ranked: it has diverged.
  std::vector<Result> Run(const std::vector<bool>& skip);

 private:
  // The blocks of a chunk, which begins with one.
  void ScoreBlocks(int worker, int64_t first_row, const Rows& chunk);
  void RankCandidates(int worker, const std::vector<bool>& skip, std::vector<Result>* results);

  const Dataset& data_;
  const absl::Span<const float> labels_;
  const Objective& objective_;
  const ModelBank& bank_;
  const CriterionOptions criterion_;
  Executor& executor_;
  const std::vector<int64_t> sample_;
  const std::vector<float> sample_labels_;
  TileStorage<float> sample_margins_;  // without intercepts, which move no rank
  TileStorage<float> intercepts_;
  std::vector<double> block_losses_;  // blocks x lanes
};

}  // namespace ll::learner

#endif  // LL_LEARNER_EVALUATION_H_
