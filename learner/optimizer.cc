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

StepSchedule::StepSchedule(absl::Span<const Candidate* const> lanes)
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

StepSchedule::Factors StepSchedule::FactorsOf(const Candidate& candidate) const {
  switch (candidate.optimizer) {
    case Optimizer::kAdam: {
      const double correction = std::sqrt(1 - beta_2_power_);
      return {.step = correction / (1 - beta_1_power_), .threshold = correction, .decay = 1};
    }
    case Optimizer::kSgd: {
      const double repeats = 1 / (1 - candidate.beta_1);
      return {.step = repeats, .threshold = repeats, .decay = repeats};
    }
    case Optimizer::kRmsprop: break;
  }
  return {.step = 1, .threshold = 1, .decay = 1};
}

void StepSchedule::Advance() {
  // All candidates share the optimiser and its betas: they are not an axis of the grid.
  beta_1_power_ *= entries_.front().candidate.beta_1;
  beta_2_power_ *= entries_.front().candidate.beta_2;
  const Factors factors = FactorsOf(entries_.front().candidate);
  for (Entry& entry : entries_) {
    const Candidate& candidate = entry.candidate;
    const double rate = entry.rate.current();
    const double bias_rate = candidate.use_bias ? rate * candidate.bias_lr_mult : 0.0;
    for (const int lane : entry.lanes) {
      weights_.rate.lanes()[lane] = static_cast<float>(rate * factors.step);
      weights_.threshold.lanes()[lane] = static_cast<float>(rate * factors.threshold * candidate.l1);
      weights_.decay.lanes()[lane] = static_cast<float>(rate * factors.decay * candidate.wd);
      bias_.rate.lanes()[lane] = static_cast<float>(bias_rate * factors.step);
      bias_.decay.lanes()[lane] = static_cast<float>(bias_rate * factors.decay * candidate.wd * candidate.bias_wd_mult);
    }
    entry.rate.Advance();
  }
}

void StepSchedule::Skip(int64_t updates) {
  for (int64_t update = 0; update < updates; ++update) {
    beta_1_power_ *= entries_.front().candidate.beta_1;
    beta_2_power_ *= entries_.front().candidate.beta_2;
    for (Entry& entry : entries_) entry.rate.Advance();
  }
}

kernels::AdamStep StepSchedule::StepOf(const Steps& steps) const {
  return {.beta_1 = static_cast<float>(entries_.front().candidate.beta_1),
          .beta_2 = static_cast<float>(entries_.front().candidate.beta_2),
          .rate = steps.rate.lanes(),
          .threshold = steps.threshold.lanes(),
          .decay = steps.decay.lanes(),
          .second_moment = entries_.front().candidate.optimizer != Optimizer::kSgd};
}

}  // namespace ll::learner
