// Scores of labelled examples from highest to lowest, with equal scores in one group: what thresholds and the ROC curve
// are computed from.
#ifndef LL_LEARNER_RANKED_SCORES_H_
#define LL_LEARNER_RANKED_SCORES_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "hwy/contrib/sort/vqsort.h"

namespace ll::learner {

// All examples with one score.
struct ScoreGroup {
  float score = 0;
  int64_t positives = 0;  // label 1
  int64_t negatives = 0;  // label 0
};

// Reusable: keeps its memory from one Assign() to the next. Not thread-safe.
class RankedScores final {
 public:
  // Ranks scores[i] of examples with labels[i] in {0, 1}. Scores must not be NaN.
  void Assign(absl::Span<const float> scores, absl::Span<const float> labels);

  int64_t positives() const { return positives_; }
  int64_t negatives() const { return static_cast<int64_t>(keys_.size()) - positives_; }

  // Calls visit(ScoreGroup) for each score that occurs, descending.
  template <class Visit>
  void ForEachGroup(Visit visit) const {
    for (size_t i = 0; i < keys_.size();) {
      ScoreGroup group = {.score = ScoreOf(keys_[i])};
      for (const uint64_t rank = keys_[i] >> 1; i < keys_.size() && keys_[i] >> 1 == rank; ++i) {
        ++((keys_[i] & 1) != 0 ? group.positives : group.negatives);
      }
      visit(group);
    }
  }

 private:
  static float ScoreOf(uint64_t key);

  hwy::Sorter sorter_;
  std::vector<uint64_t> keys_;  // descending; bit 0 the label, above it the score's bits in an order-preserving form
  int64_t positives_ = 0;
};

}  // namespace ll::learner

#endif  // LL_LEARNER_RANKED_SCORES_H_
