// Errors on their way to the wire. Engines return absl::Status with the details of base/error_reason.h; here, and
// nowhere else in the server, they become what every gRPC client library understands: a code, a message, and a
// google.rpc.Status with exactly one ErrorInfo {reason, domain "ll", metadata} and, where present, BadRequest,
// PreconditionFailure, ResourceInfo and RetryInfo.
//
//   reactor->Finish(ToGrpcStatus(status));                  // of a call: travels in grpc-status-details-bin
//   *job.mutable_error() = ToRpcStatus(*record.error);      // kept on a resource, or inside a stream
//
// All functions are pure and thread-safe.
#ifndef LL_SERVICES_RPC_STATUS_H_
#define LL_SERVICES_RPC_STATUS_H_

#include "absl/status/status.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/support/status.h"
#include "registry/records.h"

namespace ll::rpc {

inline constexpr char kErrorDomain[] = "ll";

// The whole error. A status without details (made by a library) gets the reason that fits its code. OK gives an empty
// message.
google::rpc::Status ToRpcStatus(const absl::Status& status);
google::rpc::Status ToRpcStatus(const registry::StoredError& error);

// The same for the end of a call. gRPC clients refuse trailers beyond 8 KiB and then show RESOURCE_EXHAUSTED instead of
// the error, so a longer one is shortened: first the message and long metadata values, then the last violations, of
// which only the count is told.
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace ll::rpc

#endif  // LL_SERVICES_RPC_STATUS_H_
