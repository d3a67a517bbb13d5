#include "learner/optimizer.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace ll::learner {

LearningRate::LearningRate(const Candidate& candidate)
    : rate_(candidate.learning_rate),
      factor_(candidate.use_lr_scheduler ? candidate.lr_scheduler_factor : 1.0),
      minimum_(std::min(candidate.lr_scheduler_minimum_lr, candidate.learning_rate)),
      step_(candidate.lr_scheduler_step) {}

void LearningRate::Advance() {
  if (++updates_ < step_) return;
  updates_ = 0;
  rate_ = std::max(rate_ * factor_, minimum_);
}

AdamSchedule::AdamSchedule(absl::Span<const Candidate> candidates)
    : candidates_(candidates.begin(), candidates.end()),
      rates_(candidates.begin(), candidates.end()),
      weights_(kernels::TilesFor(static_cast<int>(candidates.size()))),
      bias_(kernels::TilesFor(static_cast<int>(candidates.size()))) {}

void AdamSchedule::Advance() {
  // All candidates share the betas: they are not an axis of the grid.
  beta_1_power_ *= candidates_.front().beta_1;
  beta_2_power_ *= candidates_.front().beta_2;
  const double correction_2 = std::sqrt(1 - beta_2_power_);
  const double correction = correction_2 / (1 - beta_1_power_);
  for (size_t i = 0; i < candidates_.size(); ++i) {
    const Candidate& candidate = candidates_[i];
    const double rate = rates_[i].current();
    const double bias_rate = candidate.use_bias ? rate * candidate.bias_lr_mult : 0.0;
    weights_.rate.lanes()[i] = static_cast<float>(rate * correction);
    weights_.threshold.lanes()[i] = static_cast<float>(rate * correction_2 * candidate.l1);
    weights_.decay.lanes()[i] = static_cast<float>(rate * candidate.wd);
    bias_.rate.lanes()[i] = static_cast<float>(bias_rate * correction);
    bias_.decay.lanes()[i] = static_cast<float>(bias_rate * candidate.wd * candidate.bias_wd_mult);
    rates_[i].Advance();
  }
}

kernels::AdamStep AdamSchedule::StepOf(const Steps& steps) const {
  return {.beta_1 = static_cast<float>(candidates_.front().beta_1),
          .beta_2 = static_cast<float>(candidates_.front().beta_2),
          .rate = steps.rate.lanes(),
          .threshold = steps.threshold.lanes(),
          .decay = steps.decay.lanes()};
}

}  // namespace ll::learner
