// EndpointService and PredictionService in memory. An endpoint moves one state on each time it is looked at: CREATING
// and UPDATING become IN_SERVICE (or FAILED, or IN_SERVICE with the error of the update, when the version is broken),
// DELETING becomes gone. The score of a row is the mean of its features; its label tells whether that is at least one
// half.
#ifndef LL_TESTS_TESTING_FAKE_SERVICES_FAKE_ENDPOINT_SERVICE_H_
#define LL_TESTS_TESTING_FAKE_SERVICES_FAKE_ENDPOINT_SERVICE_H_

#include "ll/v1/endpoint_service.grpc.pb.h"
#include "ll/v1/prediction_service.grpc.pb.h"
#include "tests/testing/fake_services/fake_state.h"

namespace ll::testing {

class FakeEndpointService final : public v1::EndpointService::Service {
 public:
  explicit FakeEndpointService(FakeState& state) : state_(state) {}

  grpc::Status CreateEndpoint(grpc::ServerContext*, const v1::CreateEndpointRequest* request,
                              v1::Endpoint* response) override;
  grpc::Status GetEndpoint(grpc::ServerContext*, const v1::GetEndpointRequest* request,
                           v1::Endpoint* response) override;
  grpc::Status ListEndpoints(grpc::ServerContext*, const v1::ListEndpointsRequest* request,
                             v1::ListEndpointsResponse* response) override;
  grpc::Status UpdateEndpoint(grpc::ServerContext*, const v1::UpdateEndpointRequest* request,
                              v1::Endpoint* response) override;
  grpc::Status DeleteEndpoint(grpc::ServerContext*, const v1::DeleteEndpointRequest* request,
                              v1::Endpoint* response) override;
  grpc::Status WatchEndpoint(grpc::ServerContext* context, const v1::WatchEndpointRequest* request,
                             grpc::ServerWriter<v1::WatchEndpointResponse>* writer) override;

 private:
  FakeState& state_;
};

class FakePredictionService final : public v1::PredictionService::Service {
 public:
  explicit FakePredictionService(FakeState& state) : state_(state) {}

  grpc::Status Predict(grpc::ServerContext*, const v1::PredictRequest* request, v1::PredictResponse* response) override;
  grpc::Status StreamPredict(
      grpc::ServerContext*,
      grpc::ServerReaderWriter<v1::StreamPredictResponse, v1::StreamPredictRequest>* stream) override;

 private:
  FakeState& state_;
};

}  // namespace ll::testing

#endif  // LL_TESTS_TESTING_FAKE_SERVICES_FAKE_ENDPOINT_SERVICE_H_
