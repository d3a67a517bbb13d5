// A gRPC server in the test's own process, on a free loopback port, and a channel to it.
//
//   GrpcTestServer server;
//   server.AddService(v1::ModelService::service_full_name(), service);
//   server.Start();
//   auto stub = v1::ModelService::NewStub(server.channel());
#ifndef LL_TESTS_TESTING_GRPC_TEST_SERVER_H_
#define LL_TESTS_TESTING_GRPC_TEST_SERVER_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/impl/codegen/service_type.h"
#include "services/rpc/health_states.h"
#include "services/rpc/rpc_runtime.h"
#include "services/rpc/server.h"

namespace ll::testing {

class GrpcTestServer {
 public:
  explicit GrpcTestServer(const rpc::RpcOptions& rpc_options = {}, rpc::ServerOptions server_options = {});
  ~GrpcTestServer();

  rpc::RpcRuntime& runtime() { return runtime_; }
  rpc::HealthStates& health() { return health_; }
  rpc::GrpcServer& server() { return *server_; }

  void AddService(absl::string_view full_name, grpc::Service& service) { server_->AddService(full_name, service); }
  // Serves, and says so to health checks.
  void Start();
  void Shutdown() { server_->Shutdown(); }

  const std::string& address() const { return address_; }
  // One connection of its own for each call of this function: tests may break it.
  std::shared_ptr<grpc::Channel> NewChannel() const;
  // The same one every time.
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

 private:
  rpc::RpcRuntime runtime_;
  rpc::HealthStates health_;
  std::unique_ptr<rpc::GrpcServer> server_;
  std::string address_;
  std::shared_ptr<grpc::Channel> channel_;
};

// A client context with a deadline that only a test that hangs reaches.
std::unique_ptr<grpc::ClientContext> NewContext(absl::Duration timeout = absl::Seconds(30));

}  // namespace ll::testing

#endif  // LL_TESTS_TESTING_GRPC_TEST_SERVER_H_
