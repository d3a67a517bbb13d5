// The gRPC server: binds, serves, drains, stops.
//
//   RpcRuntime runtime(options, tokens);
//   HealthStates health;
//   GrpcServer server(runtime, health, {.listen = "127.0.0.1:0"});
//   server.AddService(v1::ModelService::service_full_name(), model_service);
//   LL_ASSIGN_OR_RETURN(const std::string address, server.Start());     // "127.0.0.1:41234"
//   health.SetServing(true);
//   ... wait for the shutdown signal ...
//   server.Shutdown();
//
// Health (grpc.health.v1), reflection and channelz are added by itself. One server per address: the port is never
// shared with another process.
#ifndef LL_SERVICES_RPC_SERVER_H_
#define LL_SERVICES_RPC_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "grpcpp/server.h"
#include "services/rpc/health_service.h"
#include "services/rpc/health_states.h"
#include "services/rpc/rpc_runtime.h"

namespace ll::rpc {

struct ServerOptions {
  std::string listen = "127.0.0.1:7070";  // see listen_address.h; port 0 picks a free port
  bool insecure = false;                  // allow an address that other machines can reach
  // While draining, how long the server goes on as before so that balancers see NOT_SERVING and turn away.
  absl::Duration drain_time = absl::ZeroDuration();
  // Then, how long accepted calls may take to end before they are cancelled.
  absl::Duration shutdown_time = absl::Seconds(10);
  // A peer that does not answer a ping this long after it fell silent is gone, and so are its streams.
  absl::Duration keepalive_time = absl::Minutes(1);
  absl::Duration keepalive_timeout = absl::Seconds(20);
  Clock* clock = &Clock::Real();
};

// Start and Shutdown from one thread.
class GrpcServer {
 public:
  // Both must outlive this object.
  GrpcServer(RpcRuntime& runtime, HealthStates& health, const ServerOptions& options);
  // Shuts down without waiting when it still runs.
  ~GrpcServer();
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  // Before Start(). `service` must outlive this object.
  void AddService(absl::string_view full_name, grpc::Service& service);

  // The bound address. INVALID_ARGUMENT or FAILED_PRECONDITION / CONFIG_INVALID for an address that cannot or must not
  // be used; FAILED_PRECONDITION / ADDRESS_IN_USE.
  absl::StatusOr<std::string> Start();

  // Health says NOT_SERVING, calls are answered for the drain time, streams are ended, new calls refused, accepted ones
  // awaited for the shutdown time; when it returns no handler runs any more. A second call does nothing.
  void Shutdown();

 private:
  struct Entry {
    std::string full_name;
    grpc::Service* service;
  };

  RpcRuntime& runtime_;
  HealthStates& health_;
  const ServerOptions options_;
  HealthService health_service_;
  std::vector<Entry> services_;
  std::unique_ptr<grpc::Server> server_;
};

// Sends what the gRPC library itself has to say through base/log.h. For main(), before anything of gRPC exists.
void LogGrpcMessages();

}  // namespace ll::rpc

#endif  // LL_SERVICES_RPC_SERVER_H_
