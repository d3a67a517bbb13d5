#include "services/training/input_channels.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/memory_registry.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll::training {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::IsOk;
using ::ll::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST(ParseS3UriTest, TakesBucketsAndKeysApart) {
  EXPECT_EQ(*ParseS3Uri("s3://data/mnist/train.pbr"), (S3Location{"data", "mnist/train.pbr"}));
  EXPECT_EQ(*ParseS3Uri("s3://data/mnist/"), (S3Location{"data", "mnist/"}));
  EXPECT_EQ(*ParseS3Uri("s3://data/"), (S3Location{"data", ""}));
  EXPECT_EQ(*ParseS3Uri("s3://data"), (S3Location{"data", ""}));
  EXPECT_EQ(*ParseS3Uri("s3://data//x"), (S3Location{"data", "/x"}));
}

TEST(ParseS3UriTest, RefusesEverythingElse) {
  for (const char* uri :
       {"", "s3://", "s3:///key", "data/key", "S3://data/key", "/tmp/train.csv", "https://data/key"}) {
    EXPECT_THAT(ParseS3Uri(uri), HasReason(ErrorReason::kInvalidChannel)) << uri;
  }
}

class ResolveChannelsTest : public ::testing::Test {
 protected:
  void Put(const std::string& key, const std::string& content_type = "", const std::string& sha256 = "digest") {
    ASSERT_THAT(registry_.Write({},
                                [&](registry::Transaction& tx) -> absl::Status {
                                  if (!tx.objects().GetBucket("data").ok()) {
                                    LL_RETURN_IF_ERROR(tx.objects().InsertBucket({.id = "data"}).status());
                                  }
                                  return tx.objects()
                                      .Put({.bucket_id = "data",
                                            .key = key,
                                            .sha256 = sha256,
                                            .size_bytes = 5,
                                            .content_type = content_type})
                                      .status();
                                }),
                IsOk());
  }

  absl::StatusOr<std::vector<InputChannel>> Resolve(const std::vector<registry::ChannelSpec>& channels) {
    std::vector<InputChannel> resolved;
    LL_RETURN_IF_ERROR(registry_.Read([&](const registry::View& view) -> absl::Status {
      LL_ASSIGN_OR_RETURN(resolved, ResolveChannels(view, {.channels = channels}));
      return absl::OkStatus();
    }));
    return resolved;
  }

  std::vector<std::string> KeysOf(const std::string& uri) {
    const absl::StatusOr<std::vector<InputChannel>> channels = Resolve({{.name = "train", .uri = uri}});
    EXPECT_THAT(channels, IsOk());
    std::vector<std::string> keys;
    if (!channels.ok()) return keys;
    for (const InputObject& object : (*channels)[0].objects) keys.push_back(object.key);
    return keys;
  }

  std::string TypeOf(const std::string& uri, const std::string& asked_for = "") {
    const absl::StatusOr<std::vector<InputChannel>> channels =
        Resolve({{.name = "train", .uri = uri, .content_type = asked_for}});
    return channels.ok() ? (*channels)[0].content_type : std::string(channels.status().message());
  }

  ::ll::testing::FakeClock clock_;
  ::ll::testing::MemoryRegistry registry_{clock_};
};

TEST_F(ResolveChannelsTest, AnObjectIsTakenAlone) {
  Put("train.csv");
  Put("train.csv.bak");
  LL_ASSERT_OK_AND_ASSIGN(const std::vector<InputChannel> channels,
                          Resolve({{.name = "train", .uri = "s3://data/train.csv"}}));
  ASSERT_THAT(channels, SizeIs(1));
  EXPECT_EQ(channels[0].name, "train");
  ASSERT_THAT(channels[0].objects, SizeIs(1));
  EXPECT_EQ(channels[0].objects[0].name, "buckets/data/objects/train.csv");
  EXPECT_EQ(channels[0].objects[0].sha256, "digest");
  EXPECT_EQ(channels[0].objects[0].size_bytes, 5);
}

TEST_F(ResolveChannelsTest, APrefixTakesEverythingUnderItInTheOrderOfKeys) {
  for (const char* key : {"d/b.csv", "d/a/z.csv", "d/a-1.csv", "d/B.csv", "e.csv", "d.csv"}) Put(key);
  EXPECT_THAT(KeysOf("s3://data/d/"), ElementsAre("d/B.csv", "d/a-1.csv", "d/a/z.csv", "d/b.csv"));
  EXPECT_THAT(KeysOf("s3://data/d/a"), ElementsAre("d/a-1.csv", "d/a/z.csv"));
  EXPECT_THAT(KeysOf("s3://data"), SizeIs(6));
}

TEST_F(ResolveChannelsTest, WhatDescribesDataIsNoData) {
  for (const char* key : {"d/", "d/_SUCCESS", "d/.hidden", "d/train.manifest", "d/.amazon.manifest", "d/x.csv"})
    Put(key);
  EXPECT_THAT(KeysOf("s3://data/d/"), ElementsAre("d/x.csv"));
  EXPECT_THAT(KeysOf("s3://data/d/_SUCCESS"), ElementsAre("d/_SUCCESS"));
}

TEST_F(ResolveChannelsTest, LongListingsAreReadToTheirEnd) {
  for (int i = 0; i < 1003; ++i) Put(absl::StrCat("d/", i, ".csv"));
  EXPECT_THAT(KeysOf("s3://data/d/"), SizeIs(1003));
}

