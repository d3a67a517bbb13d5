#include "clients/cpp/client_call.h"

#include <algorithm>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "clients/cpp/grpc_status.h"

namespace ll::client {
namespace {

// An "infinite" timeout still ends some day: no call is without a deadline.
constexpr absl::Duration kLongestTimeout = absl::Hours(24 * 30);
constexpr char kCallIdMetadata[] = "x-request-id";

absl::Status EndedByServer(absl::string_view method, absl::string_view address) {
  return MakeError(absl::StatusCode::kUnavailable, ErrorReason::kShuttingDown,
                   {.what = absl::StrCat(method, " on ", address, " failed"),
                    .why = "the server ended the call; it is shutting down",
                    .remedy = "Connect again when it is back."},
                   {.metadata = {{"address", std::string(address)}, {"method", std::string(method)}}});
}

}  // namespace

ClientCall::ClientCall(const Connection& connection, absl::string_view method, const CallOptions& options)
    : address_(connection.address()), method_(method) {
  const absl::Duration timeout =
      std::clamp(options.timeout.value_or(connection.DefaultTimeout(method)), absl::ZeroDuration(), kLongestTimeout);
  context_.set_deadline(
      std::chrono::system_clock::now() +
      std::chrono::duration_cast<std::chrono::system_clock::duration>(absl::ToChronoNanoseconds(timeout)));
  if (options.stop.stop_possible()) on_stop_.emplace(options.stop, [this] { Cancel(); });
}

absl::Status ClientCall::End(const grpc::Status& status) const {
  if (status.error_code() == grpc::StatusCode::CANCELLED && status.error_details().empty() && !cancelled_) {
    return EndedByServer(method_, address_);
  }
  absl::Status result = FromGrpcStatus(status, address_, method_);
  if (result.ok()) return result;
  const auto& trailers = context_.GetServerTrailingMetadata();
  if (const auto id = trailers.find(kCallIdMetadata); id != trailers.end()) {
    ErrorDetails details = GetErrorDetails(result).value_or(ErrorDetails{});
    details.metadata["call_id"] = std::string(id->second.data(), id->second.size());
    result = WithErrorDetails(std::move(result), details);
  }
  return result;
}

}  // namespace ll::client
