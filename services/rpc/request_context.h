// What an engine and the log may know of a call: who, which, until when, and how to write.
//
// A client may send the metadata `x-request-id` (at most 128 printable characters) to find its call in the server's
// log. Otherwise it is the field `request_id`, which makes a mutation repeatable and is in its events, so that log and
// events name a change alike; for other calls one is made. It comes back in the trailing metadata of the same name.
#ifndef LL_SERVICES_RPC_REQUEST_CONTEXT_H_
#define LL_SERVICES_RPC_REQUEST_CONTEXT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "grpcpp/server_context.h"
#include "registry/registry.h"
#include "services/rpc/rpc_runtime.h"

namespace ll::rpc {

inline constexpr char kCorrelationMetadata[] = "x-request-id";

struct RequestContext {
  std::string method = {};          // "CreateModel"
  std::string actor = {};           // "anonymous@ipv4:127.0.0.1:51324"
  std::string correlation_id = {};  // in every log line about the call
  bool from_this_machine = false;
  bool mutation = false;  // its request has a `request_id`
  absl::Time start_time = {};
  absl::Time deadline = {};           // the client's, or the server's default
  registry::WriteOptions write = {};  // actor, request id, fingerprint, validate_only: pass it to the engine's writes
};

// `request` is the method's request, or the header of an upload.
RequestContext MakeRequestContext(const RpcRuntime& runtime, const grpc::CallbackServerContext& context,
                                  const google::protobuf::Message& request);

// What every call is refused for before its handler runs: INVALID_ARGUMENT for a `request_id` beyond 128 bytes,
// RESOURCE_EXHAUSTED / MESSAGE_TOO_LARGE for a message over the limit, DEADLINE_EXCEEDED and CANCELLED for a call that
// nobody waits for any more.
absl::Status CheckCall(const RpcRuntime& runtime, const grpc::CallbackServerContext& context,
                       const RequestContext& call, const google::protobuf::Message& request);

// The part of it that concerns a message's size; `method` as in RequestContext.
absl::Status CheckMessageSize(const RpcRuntime& runtime, absl::string_view method, int64_t bytes);

// One line: mutations at INFO, reads at DEBUG, defects and lost data at ERROR. `resource` may be empty.
void LogCall(const RequestContext& call, const absl::Status& status, absl::string_view resource);

// The resource that a request or answer is about: its field `name`; empty when it has none.
std::string ResourceOf(const google::protobuf::Message& message);

// The three common refusals.
absl::Status OverloadedError();
absl::Status CancelledError();
absl::Status ShuttingDownError();

// Whether gRPC's name of a peer is a loopback address or a Unix socket.
bool IsLoopbackPeer(absl::string_view peer);

}  // namespace ll::rpc

#endif  // LL_SERVICES_RPC_REQUEST_CONTEXT_H_
