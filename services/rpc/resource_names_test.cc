#include "services/rpc/resource_names.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace ll::rpc {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::IsOk;
using ::ll::testing::StatusIs;
using ::testing::HasSubstr;

const std::string kLongest(63, 'a');

std::string FieldOf(const absl::Status& status) {
  const auto details = GetErrorDetails(status);
  return details.has_value() && details->field_violations.size() == 1 ? details->field_violations[0].field : "";
}

template <typename T>
void ExpectInvalid(const absl::StatusOr<T>& parsed, absl::string_view text) {
  EXPECT_THAT(parsed, StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  EXPECT_THAT(parsed, HasReason(ErrorReason::kInvalidName)) << text;
  EXPECT_EQ(FieldOf(parsed.status()), "the.field") << text;
}

TEST(ResourceNamesTest, Ids) {
  for (const std::string& id :
       {std::string("a"), std::string("7"), std::string("Churn-2"), std::string("a--b"), kLongest}) {
    LL_ASSERT_OK_AND_ASSIGN(const std::string parsed, ParseId(id, "the.field"));
    EXPECT_EQ(parsed, id);
  }
  for (const std::string& id :
       {std::string(), std::string("-a"), std::string("a-"), std::string("a_b"), std::string("a.b"), std::string("a b"),
        std::string("a/b"), std::string("\xc3\xa9"), std::string("a\0b", 3), kLongest + "a", std::string("-")}) {
    ExpectInvalid(ParseId(id, "the.field"), id);
  }
}

TEST(ResourceNamesTest, TheMessageSaysWhatIsWrongAndWhatIsRight) {
  EXPECT_THAT(ParseId("a b", "model_id"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "`model_id` is not valid: \"a b\" is not an id; use 1 to 63 letters, digits and hyphens, "
                       "beginning and ending with a letter or digit"));
  EXPECT_THAT(ParseModelName("", "name"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("is empty")));
  EXPECT_THAT(ParseModelName("churn", "name"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("use models/{id}")));
}

TEST(ResourceNamesTest, Aliases) {
  EXPECT_THAT(ParseAlias("champion", "the.field"), IsOk());
  EXPECT_THAT(ParseAlias("v2", "the.field"), IsOk());
  for (const char* alias : {"", "42", "latest", "-x", "a@b"}) ExpectInvalid(ParseAlias(alias, "the.field"), alias);
}

TEST(ResourceNamesTest, Buckets) {
  for (const std::string& id : {std::string("abc"), std::string("my.data-1"), std::string("1.2.3"),
                                std::string("1.2.3.4.5"), std::string("1.2.3.x"), kLongest}) {
    EXPECT_THAT(ParseBucketId(id, "the.field"), IsOk()) << id;
  }
  for (const std::string& id : {std::string("ab"), std::string("Abc"), std::string("-abc"), std::string("abc."),
                                std::string("a..b"), std::string("192.168.0.1"), std::string("a_b"), kLongest + "a"}) {
    ExpectInvalid(ParseBucketId(id, "the.field"), id);
  }
}

TEST(ResourceNamesTest, ObjectKeys) {
  EXPECT_THAT(ParseObjectKey("k", "the.field"), IsOk());
  EXPECT_THAT(ParseObjectKey("/a//b/ \xe2\x98\x83", "the.field"), IsOk());
  EXPECT_THAT(ParseObjectKey(std::string(1024, 'k'), "the.field"), IsOk());
  for (const std::string& key : {std::string(), std::string(1025, 'k'), std::string("\xff"), std::string("a\0b", 3)}) {
    ExpectInvalid(ParseObjectKey(key, "the.field"), key);
  }
}

TEST(ResourceNamesTest, NamesOfOneCollection) {
  EXPECT_EQ(ParseModelName("models/Churn-2", "the.field").value(), "Churn-2");
  EXPECT_EQ(ParseTrainingJobName("trainingJobs/j", "the.field").value(), "j");
  EXPECT_EQ(ParseEndpointName("endpoints/e", "the.field").value(), "e");
  EXPECT_EQ(ParseBucketName("buckets/my.data", "the.field").value(), "my.data");
  EXPECT_EQ(ParseEventName("events/1234567890123", "the.field").value(), 1234567890123);
  for (const char* name : {"", "models", "models/", "models/a/", "models//a", "/models/a", "Models/a", "endpoints/a",
                           "models/a/versions/1", "models/a@b", "models/a b"}) {
    ExpectInvalid(ParseModelName(name, "the.field"), name);
  }
  for (const char* name :
       {"events/0", "events/-1", "events/+1", "events/01", "events/", "events/x", "events/9223372036854775808"}) {
    ExpectInvalid(ParseEventName(name, "the.field"), name);
  }
}

TEST(ResourceNamesTest, TheParentOfVersionsMayBeAllModels) {
  EXPECT_EQ(ParseModelParent("models/-", "the.field").value(), "-");
  EXPECT_EQ(ParseModelParent("models/m", "the.field").value(), "m");
  ExpectInvalid(ParseModelParent("-", "the.field"), "-");
  ExpectInvalid(ParseModelName("models/-", "the.field"), "models/-");
}

TEST(ResourceNamesTest, VersionsByNumber) {
  LL_ASSERT_OK_AND_ASSIGN(const registry::VersionRef ref, ParseVersionName("models/m/versions/17", "the.field"));
  EXPECT_EQ(ref, (registry::VersionRef{.model_id = "m", .number = 17}));
  for (const char* name : {"models/m", "models/m/versions/", "models/m/versions/0", "models/m/versions/01",
                           "models/m/versions/-1", "models/m/versions/x", "models/m/versions/1/", "models/m@a",
                           "models/m/version/1", "models/-/versions/1", "models/m/versions/9223372036854775808"}) {
    ExpectInvalid(ParseVersionName(name, "the.field"), name);
  }
}

TEST(ResourceNamesTest, VersionsByAnyReference) {
  EXPECT_EQ(ParseVersionReference("models/m/versions/17", "f").value(),
            (registry::VersionRef{.model_id = "m", .number = 17}));
  EXPECT_EQ(ParseVersionReference("models/m@champion", "f").value(),
            (registry::VersionRef{.model_id = "m", .alias = "champion"}));
  EXPECT_EQ(ParseVersionReference("models/m@latest", "f").value(),
            (registry::VersionRef{.model_id = "m", .alias = "latest"}));
  for (const char* name :
       {"models/m@", "models/@a", "models/m@7", "models/m@a@b", "models/m@a/versions/1", "m@a", "models/m", ""}) {
    ExpectInvalid(ParseVersionReference(name, "the.field"), name);
  }
}

TEST(ResourceNamesTest, ObjectNames) {
  LL_ASSERT_OK_AND_ASSIGN(const ObjectId id, ParseObjectName("buckets/data/objects/2026/objects/t.csv", "the.field"));
  EXPECT_EQ(id.bucket_id, "data");
  EXPECT_EQ(id.key, "2026/objects/t.csv");
  for (const std::string& name :
       {std::string("buckets/data"), std::string("buckets/data/objects/"), std::string("buckets/data/object/k"),
        std::string("buckets/DATA/objects/k"), absl::StrCat("buckets/data/objects/", std::string(1025, 'k'))}) {
    ExpectInvalid(ParseObjectName(name, "the.field"), name);
  }
}

// What parses is what registry/records.h builds.
TEST(ResourceNamesTest, RoundTrip) {
  EXPECT_EQ(registry::ModelName(ParseModelName("models/m", "f").value()), "models/m");
  const ObjectId object = ParseObjectName("buckets/data/objects/a/b", "f").value();
  EXPECT_EQ(registry::ObjectName(object.bucket_id, object.key), "buckets/data/objects/a/b");
  for (const char* name : {"models/m/versions/17", "models/m@champion"}) {
    EXPECT_EQ(registry::VersionRefName(ParseVersionReference(name, "f").value()), name);
  }
}

}  // namespace
}  // namespace ll::rpc
