#include "learner/optimizer.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>

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

AdamSchedule::AdamSchedule(absl::Span<const Candidate* const> lanes)
    : weights_(kernels::TilesFor(static_cast<int>(lanes.size()))),
      bias_(kernels::TilesFor(static_cast<int>(lanes.size()))) {
  std::map<const Candidate*, size_t> entry_of;
  for (size_t lane = 0; lane < lanes.size(); ++lane) {
    if (lanes[lane] == nullptr) continue;
    const auto [it, is_new] = entry_of.emplace(lanes[lane], entries_.size());
    if (is_new) entries_.push_back({*lanes[lane], LearningRate(*lanes[lane]), {}});
    entries_[it->second].lanes.push_back(static_cast<int>(lane));
  }
}

void AdamSchedule::Advance() {
  // All candidates share the betas: they are not an axis of the grid.
  beta_1_power_ *= entries_.front().candidate.beta_1;
  beta_2_power_ *= entries_.front().candidate.beta_2;
  const double correction_2 = std::sqrt(1 - beta_2_power_);
  const double correction = correction_2 / (1 - beta_1_power_);
  for (Entry& entry : entries_) {
    const Candidate& candidate = entry.candidate;
    const double rate = entry.rate.current();
    const double bias_rate = candidate.use_bias ? rate * candidate.bias_lr_mult : 0.0;
    for (const int lane : entry.lanes) {
      weights_.rate.lanes()[lane] = static_cast<float>(rate * correction);
      weights_.threshold.lanes()[lane] = static_cast<float>(rate * correction_2 * candidate.l1);
      weights_.decay.lanes()[lane] = static_cast<float>(rate * candidate.wd);
      bias_.rate.lanes()[lane] = static_cast<float>(bias_rate * correction);
      bias_.decay.lanes()[lane] = static_cast<float>(bias_rate * candidate.wd * candidate.bias_wd_mult);
    }
    entry.rate.Advance();
  }
}

kernels::AdamStep AdamSchedule::StepOf(const Steps& steps) const {
  return {.beta_1 = static_cast<float>(entries_.front().candidate.beta_1),
          .beta_2 = static_cast<float>(entries_.front().candidate.beta_2),
          .rate = steps.rate.lanes(),
          .threshold = steps.threshold.lanes(),
          .decay = steps.decay.lanes()};
}

}  // namespace ll::learner
