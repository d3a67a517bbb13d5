// Learning rates over time, and what the kernel of the optimisers needs of each model at each update.
#ifndef LL_LEARNER_OPTIMIZER_H_
#define LL_LEARNER_OPTIMIZER_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "learner/grid.h"
#include "learner/kernels/adam.h"
#include "learner/tile_storage.h"

namespace ll::learner {

// The rate of one candidate: after every `lr_scheduler_step` updates, rate = max(rate * factor, minimum). A minimum
// above the initial rate does not raise it.
class LearningRate final {
 public:
  explicit LearningRate(const Candidate& candidate);
  double current() const { return rate_; }
  // One update was made.
  void Advance();

 private:
  double rate_;
  double factor_;
  double minimum_;
  int step_;
  int updates_ = 0;  // since the last decay
};

// The per-lane numbers of kernels::AdamUpdate for whole tiles of lanes. Threads that share models each hold one and
// advance it alike.
class StepSchedule final {
 public:
  // lanes[l] is the candidate of lane l, or nullptr for a lane that never moves.
  explicit StepSchedule(absl::Span<const Candidate* const> lanes);

  // Goes to the next update (t = 1 for the first) and computes its steps.
  void Advance();
  // Goes on by so many updates without computing steps: the next Advance() gives what it would have given after them.
  void Skip(int64_t updates);

  // Of the current update; valid until the next Advance().
  kernels::AdamStep weights() const { return StepOf(weights_); }
  kernels::AdamStep bias() const { return StepOf(bias_); }

 private:
  struct Steps {
    explicit Steps(int tiles) : rate(1, tiles), threshold(1, tiles), decay(1, tiles) {}
    TileStorage<float> rate;
    TileStorage<float> threshold;
    TileStorage<float> decay;
  };
  // What the current update's rate is multiplied by for the kernel (kernels/adam.h).
  struct Factors {
    double step;
    double threshold;
    double decay;
  };
  Factors FactorsOf(const Candidate& candidate) const;
  kernels::AdamStep StepOf(const Steps& steps) const;

  // A candidate and its lanes.
  struct Entry {
    Candidate candidate;
    LearningRate rate;
    std::vector<int> lanes;
  };

  std::vector<Entry> entries_;
  Steps weights_;
  Steps bias_;
  double beta_1_power_ = 1;  // beta_1^t
  double beta_2_power_ = 1;
};

}  // namespace ll::learner

#endif  // LL_LEARNER_OPTIMIZER_H_
