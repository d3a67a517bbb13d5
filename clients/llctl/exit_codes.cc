#include "clients/llctl/exit_codes.h"

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/error_reason.h"

namespace ll::llctl {
namespace {

constexpr char kExitCodeUrl[] = "llctl/exit-code";

constexpr ExitCodeMeaning kTable[] = {
    {kDone, "done"},
    {kFailed, "failed: the request is invalid, or what was waited for ended badly"},
    {kUsage, "wrong usage: unknown command or flag, missing argument"},
    {kNotFound, "not found: there is no such resource"},
    {kNotPermitted, "not permitted"},
    {kTimedOut, "timed out: a deadline passed, or --timeout ended a wait"},
    {kConflict, "conflict: it exists already, is in use, is in the wrong state, or changed meanwhile"},
    {kUnavailable, "the server cannot be reached, or does not serve now"},
    {kInterrupted, "interrupted by Ctrl-C; what was started on the server goes on"},
};

}  // namespace

absl::Span<const ExitCodeMeaning> ExitCodeTable() { return kTable; }

ExitCode ExitCodeOf(const absl::Status& status) {
  if (const auto payload = status.GetPayload(kExitCodeUrl); payload.has_value()) {
    int code = kFailed;
    return absl::SimpleAtoi(std::string(*payload), &code) ? static_cast<ExitCode>(code) : kFailed;
  }
  if (HasReason(status, ErrorReason::kStorageFailed)) return kFailed;
  switch (status.code()) {
    case absl::StatusCode::kOk: return kDone;
    case absl::StatusCode::kNotFound: return kNotFound;
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated: return kNotPermitted;
    case absl::StatusCode::kDeadlineExceeded: return kTimedOut;
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kFailedPrecondition: return kConflict;
    case absl::StatusCode::kUnavailable: return kUnavailable;
    default: return kFailed;
  }
}

absl::Status WithExitCode(absl::Status status, ExitCode code) {
  status.SetPayload(kExitCodeUrl, absl::Cord(absl::StrCat(static_cast<int>(code))));
  return status;
}

absl::Status UsageError(const std::string& what, const std::string& remedy) {
  return WithExitCode(MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidArgument,
                                {.what = what, .why = "", .remedy = remedy}),
                      kUsage);
}

}  // namespace ll::llctl
