#include "clients/cpp/endpoint_client.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "clients/cpp/client_call.h"
#include "clients/cpp/grpc_status.h"
#include "clients/cpp/list_call.h"

namespace ll::client {
namespace {

using Stub = v1::EndpointService::StubInterface;

}  // namespace

bool HasSettled(const v1::Endpoint& endpoint) {
  return endpoint.state() == v1::Endpoint::IN_SERVICE || endpoint.state() == v1::Endpoint::FAILED;
}

absl::Status OutcomeOf(const v1::Endpoint& endpoint) {
  const absl::Status error = FromRpcStatus(endpoint.error());
  if (!error.ok() || endpoint.state() != v1::Endpoint::FAILED) return error;
  return MakeError(absl::StatusCode::kInternal, ErrorReason::kInternal,
                   {.what = absl::StrCat(endpoint.name(), " is not in service"),
                    .why = "it is FAILED without an error",
                    .remedy = "Look into the server's log."},
                   {.metadata = {{"endpoint", endpoint.name()}}});
}

EndpointClient::EndpointClient(Connection connection)
    : connection_(std::move(connection)), stub_(v1::EndpointService::NewStub(connection_.channel())) {}

absl::StatusOr<v1::Endpoint> EndpointClient::CreateEndpoint(v1::CreateEndpointRequest request,
                                                            const CallOptions& options) const {
  return CallMutation(connection_, "ll.v1.EndpointService/CreateEndpoint", *stub_, &Stub::CreateEndpoint,
                      std::move(request), options);
}

absl::StatusOr<v1::Endpoint> EndpointClient::GetEndpoint(const std::string& name, const CallOptions& options) const {
  v1::GetEndpointRequest request;
  request.set_name(name);
  return CallUnary(connection_, "ll.v1.EndpointService/GetEndpoint", *stub_, &Stub::GetEndpoint, request, options);
}

ListRange<v1::Endpoint> EndpointClient::ListEndpoints(v1::ListEndpointsRequest request,
                                                      const CallOptions& options) const {
  return CallList("ll.v1.EndpointService/ListEndpoints", connection_, stub_, &Stub::ListEndpoints,
                  &v1::ListEndpointsResponse::mutable_endpoints, std::move(request), options);
}

absl::StatusOr<v1::Endpoint> EndpointClient::UpdateEndpoint(v1::UpdateEndpointRequest request,
                                                            const CallOptions& options) const {
  return CallMutation(connection_, "ll.v1.EndpointService/UpdateEndpoint", *stub_, &Stub::UpdateEndpoint,
                      std::move(request), options);
}

absl::StatusOr<v1::Endpoint> EndpointClient::DeleteEndpoint(v1::DeleteEndpointRequest request,
                                                            const CallOptions& options) const {
  return CallMutation(connection_, "ll.v1.EndpointService/DeleteEndpoint", *stub_, &Stub::DeleteEndpoint,
                      std::move(request), options);
}

absl::Status EndpointClient::WatchEndpoint(const std::string& name,
                                           absl::FunctionRef<bool(const v1::Endpoint&, bool deleted)> on_update,
                                           const WaitOptions& options) const {
  v1::WatchEndpointRequest request;
  request.set_name(name);
  WatchLoop loop(connection_, "ll.v1.EndpointService/WatchEndpoint", options);
  return loop.Run<v1::WatchEndpointResponse>(
      [&](grpc::ClientContext* context) { return stub_->WatchEndpoint(context, request); },
      [&](v1::WatchEndpointResponse& message) {
        return on_update(message.endpoint(), message.deleted()) && !message.deleted();
      });
}

absl::StatusOr<v1::Endpoint> EndpointClient::WaitForEndpoint(const std::string& name,
                                                             const std::function<void(const v1::Endpoint&)>& on_update,
                                                             const WaitOptions& options) const {
  v1::Endpoint endpoint;
  bool gone = false;
  const absl::Status status = WatchEndpoint(
      name,
      [&](const v1::Endpoint& now, bool deleted) {
        endpoint = now;
        gone = deleted;
        if (on_update) on_update(now);
        return !HasSettled(now);
      },
      options);
  if (!status.ok()) return Annotate(status, absl::StrCat("waiting for ", name));
  if (!gone) return endpoint;
  return MakeError(absl::StatusCode::kNotFound, ErrorReason::kEndpointNotFound,
                   {.what = absl::StrCat("waiting for ", name),
                    .why = "it was deleted meanwhile",
                    .remedy = "See who did it with `llctl event list`."},
                   {.metadata = {{"endpoint", name}}});
}

absl::Status EndpointClient::WaitForEndpointDeletion(const std::string& name,
                                                     const std::function<void(const v1::Endpoint&)>& on_update,
                                                     const WaitOptions& options) const {
  const absl::Status status = WatchEndpoint(
      name,
      [&](const v1::Endpoint& now, bool) {
        if (on_update) on_update(now);
        return true;
      },
      options);
  // It may go between two connections, or before the first one.
  if (status.ok() || absl::IsNotFound(status)) return absl::OkStatus();
  return Annotate(status, absl::StrCat("waiting for the end of ", name));
}

}  // namespace ll::client
