#include "tests/testing/fake_services/fake_state.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "google/protobuf/descriptor.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace ll::testing {
namespace {

// "CreateModelRequest" -> "CreateModel"; an upload's "WriteObjectRequest.Header" -> "WriteObject".
std::string MethodOf(const google::protobuf::Message& request) {
  const google::protobuf::Descriptor* type = request.GetDescriptor();
  if (type->containing_type() != nullptr) type = type->containing_type();
  return std::string(absl::StripSuffix(type->name(), "Request"));
}

}  // namespace

absl::Status FakeState::Enter(const google::protobuf::Message& request) {
  const std::string method = MethodOf(request);
  ++calls[method];
  last_requests[request.GetTypeName()] = request.SerializeAsString();
  if (const auto* field = request.GetDescriptor()->FindFieldByName("request_id"); field != nullptr) {
    request_ids[method].push_back(request.GetReflection()->GetString(request, field));
  }
  std::vector<absl::Status>& ordered = faults[method];
  if (ordered.empty()) return absl::OkStatus();
  const absl::Status fault = ordered.front();
  ordered.erase(ordered.begin());
  return fault;
}

void FakeState::Changed(const std::string& verb, const std::string& resource) {
  ++changes;
  v1::Event& event = events.emplace_back();
  event.set_name(absl::StrCat("events/", events.size()));
  event.set_resume_token(absl::StrCat("after-", events.size()));
  event.set_verb(verb);
  event.set_resource(resource);
  event.set_actor("anonymous@ipv4:127.0.0.1:50000");
  *event.mutable_time() = FakeTime();
}

std::string FakeState::NextEtag() { return absl::StrCat("etag-", changes + 1); }

bool FakeState::AwaitChange(int64_t seen, grpc::ServerContext* context, grpc::Status* status) {
  // A cancelled call wakes nobody, so it is looked for now and then.
  mutex.AwaitUntil([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) { return stopping || changes > seen; },
                   absl::Now() + absl::Milliseconds(20));
  if (stopping) {
    *status = ToGrpc(MakeError(absl::StatusCode::kUnavailable, ErrorReason::kShuttingDown,
                               {.what = "the call ended", .why = "the server is shutting down"}));
  } else if (context->IsCancelled()) {
    *status = grpc::Status(grpc::StatusCode::CANCELLED, "the caller went away");
  } else {
    return true;
  }
  return false;
}

google::protobuf::Timestamp FakeTime() {
  google::protobuf::Timestamp time;
  time.set_seconds(absl::ToUnixSeconds(absl::FromCivil(absl::CivilSecond(2026, 1, 1), absl::UTCTimeZone())));
  return time;
}

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const ErrorDetails details = GetErrorDetails(status).value_or(ErrorDetails{.reason = "INTERNAL"});
  google::rpc::Status rpc;
  rpc.set_code(static_cast<int>(status.code()));
  rpc.set_message(std::string(status.message()));
  google::rpc::ErrorInfo info;
  info.set_reason(details.reason);
  info.set_domain("ll");
  info.mutable_metadata()->insert(details.metadata.begin(), details.metadata.end());
  rpc.add_details()->PackFrom(info);
  if (!details.field_violations.empty()) {
    google::rpc::BadRequest bad_request;
    for (const FieldViolation& violation : details.field_violations) {
      auto* added = bad_request.add_field_violations();
      added->set_field(violation.field);
      added->set_description(violation.description);
    }
    rpc.add_details()->PackFrom(bad_request);
  }
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), rpc.message(), rpc.SerializeAsString());
}

absl::Status NotFound(const std::string& name, ErrorReason reason) {
  return MakeError(absl::StatusCode::kNotFound, reason,
                   {.what = absl::StrCat("cannot find ", name), .why = "there is no such resource"},
                   {.metadata = {{"name", name}}});
}

absl::Status Exists(const std::string& name) {
  return MakeError(absl::StatusCode::kAlreadyExists, ErrorReason::kAlreadyExists,
                   {.what = absl::StrCat("cannot create ", name), .why = "it exists already"},
                   {.metadata = {{"name", name}}});
}

std::string ParentOf(const std::string& name) {
  const size_t end = name.rfind('/', name.rfind('/') - 1);
  return name.substr(0, end);
}

}  // namespace ll::testing
