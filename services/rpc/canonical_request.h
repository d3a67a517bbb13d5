// A request as bytes that are equal exactly when the requests mean the same: what request ids and page tokens are bound
// to. Valid within one release; map entries are in key order.
#ifndef LL_SERVICES_RPC_CANONICAL_REQUEST_H_
#define LL_SERVICES_RPC_CANONICAL_REQUEST_H_

#include <initializer_list>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace ll::rpc {

// The message's type and its deterministic serialisation, with the fields named in `without` left out.
std::string CanonicalRequest(const google::protobuf::Message& request, std::initializer_list<const char*> without);

// "CreateModel" of a ll.v1.CreateModelRequest, "WriteObject" of a ll.v1.WriteObjectRequest.Header: every method has a
// request message of its own.
std::string MethodOf(const google::protobuf::Message& request);

}  // namespace ll::rpc

#endif  // LL_SERVICES_RPC_CANONICAL_REQUEST_H_
