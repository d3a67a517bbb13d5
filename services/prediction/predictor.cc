#include "services/prediction/predictor.h"

namespace ll::prediction {

absl::Status LocalPredictor::Predict(const float* rows, int64_t n, learner::Scores* scores) const {
  model_.Score(rows, n, scores);
  return absl::OkStatus();
}

absl::Status LocalPredictor::Predict(const learner::SparseBlock& rows, learner::Scores* scores) const {
  model_.Score(rows, scores);
  return absl::OkStatus();
}

}  // namespace ll::prediction
