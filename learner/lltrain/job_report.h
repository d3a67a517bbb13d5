// What a job leaves beside its model for people to look at:
//
//   metrics.json    scores of each channel, what was chosen, and the losses of every candidate after every epoch
//   loss.svg        those losses, the chosen candidate's in front
//   threshold.svg   binary classifiers: precision and recall by threshold
//   weights.svg     the weights as pictures, where features are the pixels of a square image
#ifndef LL_LEARNER_LLTRAIN_JOB_REPORT_H_
#define LL_LEARNER_LLTRAIN_JOB_REPORT_H_

#include <map>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "learner/dataset.h"
#include "learner/model.h"
#include "learner/trainer.h"

namespace ll::lltrain {

// Not thread-safe.
class JobReport final {
 public:
  void AddEpoch(const learner::EpochReport& report);

  // File name -> contents, for the finished `model`. `data`: the rows that its threshold was chosen on, with their
  // labels; `channel` is their name. Equal jobs give equal bytes.
  std::map<std::string, std::string> Files(const learner::Model& model, const learner::Dataset& data,
                                           const std::string& channel) const;

  // Every name that Files() may give.
  static absl::Span<const char* const> FileNames();

 private:
  std::string MetricsJson(const learner::Model& model) const;
  std::string LossChart(const learner::Model& model) const;

  std::vector<learner::EpochReport> epochs_;
};

}  // namespace ll::lltrain

#endif  // LL_LEARNER_LLTRAIN_JOB_REPORT_H_
