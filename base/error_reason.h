// Errors that people and programs can act on.
//
// Every error that leaves the project says three things in its message (what failed, why, what to do next) and
// carries one stable ErrorReason, plus details where they help. The details ride inside absl::Status as a payload;
// services/rpc alone turns them into google.rpc error details and clients/cpp alone turns those back.
//
//   return MakeError(absl::StatusCode::kNotFound, ErrorReason::kModelNotFound,
//                    {.what = absl::StrCat("cannot get ", name), .why = "there is no such model",
//                     .remedy = "List the models with `llctl model list`."},
//                    {.metadata = {{"model", name}}});
//
//   -> "cannot get models/churn: there is no such model. List the models with `llctl model list`."
//
// docs/errors.md lists every reason with its meaning and remedy; a test keeps that list and this one equal.
#ifndef LL_BASE_ERROR_REASON_H_
#define LL_BASE_ERROR_REASON_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace ll {

// Stable across releases: clients compare these. Names are UPPER_SNAKE on the wire (ErrorReasonName).
enum class ErrorReason {
  // Requests.
  kInvalidArgument,    // a field is missing, ill-formed or out of range
  kInvalidName,        // a resource name or id is ill-formed
  kInvalidFilter,      // filter or order_by does not parse, or names an unknown field
  kInvalidPageToken,   // the page token is not one of ours, or belongs to another listing
  kInvalidUpdateMask,  // the mask names an unknown or read-only field
  kRequestIdReused,    // the request id was used with another request
  kEtagMismatch,       // the resource changed since it was read
  kMessageTooLarge,    // a message exceeds the configured limit
  kDeadlineExceeded,   // the caller's deadline passed
  kCancelled,          // the caller went away
  kOverloaded,         // a queue or budget is full; retry later
  kShuttingDown,       // the server is draining
  kUnimplemented,      // a documented value that this release does not serve
  kServiceNotFound,    // the health service was asked about a name that it does not know
  // HTTP.
  kRouteNotFound,         // there is nothing at the path
  kMethodNotAllowed,      // the path answers other methods
  kUnsupportedMediaType,  // the body is in no format that the path reads
  kNotAcceptable,         // the path writes none of the formats that the client accepts
  kForeignHost,           // the request is for another host, or comes from a page of another
  kHeadersTooLarge,       // the headers exceed the limit
  // Resources.
  kModelNotFound,
  kModelVersionNotFound,
  kModelAliasNotFound,
  kTrainingJobNotFound,
  kEndpointNotFound,
  kBucketNotFound,
  kObjectNotFound,
  kEventNotFound,
  kAlreadyExists,
  kModelNotEmpty,   // the model still has versions
  kBucketNotEmpty,  // the bucket still holds objects
  kInUse,           // something serves, follows or needs the resource
  kWrongState,      // the resource's state does not allow the operation
  kSchemaMismatch,  // another feature count or output width than what is served
  kEventsExpired,   // the resume token is older than the retention
  // Training.
  kInvalidHyperparameter,  // one or more hyperparameters are wrong; all are listed
  kInvalidChannel,         // a channel is missing, empty or has an unknown content type
  kInvalidData,            // a data file holds something that is not a valid row
  kTrainingDiverged,       // no model reached a finite loss
  kTrainingFailed,         // the training process failed for another reason
  kInterrupted,            // a job was cut off, and does not go on by itself
  kStoppingCondition,      // the job ran longer than it was allowed to
  // Artifacts and storage.
  kInvalidArtifact,     // an artifact does not parse or breaks its own rules
  kInvalidCheckpoint,   // a checkpoint does not parse, or is of another training
  kCorruptBlob,         // stored bytes do not match their digest
  kDigestMismatch,      // uploaded bytes do not match the digest that came with them
  kStorageFull,         // no space left for the data directory
  kStorageFailed,       // reading or writing the data directory failed
  kDataDirectoryInUse,  // another server has the data directory open
  kSchemaTooNew,        // the database was written by a newer release
  // Processes.
  kConfigInvalid,      // a flag, variable or configuration file is wrong
  kAddressInUse,       // the listening address is taken or cannot be bound
  kServerUnreachable,  // the client cannot connect
  kInternal,           // a defect of ours
};

struct FieldViolation {
  std::string field;  // path from the request, e.g. "training_job.hyperparameters[\"epochs\"]"
  std::string description;
};

struct PreconditionViolation {
  std::string type;     // e.g. "IN_USE"
  std::string subject;  // e.g. "endpoints/mnist"
  std::string description;
};

struct ResourceInfo {
  std::string type;  // e.g. "ll.v1.Model"
  std::string name;  // e.g. "models/churn"
};

// What travels beside the message. Empty members are not sent. Any of them may be left out of a designated initialiser:
// {.metadata = {{"model", name}}}.
struct ErrorDetails {
  std::string reason = {};  // set by MakeError; UPPER_SNAKE, also when it came from a newer server
  std::map<std::string, std::string> metadata = {};
  std::vector<FieldViolation> field_violations = {};
  std::vector<PreconditionViolation> precondition_violations = {};
  std::optional<ResourceInfo> resource = {};
  std::optional<absl::Duration> retry_delay = {};
};

// The three parts of a message. `what` and `why` carry no final stop; `remedy` is a sentence, or empty when the
// text of `why` already says what to do (a list of violations, for example).
struct ErrorText {
  std::string what;
  std::string why;
  std::string remedy = {};
};

// `code` must not be kOk.
absl::Status MakeError(absl::StatusCode code, ErrorReason reason, const ErrorText& text, ErrorDetails details = {});

// The same status with its details replaced. For doors that translate errors of other origins.
absl::Status WithErrorDetails(absl::Status status, const ErrorDetails& details);

// nullopt: the status carries no details (it is OK, or was made by a library).
std::optional<ErrorDetails> GetErrorDetails(const absl::Status& status);

// Whether `status` carries `reason`.
bool HasReason(const absl::Status& status, ErrorReason reason);

// Puts "context: " before the message and keeps code and details.
absl::Status Annotate(const absl::Status& status, absl::string_view context);

absl::string_view ErrorReasonName(ErrorReason reason);
absl::Span<const ErrorReason> AllErrorReasons();

// The error for a failed system call: maps errno to the nearest canonical code (ENOSPC and EDQUOT to
// RESOURCE_EXHAUSTED with kStorageFull; with kStorageFailed ENOENT to NOT_FOUND, ENOTDIR to FAILED_PRECONDITION, EEXIST
// to ALREADY_EXISTS, EACCES, EPERM and EROFS to PERMISSION_DENIED, and everything else to INTERNAL).
absl::Status ErrnoError(int error_number, absl::string_view what);

}  // namespace ll

#endif  // LL_BASE_ERROR_REASON_H_
