#include "tests/contract/api_rules.h"

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/env.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "ll/v1/endpoint_service.pb.h"
#include "ll/v1/event_service.pb.h"
#include "ll/v1/model_service.pb.h"
#include "ll/v1/object_service.pb.h"
#include "ll/v1/prediction_service.pb.h"
#include "ll/v1/server_service.pb.h"
#include "ll/v1/training_service.pb.h"
#include "tests/testing/status_matchers.h"

namespace ll::testing {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::StartsWith;

std::string SourceDir() { return std::getenv("LL_SOURCE_DIR"); }

// Every file of protos/ll/v1 as it was compiled.
std::vector<const google::protobuf::FileDescriptor*> ApiFiles() {
  // Only what is linked is known; each of these brings its file and what that imports.
  const google::protobuf::Descriptor* const linked[] = {
      v1::GetEndpointRequest::descriptor(),   v1::GetEventRequest::descriptor(), v1::GetModelRequest::descriptor(),
      v1::GetObjectRequest::descriptor(),     v1::PredictRequest::descriptor(),  v1::GetServerInfoRequest::descriptor(),
      v1::GetTrainingJobRequest::descriptor()};
  EXPECT_THAT(linked, ::testing::Each(::testing::NotNull()));
  std::vector<const google::protobuf::FileDescriptor*> files;
  const std::vector<std::string> names = Env::Posix().List(SourceDir() + "/protos/ll/v1").value();
  for (const std::string& name : names) {
    const auto* file = google::protobuf::DescriptorPool::generated_pool()->FindFileByName("ll/v1/" + name);
    EXPECT_NE(file, nullptr) << name << " is not compiled";
    if (file != nullptr) files.push_back(file);
  }
  return files;
}

TEST(ApiRulesTest, TheApiKeepsThem) {
  const auto files = ApiFiles();
  EXPECT_GE(files.size(), 12u);
  for (const auto* file : files) EXPECT_THAT(ApiRuleViolations(*file), IsEmpty()) << file->name();
}

TEST(ApiRulesTest, EveryServiceFileBeginsWithItsService) {
  for (const auto* file : ApiFiles()) {
    if (file->service_count() == 0) continue;
    LL_ASSERT_OK_AND_ASSIGN(const std::string text,
                            Env::Posix().ReadFile(absl::StrCat(SourceDir(), "/protos/", file->name())));
    EXPECT_LT(text.find("\nservice "), text.find("\nmessage ")) << "AIP-191: " << file->name();
  }
}

// Each rule, broken.
class BrokenApi : public ::testing::Test {
 protected:
  // The violations of a file in the text format of FileDescriptorProto.
  std::vector<std::string> Violations(const std::string& text) {
    google::protobuf::FileDescriptorProto proto;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
        absl::StrCat("name: 'bad.proto' package: 'bad' syntax: 'proto3' ", text), &proto));
    google::protobuf::DescriptorPool pool(google::protobuf::DescriptorPool::generated_pool());
    const auto* file = pool.BuildFile(proto);
    EXPECT_NE(file, nullptr);
    return file == nullptr ? std::vector<std::string>() : ApiRuleViolations(*file);
  }
  static std::string Service(const std::string& method, const std::string& request = "",
                             const std::string& response = "") {
    return absl::StrCat("service { name: 'S' method { name: '", method, "' input_type: '.bad.", method,
                        "Request' output_type: '.bad.Out' } } message_type { name: '", method, "Request' ", request,
                        " } message_type { name: 'Out' ", response, " }");
  }
};

std::string StringField(const std::string& name, int number) {
  return absl::StrCat("field { name: '", name, "' number: ", number, " type: TYPE_STRING label: LABEL_OPTIONAL }");
}

TEST_F(BrokenApi, Listings) {
  const auto violations = Violations(Service("ListThings"));
  EXPECT_THAT(violations, Contains("AIP-158: bad.ListThingsRequest needs int32 page_size"));
  EXPECT_THAT(violations, Contains("AIP-158: bad.ListThingsRequest needs string page_token"));
  EXPECT_THAT(violations, Contains("AIP-160: bad.ListThingsRequest needs string filter"));
  EXPECT_THAT(violations, Contains("AIP-132: bad.ListThingsRequest needs string order_by"));
  EXPECT_THAT(violations, Contains("AIP-158: bad.Out needs string next_page_token"));
  EXPECT_THAT(violations, Contains("AIP-132: bad.Out needs the resources as field 1"));
}

