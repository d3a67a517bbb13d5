// Predictions of endpoints. A typed layer over ll.v1.PredictionService.
//
//   PredictionClient predictions(connection);
//   v1::PredictRequest request;
//   request.set_endpoint("endpoints/mnist-zero");
//   *request.mutable_dense() = rows;
//   LL_ASSIGN_OR_RETURN(v1::PredictResponse response, predictions.Predict(request));
//
// Many rows go through StreamPredict, which keeps several batches on their way at once and constant memory:
//
//   predictions.StreamPredict("endpoints/mnist-zero",
//       [&](v1::StreamPredictRequest& batch) { return reader.Next(*batch.mutable_dense()); },   // false: no more
//       [&](v1::StreamPredictResponse& answer) { return Print(answer); });
//
// Copyable; thread-safe.
#ifndef LL_CLIENTS_CPP_PREDICTION_CLIENT_H_
#define LL_CLIENTS_CPP_PREDICTION_CLIENT_H_

#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/call_options.h"
#include "clients/cpp/connection.h"
#include "ll/v1/prediction_service.grpc.pb.h"

namespace ll::client {

struct StreamPredictOptions {
  CallOptions call = {};
  // Batches sent and not yet answered; at least 1.
  int max_unanswered = 8;
};

class PredictionClient {
 public:
  // Fills the rows of one batch, dense or sparse; false: there was no further one. An error ends the stream. On entry
  // the rows are those of the kind that was filled before, emptied, with their memory.
  using NextBatch = absl::FunctionRef<absl::StatusOr<bool>(v1::StreamPredictRequest& batch)>;
  // Takes the answer to one batch: predictions, or the error of that batch. An error returned ends the stream.
  using OnAnswer = absl::FunctionRef<absl::Status(v1::StreamPredictResponse& answer)>;

  explicit PredictionClient(Connection connection);

  absl::StatusOr<v1::PredictResponse> Predict(const v1::PredictRequest& request, const CallOptions& options = {}) const;

  // Batches are numbered from 0 (`batch_id`) and answered in that order. `next_batch` runs on a thread of its own, so
  // it may parse while answers are written; `on_answer` runs on the caller's. Returns the first error of either, or
  // that of the call: NOT_FOUND / ENDPOINT_NOT_FOUND, UNAVAILABLE, ... Never before a `next_batch` in progress has
  // returned.
  absl::Status StreamPredict(const std::string& endpoint, NextBatch next_batch, OnAnswer on_answer,
                             const StreamPredictOptions& options = {}) const;

 private:
  Connection connection_;
  std::shared_ptr<v1::PredictionService::StubInterface> stub_;
};

}  // namespace ll::client

#endif  // LL_CLIENTS_CPP_PREDICTION_CLIENT_H_
