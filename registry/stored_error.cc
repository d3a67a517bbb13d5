#include "registry/stored_error.h"

#include <optional>
#include <utility>

#include "base/error_reason.h"

namespace ll::registry {

StoredError ToStoredError(const absl::Status& status) {
  const ErrorDetails details =
      GetErrorDetails(status).value_or(ErrorDetails{.reason = std::string(ErrorReasonName(ErrorReason::kInternal))});
  StoredError error{.code = status.raw_code(), .reason = details.reason, .message = std::string(status.message())};
  for (const FieldViolation& violation : details.field_violations) {
    error.field_violations.emplace_back(violation.field, violation.description);
  }
  return error;
}

absl::Status ToStatus(const StoredError& error) {
  ErrorDetails details{.reason = error.reason};
  for (const auto& [field, description] : error.field_violations) {
    details.field_violations.push_back({field, description});
  }
  return WithErrorDetails(absl::Status(static_cast<absl::StatusCode>(error.code), error.message), details);
}

}  // namespace ll::registry
