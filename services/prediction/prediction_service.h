// The gRPC door of predictions.
//
// Both methods run on gRPC's own threads: a batch takes microseconds and touches no disk, lock or database. Because
// they are the one hot path of the server, they differ from the recipe in services/rpc/unary.h:
//   - a prediction that succeeds is not logged, and gets a correlation id only when its caller sent one;
//   - a stream parses its messages itself, into memory that it keeps, and reads the next batch while it scores one.
#ifndef LL_SERVICES_PREDICTION_PREDICTION_SERVICE_H_
#define LL_SERVICES_PREDICTION_PREDICTION_SERVICE_H_

#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "ll/v1/prediction_service.grpc.pb.h"
#include "services/prediction/admission.h"
#include "services/prediction/predictor.h"
#include "services/rpc/rpc_runtime.h"

namespace ll::prediction {

// Batches of one stream that the server holds at a time: one is being answered, and one waits.
inline constexpr int kMaxStreamBatches = 2;

class PredictionService final
    : public v1::PredictionService::WithCallbackMethod_Predict<
          v1::PredictionService::WithRawCallbackMethod_StreamPredict<v1::PredictionService::Service>> {
 public:
  // All must outlive the server.
  PredictionService(rpc::RpcRuntime& runtime, PredictorSource& predictors, Admission& admission)
      : runtime_(runtime), predictors_(predictors), admission_(admission) {}

  grpc::ServerUnaryReactor* Predict(grpc::CallbackServerContext* context, const v1::PredictRequest* request,
                                    v1::PredictResponse* response) override;
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* StreamPredict(
      grpc::CallbackServerContext* context) override;

 private:
  rpc::RpcRuntime& runtime_;
  PredictorSource& predictors_;
  Admission& admission_;
};

}  // namespace ll::prediction

#endif  // LL_SERVICES_PREDICTION_PREDICTION_SERVICE_H_
