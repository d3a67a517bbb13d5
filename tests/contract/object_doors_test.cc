// ObjectService on the wire.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/digest.h"
#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "tests/contract/catalog_doors.h"
#include "tests/testing/status_matchers.h"

namespace ll::catalog {
namespace {

using grpc::StatusCode;
using ::ll::testing::FieldsOf;
using ::ll::testing::GrpcIsOk;
using ::ll::testing::GrpcStatusIs;
using ::ll::testing::NewContext;
using ::testing::ElementsAre;

class ObjectDoors : public CatalogDoors {
 protected:
  ObjectDoors() { AddBucket(); }

  grpc::Status CreateBucket(const std::string& id, const std::string& request_id = "") {
    v1::CreateBucketRequest request;
    request.set_bucket_id(id);
    request.set_request_id(request_id);
    v1::Bucket bucket;
    return objects_->CreateBucket(NewContext().get(), request, &bucket);
  }
  grpc::Status GetBucket(const std::string& name, v1::Bucket* bucket) {
    v1::GetBucketRequest request;
    request.set_name(name);
    return objects_->GetBucket(NewContext().get(), request, bucket);
  }
  grpc::Status DeleteBucket(const std::string& name, const std::string& etag = "") {
    v1::DeleteBucketRequest request;
    request.set_name(name);
    request.set_etag(etag);
    google::protobuf::Empty empty;
    return objects_->DeleteBucket(NewContext().get(), request, &empty);
  }
  grpc::Status GetObject(const std::string& name, v1::Object* object) {
    v1::GetObjectRequest request;
    request.set_name(name);
    return objects_->GetObject(NewContext().get(), request, object);
  }
  grpc::Status DeleteObject(const std::string& name, const std::string& etag = "") {
    v1::DeleteObjectRequest request;
    request.set_name(name);
    request.set_etag(etag);
    google::protobuf::Empty empty;
    return objects_->DeleteObject(NewContext().get(), request, &empty);
  }
  // All names, page by page.
  std::vector<std::string> List(const std::string& prefix, int page_size) {
    v1::ListObjectsRequest request;
    request.set_parent("buckets/data");
    request.set_prefix(prefix);
    request.set_page_size(page_size);
    std::vector<std::string> names;
    do {
      v1::ListObjectsResponse page;
      EXPECT_THAT(objects_->ListObjects(NewContext().get(), request, &page), GrpcIsOk());
      for (const v1::Object& object : page.objects()) names.push_back(object.name());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return names;
  }

  v1::Object object_;
  std::string bytes_;
};

TEST_P(ObjectDoors, Buckets) {
  v1::Bucket bucket;
  ASSERT_THAT(GetBucket("buckets/data", &bucket), GrpcIsOk());
  EXPECT_THAT(CreateBucket("data"), GrpcStatusIs(StatusCode::ALREADY_EXISTS, ErrorReason::kAlreadyExists));
  EXPECT_THAT(CreateBucket("NO"), GrpcStatusIs(StatusCode::INVALID_ARGUMENT, ErrorReason::kInvalidName));
  EXPECT_THAT(CreateBucket("other", "r"), GrpcIsOk());
  EXPECT_THAT(CreateBucket("other", "r"), GrpcIsOk());
  v1::ListBucketsResponse page;
  ASSERT_THAT(objects_->ListBuckets(NewContext().get(), {}, &page), GrpcIsOk());
  EXPECT_EQ(page.buckets_size(), 2);
  ASSERT_THAT(WriteObject("buckets/data/objects/k", "abc", &object_), GrpcIsOk());
  EXPECT_THAT(DeleteBucket("buckets/data"),
              GrpcStatusIs(StatusCode::FAILED_PRECONDITION, ErrorReason::kBucketNotEmpty));
  EXPECT_THAT(DeleteBucket("buckets/none"), GrpcStatusIs(StatusCode::NOT_FOUND, ErrorReason::kBucketNotFound));
  EXPECT_THAT(DeleteBucket("buckets/other", "old"), GrpcStatusIs(StatusCode::ABORTED, ErrorReason::kEtagMismatch));
  EXPECT_THAT(DeleteBucket("buckets/other"), GrpcIsOk());
  EXPECT_THAT(GetBucket("buckets/other", &bucket), GrpcStatusIs(StatusCode::NOT_FOUND, ErrorReason::kBucketNotFound));
}

TEST_P(ObjectDoors, BytesComeBackAsTheyWere) {
  std::string large;
  for (int i = 0; large.size() < (size_t{5} << 20); ++i) absl::StrAppend(&large, i, ",");
  const std::vector<std::pair<std::string, std::string>> objects = {
      {"buckets/data/objects/a/b c/\xe2\x98\x83.csv", "1,2,3\n"},
      {"buckets/data/objects/empty", ""},
      {"buckets/data/objects/large", large}};
  for (const auto& [name, bytes] : objects) {
    ASSERT_THAT(WriteObject(name, bytes, &object_, "", false, size_t{3} << 20), GrpcIsOk()) << name;
    EXPECT_EQ(object_.name(), name);
    EXPECT_EQ(object_.size_bytes(), static_cast<int64_t>(bytes.size()));
    EXPECT_EQ(object_.sha256(), Sha256Hex(bytes));
    EXPECT_EQ(object_.md5().size(), 32u);
    EXPECT_EQ(object_.content_type(), "text/csv");
    v1::Object header;
    ASSERT_THAT(ReadObject(name, &bytes_, &header), GrpcIsOk()) << name;
    EXPECT_EQ(bytes_, bytes);
    EXPECT_EQ(header.SerializeAsString(), object_.SerializeAsString());
    v1::Object got;
    ASSERT_THAT(GetObject(name, &got), GrpcIsOk());
    EXPECT_EQ(got.SerializeAsString(), object_.SerializeAsString());
  }
}

TEST_P(ObjectDoors, Refusals) {
  EXPECT_THAT(WriteObject("buckets/none/objects/k", "abc", &object_),
              GrpcStatusIs(StatusCode::NOT_FOUND, ErrorReason::kBucketNotFound));
  const grpc::Status invalid = WriteObject("data/k", "abc", &object_);
  EXPECT_THAT(invalid, GrpcStatusIs(StatusCode::INVALID_ARGUMENT, ErrorReason::kInvalidName));
  EXPECT_THAT(FieldsOf(invalid), ElementsAre("header.object.name"));
  EXPECT_THAT(ReadObject("buckets/data/objects/x", &bytes_),
              GrpcStatusIs(StatusCode::NOT_FOUND, ErrorReason::kObjectNotFound));
  EXPECT_THAT(ReadObject("x", &bytes_), GrpcStatusIs(StatusCode::INVALID_ARGUMENT, ErrorReason::kInvalidName));
  EXPECT_THAT(GetObject("buckets/data/objects/x", &object_),
              GrpcStatusIs(StatusCode::NOT_FOUND, ErrorReason::kObjectNotFound));
  EXPECT_THAT(DeleteObject("buckets/data/objects/x"),
              GrpcStatusIs(StatusCode::NOT_FOUND, ErrorReason::kObjectNotFound));
  v1::ListObjectsRequest request;
  request.set_parent("buckets/none");
  v1::ListObjectsResponse page;
  EXPECT_THAT(objects_->ListObjects(NewContext().get(), request, &page),
              GrpcStatusIs(StatusCode::NOT_FOUND, ErrorReason::kBucketNotFound));
  EXPECT_EQ(BlobCount(), 0);
}

TEST_P(ObjectDoors, ReplacedAndDeletedBytesGo) {
  ASSERT_THAT(WriteObject("buckets/data/objects/k", "one", &object_), GrpcIsOk());
  const std::string old_etag = object_.etag();
  ASSERT_THAT(WriteObject("buckets/data/objects/k", "two", &object_), GrpcIsOk());
  EXPECT_NE(object_.etag(), old_etag);
  ASSERT_THAT(ReadObject("buckets/data/objects/k", &bytes_), GrpcIsOk());
  EXPECT_EQ(bytes_, "two");
  EXPECT_EQ(BlobCount(), 1);
  EXPECT_THAT(DeleteObject("buckets/data/objects/k", old_etag),
              GrpcStatusIs(StatusCode::ABORTED, ErrorReason::kEtagMismatch));
  EXPECT_THAT(DeleteObject("buckets/data/objects/k", object_.etag()), GrpcIsOk());
  EXPECT_EQ(BlobCount(), 0);
}

TEST_P(ObjectDoors, AWriteThatBreaksOffLeavesTheOldObject) {
  ASSERT_THAT(WriteObject("buckets/data/objects/k", "old", &object_), GrpcIsOk());
  {
    const auto context = NewContext();
    v1::Object ignored;
    const auto writer = objects_->WriteObject(context.get(), &ignored);
    v1::WriteObjectRequest message;
    message.mutable_header()->mutable_object()->set_name("buckets/data/objects/k");
    writer->Write(message);
    message.set_chunk(std::string(1 << 20, 'n'));
    writer->Write(message);
    context->TryCancel();
    EXPECT_EQ(writer->Finish().error_code(), StatusCode::CANCELLED);
  }
  EXPECT_THAT(WriteObject("buckets/data/objects/k", "new", &object_, "", true), GrpcIsOk());
  Restart();  // waits for whatever was going on
  ASSERT_THAT(ReadObject("buckets/data/objects/k", &bytes_), GrpcIsOk());
  EXPECT_EQ(bytes_, "old");
  EXPECT_EQ(BlobCount(), 1);
}

TEST_P(ObjectDoors, AWrongDigestIsRefused) {
  const auto context = NewContext();
  const auto writer = objects_->WriteObject(context.get(), &object_);
  v1::WriteObjectRequest message;
  message.mutable_header()->mutable_object()->set_name("buckets/data/objects/k");
  writer->Write(message);
  message.set_chunk("abc");
  writer->Write(message);
  message.mutable_trailer()->set_sha256(Sha256Hex("abd"));
  writer->Write(message);
  writer->WritesDone();
  EXPECT_THAT(writer->Finish(), GrpcStatusIs(StatusCode::INVALID_ARGUMENT, ErrorReason::kDigestMismatch));
  EXPECT_EQ(BlobCount(), 0);
}

TEST_P(ObjectDoors, ARepeatedWriteIsOne) {
  ASSERT_THAT(WriteObject("buckets/data/objects/k", "abc", &object_, "r"), GrpcIsOk());
  v1::Object again;
  ASSERT_THAT(WriteObject("buckets/data/objects/k", "abc", &again, "r"), GrpcIsOk());
  EXPECT_EQ(again.SerializeAsString(), object_.SerializeAsString());
  EXPECT_THAT(WriteObject("buckets/data/objects/k", "abd", &again, "r"),
              GrpcStatusIs(StatusCode::INVALID_ARGUMENT, ErrorReason::kRequestIdReused));
}

TEST_P(ObjectDoors, AFullDiskRefusesAndTheServerGoesOn) {
  ASSERT_THAT(WriteObject("buckets/data/objects/k", "old", &object_), GrpcIsOk());
  env_.FailAfter(1, MakeError(absl::StatusCode::kResourceExhausted, ErrorReason::kStorageFull,
                              {.what = "cannot write", .why = "no space left", .remedy = "Free some space."}));
  EXPECT_THAT(WriteObject("buckets/data/objects/k", std::string(100'000, 'n'), &object_),
              GrpcStatusIs(StatusCode::RESOURCE_EXHAUSTED, ErrorReason::kStorageFull));
  env_.Heal();
  ASSERT_THAT(ReadObject("buckets/data/objects/k", &bytes_), GrpcIsOk());
  EXPECT_EQ(bytes_, "old");
  EXPECT_THAT(WriteObject("buckets/data/objects/k", "new", &object_), GrpcIsOk());
}

TEST_P(ObjectDoors, ACorruptObjectIsTold) {
  ASSERT_THAT(WriteObject("buckets/data/objects/k", std::string(3 << 20, 'x'), &object_, "", false, 1 << 20),
              GrpcIsOk());
  FlipByte(object_.sha256());
  EXPECT_THAT(ReadObject("buckets/data/objects/k", &bytes_),
              GrpcStatusIs(StatusCode::DATA_LOSS, ErrorReason::kCorruptBlob));
}

TEST_P(ObjectDoors, ListsByPrefixInKeyOrder) {
  for (const char* key : {"b", "a/2", "a/1", "a/10", "A", "a"}) {
    ASSERT_THAT(WriteObject(absl::StrCat("buckets/data/objects/", key), key, &object_), GrpcIsOk());
  }
  EXPECT_THAT(List("", 2),
              ElementsAre("buckets/data/objects/A", "buckets/data/objects/a", "buckets/data/objects/a/1",
                          "buckets/data/objects/a/10", "buckets/data/objects/a/2", "buckets/data/objects/b"));
  EXPECT_THAT(List("a/", 1),
              ElementsAre("buckets/data/objects/a/1", "buckets/data/objects/a/10", "buckets/data/objects/a/2"));
}

INSTANTIATE_TEST_SUITE_P(Registries, ObjectDoors, ::testing::ValuesIn(registry::AllRegistries()), registry::NameOfKind);

}  // namespace
}  // namespace ll::catalog