TEST_F(ResolveChannelsTest, TheContentTypeIsTheChannelsTheObjectsOrTheNames) {
  Put("a.csv");
  Put("b.pbr");
  Put("c", "text/csv; charset=utf-8");
  Put("d.csv", "application/octet-stream");
  EXPECT_EQ(TypeOf("s3://data/a.csv"), "text/csv");
  EXPECT_EQ(TypeOf("s3://data/b.pbr"), "application/x-recordio-protobuf");
  EXPECT_EQ(TypeOf("s3://data/c"), "text/csv");
  EXPECT_EQ(TypeOf("s3://data/d.csv"), "text/csv");
  Put("e", "text/csv; header=present");
  EXPECT_EQ(TypeOf("s3://data/e"), "text/csv; header=present");
  Put("f");
  EXPECT_EQ(TypeOf("s3://data/f"), "");
  EXPECT_EQ(TypeOf("s3://data/b.pbr", "text/csv; label_size=1"), "text/csv; label_size=1");
}

TEST_F(ResolveChannelsTest, ObjectsOfAChannelMustAgree) {
  Put("d/a.csv");
  Put("d/b.pbr");
  EXPECT_THAT(Resolve({{.name = "train", .uri = "s3://data/d/"}}), HasReason(ErrorReason::kInvalidChannel));
  EXPECT_THAT(TypeOf("s3://data/d/"), HasSubstr("\"d/b.pbr\" is application/x-recordio-protobuf"));
  EXPECT_EQ(TypeOf("s3://data/d/", "text/csv"), "text/csv");
  Put("e/a.csv");
  Put("e/b");
  EXPECT_THAT(TypeOf("s3://data/e/"), HasSubstr("\"e/b\" is of a type that neither it nor its name tells"));
}

TEST_F(ResolveChannelsTest, WhatIsMissingIsNamed) {
  Put("a.csv");
  const absl::Status nothing = Resolve({{.name = "train", .uri = "s3://data/b"}}).status();
  EXPECT_THAT(nothing, StatusIs(absl::StatusCode::kNotFound, HasSubstr("\"b\"")));
  EXPECT_THAT(nothing, HasReason(ErrorReason::kObjectNotFound));
  const absl::Status no_bucket = Resolve({{.name = "train", .uri = "s3://dada/a.csv"}}).status();
  EXPECT_THAT(no_bucket, HasReason(ErrorReason::kBucketNotFound));
  EXPECT_EQ(GetErrorDetails(no_bucket)->field_violations[0].field, "spec.channels[0].uri");
}

// Something happens between a look at the rows and the pin.
class InterruptedRegistry final : public registry::Registry {
 public:
  InterruptedRegistry(registry::Registry& registry, std::function<void()> after_read)
      : registry_(registry), after_read_(std::move(after_read)) {}
  absl::Status Read(absl::FunctionRef<absl::Status(const registry::View&)> body) override {
    LL_RETURN_IF_ERROR(registry_.Read(body));
    if (const auto happens = std::exchange(after_read_, nullptr)) happens();
    return absl::OkStatus();
  }
  absl::Status Write(const registry::WriteOptions& options,
                     absl::FunctionRef<absl::Status(registry::Transaction&)> body) override {
    return registry_.Write(options, body);
  }
  std::unique_ptr<Subscription> OnCommit(std::function<void(int64_t)> listener) override {
    return registry_.OnCommit(std::move(listener));
  }

 private:
  registry::Registry& registry_;
  std::function<void()> after_read_;
};

TEST_F(ResolveChannelsTest, AnObjectThatIsReplacedBeforeItIsPinnedIsResolvedAgain) {
  ::ll::testing::TempDir dir;
  LL_ASSERT_OK_AND_ASSIGN(const auto blobs, registry::BlobStore::Open(Env::Posix(), dir.path()));
  LL_ASSERT_OK_AND_ASSIGN(const registry::PinnedBlob newer, blobs->Put("newer"));
  Put("train.csv", "", Sha256Hex("older"));  // whose bytes a sweep takes as soon as nothing names them
  InterruptedRegistry registry(registry_, [&] { Put("train.csv", "", newer.sha256()); });
  const registry::JobSpec spec{.channels = {{.name = "train", .uri = "s3://data/train.csv"}}};
  LL_ASSERT_OK_AND_ASSIGN(const PinnedInputs inputs, PinInputs(registry, *blobs, spec));
  EXPECT_EQ(inputs.channels[0].objects[0].sha256, newer.sha256());
  ASSERT_THAT(inputs.pins, SizeIs(1));
  EXPECT_EQ(inputs.pins[0].sha256(), newer.sha256());

  Put("train.csv", "", Sha256Hex("older"));
  const absl::Status lost = PinInputs(registry_, *blobs, spec).status();
  EXPECT_THAT(lost, HasReason(ErrorReason::kCorruptBlob));
  EXPECT_THAT(lost, StatusIs(absl::StatusCode::kNotFound, HasSubstr("buckets/data/objects/train.csv")));
}

TEST(LineageTest, NamesEveryInput) {
  EXPECT_THAT(LineageOf({{.name = "train", .objects = {{.name = "a", .sha256 = "1"}, {.name = "b", .sha256 = "2"}}},
                         {.name = "test", .objects = {{.name = "c", .sha256 = "3"}}}}),
              ElementsAre(registry::LineageInput{"train", "a", "1"}, registry::LineageInput{"train", "b", "2"},
                          registry::LineageInput{"test", "c", "3"}));
}

}  // namespace
}  // namespace ll::training
