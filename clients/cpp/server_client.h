// About the server itself: version and limits (ll.v1.ServerService), and health (grpc.health.v1).
//
//   ServerClient server(connection);
//   LL_ASSIGN_OR_RETURN(v1::ServerInfo info, server.GetServerInfo());
//   LL_ASSIGN_OR_RETURN(bool serving, server.IsServing("endpoints/mnist-zero"));
//
// Copyable; thread-safe.
#ifndef LL_CLIENTS_CPP_SERVER_CLIENT_H_
#define LL_CLIENTS_CPP_SERVER_CLIENT_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "clients/cpp/call_options.h"
#include "clients/cpp/connection.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "ll/v1/server_service.grpc.pb.h"

namespace ll::client {

class ServerClient {
 public:
  explicit ServerClient(Connection connection);

  absl::StatusOr<v1::ServerInfo> GetServerInfo(const CallOptions& options = {}) const;

  // `service`: empty for the server as a whole, the full name of a gRPC service, or `endpoints/{id}`. NOT_FOUND for
  // anything else.
  absl::StatusOr<bool> IsServing(const std::string& service, const CallOptions& options = {}) const;

 private:
  Connection connection_;
  std::shared_ptr<v1::ServerService::StubInterface> stub_;
  std::shared_ptr<grpc::health::v1::Health::StubInterface> health_;
};

}  // namespace ll::client

#endif  // LL_CLIENTS_CPP_SERVER_CLIENT_H_
