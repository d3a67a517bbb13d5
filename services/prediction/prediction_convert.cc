#include "services/prediction/prediction_convert.h"

#include <vector>

#include "google/protobuf/repeated_field.h"

namespace ll::prediction {
namespace {

v1::ScoreKind ToProto(learner::ScoreKind kind) {
  switch (kind) {
    case learner::ScoreKind::kProbability: return v1::PROBABILITY;
    case learner::ScoreKind::kMargin: return v1::MARGIN;
    case learner::ScoreKind::kValue: return v1::VALUE;
  }
  return v1::SCORE_KIND_UNSPECIFIED;
}

template <typename T>
absl::Span<const T> ToSpan(const google::protobuf::RepeatedField<T>& field) {
  return absl::MakeConstSpan(field.data(), static_cast<size_t>(field.size()));
}

template <typename Request>
Rows ToRows(const Request& request) {
  if (!request.has_sparse()) return DenseRows{ToSpan(request.dense().values()), request.dense().columns()};
  const v1::SparseRows& rows = request.sparse();
  return SparseRows{ToSpan(rows.row_offsets()), ToSpan(rows.column_indices()), ToSpan(rows.values()), rows.columns()};
}

template <typename T>
void Append(const std::vector<T>& from, google::protobuf::RepeatedField<T>* to) {
  to->Add(from.begin(), from.end());
}

}  // namespace

Rows RowsOf(const v1::PredictRequest& request) { return ToRows(request); }

Rows RowsOf(const v1::StreamPredictRequest& request) { return ToRows(request); }

void BeginPredictions(const PredictorHandle& handle, int64_t rows, v1::Predictions* predictions) {
  const learner::ModelSchema& schema = handle->schema();
  predictions->mutable_scores()->Clear();
  predictions->mutable_scores()->Reserve(static_cast<int>(rows * schema.outputs));
  predictions->mutable_predicted_labels()->Clear();
  if (schema.has_labels()) predictions->mutable_predicted_labels()->Reserve(static_cast<int>(rows));
  predictions->set_outputs(schema.outputs);
  predictions->set_score_kind(ToProto(schema.score_kind()));
  predictions->set_model_version(handle->model_version());
  predictions->set_variant(handle.variant());
}

void AppendScores(const learner::Scores& scores, v1::Predictions* predictions) {
  Append(scores.values, predictions->mutable_scores());
  Append(scores.labels, predictions->mutable_predicted_labels());
}

}  // namespace ll::prediction
