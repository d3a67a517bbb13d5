#include "clients/llctl/resource_names.h"

#include "clients/llctl/exit_codes.h"
#include "gtest/gtest.h"

namespace ll::llctl {
namespace {

TEST(ResourceNamesTest, ShortAndFullNamesMeanTheSame) {
  EXPECT_EQ(FullName(ResourceKind::kModel, "digits"), "models/digits");
  EXPECT_EQ(FullName(ResourceKind::kModel, "models/digits"), "models/digits");
  EXPECT_EQ(FullName(ResourceKind::kTrainingJob, "t"), "trainingJobs/t");
  EXPECT_EQ(FullName(ResourceKind::kEndpoint, "endpoints/e"), "endpoints/e");
  EXPECT_EQ(FullName(ResourceKind::kBucket, "s3://data/"), "buckets/data");
  EXPECT_EQ(FullName(ResourceKind::kEvent, "7"), "events/7");
  EXPECT_EQ(IdOf(ResourceKind::kModel, "models/digits"), "digits");
  EXPECT_EQ(IdOf(ResourceKind::kModel, "digits"), "digits");
  EXPECT_EQ(IdOf(ResourceKind::kBucket, "s3://data"), "data");
}

TEST(ResourceNamesTest, VersionsMayBeNamedInMoreWays) {
  EXPECT_EQ(VersionName("models/m/versions/3"), "models/m/versions/3");
  EXPECT_EQ(VersionName("m/versions/3"), "models/m/versions/3");
  EXPECT_EQ(VersionName("m@latest"), "models/m@latest");
  EXPECT_EQ(VersionName("models/m@champion"), "models/m@champion");
  EXPECT_EQ(VersionName("3", "m"), "models/m/versions/3");
  EXPECT_EQ(VersionName("champion", "models/m"), "models/m@champion");
  EXPECT_EQ(VersionName("models/other@latest", "m"), "models/other@latest");
}

TEST(ResourceNamesTest, TablesShowWhatCanBeTypedAgain) {
  EXPECT_EQ(ShortName("models/digits"), "digits");
  EXPECT_EQ(ShortName("models/digits/versions/3"), "digits/versions/3");
  EXPECT_EQ(ShortName("models/digits@champion"), "digits@champion");
  EXPECT_EQ(ShortName("buckets/b/objects/a/b.csv"), "s3://b/a/b.csv");
  EXPECT_EQ(ShortName("buckets/b"), "b");
  EXPECT_EQ(ShortName(""), "");
}

TEST(ResourceNamesTest, PlacesInTheObjectStore) {
  const S3Location object = ParseS3Location("s3://b/dir/key with space").value();
  EXPECT_EQ(object.BucketName(), "buckets/b");
  EXPECT_EQ(object.ObjectName(), "buckets/b/objects/dir/key with space");
  EXPECT_EQ(ParseS3Location("s3://b")->key, "");
  EXPECT_EQ(ParseS3Location("s3://b/")->key, "");
  EXPECT_EQ(ParseS3Location("buckets/b/objects/a/b")->key, "a/b");
  EXPECT_EQ(ParseS3Location("buckets/b")->bucket, "b");
  for (const char* text : {"", "b/key", "s3://", "s3:///key", "file.csv"}) {
    EXPECT_EQ(ExitCodeOf(ParseS3Location(text).status()), kUsage) << text;
  }
}

}  // namespace
}  // namespace ll::llctl
