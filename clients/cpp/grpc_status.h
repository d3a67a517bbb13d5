// Errors as they come from the wire, turned back into what the server's engines said: absl::Status with the details of
// base/error_reason.h (reason, metadata, violations, resource, retry delay).
//
// Errors that gRPC itself makes get our three parts and a reason too: nobody listens (SERVER_UNREACHABLE), too late
// (DEADLINE_EXCEEDED), too large (MESSAGE_TOO_LARGE), a server that does not know the method (UNIMPLEMENTED).
// Pure and thread-safe.
#ifndef LL_CLIENTS_CPP_GRPC_STATUS_H_
#define LL_CLIENTS_CPP_GRPC_STATUS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/support/status.h"

namespace ll::client {

// An error inside a message: of a resource (`TrainingJob.error`) or of one batch of a stream. An empty one is OK.
absl::Status FromRpcStatus(const google::rpc::Status& status);

// The end of a call of `method` ("package.Service/Method") on the server at `address`.
absl::Status FromGrpcStatus(const grpc::Status& status, absl::string_view address, absl::string_view method);

// Of an UNAVAILABLE error: whether there was a connection, which broke or over which the server said so itself. False:
// nobody was reached.
bool WasConnected(const absl::Status& status);

}  // namespace ll::client

#endif  // LL_CLIENTS_CPP_GRPC_STATUS_H_
