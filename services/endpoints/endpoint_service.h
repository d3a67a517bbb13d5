// ll.v1.EndpointService over EndpointCatalog.
#ifndef LL_SERVICES_ENDPOINTS_ENDPOINT_SERVICE_H_
#define LL_SERVICES_ENDPOINTS_ENDPOINT_SERVICE_H_

#include <functional>
#include <optional>
#include <string>

#include "ll/v1/endpoint_service.grpc.pb.h"
#include "services/endpoints/endpoint_catalog.h"
#include "services/rpc/health_states.h"
#include "services/rpc/rpc_runtime.h"

namespace ll::endpoints {

class EndpointService final : public v1::EndpointService::CallbackService {
 public:
  // Both must outlive the server.
  EndpointService(rpc::RpcRuntime& runtime, EndpointCatalog& catalog) : runtime_(runtime), catalog_(catalog) {}

  grpc::ServerUnaryReactor* CreateEndpoint(grpc::CallbackServerContext* context,
                                           const v1::CreateEndpointRequest* request, v1::Endpoint* response) override;
  grpc::ServerUnaryReactor* GetEndpoint(grpc::CallbackServerContext* context, const v1::GetEndpointRequest* request,
                                        v1::Endpoint* response) override;
  grpc::ServerUnaryReactor* ListEndpoints(grpc::CallbackServerContext* context, const v1::ListEndpointsRequest* request,
                                          v1::ListEndpointsResponse* response) override;
  grpc::ServerUnaryReactor* UpdateEndpoint(grpc::CallbackServerContext* context,
                                           const v1::UpdateEndpointRequest* request, v1::Endpoint* response) override;
  grpc::ServerUnaryReactor* DeleteEndpoint(grpc::CallbackServerContext* context,
                                           const v1::DeleteEndpointRequest* request, v1::Endpoint* response) override;
  grpc::ServerWriteReactor<v1::WatchEndpointResponse>* WatchEndpoint(grpc::CallbackServerContext* context,
                                                                     const v1::WatchEndpointRequest* request) override;

 private:
  rpc::RpcRuntime& runtime_;
  EndpointCatalog& catalog_;
};

// For EndpointManager::Options::on_serving: what health checks of "endpoints/{id}" answer. `states` must outlive the
// manager.
std::function<void(const std::string& endpoint_id, std::optional<bool> serving)> ReportHealth(
    rpc::HealthStates& states);

}  // namespace ll::endpoints

#endif  // LL_SERVICES_ENDPOINTS_ENDPOINT_SERVICE_H_
