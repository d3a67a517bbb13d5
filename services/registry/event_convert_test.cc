#include "services/registry/event_convert.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "registry/record_json.h"
#include "tests/testing/proto_fields.h"
#include "tests/testing/sample_records.h"
#include "tests/testing/status_matchers.h"

namespace ll::catalog {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::IgnoredFields;
using ::ll::testing::StatusIs;
using ::ll::testing::UnsetFields;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

registry::EventRecord SampleEvent() {
  return {.sequence = 17,
          .time = absl::FromUnixSeconds(100),
          .actor = "me",
          .verb = "update",
          .resource = "models/churn",
          .request_id = "r",
          .before_json = registry::ToJson(testing::SampleModel()),
          .after_json = registry::ToJson(testing::SampleModel())};
}

std::string Convert(const v1::WatchEventsRequest& request) {
  const absl::StatusOr<WatchRequest> watch = FromProto(request);
  if (!watch.ok()) return watch.status().ToString();
  return absl::StrCat(watch->start.from, " ", watch->start.after, " ", watch->conditions.size());
}

TEST(EventConvertTest, NoFieldIsForgotten) {
  EXPECT_THAT(UnsetFields(ToProto(SampleEvent())), IsEmpty());
  EXPECT_THAT(IgnoredFields<v1::WatchEventsRequest>({}, Convert), IsEmpty());
}

TEST(EventConvertTest, RecordsAreStructs) {
  const v1::Event event = ToProto(SampleEvent());
  EXPECT_EQ(event.name(), "events/17");
  EXPECT_EQ(event.after().fields().at("id").string_value(), "churn");
  registry::EventRecord created = SampleEvent();
  created.before_json.clear();
  EXPECT_FALSE(ToProto(created).has_before());
}

// Every record that an event may hold is one that Struct can hold.
TEST(EventConvertTest, EveryKindOfRecordIsAStruct) {
  for (const std::string& json :
       {registry::ToJson(testing::SampleModel()), registry::ToJson(testing::SampleVersion()),
        registry::ToJson(testing::SampleJob()), registry::ToJson(testing::SampleEndpoint()),
        registry::ToJson(testing::SampleBucket()), registry::ToJson(testing::SampleObject())}) {
    registry::EventRecord event = SampleEvent();
    event.after_json = json;
    EXPECT_GT(ToProto(event).after().fields_size(), 1) << json;
  }
}

TEST(EventConvertTest, AWatchBeginsWhereItIsToldTo) {
  v1::WatchEventsRequest request;
  EXPECT_EQ(FromProto(request)->start.from, WatchStart::kNow);
  request.set_from_oldest(true);
  EXPECT_EQ(FromProto(request)->start.from, WatchStart::kOldest);
  request.set_from_oldest(false);
  request.set_resume_token(ToProto(SampleEvent()).resume_token());
  EXPECT_EQ(FromProto(request)->start.from, WatchStart::kAfter);
  EXPECT_EQ(FromProto(request)->start.after, 17);
  request.set_from_oldest(true);
  EXPECT_THAT(FromProto(request).status(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("`from_oldest`")));
}

TEST(EventConvertTest, OnlyTokensOfOursAreTaken) {
  v1::WatchEventsRequest request;
  for (const char* token :
       {"17", "v1-", "v1-x", "v1--1", "v1-+1", "v1-01", "v1- 1", "v2-1", "v1-9223372036854775808"}) {
    request.set_resume_token(token);
    EXPECT_THAT(FromProto(request).status(), StatusIs(absl::StatusCode::kInvalidArgument)) << token;
  }
}

TEST(EventConvertTest, AFilterThatDoesNotParseIsTold) {
  v1::WatchEventsRequest request;
  request.set_filter("colour = red");
  EXPECT_THAT(FromProto(request).status(), HasReason(ErrorReason::kInvalidFilter));
}

}  // namespace
}  // namespace ll::catalog
