#include "learner/lltrain/failure.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"

namespace ll::lltrain {
namespace {

struct ReasonClass {
  ErrorReason reason;
  ExitCode exit_code;
};

constexpr ReasonClass kClasses[] = {
    {ErrorReason::kInvalidArgument, ExitCode::kCustomerError},
    {ErrorReason::kInvalidHyperparameter, ExitCode::kCustomerError},
    {ErrorReason::kInvalidChannel, ExitCode::kCustomerError},
    {ErrorReason::kInvalidData, ExitCode::kCustomerError},
    {ErrorReason::kInvalidArtifact, ExitCode::kCustomerError},
    {ErrorReason::kInvalidCheckpoint, ExitCode::kCustomerError},
    {ErrorReason::kSchemaMismatch, ExitCode::kCustomerError},
    {ErrorReason::kConfigInvalid, ExitCode::kCustomerError},
    {ErrorReason::kUnimplemented, ExitCode::kCustomerError},
    {ErrorReason::kStorageFull, ExitCode::kPlatformError},
    {ErrorReason::kStorageFailed, ExitCode::kPlatformError},
    {ErrorReason::kInterrupted, ExitCode::kPlatformError},
};

const char* ClassName(ExitCode exit_code) {
  switch (exit_code) {
    case ExitCode::kCustomerError: return "ClientError";
    case ExitCode::kPlatformError: return "InternalServerError";
    case ExitCode::kSuccess:
    case ExitCode::kAlgorithmError: return "AlgorithmError";
  }
  return "AlgorithmError";
}

}  // namespace

ExitCode ExitCodeOf(const absl::Status& status) {
  if (status.ok()) return ExitCode::kSuccess;
  if (absl::IsNotFound(status)) return ExitCode::kCustomerError;  // a file that was named and is not there
  for (const ReasonClass& entry : kClasses) {
    if (HasReason(status, entry.reason)) return entry.exit_code;
  }
  return absl::IsInvalidArgument(status) ? ExitCode::kCustomerError : ExitCode::kAlgorithmError;
}

std::string FailureText(const absl::Status& status) {
  const std::optional<ErrorDetails> details = GetErrorDetails(status);
  return absl::StrCat(ClassName(ExitCodeOf(status)), ": ", absl::string_view(status.message()), " (caused by ",
                      details.has_value() ? details->reason : absl::StatusCodeToString(status.code()), ")");
}

}  // namespace ll::lltrain
