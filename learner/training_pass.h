// One pass of all candidates over the training rows, mini-batch by mini-batch, on all workers.
//
// Workers form teams; a team owns some tiles of models and walks through the mini-batches at its own pace. With as many
// tiles as workers a team is one worker, and no thread ever waits for another. With more workers, the members of a team
// share each mini-batch: forward they split its rows, backward the features, and they meet in between.
//
//   TrainingPass pass(train, train.labels(), *objective, mini_batch_size, executor, bank);
//   TrainingPass::Epoch epoch = pass.Run(stop_requested);
//
// Bits do not depend on the number of workers: outputs are split among them, sums never are.
#ifndef LL_LEARNER_TRAINING_PASS_H_
#define LL_LEARNER_TRAINING_PASS_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/types/span.h"
#include "base/executor.h"
#include "learner/dataset.h"
#include "learner/kernels/spin_barrier.h"
#include "learner/model_bank.h"
#include "learner/objective.h"
#include "learner/optimizer.h"
#include "learner/partition.h"
#include "learner/tile_storage.h"

namespace ll::learner {

class TrainingPass final {
 public:
  struct Epoch {
    // Per candidate: the mean over the rows, each scored before the update that its own mini-batch causes.
    std::vector<double> mean_losses;
    bool stopped = false;  // the epoch is incomplete and the bank of no further use
  };

  // Keeps references to all arguments. A mini-batch is consecutive rows; the last one of an epoch may be shorter.
  // `labels` are those to learn, one per row: of a regressor, in the units that it is trained in.
  TrainingPass(const Dataset& data, absl::Span<const float> labels, const Objective& objective, int64_t mini_batch_size,
               Executor& executor, ModelBank& bank);
  ~TrainingPass();

  // Of one epoch.
  int64_t mini_batches() const { return (data_.rows() + mini_batch_size_ - 1) / mini_batch_size_; }

  // Goes on as after so many epochs: with the learning rates that follow them.
  void SkipEpochs(int epochs);

  // `stop_requested` (may be empty) is asked before every mini-batch, from one thread.
  Epoch Run(const std::function<bool()>& stop_requested);

 private:
  class Member;
  struct Team;

  const Dataset& data_;
  const absl::Span<const float> labels_;
  const Objective& objective_;
  const int64_t mini_batch_size_;
  Executor& executor_;
  ModelBank& bank_;
  std::vector<std::unique_ptr<Team>> teams_;
  std::vector<std::unique_ptr<Member>> members_;  // one per worker that has work
};

}  // namespace ll::learner

#endif  // LL_LEARNER_TRAINING_PASS_H_
