#include "clients/cpp/connection.h"

#include <algorithm>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "grpc/impl/codegen/grpc_types.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/channel_arguments.h"

namespace ll::client {
namespace {

constexpr absl::Duration kTimeoutOfUnlistedMethods = absl::Seconds(30);

absl::Status CheckAddress(absl::string_view address) {
  if (absl::StartsWith(address, "unix:") && address.size() > 5) return absl::OkStatus();
  const size_t colon = address.rfind(':');
  const absl::string_view host = colon == absl::string_view::npos ? "" : address.substr(0, colon);
  const bool one_host = !absl::StrContains(host, ':') || (absl::StartsWith(host, "[") && absl::EndsWith(host, "]"));
  int port = 0;
  if (!host.empty() && one_host && absl::SimpleAtoi(address.substr(colon + 1), &port) && port > 0 && port <= 65535) {
    return absl::OkStatus();
  }
  return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kConfigInvalid,
                   {.what = absl::StrCat("cannot use the server address \"", address, "\""),
                    .why = "it is not HOST:PORT, [IPv6]:PORT or unix:PATH",
                    .remedy = absl::StrCat("Give one such as ", kDefaultAddress, ".")},
                   {.metadata = {{"address", std::string(address)}}});
}

grpc::ChannelArguments Arguments(const ConnectionOptions& options, const ServiceConfig& config) {
  const int limit = static_cast<int>(std::min<int64_t>(options.max_message_bytes, std::numeric_limits<int>::max()));
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(limit);
  arguments.SetMaxSendMessageSize(limit);
  arguments.SetServiceConfigJSON(config.grpc_json());
  // The config above is the only one: none is looked up in DNS.
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  // A server of one's own network is not behind the proxy that $http_proxy names.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // A restarted server is found again within a second or two, not after gRPC's up to two minutes.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2000);
  // Each Connection has a TCP connection of its own, whatever others in the process do.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return arguments;
}

}  // namespace

absl::StatusOr<Connection> Connection::Open(const ConnectionOptions& options) {
  LL_RETURN_IF_ERROR(CheckAddress(options.address));
  LL_ASSIGN_OR_RETURN(ServiceConfig config, ServiceConfig::Parse(options.service_config));
  auto channel =
      grpc::CreateCustomChannel(options.address, grpc::InsecureChannelCredentials(), Arguments(options, config));
  return Connection(options.address, std::move(channel), std::make_shared<const ServiceConfig>(std::move(config)));
}

absl::Duration Connection::DefaultTimeout(absl::string_view method) const {
  return config_->TimeoutOf(method).value_or(kTimeoutOfUnlistedMethods);
}

}  // namespace ll::client
