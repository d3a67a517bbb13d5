// One gRPC call on its way: a context with deadline and cancellation, and the translation of how it ended. For the
// clients of this folder; users of the library do not need it.
//
//   ClientCall call(connection_, "ll.v1.ModelService/GetModel", options);
//   v1::Model model;
//   LL_RETURN_IF_ERROR(call.End(stub_->GetModel(call.context(), request, &model)));
//
// or, for a whole unary call:
//
//   return CallUnary(connection_, "ll.v1.ModelService/GetModel", *stub_, &Stub::GetModel, request, options);
#ifndef LL_CLIENTS_CPP_CLIENT_CALL_H_
#define LL_CLIENTS_CPP_CLIENT_CALL_H_

#include <atomic>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/random.h"
#include "clients/cpp/call_options.h"
#include "clients/cpp/connection.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/status.h"

namespace ll::client {

// Used by one thread, except that a stop may be requested from any. Usable for one call.
class ClientCall {
 public:
  // `method` must outlive the object: "package.Service/Method".
  ClientCall(const Connection& connection, absl::string_view method, const CallOptions& options);
  ClientCall(const ClientCall&) = delete;
  ClientCall& operator=(const ClientCall&) = delete;

  grpc::ClientContext* context() { return &context_; }
  // Gives the call up; it then ends with CANCELLED.
  void Cancel() {
    cancelled_ = true;
    context_.TryCancel();
  }

  // What the call's final status means. CANCELLED that nobody here asked for is UNAVAILABLE / SHUTTING_DOWN: that is
  // how gRPC ends what still runs when a server's time to drain is over. The details get the server's id of the call
  // (`call_id`), by which its log names it.
  absl::Status End(const grpc::Status& status) const;

 private:
  const std::string address_;
  const absl::string_view method_;
  grpc::ClientContext context_;
  std::atomic<bool> cancelled_{false};
  std::optional<std::stop_callback<std::function<void()>>> on_stop_;
};

template <typename Stub, typename Request, typename Response>
using UnaryRpc = grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Response*);

template <typename Stub, typename Request, typename Response>
absl::StatusOr<Response> CallUnary(const Connection& connection, absl::string_view method, Stub& stub,
                                   UnaryRpc<Stub, Request, Response> rpc, const Request& request,
                                   const CallOptions& options) {
  ClientCall call(connection, method, options);
  Response response;
  if (absl::Status status = call.End((stub.*rpc)(call.context(), request, &response)); !status.ok()) return status;
  return response;
}

// A unary call that changes something. It gets a request id of its own unless the caller chose one, so that the server
// does it once however often the transport repeats it.
template <typename Stub, typename Request, typename Response>
absl::StatusOr<Response> CallMutation(const Connection& connection, absl::string_view method, Stub& stub,
                                      UnaryRpc<Stub, Request, Response> rpc, Request request,
                                      const CallOptions& options) {
  if (request.request_id().empty()) request.set_request_id(RandomUuid());
  return CallUnary(connection, method, stub, rpc, request, options);
}

}  // namespace ll::client

#endif  // LL_CLIENTS_CPP_CLIENT_CALL_H_
