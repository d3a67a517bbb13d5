// Buckets, objects and the blobs they name.
#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "registry/record_json.h"
#include "tests/contract/registry_contract.h"
#include "tests/testing/sample_records.h"
#include "tests/testing/status_matchers.h"

namespace ll::registry {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::IsOk;
using ::ll::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ObjectContract : public RegistryContract {
 protected:
  void AddBucket(const std::string& id) {
    LL_EXPECT_OK(Change([&](Transaction& tx) { return tx.objects().InsertBucket({.id = id}); }));
  }
  absl::StatusOr<ObjectRecord> Put(const ObjectRecord& record) {
    return Change([&](Transaction& tx) { return tx.objects().Put(record); });
  }
  absl::StatusOr<ObjectRecord> Get(const std::string& bucket, const std::string& key) {
    return See([&](const View& view) { return view.objects().Get(bucket, key); });
  }
  absl::Status Delete(const std::string& bucket, const std::string& key) {
    return Change([&](Transaction& tx) { return tx.objects().Delete(bucket, key); });
  }
  std::vector<std::string> Keys(const std::string& prefix, const ListQuery& query = {}) {
    const auto page = See([&](const View& view) { return view.objects().List("b", prefix, query); });
    EXPECT_THAT(page, IsOk());
    std::vector<std::string> keys;
    for (const ObjectRecord& object : page->records) keys.push_back(object.key);
    return keys;
  }
  bool IsBlobNamed(const std::string& sha256) {
    return See([&](const View& view) { return view.IsBlobNamed(sha256); }).value();
  }
};

TEST_P(ObjectContract, EveryFieldSurvives) {
  const BucketRecord bucket = testing::SampleBucket();
  LL_ASSERT_OK_AND_ASSIGN(const BucketRecord inserted,
                          Change([&](Transaction& tx) { return tx.objects().InsertBucket(bucket); }));
  BucketRecord expected_bucket = bucket;
  expected_bucket.header.create_time = expected_bucket.header.update_time = clock().Now();
  expected_bucket.header.etag = inserted.header.etag;
  EXPECT_EQ(inserted, expected_bucket);
  EXPECT_EQ(See([&](const View& view) { return view.objects().GetBucket(bucket.id); }).value(), expected_bucket);

  const ObjectRecord object = testing::SampleObject();
  LL_ASSERT_OK_AND_ASSIGN(const ObjectRecord put, Put(object));
  ObjectRecord expected = object;
  expected.header.create_time = expected.header.update_time = clock().Now();
  expected.header.etag = put.header.etag;
  EXPECT_EQ(put, expected);
  EXPECT_EQ(Get(object.bucket_id, object.key).value(), expected);
}

TEST_P(ObjectContract, TheLastWriterWins) {
  AddBucket("b");
  LL_ASSERT_OK_AND_ASSIGN(const ObjectRecord first, Put({.bucket_id = "b", .key = "k", .sha256 = "1"}));
  clock().Advance(absl::Seconds(1));
  ObjectRecord change{.bucket_id = "b", .key = "k", .sha256 = "2"};
  change.header.etag = "another";
  LL_ASSERT_OK_AND_ASSIGN(const ObjectRecord second, Put(change));
  EXPECT_EQ(second.sha256, "2");
  EXPECT_EQ(second.header.create_time, first.header.create_time);
  EXPECT_EQ(second.header.update_time, clock().Now());
  EXPECT_NE(second.header.etag, first.header.etag);
  EXPECT_EQ(Get("b", "k").value(), second);
  EXPECT_THAT(EventTexts(),
              ElementsAre("create buckets/b", "create buckets/b/objects/k", "update buckets/b/objects/k"));
  EXPECT_EQ(FromJson<ObjectRecord>(Events().back().before_json).value(), first);
}

TEST_P(ObjectContract, ErrorsHaveTheirCodes) {
  AddBucket("b");
  EXPECT_THAT(Change([](Transaction& tx) { return tx.objects().InsertBucket({.id = "b"}); }),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("buckets/b")));
  EXPECT_THAT(See([](const View& view) { return view.objects().GetBucket("x"); }),
              HasReason(ErrorReason::kBucketNotFound));
  EXPECT_THAT(See([](const View& view) { return view.objects().List("x", "", {}); }),
              HasReason(ErrorReason::kBucketNotFound));
  EXPECT_THAT(Put({.bucket_id = "x", .key = "k"}), StatusIs(absl::StatusCode::kNotFound, HasSubstr("buckets/x")));
  EXPECT_THAT(Put({.bucket_id = "x", .key = "k"}), HasReason(ErrorReason::kBucketNotFound));
  EXPECT_THAT(Get("x", "k"), HasReason(ErrorReason::kBucketNotFound));
  EXPECT_THAT(Get("b", "k"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("buckets/b/objects/k")));
  EXPECT_THAT(Get("b", "k"), HasReason(ErrorReason::kObjectNotFound));
  EXPECT_THAT(Delete("x", "k"), HasReason(ErrorReason::kBucketNotFound));
  EXPECT_THAT(Delete("b", "k"), HasReason(ErrorReason::kObjectNotFound));
  EXPECT_THAT(Change([](Transaction& tx) { return tx.objects().DeleteBucket("x"); }),
              HasReason(ErrorReason::kBucketNotFound));
}

