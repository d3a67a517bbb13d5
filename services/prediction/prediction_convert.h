// Batches between the API and the engine. Rows are not copied on the way in; what the rows must be is checked by
// CheckRows().
#ifndef LL_SERVICES_PREDICTION_PREDICTION_CONVERT_H_
#define LL_SERVICES_PREDICTION_PREDICTION_CONVERT_H_

#include <cstdint>

#include "ll/v1/prediction_service.pb.h"
#include "services/prediction/batch.h"
#include "services/prediction/predictor.h"

namespace ll::prediction {

// The rows of a request (of either kind), valid as long as it is; none when it has none.
Rows RowsOf(const v1::PredictRequest& request);
Rows RowsOf(const v1::StreamPredictRequest& request);

// Makes `predictions` an answer without scores by the handle's version, with room for those of `rows` rows. Memory that
// it has is used again.
void BeginPredictions(const PredictorHandle& handle, int64_t rows, v1::Predictions* predictions);

void AppendScores(const learner::Scores& scores, v1::Predictions* predictions);

}  // namespace ll::prediction

#endif  // LL_SERVICES_PREDICTION_PREDICTION_CONVERT_H_
