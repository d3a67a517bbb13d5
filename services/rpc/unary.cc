#include "services/rpc/unary.h"

#include <string>

#include "services/rpc/status.h"

namespace ll::rpc {
namespace {

// A create names its resource only in the answer.
std::string ResourceOfCall(const google::protobuf::Message& request, const google::protobuf::Message& response) {
  const std::string name = ResourceOf(request);
  return name.empty() ? ResourceOf(response) : name;
}

}  // namespace

grpc::ServerUnaryReactor* RunUnary(RpcRuntime& runtime, grpc::CallbackServerContext* context,
                                   const google::protobuf::Message& request, const google::protobuf::Message& response,
                                   std::function<absl::Status(const RequestContext&)> body, RunOn where) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  const RequestContext call = MakeRequestContext(runtime, *context, request);
  context->AddTrailingMetadata(kCorrelationMetadata, call.correlation_id);

  // Context, request and response live until Finish() has been called.
  const auto finish = [reactor, call, &request, &response](const absl::Status& status) {
    LogCall(call, status, ResourceOfCall(request, response));
    reactor->Finish(ToGrpcStatus(status));
  };
  auto run = [&runtime, context, call, &request, body = std::move(body), finish] {
    const absl::Status refused = CheckCall(runtime, *context, call, request);
    finish(refused.ok() ? body(call) : refused);
  };
  if (where == RunOn::kCallersThread) {
    run();
  } else if (!runtime.workers().TryPost(std::move(run))) {
    finish(OverloadedError());
  }
  return reactor;
}

}  // namespace ll::rpc
