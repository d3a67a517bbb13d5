#include "base/error_reason.h"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace ll {
namespace {

constexpr char kPayloadUrl[] = "linear-learner/ErrorDetails";

struct ReasonName {
  ErrorReason reason;
  const char* name;
};

constexpr ReasonName kReasonNames[] = {
    {ErrorReason::kInvalidArgument, "INVALID_ARGUMENT"},
    {ErrorReason::kInvalidName, "INVALID_NAME"},
    {ErrorReason::kInvalidFilter, "INVALID_FILTER"},
    {ErrorReason::kInvalidPageToken, "INVALID_PAGE_TOKEN"},
    {ErrorReason::kInvalidUpdateMask, "INVALID_UPDATE_MASK"},
    {ErrorReason::kRequestIdReused, "REQUEST_ID_REUSED"},
    {ErrorReason::kEtagMismatch, "ETAG_MISMATCH"},
    {ErrorReason::kMessageTooLarge, "MESSAGE_TOO_LARGE"},
    {ErrorReason::kDeadlineExceeded, "DEADLINE_EXCEEDED"},
    {ErrorReason::kCancelled, "CANCELLED"},
    {ErrorReason::kOverloaded, "OVERLOADED"},
    {ErrorReason::kShuttingDown, "SHUTTING_DOWN"},
    {ErrorReason::kUnimplemented, "UNIMPLEMENTED"},
    {ErrorReason::kServiceNotFound, "SERVICE_NOT_FOUND"},
    {ErrorReason::kRouteNotFound, "ROUTE_NOT_FOUND"},
    {ErrorReason::kMethodNotAllowed, "METHOD_NOT_ALLOWED"},
    {ErrorReason::kUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE"},
    {ErrorReason::kNotAcceptable, "NOT_ACCEPTABLE"},
    {ErrorReason::kForeignHost, "FOREIGN_HOST"},
    {ErrorReason::kHeadersTooLarge, "HEADERS_TOO_LARGE"},
    {ErrorReason::kModelNotFound, "MODEL_NOT_FOUND"},
    {ErrorReason::kModelVersionNotFound, "MODEL_VERSION_NOT_FOUND"},
    {ErrorReason::kModelAliasNotFound, "MODEL_ALIAS_NOT_FOUND"},
    {ErrorReason::kTrainingJobNotFound, "TRAINING_JOB_NOT_FOUND"},
    {ErrorReason::kEndpointNotFound, "ENDPOINT_NOT_FOUND"},
    {ErrorReason::kBucketNotFound, "BUCKET_NOT_FOUND"},
    {ErrorReason::kObjectNotFound, "OBJECT_NOT_FOUND"},
    {ErrorReason::kEventNotFound, "EVENT_NOT_FOUND"},
    {ErrorReason::kAlreadyExists, "ALREADY_EXISTS"},
    {ErrorReason::kModelNotEmpty, "MODEL_NOT_EMPTY"},
    {ErrorReason::kBucketNotEmpty, "BUCKET_NOT_EMPTY"},
    {ErrorReason::kInUse, "IN_USE"},
    {ErrorReason::kWrongState, "WRONG_STATE"},
    {ErrorReason::kSchemaMismatch, "SCHEMA_MISMATCH"},
    {ErrorReason::kEventsExpired, "EVENTS_EXPIRED"},
    {ErrorReason::kInvalidHyperparameter, "INVALID_HYPERPARAMETER"},
    {ErrorReason::kInvalidChannel, "INVALID_CHANNEL"},
    {ErrorReason::kInvalidData, "INVALID_DATA"},
    {ErrorReason::kTrainingDiverged, "TRAINING_DIVERGED"},
    {ErrorReason::kTrainingFailed, "TRAINING_FAILED"},
    {ErrorReason::kInterrupted, "INTERRUPTED"},
    {ErrorReason::kStoppingCondition, "STOPPING_CONDITION"},
    {ErrorReason::kInvalidArtifact, "INVALID_ARTIFACT"},
    {ErrorReason::kInvalidCheckpoint, "INVALID_CHECKPOINT"},
    {ErrorReason::kCorruptBlob, "CORRUPT_BLOB"},
    {ErrorReason::kDigestMismatch, "DIGEST_MISMATCH"},
    {ErrorReason::kStorageFull, "STORAGE_FULL"},
    {ErrorReason::kStorageFailed, "STORAGE_FAILED"},
    {ErrorReason::kDataDirectoryInUse, "DATA_DIRECTORY_IN_USE"},
    {ErrorReason::kSchemaTooNew, "SCHEMA_TOO_NEW"},
    {ErrorReason::kConfigInvalid, "CONFIG_INVALID"},
    {ErrorReason::kAddressInUse, "ADDRESS_IN_USE"},
    {ErrorReason::kServerUnreachable, "SERVER_UNREACHABLE"},
    {ErrorReason::kInternal, "INTERNAL"},
};

// The payload never leaves the process, so its format is private: counts and lengths as 64-bit integers.
class Encoder {
 public:
  void Number(uint64_t value) { out_.append(reinterpret_cast<const char*>(&value), sizeof value); }
  void Text(absl::string_view text) {
    Number(text.size());
    out_.append(text.data(), text.size());
  }
  std::string Take() { return std::move(out_); }

 private:
  std::string out_;
};

class Decoder {
 public:
  explicit Decoder(absl::string_view in) : in_(in) {}
  uint64_t Number() {
    uint64_t value = 0;
    if (in_.size() < sizeof value) return 0;
    std::memcpy(&value, in_.data(), sizeof value);
    in_.remove_prefix(sizeof value);
    return value;
  }
  std::string Text() {
    const size_t size = Number();
    std::string text(in_.substr(0, size));
    in_.remove_prefix(text.size());
    return text;
  }

 private:
  absl::string_view in_;
};

std::string Encode(const ErrorDetails& details) {
  Encoder out;
  out.Text(details.reason);
  out.Number(details.metadata.size());
  for (const auto& [key, value] : details.metadata) {
    out.Text(key);
    out.Text(value);
  }
  out.Number(details.field_violations.size());
  for (const FieldViolation& violation : details.field_violations) {
    out.Text(violation.field);
    out.Text(violation.description);
  }
  out.Number(details.precondition_violations.size());
  for (const PreconditionViolation& violation : details.precondition_violations) {
    out.Text(violation.type);
    out.Text(violation.subject);
    out.Text(violation.description);
  }
  out.Number(details.resource.has_value() ? 1 : 0);
  if (details.resource.has_value()) {
    out.Text(details.resource->type);
    out.Text(details.resource->name);
  }
  out.Number(details.retry_delay.has_value() ? 1 : 0);
  if (details.retry_delay.has_value()) {
    out.Number(static_cast<uint64_t>(absl::ToInt64Nanoseconds(*details.retry_delay)));
  }
  return out.Take();
}

ErrorDetails Decode(absl::string_view bytes) {
  Decoder in(bytes);
  ErrorDetails details;
  details.reason = in.Text();
  for (uint64_t n = in.Number(); n > 0; --n) {
    std::string key = in.Text();
    details.metadata[std::move(key)] = in.Text();
  }
  for (uint64_t n = in.Number(); n > 0; --n) {
    FieldViolation& violation = details.field_violations.emplace_back();
    violation.field = in.Text();
    violation.description = in.Text();
  }
  for (uint64_t n = in.Number(); n > 0; --n) {
    PreconditionViolation& violation = details.precondition_violations.emplace_back();
    violation.type = in.Text();
    violation.subject = in.Text();
    violation.description = in.Text();
  }
  if (in.Number() != 0) {
    ResourceInfo& resource = details.resource.emplace();
    resource.type = in.Text();
    resource.name = in.Text();
  }
  if (in.Number() != 0) details.retry_delay = absl::Nanoseconds(static_cast<int64_t>(in.Number()));
  return details;
}

std::string JoinText(const ErrorText& text) {
  std::string message = text.what;
  if (!text.why.empty()) absl::StrAppend(&message, ": ", text.why);
  if (!text.remedy.empty()) {
    absl::StrAppend(&message, absl::EndsWith(message, ".") || absl::EndsWith(message, "\n") ? " " : ". ", text.remedy);
  }
  return message;
}

}  // namespace

absl::Status MakeError(absl::StatusCode code, ErrorReason reason, const ErrorText& text, ErrorDetails details) {
  details.reason = std::string(ErrorReasonName(reason));
  return WithErrorDetails(absl::Status(code, JoinText(text)), details);
}

absl::Status WithErrorDetails(absl::Status status, const ErrorDetails& details) {
  status.SetPayload(kPayloadUrl, absl::Cord(Encode(details)));
  return status;
}

std::optional<ErrorDetails> GetErrorDetails(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayloadUrl);
  if (!payload.has_value()) return std::nullopt;
  return Decode(std::string(*payload));
}