TEST_P(ObjectContract, ABucketWithObjectsCannotBeDeleted) {
  AddBucket("b");
  LL_ASSERT_OK(Put({.bucket_id = "b", .key = "k"}));
  const auto delete_bucket = [](Transaction& tx) { return tx.objects().DeleteBucket("b"); };
  EXPECT_THAT(Change(delete_bucket), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("buckets/b")));
  EXPECT_THAT(Change(delete_bucket), HasReason(ErrorReason::kBucketNotEmpty));
  LL_ASSERT_OK(Delete("b", "k"));
  EXPECT_THAT(Change(delete_bucket), IsOk());
  EXPECT_THAT(EventTexts(), ElementsAre("create buckets/b", "create buckets/b/objects/k", "delete buckets/b/objects/k",
                                        "delete buckets/b"));
}

TEST_P(ObjectContract, KeysAreAnyUtf8InBytewiseOrder) {
  AddBucket("b");
  const std::vector<std::string> sorted = {"A", "a",        "a b'\"\\%_*?", "a/b/../c",
                                           "b", "\xC3\xA9", "\xE2\x98\x83", "\xF0\x9F\x98\x80"};
  for (auto key = sorted.rbegin(); key != sorted.rend(); ++key) LL_ASSERT_OK(Put({.bucket_id = "b", .key = *key}));
  EXPECT_EQ(Keys(""), sorted);
  for (const std::string& key : sorted) EXPECT_EQ(Get("b", key)->key, key);
  const std::string longest(1024, 'k');
  LL_ASSERT_OK(Put({.bucket_id = "b", .key = longest}));
  EXPECT_THAT(Get("b", longest), IsOk());
}

TEST_P(ObjectContract, PrefixesSelectKeysByTheirBytes) {
  AddBucket("b");
  AddBucket("c");
  for (const char* key : {"train", "train/1", "train/2", "train0", "trainz", "tra", "\xC3\xA9t\xC3\xA9"}) {
    LL_ASSERT_OK(Put({.bucket_id = "b", .key = key}));
  }
  LL_ASSERT_OK(Put({.bucket_id = "c", .key = "train/3"}));
  EXPECT_THAT(Keys("train/"), ElementsAre("train/1", "train/2"));
  EXPECT_THAT(Keys("train"), ElementsAre("train", "train/1", "train/2", "train0", "trainz"));
  EXPECT_THAT(Keys("\xC3\xA9"), ElementsAre("\xC3\xA9t\xC3\xA9"));
  EXPECT_THAT(Keys("%"), IsEmpty());
  EXPECT_THAT(Keys("t_a"), IsEmpty());
  EXPECT_THAT(Keys("train/", {.descending = true}), ElementsAre("train/2", "train/1"));
  EXPECT_THAT(Keys("train/", {.page_size = 1, .after = {.name = "train/1"}}), ElementsAre("train/2"));
  // A cursor before the prefix starts at the prefix.
  EXPECT_THAT(Keys("train/", {.after = {.name = "a"}}), ElementsAre("train/1", "train/2"));
}

TEST_P(ObjectContract, BlobsAreNamedByVersionsAndObjects) {
  const std::string artifact(64, 'a');
  const std::string data(64, 'd');
  EXPECT_FALSE(IsBlobNamed(artifact));
  AddModel("m");
  LL_ASSERT_OK(Change([&](Transaction& tx) -> absl::Status {
    LL_RETURN_IF_ERROR(tx.models().InsertVersion({.model_id = "m", .artifact_sha256 = artifact}).status());
    // A transaction sees its own changes.
    EXPECT_TRUE(tx.IsBlobNamed(artifact).value());
    return absl::OkStatus();
  }));
  EXPECT_TRUE(IsBlobNamed(artifact));
  EXPECT_FALSE(IsBlobNamed(data));
  AddBucket("b");
  LL_ASSERT_OK(Put({.bucket_id = "b", .key = "1", .sha256 = data}));
  LL_ASSERT_OK(Put({.bucket_id = "b", .key = "2", .sha256 = data}));
  EXPECT_TRUE(IsBlobNamed(data));
  LL_ASSERT_OK(Delete("b", "1"));
  EXPECT_TRUE(IsBlobNamed(data));
  LL_ASSERT_OK(Put({.bucket_id = "b", .key = "2", .sha256 = "another"}));
  EXPECT_FALSE(IsBlobNamed(data));
  LL_ASSERT_OK(Change([](Transaction& tx) { return tx.models().DeleteVersion("m", 1); }));
  EXPECT_FALSE(IsBlobNamed(artifact));
}

INSTANTIATE_TEST_SUITE_P(All, ObjectContract, ::testing::ValuesIn(AllRegistries()), NameOfKind);

}  // namespace
}  // namespace ll::registry
