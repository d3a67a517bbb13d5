// The shape of every unary method: check, convert, delegate, return.
//
// How to add an RPC method
//   1. protos/ll/v1/<x>_service.proto: the rpc, its request and response, every field and error documented.
//      tests/contract/api_rules_test.cc tells which rules it breaks.
//   2. services/<role>/<x>_convert.{h,cc}: FromProto(request) -> StatusOr of plain structs, collecting every violation
//      in a FieldChecks; ToProto(record), which cannot fail. The convert test sets every field in turn.
//   3. The engine: a method over plain structs that takes registry::WriteOptions if it changes something.
//   4. services/<role>/<x>_service.{h,cc}: override the generated callback method with one call of
//        Unary()        answers from the engine (below)
//        ServerStream() sends messages as they come: watches, downloads (server_stream.h)
//        Upload()       takes a header, chunks and a trailer (upload_stream.h)
//   5. A test in the service's contract test for each documented code.
//
//   grpc::ServerUnaryReactor* ModelService::GetModel(grpc::CallbackServerContext* context,
//                                                    const v1::GetModelRequest* request, v1::Model* response) {
//     return Unary(runtime_, context, request, response,
//                  [this](const RequestContext&, const v1::GetModelRequest& request, v1::Model* response) ->
//                  absl::Status {
//                    LL_ASSIGN_OR_RETURN(const std::string id, ParseModelName(request.name(), "name"));
//                    LL_ASSIGN_OR_RETURN(const registry::ModelRecord model, catalog_.GetModel(id));
//                    *response = ToProto(model);
//                    return absl::OkStatus();
//                  });
//   }
//
// Around the body: a worker thread, CheckCall() before it, one log line and the status's way to the wire after it.
#ifndef LL_SERVICES_RPC_UNARY_H_
#define LL_SERVICES_RPC_UNARY_H_

#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "grpcpp/server_context.h"
#include "services/rpc/request_context.h"
#include "services/rpc/rpc_runtime.h"

namespace ll::rpc {

// `body`: absl::Status(const RequestContext&, const Request&, Response*), copyable. It runs once, on a worker thread,
// and may block on the disk. `runtime` and what `body` refers to must outlive the server.
template <typename Request, typename Response, typename Body>
grpc::ServerUnaryReactor* Unary(RpcRuntime& runtime, grpc::CallbackServerContext* context, const Request* request,
                                Response* response, Body body);

// The same on gRPC's own thread, for bodies that neither block nor compute for long.
template <typename Request, typename Response, typename Body>
grpc::ServerUnaryReactor* InlineUnary(RpcRuntime& runtime, grpc::CallbackServerContext* context, const Request* request,
                                      Response* response, Body body);

// Parts of the above.
enum class RunOn { kWorker, kCallersThread };
grpc::ServerUnaryReactor* RunUnary(RpcRuntime& runtime, grpc::CallbackServerContext* context,
                                   const google::protobuf::Message& request, const google::protobuf::Message& response,
                                   std::function<absl::Status(const RequestContext&)> body, RunOn where);

template <typename Request, typename Response, typename Body>
grpc::ServerUnaryReactor* Unary(RpcRuntime& runtime, grpc::CallbackServerContext* context, const Request* request,
                                Response* response, Body body) {
  return RunUnary(
      runtime, context, *request, *response,
      [request, response, body = std::move(body)](const RequestContext& call) {
        return body(call, *request, response);
      },
      RunOn::kWorker);
}

template <typename Request, typename Response, typename Body>
grpc::ServerUnaryReactor* InlineUnary(RpcRuntime& runtime, grpc::CallbackServerContext* context, const Request* request,
                                      Response* response, Body body) {
  return RunUnary(
      runtime, context, *request, *response,
      [request, response, body = std::move(body)](const RequestContext& call) {
        return body(call, *request, response);
      },
      RunOn::kCallersThread);
}

}  // namespace ll::rpc

#endif  // LL_SERVICES_RPC_UNARY_H_
