// A connection to one llserver: what every service's client is built on.
//
//   LL_ASSIGN_OR_RETURN(Connection connection, Connection::Open({.address = "127.0.0.1:7070"}));
//   ModelClient models(connection);
//
// It is a gRPC channel with our settings: messages up to 256 MiB both ways, retries by the service config, quick
// reconnects, no HTTP proxy. Opening never waits and never fails for want of a server; the first call finds out, and
// says "cannot reach 127.0.0.1:7070: Connection refused. Is the server running? ..." (UNAVAILABLE /
// SERVER_UNREACHABLE).
//
// Copyable: copies share the channel. Thread-safe.
#ifndef LL_CLIENTS_CPP_CONNECTION_H_
#define LL_CLIENTS_CPP_CONNECTION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "clients/cpp/service_config.h"
#include "grpcpp/channel.h"

namespace ll::client {

inline constexpr char kDefaultAddress[] = "127.0.0.1:7070";

struct ConnectionOptions {
  std::string address = kDefaultAddress;                  // host:port, [v6]:port, or unix:path
  int64_t max_message_bytes = int64_t{256} << 20;         // in either direction; the server has a limit of its own
  std::string service_config = kClientServiceConfigJson;  // timeouts and retries of every method
};

class Connection {
 public:
  // INVALID_ARGUMENT / CONFIG_INVALID for an ill-formed address or service config.
  static absl::StatusOr<Connection> Open(const ConnectionOptions& options = {});

  const std::string& address() const { return address_; }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

  // How long a call of `method` ("package.Service/Method") may take when its CallOptions do not say.
  absl::Duration DefaultTimeout(absl::string_view method) const;

 private:
  Connection(std::string address, std::shared_ptr<grpc::Channel> channel, std::shared_ptr<const ServiceConfig> config)
      : address_(std::move(address)), channel_(std::move(channel)), config_(std::move(config)) {}

  std::string address_;
  std::shared_ptr<grpc::Channel> channel_;
  std::shared_ptr<const ServiceConfig> config_;
};

}  // namespace ll::client

#endif  // LL_CLIENTS_CPP_CONNECTION_H_
