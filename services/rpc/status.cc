#include "services/rpc/status.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/error_reason.h"
#include "base/utf8.h"
#include "google/rpc/error_details.pb.h"
#include "registry/stored_error.h"

namespace ll::rpc {
namespace {

// What gRPC's own trailers and the correlation id need stays free of the clients' 8 KiB.
constexpr size_t kMaxTrailerBytes = 7 * 1024;
constexpr size_t kMaxMessageBytes = 1500;
constexpr size_t kMaxMetadataValueBytes = 200;

// The reason of an error that was not made by MakeError.
ErrorReason ReasonOfCode(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange: return ErrorReason::kInvalidArgument;
    case absl::StatusCode::kCancelled: return ErrorReason::kCancelled;
    case absl::StatusCode::kDeadlineExceeded: return ErrorReason::kDeadlineExceeded;
    case absl::StatusCode::kAlreadyExists: return ErrorReason::kAlreadyExists;
    case absl::StatusCode::kFailedPrecondition: return ErrorReason::kWrongState;
    case absl::StatusCode::kResourceExhausted: return ErrorReason::kOverloaded;
    case absl::StatusCode::kUnavailable: return ErrorReason::kShuttingDown;
    case absl::StatusCode::kUnimplemented: return ErrorReason::kUnimplemented;
    case absl::StatusCode::kDataLoss: return ErrorReason::kCorruptBlob;
    default: return ErrorReason::kInternal;
  }
}

ErrorDetails DetailsOf(const absl::Status& status) {
  ErrorDetails details = GetErrorDetails(status).value_or(ErrorDetails{});
  if (details.reason.empty()) details.reason = std::string(ErrorReasonName(ReasonOfCode(status.code())));
  return details;
}

google::rpc::Status Build(absl::StatusCode code, absl::string_view message, const ErrorDetails& details) {
  google::rpc::Status status;
  status.set_code(static_cast<int>(code));
  status.set_message(ToValidUtf8(message));

  google::rpc::ErrorInfo info;
  info.set_reason(details.reason);
  info.set_domain(kErrorDomain);
  for (const auto& [key, value] : details.metadata) (*info.mutable_metadata())[key] = ToValidUtf8(value);
  status.add_details()->PackFrom(info);

  if (!details.field_violations.empty()) {
    google::rpc::BadRequest bad_request;
    for (const FieldViolation& violation : details.field_violations) {
      auto* added = bad_request.add_field_violations();
      added->set_field(ToValidUtf8(violation.field));
      added->set_description(ToValidUtf8(violation.description));
    }
    status.add_details()->PackFrom(bad_request);
  }
  if (!details.precondition_violations.empty()) {
    google::rpc::PreconditionFailure failure;
    for (const PreconditionViolation& violation : details.precondition_violations) {
      auto* added = failure.add_violations();
      added->set_type(violation.type);
      added->set_subject(ToValidUtf8(violation.subject));
      added->set_description(ToValidUtf8(violation.description));
    }
    status.add_details()->PackFrom(failure);
  }
  if (details.resource.has_value()) {
    google::rpc::ResourceInfo resource;
    resource.set_resource_type(details.resource->type);
    resource.set_resource_name(ToValidUtf8(details.resource->name));
    status.add_details()->PackFrom(resource);
  }
  if (details.retry_delay.has_value()) {
    google::rpc::RetryInfo retry;
    const timespec delay = absl::ToTimespec(*details.retry_delay);
    retry.mutable_retry_delay()->set_seconds(delay.tv_sec);
    retry.mutable_retry_delay()->set_nanos(static_cast<int32_t>(delay.tv_nsec));
    status.add_details()->PackFrom(retry);
  }
  return status;
}

// Bytes on the wire: the message percent-encoded (RFC 3986), the details in base64.
size_t TrailerBytes(const google::rpc::Status& status) {
  const auto escaped = std::count_if(status.message().begin(), status.message().end(),
                                     [](char c) { return c < 0x20 || c > 0x7e || c == '%'; });
  return status.message().size() + 2 * static_cast<size_t>(escaped) + (status.ByteSizeLong() + 2) / 3 * 4;
}

// Keeps as many elements of a list in `details` from the front as fit, and puts one in the place of the others that
// tells how many there were.
template <typename Violation, typename MakeRest>
google::rpc::Status KeepWhatFits(absl::StatusCode code, absl::string_view message, ErrorDetails& details,
                                 std::vector<Violation> ErrorDetails::*list, MakeRest make_rest) {
  const std::vector<Violation> all = std::move(details.*list);
  const auto build = [&](size_t kept) {
    details.*list = std::vector<Violation>(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(kept));
    if (kept < all.size()) (details.*list).push_back(make_rest(absl::StrCat("and ", all.size() - kept, " more")));
    return Build(code, message, details);
  };
  size_t fits = 0;  // kept elements that fit, or none
  size_t too_many = std::min(all.size(), kMaxTrailerBytes) + 1;
  while (too_many - fits > 1) {
    const size_t middle = fits + (too_many - fits) / 2;
    (TrailerBytes(build(middle)) <= kMaxTrailerBytes ? fits : too_many) = middle;
  }
  return build(fits);
}

google::rpc::Status BuildShortened(const absl::Status& status, ErrorDetails details) {
  const std::string message = ShortenUtf8(status.message(), kMaxMessageBytes);
  for (auto& [key, value] : details.metadata) value = ShortenUtf8(value, kMaxMetadataValueBytes);
  google::rpc::Status built =
      KeepWhatFits(status.code(), message, details, &ErrorDetails::field_violations, [](std::string rest) {
        return FieldViolation{"", std::move(rest)};
      });
  if (TrailerBytes(built) <= kMaxTrailerBytes) return built;
  built = KeepWhatFits(status.code(), message, details, &ErrorDetails::precondition_violations, [](std::string rest) {
    return PreconditionViolation{"", "", std::move(rest)};
  });
  if (TrailerBytes(built) <= kMaxTrailerBytes) return built;
  details.metadata.clear();
  details.resource.reset();
  return Build(status.code(), ShortenUtf8(message, kMaxMessageBytes / 3), details);
}

}  // namespace

google::rpc::Status ToRpcStatus(const absl::Status& status) {
  if (status.ok()) return {};
  return Build(status.code(), status.message(), DetailsOf(status));
}

google::rpc::Status ToRpcStatus(const registry::StoredError& error) { return ToRpcStatus(registry::ToStatus(error)); }

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const ErrorDetails details = DetailsOf(status);
  google::rpc::Status built = Build(status.code(), status.message(), details);
  if (TrailerBytes(built) > kMaxTrailerBytes) built = BuildShortened(status, details);
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), built.message(), built.SerializeAsString());
}

}  // namespace ll::rpc
