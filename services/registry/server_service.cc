#include "services/registry/server_service.h"

#include "services/rpc/proto_values.h"
#include "services/rpc/unary.h"

namespace ll::catalog {

void ServerService::set_grpc_address(const std::string& address) {
  MutexLock lock(&mutex_);
  grpc_address_ = address;
}

grpc::ServerUnaryReactor* ServerService::GetServerInfo(grpc::CallbackServerContext* context,
                                                       const v1::GetServerInfoRequest* request,
                                                       v1::ServerInfo* response) {
  return rpc::InlineUnary(
      runtime_, context, request, response,
      [this](const rpc::RequestContext& call, const v1::GetServerInfoRequest&, v1::ServerInfo* response) {
        MutexLock lock(&mutex_);
        *response = ToProto(facts_, grpc_address_, call.from_this_machine);
        return absl::OkStatus();
      });
}

v1::ServerInfo ToProto(const ServerFacts& facts, const std::string& grpc_address, bool for_this_machine) {
  v1::ServerInfo info;
  info.set_version(facts.version);
  *info.mutable_start_time() = rpc::ToProto(facts.start_time);
  info.set_grpc_address(grpc_address);
  if (for_this_machine) info.set_data_directory(facts.data_directory);
  v1::ServerInfo::Limits& limits = *info.mutable_limits();
  limits.set_max_message_bytes(facts.max_message_bytes);
  limits.set_max_inflight_bytes(facts.max_inflight_bytes);
  limits.set_max_running_training_jobs(facts.max_running_training_jobs);
  limits.set_max_queued_training_jobs(facts.max_queued_training_jobs);
  limits.set_max_stream_batches(facts.max_stream_batches);
  return info;
}

}  // namespace ll::catalog
