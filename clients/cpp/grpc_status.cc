#include "clients/cpp/grpc_status.h"

#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/error_reason.h"
#include "google/rpc/error_details.pb.h"

namespace ll::client {
namespace {

// Codes outside the canonical 16 come from a foreign server.
absl::StatusCode ToCode(int code) {
  const bool canonical = code > 0 && code <= static_cast<int>(absl::StatusCode::kUnauthenticated);
  return canonical ? static_cast<absl::StatusCode>(code) : absl::StatusCode::kUnknown;
}

// Adds what one detail says; details of types unknown to this release are left out.
void AddDetail(const google::protobuf::Any& any, ErrorDetails& details) {
  if (google::rpc::ErrorInfo info; any.UnpackTo(&info)) {
    details.reason = info.reason();
    details.metadata.insert(info.metadata().begin(), info.metadata().end());
  } else if (google::rpc::BadRequest bad_request; any.UnpackTo(&bad_request)) {
    for (const auto& violation : bad_request.field_violations()) {
      details.field_violations.push_back({violation.field(), violation.description()});
    }
  } else if (google::rpc::PreconditionFailure failure; any.UnpackTo(&failure)) {
    for (const auto& violation : failure.violations()) {
      details.precondition_violations.push_back({violation.type(), violation.subject(), violation.description()});
    }
  } else if (google::rpc::ResourceInfo resource; any.UnpackTo(&resource)) {
    details.resource = ResourceInfo{resource.resource_type(), resource.resource_name()};
  } else if (google::rpc::RetryInfo retry; any.UnpackTo(&retry)) {
    details.retry_delay = absl::Seconds(retry.retry_delay().seconds()) + absl::Nanoseconds(retry.retry_delay().nanos());
  }
}

// "failed to connect to all addresses; last error: UNKNOWN: ipv4:127.0.0.1:1: Failed to connect to remote host:
// Connection refused" -> "Connection refused".
std::string InnermostCause(absl::string_view message) {
  for (const absl::string_view marker : {"remote host: ", "last error: ", "DNS resolution failed for "}) {
    if (const size_t at = message.rfind(marker); at != absl::string_view::npos) {
      return std::string(message.substr(marker[0] == 'D' ? at : at + marker.size()));
    }
  }
  return std::string(message);
}

constexpr char kConnectionMetadata[] = "connection";

absl::Status Unreachable(absl::string_view message, absl::string_view address) {
  const bool never_connected =
      absl::StrContains(message, "failed to connect") || absl::StrContains(message, "DNS resolution failed");
  const std::string cause = InnermostCause(message);
  return MakeError(
      absl::StatusCode::kUnavailable, ErrorReason::kServerUnreachable,
      {.what = absl::StrCat(never_connected ? "cannot reach " : "lost the connection to ", address),
       .why = cause.empty() ? "the server did not say why" : cause,
       .remedy = "Is the server running? Start it with `llserver`, or give the address of the one you mean."},
      {.metadata = {{"address", std::string(address)}, {kConnectionMetadata, never_connected ? "none" : "lost"}}});
}

// An error that carries no details of ours: gRPC made it, or a server that is not ours.
absl::Status FromTransport(const grpc::Status& status, absl::string_view address, absl::string_view method) {
  const std::string what = absl::StrCat(method, " on ", address, " failed");
  const absl::StatusCode code = ToCode(status.error_code());
  const ErrorDetails details{.metadata = {{"address", std::string(address)}, {"method", std::string(method)}}};
  switch (code) {
    case absl::StatusCode::kUnavailable: return Unreachable(status.error_message(), address);
    case absl::StatusCode::kDeadlineExceeded:
      return MakeError(code, ErrorReason::kDeadlineExceeded,
                       {.what = what,
                        .why = "it did not end within the time allowed",
                        .remedy = "Allow more time, or ask `llctl status` how the server is."},
                       details);
    case absl::StatusCode::kCancelled:
      return MakeError(code, ErrorReason::kCancelled, {.what = what, .why = "it was cancelled"}, details);
    case absl::StatusCode::kUnimplemented:
      return MakeError(code, ErrorReason::kUnimplemented,
                       {.what = what,
                        .why = "the server does not know this method",
                        .remedy = "Compare the releases of client and server with `llctl version`."},
                       details);
    case absl::StatusCode::kResourceExhausted:
      if (absl::StrContains(status.error_message(), "message larger than max")) {
        return MakeError(code, ErrorReason::kMessageTooLarge,
                         {.what = what,
                          .why = status.error_message(),
                          .remedy = "Send fewer rows in one message; max_message_bytes is the setting on both sides."},
                         details);
      }
      return MakeError(code, ErrorReason::kOverloaded,
                       {.what = what, .why = status.error_message(), .remedy = "Try again later."}, details);
    default: return MakeError(code, ErrorReason::kInternal, {.what = what, .why = status.error_message()}, details);
  }
}

}  // namespace

absl::Status FromRpcStatus(const google::rpc::Status& status) {
  if (status.code() == 0) return absl::OkStatus();
  ErrorDetails details;
  for (const google::protobuf::Any& any : status.details()) AddDetail(any, details);
  return WithErrorDetails(absl::Status(ToCode(status.code()), status.message()), details);
}

absl::Status FromGrpcStatus(const grpc::Status& status, absl::string_view address, absl::string_view method) {
  if (status.ok()) return absl::OkStatus();
  google::rpc::Status detailed;
  if (!status.error_details().empty() && detailed.ParseFromString(status.error_details()) && detailed.code() != 0) {
    // The call's own code and message are what every client sees; they win over the copy in the details.
    detailed.set_code(status.error_code());
    detailed.set_message(status.error_message());
    return FromRpcStatus(detailed);
  }
  return FromTransport(status, address, method);
}

bool WasConnected(const absl::Status& status) {
  const std::optional<ErrorDetails> details = GetErrorDetails(status);
  if (!details.has_value()) return false;
  const auto connection = details->metadata.find(kConnectionMetadata);
  return connection == details->metadata.end() || connection->second != "none";
}

}  // namespace ll::client
