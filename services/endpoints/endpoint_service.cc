#include "services/endpoints/endpoint_service.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/status_macros.h"
#include "registry/endpoint_store.h"
#include "services/endpoints/endpoint_convert.h"
#include "services/rpc/paging.h"
#include "services/rpc/resource_names.h"
#include "services/rpc/server_stream.h"
#include "services/rpc/unary.h"

namespace ll::endpoints {
namespace {

using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;
using registry::EndpointRecord;
using rpc::RequestContext;
using rpc::StreamStep;
using rpc::Unary;
using v1::WatchEndpointResponse;

class WatchSource final : public rpc::StreamSource<WatchEndpointResponse> {
 public:
  explicit WatchSource(std::unique_ptr<EndpointWatch> watch) : watch_(std::move(watch)) {}

  absl::StatusOr<StreamStep> Next(WatchEndpointResponse* response) override {
    if (deleted_) return StreamStep::kEnd;
    LL_ASSIGN_OR_RETURN(const std::optional<EndpointWatch::Change> change, watch_->Next());
    if (!change.has_value()) return StreamStep::kWait;
    deleted_ = change->deleted;
    *response->mutable_endpoint() = ToProto(change->endpoint);
    response->set_deleted(change->deleted);
    return StreamStep::kMessage;
  }

 private:
  const std::unique_ptr<EndpointWatch> watch_;
  bool deleted_ = false;
};

}  // namespace

ServerUnaryReactor* EndpointService::CreateEndpoint(CallbackServerContext* context,
                                                    const v1::CreateEndpointRequest* request, v1::Endpoint* response) {
  return Unary(runtime_, context, request, response,
               [this](const RequestContext& call, const auto& request, auto* response) -> absl::Status {
                 LL_ASSIGN_OR_RETURN(const EndpointRecord record, FromProto(request));
                 LL_ASSIGN_OR_RETURN(const EndpointRecord created, catalog_.Create(record, call.write));
                 *response = ToProto(created);
                 return absl::OkStatus();
               });
}

ServerUnaryReactor* EndpointService::GetEndpoint(CallbackServerContext* context, const v1::GetEndpointRequest* request,
                                                 v1::Endpoint* response) {
  return Unary(runtime_, context, request, response,
               [this](const RequestContext&, const auto& request, auto* response) -> absl::Status {
                 LL_ASSIGN_OR_RETURN(const std::string id, rpc::ParseEndpointName(request.name(), "name"));
                 LL_ASSIGN_OR_RETURN(const EndpointRecord endpoint, catalog_.Get(id));
                 *response = ToProto(endpoint);
                 return absl::OkStatus();
               });
}

ServerUnaryReactor* EndpointService::ListEndpoints(CallbackServerContext* context,
                                                   const v1::ListEndpointsRequest* request,
                                                   v1::ListEndpointsResponse* response) {
  return Unary(runtime_, context, request, response,
               [this](const RequestContext&, const auto& request, auto* response) -> absl::Status {
                 const rpc::PageTokens& tokens = runtime_.page_tokens();
                 LL_ASSIGN_OR_RETURN(const auto query,
                                     rpc::ParseListRequest(request, registry::EndpointStore::kFilterFields, tokens));
                 LL_ASSIGN_OR_RETURN(const registry::Page<EndpointRecord> page, catalog_.List(query));
                 for (const EndpointRecord& endpoint : page.records) *response->add_endpoints() = ToProto(endpoint);
                 response->set_next_page_token(rpc::NextPageToken(request, page, tokens));
                 return absl::OkStatus();
               });
}

ServerUnaryReactor* EndpointService::UpdateEndpoint(CallbackServerContext* context,
                                                    const v1::UpdateEndpointRequest* request, v1::Endpoint* response) {
  return Unary(runtime_, context, request, response,
               [this](const RequestContext& call, const auto& request, auto* response) -> absl::Status {
                 LL_ASSIGN_OR_RETURN(const EndpointUpdate update, FromProto(request));
                 LL_ASSIGN_OR_RETURN(const EndpointRecord updated, catalog_.Update(update, call.write));
                 *response = ToProto(updated);
                 return absl::OkStatus();
               });
}

ServerUnaryReactor* EndpointService::DeleteEndpoint(CallbackServerContext* context,
                                                    const v1::DeleteEndpointRequest* request, v1::Endpoint* response) {
  return Unary(runtime_, context, request, response,
               [this](const RequestContext& call, const auto& request, auto* response) -> absl::Status {
                 LL_ASSIGN_OR_RETURN(const std::string id, rpc::ParseEndpointName(request.name(), "name"));
                 LL_ASSIGN_OR_RETURN(const EndpointRecord deleted, catalog_.Delete(id, request.etag(), call.write));
                 *response = ToProto(deleted);
                 return absl::OkStatus();
               });
}

grpc::ServerWriteReactor<WatchEndpointResponse>* EndpointService::WatchEndpoint(
    CallbackServerContext* context, const v1::WatchEndpointRequest* request) {
  return rpc::ServerStream<WatchEndpointResponse>(
      runtime_, context, request,
      [this](const RequestContext&, const auto& request,
             rpc::StreamWaker& waker) -> absl::StatusOr<std::unique_ptr<rpc::StreamSource<WatchEndpointResponse>>> {
        LL_ASSIGN_OR_RETURN(const std::string id, rpc::ParseEndpointName(request.name(), "name"));
        return std::make_unique<WatchSource>(catalog_.Watch(id, [&waker] { waker.Wake(); }));
      });
}

std::function<void(const std::string& endpoint_id, std::optional<bool> serving)> ReportHealth(
    rpc::HealthStates& states) {
  return [&states](const std::string& endpoint_id, std::optional<bool> serving) {
    const std::string name = registry::EndpointName(endpoint_id);
    if (serving.has_value()) {
      states.SetEndpoint(name, *serving);
    } else {
      states.RemoveEndpoint(name);
    }
  };
}

}  // namespace ll::endpoints
