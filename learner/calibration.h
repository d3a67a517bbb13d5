// The threshold above which a score means label 1.
//
// Between any two neighbouring scores there is one possible cut; the cuts above the highest and below the lowest score
// make everything negative or positive. The best cut by the selection criterion is taken, the highest one if several
// are equally good, and the threshold lies half-way between its neighbours.
//
//   Calibrator calibrator({.criterion = SelectionCriterion::kFBeta, .f_beta = 2});
//   Calibration best = calibrator.Calibrate(scores, labels);    // best.threshold, best.value
#ifndef LL_LEARNER_CALIBRATION_H_
#define LL_LEARNER_CALIBRATION_H_

#include "absl/types/span.h"
#include "learner/hyperparameters.h"
#include "learner/ranked_scores.h"

namespace ll::learner {

// What makes a cut good. With TP, FP, TN, FN counted at the cut:
//   accuracy                       (TP + TN) / n
//   f_beta                         (1 + beta^2) P R / (beta^2 P + R), P = TP / (TP + FP), R = TP / (TP + FN)
//   precision_at_target_recall     P where R >= target_recall
//   recall_at_target_precision     R where P >= target_precision
// A quotient with denominator 0 counts as 0. Where no cut reaches the target, the one nearest to it is taken and its
// value is 0.
struct CriterionOptions {
  SelectionCriterion criterion = SelectionCriterion::kAccuracy;
  double f_beta = 1;
  double target_precision = 0.8;
  double target_recall = 0.8;
  bool probabilities = true;  // scores lie in [0, 1]; margins of hinge_loss have no ends
};

// kLossFunction for all but binary classifiers: nothing else chooses among them.
CriterionOptions CriterionOf(const Hyperparameters& hyperparameters);

struct Calibration {
  float threshold = 0.5f;  // label 1 iff score >= threshold
  double value = 0;        // of the criterion at the threshold
};

// Reusable: keeps its memory. Not thread-safe.
class Calibrator final {
 public:
  // kLossFunction has no cut: use kDefaultThreshold.
  explicit Calibrator(const CriterionOptions& options) : options_(options) {}

  // Beyond the highest and the lowest score the cut lies half-way to the end of the range, or half a unit away if there
  // is none.
  Calibration Calibrate(absl::Span<const float> scores, absl::Span<const float> labels);

 private:
  const CriterionOptions options_;
  RankedScores ranked_;
};

// The natural cut of probabilities and, as it happens, of hinge_loss's margins (kernels/losses.h).
inline constexpr float kDefaultThreshold = 0.5f;

}  // namespace ll::learner

#endif  // LL_LEARNER_CALIBRATION_H_