bool HasReason(const absl::Status& status, ErrorReason reason) {
  const std::optional<ErrorDetails> details = GetErrorDetails(status);
  return details.has_value() && details->reason == ErrorReasonName(reason);
}

absl::Status Annotate(const absl::Status& status, absl::string_view context) {
  if (status.ok()) return status;
  absl::Status annotated(status.code(), absl::StrCat(context, ": ", status.message()));
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) { annotated.SetPayload(url, payload); });
  return annotated;
}

absl::string_view ErrorReasonName(ErrorReason reason) {
  for (const ReasonName& entry : kReasonNames) {
    if (entry.reason == reason) return entry.name;
  }
  return "INTERNAL";
}

absl::Span<const ErrorReason> AllErrorReasons() {
  static const std::vector<ErrorReason>& reasons = *[] {
    auto* all = new std::vector<ErrorReason>;
    for (const ReasonName& entry : kReasonNames) all->push_back(entry.reason);
    return all;
  }();
  return reasons;
}

absl::Status ErrnoError(int error_number, absl::string_view what) {
  // GNU strerror_r returns the text, which need not be in the buffer.
  char buffer[128];
  const ErrorText text{.what = std::string(what), .why = strerror_r(error_number, buffer, sizeof buffer), .remedy = ""};
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      return MakeError(absl::StatusCode::kResourceExhausted, ErrorReason::kStorageFull,
                       {.what = text.what, .why = text.why, .remedy = "Free some space and try again."});
    case ENOENT:
      return MakeError(absl::StatusCode::kNotFound, ErrorReason::kStorageFailed,
                       {.what = text.what, .why = text.why, .remedy = "Check the path."});
    case ENOTDIR:
      return MakeError(absl::StatusCode::kFailedPrecondition, ErrorReason::kStorageFailed,
                       {.what = text.what, .why = text.why, .remedy = "Check the path: a file stands in the way."});
    case EACCES:
    case EPERM:
    case EROFS:
      return MakeError(absl::StatusCode::kPermissionDenied, ErrorReason::kStorageFailed,
                       {.what = text.what, .why = text.why, .remedy = "Check the owner and mode of that path."});
    case EEXIST: return MakeError(absl::StatusCode::kAlreadyExists, ErrorReason::kStorageFailed, text);
    default: return MakeError(absl::StatusCode::kInternal, ErrorReason::kStorageFailed, text);
  }
}

}  // namespace ll
