#include "services/rpc/server.h"

#include <grpc/support/log.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/listen_address.h"
#include "base/log.h"
#include "base/mutex.h"
#include "base/status_macros.h"
#include "grpcpp/ext/channelz_service_plugin.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/resource_quota.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"

namespace ll::rpc {
namespace {

// Reflection and channelz are gRPC's own services and hold a thread per open call.
constexpr int kMaxBlockingThreads = 8;
constexpr absl::Duration kMinPingInterval = absl::Seconds(10);

int Milliseconds(absl::Duration duration) { return static_cast<int>(absl::ToInt64Milliseconds(duration)); }

// A message a little over the limit is read so that it can be refused with the setting's name (CheckCall); gRPC itself
// refuses what is over this.
int HardMessageLimit(int64_t max_message_bytes) {
  return static_cast<int>(std::min<int64_t>(2 * max_message_bytes, std::numeric_limits<int>::max()));
}

void SetArguments(const ServerOptions& options, const RpcRuntime& runtime, grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(HardMessageLimit(runtime.options().max_message_bytes));
  builder.SetMaxSendMessageSize(
      static_cast<int>(std::min<int64_t>(runtime.options().max_message_bytes, std::numeric_limits<int>::max())));
  // Otherwise a second server on the same port gets half of the connections.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(options.keepalive_time));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Milliseconds(options.keepalive_timeout));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, Milliseconds(kMinPingInterval));
  builder.AddChannelArgument(GRPC_ARG_ENABLE_CHANNELZ, 1);
  builder.SetResourceQuota(grpc::ResourceQuota("blocking services").SetMaxThreads(kMaxBlockingThreads));
}

void LogGrpcMessage(gpr_log_func_args* message) {
  const LogLevel level = message->severity == GPR_LOG_SEVERITY_ERROR ? LogLevel::kWarning : LogLevel::kDebug;
  Log(level, "grpc", {{"message", message->message}, {"at", absl::StrCat(message->file, ":", message->line)}});
}

}  // namespace

GrpcServer::GrpcServer(RpcRuntime& runtime, HealthStates& health, const ServerOptions& options)
    : runtime_(runtime), health_(health), options_(options), health_service_(runtime, health) {
  AddService(grpc::health::v1::Health::service_full_name(), health_service_);
}

GrpcServer::~GrpcServer() {
  if (server_ == nullptr) return;
  runtime_.EndStreams();
  server_->Shutdown(absl::ToChronoTime(Clock::Real().Now()));
}

void GrpcServer::AddService(absl::string_view full_name, grpc::Service& service) {
  services_.push_back({std::string(full_name), &service});
}

absl::StatusOr<std::string> GrpcServer::Start() {
  LL_ASSIGN_OR_RETURN(ListenAddress address, ParseListenAddress(options_.listen));
  LL_RETURN_IF_ERROR(CheckListenAddress(address, options_.insecure));
  LL_RETURN_IF_ERROR(ProbeListenAddress(address));

  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::channelz::experimental::InitChannelzService();
  grpc::ServerBuilder builder;
  SetArguments(options_, runtime_, builder);
  int port = 0;
  builder.AddListeningPort(address.ToString(), grpc::InsecureServerCredentials(), &port);
  for (const Entry& entry : services_) {
    builder.RegisterService(entry.service);
    health_.AddService(entry.full_name);
  }
  server_ = builder.BuildAndStart();
  if (server_ == nullptr || port == 0) {
    server_ = nullptr;
    return MakeError(absl::StatusCode::kFailedPrecondition, ErrorReason::kAddressInUse,
                     {.what = absl::StrCat("cannot listen on ", address.ToString()),
                      .why = "the address was taken while the server started",
                      .remedy = "Choose another one with --listen (port 0 picks a free port)."});
  }
  if (!address.host.empty()) address.port = port;
  return address.ToString();
}

void GrpcServer::Shutdown() {
  if (server_ == nullptr) return;
  health_.Drain();
  if (options_.drain_time > absl::ZeroDuration()) {
    Mutex mutex;
    MutexLock lock(&mutex);
    options_.clock->AwaitUntil(
        &mutex, [] { return false; }, options_.clock->Now() + options_.drain_time);
  }
  runtime_.EndStreams();
  server_->Shutdown(absl::ToChronoTime(Clock::Real().Now() + options_.shutdown_time));
  server_.reset();
}

void LogGrpcMessages() { gpr_set_log_function(&LogGrpcMessage); }

}  // namespace ll::rpc
