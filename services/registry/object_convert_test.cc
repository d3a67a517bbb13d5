#include "services/registry/object_convert.h"

#include <string>
#include <vector>

#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "registry/record_json.h"
#include "tests/testing/proto_fields.h"
#include "tests/testing/sample_records.h"
#include "tests/testing/status_matchers.h"

namespace ll::catalog {
namespace {

using ::ll::testing::HeededOutputFields;
using ::ll::testing::IgnoredFields;
using ::ll::testing::UnsetFields;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

template <typename Request>
std::string Convert(const Request& request) {
  const auto record = FromProto(request);
  return record.ok() ? registry::ToJson(*record) : record.status().ToString();
}

template <typename T>
std::vector<std::string> Fields(const absl::StatusOr<T>& result) {
  std::vector<std::string> fields;
  for (const auto& violation : GetErrorDetails(result.status()).value_or(ErrorDetails{}).field_violations) {
    fields.push_back(violation.field);
  }
  return fields;
}

v1::CreateBucketRequest SampleCreate() {
  v1::CreateBucketRequest request;
  request.set_bucket_id("data");
  return request;
}
v1::WriteObjectRequest::Header SampleWrite() {
  v1::WriteObjectRequest::Header header;
  header.mutable_object()->set_name("buckets/data/objects/k");
  return header;
}

TEST(ObjectConvertTest, NoFieldIsForgotten) {
  EXPECT_THAT(UnsetFields(ToProto(testing::SampleBucket())), IsEmpty());
  EXPECT_THAT(UnsetFields(ToProto(testing::SampleObject())), IsEmpty());
  EXPECT_THAT(IgnoredFields<v1::CreateBucketRequest>(SampleCreate(), Convert<v1::CreateBucketRequest>),
              ElementsAre("bucket.name"));
  EXPECT_THAT(IgnoredFields<v1::WriteObjectRequest::Header>(SampleWrite(), Convert<v1::WriteObjectRequest::Header>),
              IsEmpty());
}

TEST(ObjectConvertTest, OutputOnlyFieldsOfARequestAreIgnored) {
  EXPECT_THAT(HeededOutputFields<v1::CreateBucketRequest>(SampleCreate(), Convert<v1::CreateBucketRequest>), IsEmpty());
  EXPECT_THAT(
      HeededOutputFields<v1::WriteObjectRequest::Header>(SampleWrite(), Convert<v1::WriteObjectRequest::Header>),
      IsEmpty());
}

TEST(ObjectConvertTest, EveryViolationIsToldAtOnce) {
  v1::CreateBucketRequest bucket;
  bucket.set_bucket_id("NO");
  (*bucket.mutable_bucket()->mutable_labels())[""] = "";
  EXPECT_THAT(Fields(FromProto(bucket)), ElementsAre("bucket_id", "bucket.labels"));

  v1::WriteObjectRequest::Header write;
  write.mutable_object()->set_name("data/k");
  write.mutable_object()->set_content_type(std::string(256, 't'));
  write.mutable_object()->set_content_encoding(std::string(256, 'e'));
  (*write.mutable_object()->mutable_metadata())["k"] = std::string(2048, 'm');
  EXPECT_THAT(Fields(FromProto(write)), ElementsAre("header.object.name", "header.object.content_type",
                                                    "header.object.content_encoding", "header.object.metadata"));
}

}  // namespace
}  // namespace ll::catalog
