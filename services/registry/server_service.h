// ll.v1.ServerService: what a client may want to know of the server it talks to.
#ifndef LL_SERVICES_REGISTRY_SERVER_SERVICE_H_
#define LL_SERVICES_REGISTRY_SERVER_SERVICE_H_

#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "ll/v1/server_service.grpc.pb.h"
#include "services/rpc/rpc_runtime.h"

namespace ll::catalog {

// Known to main() alone.
struct ServerFacts {
  std::string version = {};
  absl::Time start_time = {};
  std::string data_directory = {};
  int64_t max_message_bytes = 0;
  int64_t max_inflight_bytes = 0;
  int max_running_training_jobs = 0;
  int max_queued_training_jobs = 0;
  int max_stream_batches = 0;
};

// Thread-safe.
class ServerService final : public v1::ServerService::CallbackService {
 public:
  // `runtime` must outlive the server.
  ServerService(rpc::RpcRuntime& runtime, ServerFacts facts) : runtime_(runtime), facts_(std::move(facts)) {}

  // Once it is known, after the server has started.
  void set_grpc_address(const std::string& address);

  grpc::ServerUnaryReactor* GetServerInfo(grpc::CallbackServerContext* context, const v1::GetServerInfoRequest* request,
                                          v1::ServerInfo* response) override;

 private:
  rpc::RpcRuntime& runtime_;
  const ServerFacts facts_;
  Mutex mutex_;
  std::string grpc_address_ ABSL_GUARDED_BY(mutex_);
};

// `for_this_machine`: the caller may also know the data directory.
v1::ServerInfo ToProto(const ServerFacts& facts, const std::string& grpc_address, bool for_this_machine);

}  // namespace ll::catalog

#endif  // LL_SERVICES_REGISTRY_SERVER_SERVICE_H_
