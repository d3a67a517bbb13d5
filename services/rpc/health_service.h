// grpc.health.v1.Health over HealthStates: what load balancers, `grpc_health_probe` and our client ask.
#ifndef LL_SERVICES_RPC_HEALTH_SERVICE_H_
#define LL_SERVICES_RPC_HEALTH_SERVICE_H_

#include "grpc/health/v1/health.grpc.pb.h"
#include "services/rpc/health_states.h"
#include "services/rpc/rpc_runtime.h"

namespace ll::rpc {

class HealthService final : public grpc::health::v1::Health::CallbackService {
 public:
  // Both must outlive the server.
  HealthService(RpcRuntime& runtime, HealthStates& states) : runtime_(runtime), states_(states) {}

  grpc::ServerUnaryReactor* Check(grpc::CallbackServerContext* context,
                                  const grpc::health::v1::HealthCheckRequest* request,
                                  grpc::health::v1::HealthCheckResponse* response) override;
  grpc::ServerWriteReactor<grpc::health::v1::HealthCheckResponse>* Watch(
      grpc::CallbackServerContext* context, const grpc::health::v1::HealthCheckRequest* request) override;

 private:
  RpcRuntime& runtime_;
  HealthStates& states_;
};

}  // namespace ll::rpc

#endif  // LL_SERVICES_RPC_HEALTH_SERVICE_H_
