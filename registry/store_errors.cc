#include "registry/store_errors.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/error_reason.h"

namespace ll::registry {
namespace {

absl::Status NotFound(ErrorReason reason, absl::string_view type, const std::string& name, std::string why,
                      std::string remedy) {
  return MakeError(absl::StatusCode::kNotFound, reason,
                   {.what = absl::StrCat("cannot find ", name), .why = std::move(why), .remedy = std::move(remedy)},
                   {.resource = ResourceInfo{absl::StrCat("ll.v1.", type), name}});
}

}  // namespace

absl::Status ModelNotFound(const std::string& model_id) {
  return NotFound(ErrorReason::kModelNotFound, "Model", ModelName(model_id), "there is no such model",
                  "`llctl model list` shows those that exist.");
}

absl::Status VersionNotFound(const std::string& model_id, int64_t number) {
  return NotFound(ErrorReason::kModelVersionNotFound, "ModelVersion", VersionName(model_id, number),
                  "there is no such version",
                  absl::StrCat("`llctl model-version list ", ModelName(model_id), "` shows those that exist."));
}

absl::Status AliasNotFound(const VersionRef& ref) {
  return NotFound(ErrorReason::kModelAliasNotFound, "ModelVersion", VersionRefName(ref), "the model has no such alias",
                  absl::StrCat("`llctl model get ", ref.model_id, "` shows its aliases."));
}

absl::Status NoReadyVersion(const std::string& model_id) {
  return NotFound(ErrorReason::kModelVersionNotFound, "ModelVersion", absl::StrCat(ModelName(model_id), "@latest"),
                  "the model has no version that is READY", "Train or import one first.");
}

absl::Status JobNotFound(const std::string& job_id) {
  return NotFound(ErrorReason::kTrainingJobNotFound, "TrainingJob", JobName(job_id), "there is no such training job",
                  "`llctl training-job list` shows those that exist.");
}

absl::Status EndpointNotFound(const std::string& endpoint_id) {
  return NotFound(ErrorReason::kEndpointNotFound, "Endpoint", EndpointName(endpoint_id), "there is no such endpoint",
                  "`llctl endpoint list` shows those that exist.");
}

absl::Status BucketNotFound(const std::string& bucket_id) {
  return NotFound(ErrorReason::kBucketNotFound, "Bucket", BucketName(bucket_id), "there is no such bucket",
                  "`llctl bucket list` shows those that exist.");
}

absl::Status ObjectNotFound(const std::string& bucket_id, const std::string& key) {
  return NotFound(ErrorReason::kObjectNotFound, "Object", ObjectName(bucket_id, key), "there is no such object",
                  absl::StrCat("`llctl object list s3://", bucket_id, "` shows those that exist."));
}

absl::Status EventNotFound(int64_t sequence) {
  return NotFound(ErrorReason::kEventNotFound, "Event", absl::StrCat("events/", sequence),
                  "there is no such event, or it is older than the retention",
                  "`llctl event list` shows those that are kept.");
}

absl::Status AnswerNotFound(const std::string& request_id) {
  return absl::NotFoundError(absl::StrCat("no answer is remembered for request id ", request_id));
}

absl::Status AlreadyExists(const std::string& name) {
  return MakeError(absl::StatusCode::kAlreadyExists, ErrorReason::kAlreadyExists,
                   {.what = absl::StrCat("cannot create ", name),
                    .why = "it exists already",
                    .remedy = "Choose another name, or delete that one first."},
                   {.metadata = {{"name", name}}});
}

absl::Status EtagMismatch(const std::string& name) {
  return MakeError(absl::StatusCode::kAborted, ErrorReason::kEtagMismatch,
                   {.what = absl::StrCat("cannot change ", name),
                    .why = "it was changed since it was read (the etag is another)",
                    .remedy = "Read it again, apply the change to what it is now, and send that."},
                   {.metadata = {{"name", name}}});
}

absl::Status InUse(const std::string& name, const std::vector<std::string>& users) {
  ErrorDetails details;
  for (const std::string& user : users) {
    details.precondition_violations.push_back({"IN_USE", user, absl::StrCat(user, " uses ", name)});
  }
  return MakeError(absl::StatusCode::kFailedPrecondition, ErrorReason::kInUse,
                   {.what = absl::StrCat("cannot delete ", name),
                    .why = absl::StrCat("it is used by ", absl::StrJoin(users, ", ")),
                    .remedy = "Point its users to something else, or delete them, first."},
                   std::move(details));
}

absl::Status ModelNotEmpty(const std::string& model_id) {
  return MakeError(absl::StatusCode::kFailedPrecondition, ErrorReason::kModelNotEmpty,
                   {.what = absl::StrCat("cannot delete ", ModelName(model_id)),
                    .why = "it still has versions",
                    .remedy = "Delete them first with `llctl model-version delete`."},
                   {.precondition_violations = {{"NOT_EMPTY", ModelName(model_id), "the model still has versions"}}});
}

absl::Status BucketNotEmpty(const std::string& bucket_id) {
  return MakeError(
      absl::StatusCode::kFailedPrecondition, ErrorReason::kBucketNotEmpty,
      {.what = absl::StrCat("cannot delete ", BucketName(bucket_id)),
       .why = "it still holds objects",
       .remedy = "Delete them first with `llctl object delete`."},
      {.precondition_violations = {{"NOT_EMPTY", BucketName(bucket_id), "the bucket still holds objects"}}});
}

absl::Status JobAlreadyEnded(const std::string& job_id, JobState state) {
  return MakeError(
      absl::StatusCode::kFailedPrecondition, ErrorReason::kWrongState,
      {.what = absl::StrCat("cannot end ", JobName(job_id)),
       .why = absl::StrCat("it has ended already and is ", StateName(state)),
       .remedy = "A job ends once; create another one to train again."},
      {.precondition_violations = {{"WRONG_STATE", JobName(job_id), absl::StrCat("the job is ", StateName(state))}}});
}

absl::Status EventsExpired(int64_t after, int64_t oldest) {
  return MakeError(
      absl::StatusCode::kOutOfRange, ErrorReason::kEventsExpired,
      {.what = absl::StrCat("cannot continue after event ", after),
       .why = absl::StrCat("the events that follow it are older than the retention; the oldest that is kept "
                           "is event ",
                           oldest),
       .remedy = "Read the resources afresh and watch from there on."},
      {.metadata = {{"oldest", absl::StrCat(oldest)}}});
}

absl::Status EventsHaveOneOrder() {
  return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidFilter,
                   {.what = "cannot list events in that order",
                    .why = "events have one order, that in which they happened",
                    .remedy = "Order them by name, with or without \" desc\", or leave the order away."},
                   {.field_violations = {{"order_by", "events have one order"}}});
}

absl::Status InvalidVersionRef(const VersionRef& ref) {
  return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidName,
                   {.what = absl::StrCat("cannot use a version of ", ModelName(ref.model_id)),
                    .why = "exactly one of number and alias must be given, and \"latest\" is no alias to follow",
                    .remedy = "Name it as models/m/versions/7 or models/m@alias."});
}

absl::Status InvalidCursor(absl::string_view cursor) {
  return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidPageToken,
                   {.what = "cannot continue the listing",
                    .why = absl::StrCat("\"", cursor, "\" is not a place in it"),
                    .remedy = "Start again without a page token."});
}

}  // namespace ll::registry
