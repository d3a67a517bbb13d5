// ll.v1.EventService over EventLog.
#ifndef LL_SERVICES_REGISTRY_EVENT_SERVICE_H_
#define LL_SERVICES_REGISTRY_EVENT_SERVICE_H_

#include "ll/v1/event_service.grpc.pb.h"
#include "services/registry/event_log.h"
#include "services/rpc/rpc_runtime.h"

namespace ll::catalog {

class EventService final : public v1::EventService::CallbackService {
 public:
  // Both must outlive the server.
  EventService(rpc::RpcRuntime& runtime, EventLog& log) : runtime_(runtime), log_(log) {}

  grpc::ServerUnaryReactor* GetEvent(grpc::CallbackServerContext* context, const v1::GetEventRequest* request,
                                     v1::Event* response) override;
  grpc::ServerUnaryReactor* ListEvents(grpc::CallbackServerContext* context, const v1::ListEventsRequest* request,
                                       v1::ListEventsResponse* response) override;
  grpc::ServerWriteReactor<v1::WatchEventsResponse>* WatchEvents(grpc::CallbackServerContext* context,
                                                                 const v1::WatchEventsRequest* request) override;

 private:
  rpc::RpcRuntime& runtime_;
  EventLog& log_;
};

}  // namespace ll::catalog

#endif  // LL_SERVICES_REGISTRY_EVENT_SERVICE_H_
