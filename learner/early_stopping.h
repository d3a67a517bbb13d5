// When to stop, and which epoch's model to keep.
//
// After every epoch one value is judged: the best criterion among all models. Any gain over the kept value replaces the
// kept model. Patience is harder to please: only a gain of more than `tolerance`, relative to the value that last
// restarted the count, restarts it; training stops once more than `patience` epochs in a row did not. With patience 3
// and the last such gain in epoch 4, epoch 8 is the last.
//
//   EarlyStopping stopping(Better::kLower, 3, 0.001);
//   if (stopping.Improves(loss)) Keep(model);
//   if (stopping.should_stop()) break;
#ifndef LL_LEARNER_EARLY_STOPPING_H_
#define LL_LEARNER_EARLY_STOPPING_H_

#include <cmath>
#include <optional>

namespace ll::learner {

enum class Better { kLower, kHigher };  // loss, score

class EarlyStopping final {
 public:
  // Everything that it remembers.
  struct State {
    std::optional<double> best;
    std::optional<double> mark;  // the value that restarted the count
    int stale_epochs = 0;
  };

  EarlyStopping(Better better, int patience, double tolerance)
      : better_(better), patience_(patience), tolerance_(tolerance) {}

  // Judges the value of one more epoch; whether it is the best so far. The first finite value always is; a value that
  // is not finite never is.
  bool Improves(double value) {
    const bool restarts = Beats(value, state_.mark, tolerance_);
    state_.stale_epochs = restarts ? 0 : state_.stale_epochs + 1;
    if (restarts) state_.mark = value;
    const bool improves = Beats(value, state_.best, 0);
    if (improves) state_.best = value;
    return improves;
  }

  bool should_stop() const { return state_.stale_epochs > patience_; }
  std::optional<double> best() const { return state_.best; }

  const State& state() const { return state_; }
  void Restore(const State& state) { state_ = state; }

 private:
  bool Beats(double value, const std::optional<double>& other, double tolerance) const {
    const double sign = better_ == Better::kLower ? -1.0 : 1.0;
    return std::isfinite(value) && (!other.has_value() || sign * (value - *other) > tolerance * std::fabs(*other));
  }

  const Better better_;
  const int patience_;
  const double tolerance_;
  State state_;
};

}  // namespace ll::learner

#endif  // LL_LEARNER_EARLY_STOPPING_H_
