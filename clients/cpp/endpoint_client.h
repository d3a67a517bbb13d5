// Endpoints: where model versions are served. A thin typed layer over ll.v1.EndpointService, and the waiting that users
// of it would otherwise write themselves.
//
//   EndpointClient endpoints(connection);
//   LL_ASSIGN_OR_RETURN(v1::Endpoint endpoint, endpoints.CreateEndpoint(request));
//   LL_ASSIGN_OR_RETURN(endpoint, endpoints.WaitForEndpoint(endpoint.name()));
//   LL_RETURN_IF_ERROR(OutcomeOf(endpoint));
//
// Copyable; thread-safe.
#ifndef LL_CLIENTS_CPP_ENDPOINT_CLIENT_H_
#define LL_CLIENTS_CPP_ENDPOINT_CLIENT_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/call_options.h"
#include "clients/cpp/connection.h"
#include "clients/cpp/list_range.h"
#include "clients/cpp/watch.h"
#include "ll/v1/endpoint_service.grpc.pb.h"

namespace ll::client {

// Whether the endpoint has come to rest: IN_SERVICE or FAILED.
bool HasSettled(const v1::Endpoint& endpoint);

// How the last change of a settled endpoint went: OK, or its error. An endpoint that is IN_SERVICE has one when an
// update did not go through and the old version serves on.
absl::Status OutcomeOf(const v1::Endpoint& endpoint);

class EndpointClient {
 public:
  explicit EndpointClient(Connection connection);

  absl::StatusOr<v1::Endpoint> CreateEndpoint(v1::CreateEndpointRequest request, const CallOptions& options = {}) const;
  absl::StatusOr<v1::Endpoint> GetEndpoint(const std::string& name, const CallOptions& options = {}) const;
  ListRange<v1::Endpoint> ListEndpoints(v1::ListEndpointsRequest request = {}, const CallOptions& options = {}) const;
  absl::StatusOr<v1::Endpoint> UpdateEndpoint(v1::UpdateEndpointRequest request, const CallOptions& options = {}) const;
  absl::StatusOr<v1::Endpoint> DeleteEndpoint(v1::DeleteEndpointRequest request, const CallOptions& options = {}) const;

  // Calls `on_update` with the endpoint now and after every change, until that returns false or the endpoint is deleted
  // (both OK; `deleted` then tells which). Goes on over broken connections. NOT_FOUND; DEADLINE_EXCEEDED and CANCELLED
  // as `options` ask.
  absl::Status WatchEndpoint(const std::string& name,
                             absl::FunctionRef<bool(const v1::Endpoint&, bool deleted)> on_update,
                             const WaitOptions& options = {}) const;

  // The endpoint once it has settled. `on_update` may be empty. NOT_FOUND when it is deleted meanwhile.
  absl::StatusOr<v1::Endpoint> WaitForEndpoint(const std::string& name,
                                               const std::function<void(const v1::Endpoint&)>& on_update = {},
                                               const WaitOptions& options = {}) const;
  // Returns once the endpoint is gone; at once when it is not there.
  absl::Status WaitForEndpointDeletion(const std::string& name,
                                       const std::function<void(const v1::Endpoint&)>& on_update = {},
                                       const WaitOptions& options = {}) const;

 private:
  Connection connection_;
  std::shared_ptr<v1::EndpointService::StubInterface> stub_;
};

}  // namespace ll::client

#endif  // LL_CLIENTS_CPP_ENDPOINT_CLIENT_H_