TEST_F(BrokenApi, Mutations) {
  for (const char* method : {"CreateThing", "UpdateThing", "DeleteThing", "SetThing", "CancelThing", "ImportThing"}) {
    const auto violations = Violations(Service(method));
    EXPECT_THAT(violations, Contains(absl::StrCat("AIP-155: bad.", method, "Request needs string request_id")));
    EXPECT_THAT(violations, Contains(absl::StrCat("AIP-163: bad.", method, "Request needs bool validate_only")));
  }
  EXPECT_THAT(Violations(Service("GetThing", StringField("request_id", 1))), Contains(StartsWith("AIP-155")));
  EXPECT_THAT(Violations(Service("FrobThing")), Contains(StartsWith("AIP-136")));
}

TEST_F(BrokenApi, StandardMethods) {
  EXPECT_THAT(Violations(Service("CreateThing")),
              Contains("AIP-133: bad.CreateThingRequest needs string thing_id as field 1"));
  EXPECT_THAT(Violations(Service("CreateThing", StringField("thing_id", 1))),
              Contains("AIP-133: bad.CreateThingRequest needs a REQUIRED field thing_id"));
  EXPECT_THAT(Violations(Service("UpdateThing")),
              Contains("AIP-134: bad.UpdateThingRequest needs google.protobuf.FieldMask update_mask"));
  EXPECT_THAT(Violations(Service("UpdateThing")), Contains("AIP-154: bad.Out needs string etag"));
  EXPECT_THAT(Violations(Service("DeleteThing")),
              Contains("AIP-135: bad.DeleteThingRequest needs string name as field 1"));
  EXPECT_THAT(Violations(Service("GetThing", StringField("id", 1))),
              Contains("AIP-131: bad.GetThingRequest needs string name as field 1"));
  EXPECT_THAT(Violations(Service("GetThing")),
              Contains("AIP-131: bad.S.GetThing must return the resource itself: Thing"));
}

TEST_F(BrokenApi, Fields) {
  const auto violations = Violations(
      "message_type { name: 'XRequest'"
      " field { name: 'count' number: 1 type: TYPE_UINT64 label: LABEL_OPTIONAL }"
      " field { name: 'born' number: 2 type: TYPE_MESSAGE type_name: '.google.protobuf.Timestamp' label: "
      "LABEL_OPTIONAL }"
      " field { name: 'thing' number: 3 type: TYPE_STRING label: LABEL_REPEATED }"
      " field { name: 'etag' number: 4 type: TYPE_INT64 label: LABEL_OPTIONAL } }"
      " dependency: 'google/protobuf/timestamp.proto'"
      " enum_type { name: 'Kind' value { name: 'GOOD' number: 0 } }");
  EXPECT_THAT(violations, Contains("AIP-203: bad.XRequest.count needs a field_behavior"));
  EXPECT_THAT(violations, Contains("AIP-141: bad.XRequest.count is unsigned; use int32 or int64"));
  EXPECT_THAT(violations, Contains("AIP-142: bad.XRequest.born is a time; call it so: *_time"));
  EXPECT_THAT(violations, Contains("AIP-140: bad.XRequest.thing is repeated; use the plural"));
  EXPECT_THAT(violations, Contains("AIP-154: bad.XRequest.etag must be a string"));
  EXPECT_THAT(violations, Contains("AIP-126: bad.Kind needs *_UNSPECIFIED = 0"));
}

TEST_F(BrokenApi, Resources) {
  EXPECT_THAT(Violations("dependency: 'google/api/field_behavior.proto'"
                         " message_type { name: 'Thing' field { name: 'name' number: 2 type: TYPE_STRING"
                         " label: LABEL_OPTIONAL options { [google.api.field_behavior]: IDENTIFIER } } }"),
              Contains("AIP-122: bad.Thing needs string name as its first field"));
}

TEST_F(BrokenApi, Order) {
  const auto violations = Violations(
      "service { name: 'S'"
      " method { name: 'WatchThing' input_type: '.bad.WatchThingRequest' output_type: '.bad.Thing' }"
      " method { name: 'GetThing' input_type: '.bad.GetThingRequest' output_type: '.bad.Thing' } }"
      " message_type { name: 'GetThingRequest' } message_type { name: 'WatchThingRequest' } message_type { name: "
      "'Thing' }");
  EXPECT_THAT(violations,
              Contains("AIP-191: bad.S.GetThing stands after a method that comes later: standard ones first"));
  EXPECT_THAT(violations, Contains("AIP-191: bad.GetThingRequest is not in the order of the methods"));
}

}  // namespace
}  // namespace ll::testing
