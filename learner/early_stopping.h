// When to stop, and which epoch's model to keep.
//
// After every epoch one value is judged: the best criterion among all models. It is an improvement if it beats the best
// kept value by more than `tolerance`, relative to that value; training stops once more than `patience` epochs in a row
// were none. With patience 3 and the best in epoch 4, epoch 8 is the last.
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
  EarlyStopping(Better better, int patience, double tolerance)
      : better_(better), patience_(patience), tolerance_(tolerance) {}

  // Judges the value of one more epoch and remembers it when it is an improvement. The first finite value always is
  // one; a value that is not finite never is.
  bool Improves(double value) {
    const double sign = better_ == Better::kLower ? -1.0 : 1.0;
    const bool improves =
        std::isfinite(value) && (!best_.has_value() || sign * (value - *best_) > tolerance_ * std::fabs(*best_));
    stale_epochs_ = improves ? 0 : stale_epochs_ + 1;
    if (improves) best_ = value;
    return improves;
  }

  bool should_stop() const { return stale_epochs_ > patience_; }
  std::optional<double> best() const { return best_; }

 private:
  const Better better_;
  const int patience_;
  const double tolerance_;
  std::optional<double> best_;
  int stale_epochs_ = 0;
};

}  // namespace ll::learner

#endif  // LL_LEARNER_EARLY_STOPPING_H_
