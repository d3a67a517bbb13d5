#include "services/registry/blob_upload.h"

#include <memory>
#include <string>

#include "base/digest.h"
#include "base/error_reason.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/fault_env.h"
#include "tests/testing/memory_registry.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll::catalog {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::StatusIs;

class BlobUploadTest : public ::testing::Test {
 protected:
  bool Exists(const std::string& sha256) { return blobs_->Pin(sha256).ok(); }
  // A row that names the blob.
  void Name(const std::string& sha256) {
    LL_ASSERT_OK(registry_.Write({}, [&](registry::Transaction& tx) -> absl::Status {
      LL_RETURN_IF_ERROR(tx.objects().InsertBucket({.id = "data"}).status());
      return tx.objects().Put({.bucket_id = "data", .key = "k", .sha256 = sha256}).status();
    }));
  }

  testing::FakeClock clock_;
  testing::MemoryRegistry registry_{clock_};
  const testing::TempDir dir_;
  testing::FaultEnv env_;
  const std::unique_ptr<registry::BlobStore> blobs_ = registry::BlobStore::Open(env_, dir_.File("blobs")).value();
};

TEST_F(BlobUploadTest, KeepsWhatARowNames) {
  const std::string sha256 = Sha256Hex("abcdef");
  {
    LL_ASSERT_OK_AND_ASSIGN(const auto upload, BlobUpload::Begin(registry_, *blobs_));
    LL_ASSERT_OK(upload->Append("abc"));
    LL_ASSERT_OK(upload->Append("def"));
    EXPECT_EQ(upload->size_bytes(), 6);
    LL_ASSERT_OK_AND_ASSIGN(const registry::PinnedBlob* blob, upload->Finish(sha256));
    EXPECT_EQ(blob->sha256(), sha256);
    EXPECT_EQ(blob->size_bytes(), 6);
    Name(sha256);
  }
  EXPECT_TRUE(Exists(sha256));
}

TEST_F(BlobUploadTest, RemovesWhatNoRowNames) {
  {
    LL_ASSERT_OK_AND_ASSIGN(const auto upload, BlobUpload::Begin(registry_, *blobs_));
    LL_ASSERT_OK(upload->Append("abc"));
    LL_ASSERT_OK(upload->Finish("").status());
    EXPECT_TRUE(Exists(Sha256Hex("abc")));
  }
  EXPECT_FALSE(Exists(Sha256Hex("abc")));
}

TEST_F(BlobUploadTest, AnotherDigestIsRefusedAndLeavesNothing) {
  {
    LL_ASSERT_OK_AND_ASSIGN(const auto upload, BlobUpload::Begin(registry_, *blobs_));
    LL_ASSERT_OK(upload->Append("abc"));
    const auto finished = upload->Finish(Sha256Hex("abd"));
    EXPECT_THAT(finished, StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(finished, HasReason(ErrorReason::kDigestMismatch));
  }
  EXPECT_FALSE(Exists(Sha256Hex("abc")));
}

TEST_F(BlobUploadTest, AnUploadInVainLeavesTheSameBytesOfOthers) {
  LL_ASSERT_OK(blobs_->Put("abc").status());
  Name(Sha256Hex("abc"));
  {
    LL_ASSERT_OK_AND_ASSIGN(const auto upload, BlobUpload::Begin(registry_, *blobs_));
    LL_ASSERT_OK(upload->Append("abc"));
    LL_ASSERT_OK(upload->Finish("").status());
  }
  EXPECT_TRUE(Exists(Sha256Hex("abc")));
}

TEST_F(BlobUploadTest, AFullDiskIsTold) {
  LL_ASSERT_OK_AND_ASSIGN(const auto upload, BlobUpload::Begin(registry_, *blobs_));
  env_.FailAfter(0,
                 MakeError(absl::StatusCode::kResourceExhausted, ErrorReason::kStorageFull, {.what = "x", .why = "y"}));
  EXPECT_THAT(upload->Append("abc"), HasReason(ErrorReason::kStorageFull));
}

}  // namespace
}  // namespace ll::catalog
