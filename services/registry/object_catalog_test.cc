#include "services/registry/object_catalog.h"

#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/digest.h"
#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/memory_registry.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll::catalog {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::StatusIs;
using registry::ObjectRecord;
using ::testing::ElementsAre;
using ::testing::Pair;

TEST(ObjectUriTest, Parses) {
  EXPECT_EQ(ParseObjectUri("s3://data/a/b.csv").value(), (ObjectUri{.bucket_id = "data", .key = "a/b.csv"}));
  EXPECT_EQ(ParseObjectUri("s3://data/").value(), (ObjectUri{.bucket_id = "data", .key = ""}));
  EXPECT_EQ(ParseObjectUri("s3://data").value(), (ObjectUri{.bucket_id = "data", .key = ""}));
  EXPECT_EQ(ParseObjectUri("s3://data//k").value(), (ObjectUri{.bucket_id = "data", .key = "/k"}));
  for (const char* uri : {"", "data/k", "s3://", "s3:///k", "S3://data/k", "file:///etc/passwd"}) {
    EXPECT_THAT(ParseObjectUri(uri), StatusIs(absl::StatusCode::kInvalidArgument)) << uri;
    EXPECT_THAT(ParseObjectUri(uri), HasReason(ErrorReason::kInvalidName)) << uri;
  }
}

class ObjectCatalogTest : public ::testing::Test {
 protected:
  ObjectCatalogTest() { LL_EXPECT_OK(catalog_.CreateBucket({.id = "data"}, {}).status()); }

  absl::StatusOr<ObjectRecord> Write(const std::string& key, const std::string& bytes,
                                     const registry::WriteOptions& write = {}, const std::string& sha256 = "") {
    LL_ASSIGN_OR_RETURN(const auto upload, catalog_.BeginWrite({.bucket_id = "data",
                                                                .key = key,
                                                                .content_type = "text/csv",
                                                                .content_encoding = "gzip",
                                                                .metadata = {{"by", "me"}}},
                                                               write));
    LL_RETURN_IF_ERROR(upload->Append(bytes));
    return upload->Commit(sha256);
  }
  absl::StatusOr<std::string> Read(const std::string& key) {
    LL_ASSIGN_OR_RETURN(const OpenedObject opened, catalog_.OpenObject("data", key));
    return ReadAll(*opened.bytes);
  }
  static absl::StatusOr<std::string> ReadAll(registry::BlobReader& reader) {
    std::string all;
    std::string buffer(3, '\0');
    while (true) {
      LL_ASSIGN_OR_RETURN(const size_t count, reader.Read(absl::MakeSpan(buffer.data(), buffer.size())));
      if (count == 0) return all;
      all.append(buffer, 0, count);
    }
  }
  bool BlobExists(const std::string& bytes) { return blobs_->Pin(Sha256Hex(bytes)).ok(); }

  testing::FakeClock clock_;
  testing::MemoryRegistry registry_{clock_};
  const testing::TempDir dir_;
  const std::unique_ptr<registry::BlobStore> blobs_ =
      registry::BlobStore::Open(Env::Posix(), dir_.File("blobs")).value();
  ObjectCatalog catalog_{registry_, *blobs_};
};

