#include "services/registry/event_convert.h"

#include <cstdint>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "google/protobuf/util/json_util.h"
#include "registry/event_store.h"
#include "services/rpc/field_checks.h"
#include "services/rpc/proto_values.h"

namespace ll::catalog {
namespace {

using registry::EventRecord;
using rpc::FieldChecks;

constexpr char kTokenPrefix[] = "v1-";

std::string ResumeToken(int64_t sequence) { return absl::StrCat(kTokenPrefix, sequence); }

absl::StatusOr<int64_t> ParseResumeToken(absl::string_view token) {
  absl::string_view digits = token;
  int64_t sequence = 0;
  if (absl::ConsumePrefix(&digits, kTokenPrefix) && absl::SimpleAtoi(digits, &sequence) &&
      token == ResumeToken(sequence) && sequence >= 0) {
    return sequence;
  }
  return rpc::InvalidField("resume_token", "is not a token of this server; use resume_token of an event");
}

// Records are written as JSON objects (registry/record_json.h).
void SetStruct(const std::string& json, google::protobuf::Struct* record) {
  if (!google::protobuf::util::JsonStringToMessage(json, record).ok()) record->Clear();
}

}  // namespace

absl::StatusOr<WatchRequest> FromProto(const v1::WatchEventsRequest& request) {
  FieldChecks checks;
  WatchRequest watch;
  watch.conditions = checks.Take(registry::ParseFilter(request.filter(), registry::EventStore::kFilterFields));
  if (!request.resume_token().empty()) {
    watch.start = {.from = WatchStart::kAfter, .after = checks.Take(ParseResumeToken(request.resume_token()))};
    if (request.from_oldest()) checks.Add("from_oldest", "is set beside resume_token; set one of them");
  } else if (request.from_oldest()) {
    watch.start = {.from = WatchStart::kOldest};
  }
  if (absl::Status status = checks.status(); !status.ok()) return status;
  return watch;
}

v1::Event ToProto(const EventRecord& record) {
  v1::Event event;
  event.set_name(absl::StrCat("events/", record.sequence));
  *event.mutable_time() = rpc::ToProto(record.time);
  event.set_actor(record.actor);
  event.set_verb(record.verb);
  event.set_resource(record.resource);
  event.set_request_id(record.request_id);
  if (!record.before_json.empty()) SetStruct(record.before_json, event.mutable_before());
  if (!record.after_json.empty()) SetStruct(record.after_json, event.mutable_after());
  event.set_resume_token(ResumeToken(record.sequence));
  return event;
}

}  // namespace ll::catalog
