#include "clients/cpp/server_client.h"

#include <utility>

#include "clients/cpp/client_call.h"

namespace ll::client {
namespace {

using Health = grpc::health::v1::Health::StubInterface;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

}  // namespace

ServerClient::ServerClient(Connection connection)
    : connection_(std::move(connection)),
      stub_(v1::ServerService::NewStub(connection_.channel())),
      health_(grpc::health::v1::Health::NewStub(connection_.channel())) {}

absl::StatusOr<v1::ServerInfo> ServerClient::GetServerInfo(const CallOptions& options) const {
  return CallUnary(connection_, "ll.v1.ServerService/GetServerInfo", *stub_,
                   &v1::ServerService::StubInterface::GetServerInfo, v1::GetServerInfoRequest(), options);
}

absl::StatusOr<bool> ServerClient::IsServing(const std::string& service, const CallOptions& options) const {
  HealthCheckRequest request;
  request.set_service(service);
  const absl::StatusOr<HealthCheckResponse> response =
      CallUnary(connection_, "grpc.health.v1.Health/Check", *health_, &Health::Check, request, options);
  if (!response.ok()) return response.status();
  return response->status() == HealthCheckResponse::SERVING;
}

}  // namespace ll::client