TEST_F(ObjectCatalogTest, Buckets) {
  LL_ASSERT_OK_AND_ASSIGN(const registry::BucketRecord bucket, catalog_.GetBucket("data"));
  EXPECT_THAT(catalog_.CreateBucket({.id = "data"}, {}), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(catalog_.ListBuckets({})->records.size(), 1u);
  LL_ASSERT_OK(Write("k", "abc").status());
  EXPECT_THAT(catalog_.DeleteBucket("data", "", {}), HasReason(ErrorReason::kBucketNotEmpty));
  LL_ASSERT_OK(catalog_.DeleteObject("data", "k", "", {}));
  EXPECT_THAT(catalog_.DeleteBucket("data", "other", {}), HasReason(ErrorReason::kEtagMismatch));
  LL_EXPECT_OK(catalog_.DeleteBucket("data", bucket.header.etag, {}));
  EXPECT_THAT(catalog_.DeleteBucket("data", "", {}), HasReason(ErrorReason::kBucketNotFound));
}

TEST_F(ObjectCatalogTest, WritesAndReads) {
  LL_ASSERT_OK_AND_ASSIGN(const ObjectRecord object, Write("a/b", "abc", {}, Sha256Hex("abc")));
  EXPECT_EQ(object.size_bytes, 3);
  EXPECT_EQ(object.sha256, Sha256Hex("abc"));
  EXPECT_EQ(object.md5, "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(object.content_type, "text/csv");
  EXPECT_EQ(object.content_encoding, "gzip");
  EXPECT_THAT(object.metadata, ElementsAre(Pair("by", "me")));
  LL_ASSERT_OK_AND_ASSIGN(const ObjectRecord got, catalog_.GetObject("data", "a/b"));
  EXPECT_EQ(got, object);
  EXPECT_EQ(Read("a/b").value(), "abc");
  LL_ASSERT_OK(Write("empty", "").status());
  EXPECT_EQ(Read("empty").value(), "");
  EXPECT_EQ(catalog_.ListObjects("data", "a/", {})->records.size(), 1u);
  EXPECT_THAT(catalog_.ListObjects("none", "", {}), HasReason(ErrorReason::kBucketNotFound));
  EXPECT_THAT(Read("x"), HasReason(ErrorReason::kObjectNotFound));
  EXPECT_THAT(catalog_.BeginWrite({.bucket_id = "none", .key = "k"}, {}).status(),
              HasReason(ErrorReason::kBucketNotFound));
}

TEST_F(ObjectCatalogTest, AReplacedObjectsBytesGoWithTheirLastName) {
  LL_ASSERT_OK(Write("k", "one").status());
  LL_ASSERT_OK(Write("other", "one").status());
  LL_ASSERT_OK(Write("k", "two").status());
  EXPECT_EQ(Read("k").value(), "two");
  EXPECT_EQ(Read("other").value(), "one");
  LL_ASSERT_OK(Write("other", "two").status());
  EXPECT_FALSE(BlobExists("one"));
  LL_ASSERT_OK(Write("k", "two").status());  // the same again
  EXPECT_EQ(Read("k").value(), "two");
  LL_ASSERT_OK(catalog_.DeleteObject("data", "k", "", {}));
  EXPECT_TRUE(BlobExists("two"));
  LL_ASSERT_OK(catalog_.DeleteObject("data", "other", "", {}));
  EXPECT_FALSE(BlobExists("two"));
}

TEST_F(ObjectCatalogTest, AWriteThatFailsLeavesTheOldObject) {
  LL_ASSERT_OK(Write("k", "old").status());
  EXPECT_THAT(Write("k", "new", {}, Sha256Hex("other")), HasReason(ErrorReason::kDigestMismatch));
  LL_EXPECT_OK(Write("k", "new", {.validate_only = true}).status());
  {
    LL_ASSERT_OK_AND_ASSIGN(const auto upload, catalog_.BeginWrite({.bucket_id = "data", .key = "k"}, {}));
    LL_ASSERT_OK(upload->Append("new"));
  }
  registry_.FailWrites(absl::ResourceExhaustedError("disk full"));
  EXPECT_THAT(Write("k", "new"), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(Read("k").value(), "old");
  EXPECT_FALSE(BlobExists("new"));
}

TEST_F(ObjectCatalogTest, AReaderKeepsWhatItOpened) {
  LL_ASSERT_OK(Write("k", "old bytes").status());
  LL_ASSERT_OK_AND_ASSIGN(const OpenedObject opened, catalog_.OpenObject("data", "k"));
  LL_ASSERT_OK(Write("k", "new bytes").status());
  EXPECT_FALSE(BlobExists("old bytes"));
  EXPECT_EQ(ReadAll(*opened.bytes).value(), "old bytes");
}

TEST_F(ObjectCatalogTest, ARepeatedWriteIsOne) {
  const registry::WriteOptions write{.request_id = "r", .fingerprint = "header"};
  LL_ASSERT_OK_AND_ASSIGN(const ObjectRecord first, Write("k", "abc", write));
  LL_ASSERT_OK_AND_ASSIGN(const ObjectRecord again, Write("k", "abc", write));
  EXPECT_EQ(again, first);
  EXPECT_THAT(Write("k", "abd", write), HasReason(ErrorReason::kRequestIdReused));
  EXPECT_EQ(Read("k").value(), "abc");
}

TEST_F(ObjectCatalogTest, DeletesWithItsEtagOnly) {
  LL_ASSERT_OK_AND_ASSIGN(const ObjectRecord object, Write("k", "abc"));
  EXPECT_THAT(catalog_.DeleteObject("data", "k", "other", {}), HasReason(ErrorReason::kEtagMismatch));
  LL_EXPECT_OK(catalog_.DeleteObject("data", "k", object.header.etag, {}));
  EXPECT_THAT(catalog_.DeleteObject("data", "k", "", {}), HasReason(ErrorReason::kObjectNotFound));
}

TEST_F(ObjectCatalogTest, BytesThatAreGoneAreDataLoss) {
  LL_ASSERT_OK(Write("k", "abc").status());
  const std::string sha256 = Sha256Hex("abc");
  std::filesystem::remove(absl::StrCat(dir_.File("blobs"), "/", sha256.substr(0, 2), "/", sha256));
  EXPECT_THAT(Read("k"), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(Read("k"), HasReason(ErrorReason::kCorruptBlob));
}

}  // namespace
}  // namespace ll::catalog
