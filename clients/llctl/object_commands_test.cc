// `llctl bucket` and `llctl object` against a server in memory.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ll/v1/object_service.pb.h"
#include "tests/testing/fake_services/fake_llserver.h"
#include "tests/testing/fake_services/sample_messages.h"
#include "tests/testing/golden.h"
#include "tests/testing/llctl_runner.h"
#include "tests/testing/temp_dir.h"

namespace ll::llctl {
namespace {

using ::ll::testing::FakeLlserver;
using ::ll::testing::FakeState;
using ::ll::testing::LlctlResult;
using ::ll::testing::LlctlRunner;
using ::ll::testing::MatchesGolden;
using ::ll::testing::TempDir;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class ObjectCommandsTest : public ::testing::Test {
 protected:
  void AddSamples() {
    server_.AddObject("datasets", "a.csv", "1,2\n");
    server_.Edit([](FakeState& state) ABSL_EXCLUSIVE_LOCKS_REQUIRED(state.mutex) {
      const v1::Object object = testing::SampleObjectMessage();
      state.objects[object.name()] = object;
      (*state.buckets["buckets/datasets"].mutable_labels())["team"] = "vision";
    });
  }

  FakeLlserver server_;
  LlctlRunner llctl_{server_.address()};
  const TempDir dir_;
};

TEST_F(ObjectCommandsTest, BucketsComeAndGo) {
  EXPECT_EQ(llctl_.Run({"bucket", "create", "datasets", "--label", "team=vision"}).out, "bucket/datasets created\n");
  EXPECT_TRUE(MatchesGolden("llctl/bucket_list.txt", llctl_.Run({"bucket", "list"}).out));
  EXPECT_TRUE(MatchesGolden("llctl/bucket_list_wide.txt", llctl_.Run({"bucket", "list", "-o", "wide"}).out));
  EXPECT_TRUE(MatchesGolden("llctl/bucket_get.txt", llctl_.Run({"bucket", "get", "s3://datasets"}).out));
  EXPECT_EQ(llctl_.Run({"bucket", "delete", "datasets", "--yes"}).out, "bucket/datasets deleted\n");
  EXPECT_EQ(llctl_.Run({"bucket", "list"}).err, "No buckets found.\n");
}

TEST_F(ObjectCommandsTest, ABucketWithObjectsIsNotDeleted) {
  AddSamples();
  const LlctlResult result = llctl_.Run({"bucket", "delete", "datasets", "--yes"});
  EXPECT_EQ(result.code, 6);
  EXPECT_THAT(result.err, HasSubstr("it holds objects. Delete its objects first. [BUCKET_NOT_EMPTY]"));
}

TEST_F(ObjectCommandsTest, ListInEveryOutputFormat) {
  AddSamples();
  EXPECT_TRUE(MatchesGolden("llctl/object_list.txt", llctl_.Run({"object", "list", "s3://datasets"}).out));
  EXPECT_TRUE(
      MatchesGolden("llctl/object_list_wide.txt", llctl_.Run({"object", "list", "datasets", "-o", "wide"}).out));
  EXPECT_EQ(llctl_.Run({"object", "list", "s3://datasets/dig", "-o", "name"}).out,
            "buckets/datasets/objects/digits/train.pbr\n");
  EXPECT_TRUE(
      MatchesGolden("llctl/object_get.txt", llctl_.Run({"object", "get", "s3://datasets/digits/train.pbr"}).out));
}

TEST_F(ObjectCommandsTest, PutNamesAndTypesTheObject) {
  AddSamples();
  const std::string csv = dir_.Write("rows.csv", "1,2\n3,4\n");
  EXPECT_EQ(llctl_.Run({"object", "put", csv, "s3://datasets/new/name.csv"}).out,
            "s3://datasets/new/name.csv uploaded (8 B)\n");
  EXPECT_EQ(server_.last<v1::WriteObjectRequest::Header>().object().content_type(), "text/csv");
  EXPECT_EQ(llctl_.Run({"object", "put", csv, "s3://datasets/new/"}).out,
            "s3://datasets/new/rows.csv uploaded (8 B)\n");
  EXPECT_EQ(llctl_.Run({"object", "put", csv, "s3://datasets"}).out, "s3://datasets/rows.csv uploaded (8 B)\n");
  EXPECT_EQ(llctl_
                .Run({"object", "put", "-", "s3://datasets/piped", "--content-type", "text/plain", "--metadata",
                      "from=me", "--label", "a=b", "--content-encoding", "gzip"},
                     "piped bytes")
                .out,
            "s3://datasets/piped uploaded (11 B)\n");
  const v1::Object object = server_.last<v1::WriteObjectRequest::Header>().object();
  EXPECT_EQ(object.content_type(), "text/plain");
  EXPECT_EQ(object.content_encoding(), "gzip");
  EXPECT_THAT(object.metadata(), UnorderedElementsAre(Pair("from", "me")));
  EXPECT_THAT(object.labels(), UnorderedElementsAre(Pair("a", "b")));
}

TEST_F(ObjectCommandsTest, PutAsksForAWholeKeyForStandardInput) {
  const LlctlResult result = llctl_.Run({"object", "put", "-", "s3://datasets/"});
  EXPECT_EQ(result.code, 2);
  EXPECT_EQ(result.err, "error: standard input has no name to store it under. Write a whole key.\n");
}

TEST_F(ObjectCommandsTest, PutOfAMissingFileIsAPlainFailure) {
  const LlctlResult result = llctl_.Run({"object", "put", dir_.File("nothing.csv"), "s3://datasets/a"});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("nothing.csv: No such file or directory"));
}

TEST_F(ObjectCommandsTest, AnUploadShowsItsProgressOnATerminal) {
  AddSamples();
  llctl_.UseTerminal(80);
  const LlctlResult result = llctl_.Run({"object", "put", dir_.Write("rows.csv", "1,2\n"), "s3://datasets/b.csv"});
  EXPECT_EQ(result.err, "\ruploading rows.csv [====================] 100%  4 B of 4 B\x1b[K\r\x1b[K");
  EXPECT_EQ(llctl_.Run({"object", "put", dir_.File("rows.csv"), "s3://datasets/b.csv", "-q"}).err, "");
}

TEST_F(ObjectCommandsTest, GetDownloadsToAFileAFolderOrStandardOutput) {
  server_.AddObject("datasets", "dir/a.csv", "1,2\n3,4\n");
  const std::string file = dir_.File("copy.csv");
  EXPECT_EQ(llctl_.Run({"object", "get", "s3://datasets/dir/a.csv", "--output", file}).out,
            "s3://datasets/dir/a.csv saved as " + file + " (8 B)\n");
  EXPECT_EQ(Env::Posix().ReadFile(file).value(), "1,2\n3,4\n");
  EXPECT_EQ(llctl_.Run({"object", "get", "s3://datasets/dir/a.csv", "--output", dir_.path()}).code, 0);
  EXPECT_EQ(Env::Posix().ReadFile(dir_.File("a.csv")).value(), "1,2\n3,4\n");
  EXPECT_EQ(llctl_.Run({"object", "get", "s3://datasets/dir/a.csv", "--output", "-"}).out, "1,2\n3,4\n");
  EXPECT_EQ(llctl_.Run({"object", "get", "s3://datasets/dir/a.csv", "--output", "/dev/null"}).code, 0);
}

TEST_F(ObjectCommandsTest, GetAndDeleteNeedAKey) {
  EXPECT_EQ(llctl_.Run({"object", "get", "s3://datasets"}).err, "error: s3://datasets names a bucket, not an object\n");
  EXPECT_EQ(llctl_.Run({"object", "delete", "s3://datasets/", "--yes"}).code, 2);
  EXPECT_EQ(llctl_.Run({"object", "get", "train.csv"}).err,
            "error: `train.csv` does not name a place in the object store. Write it as s3://BUCKET/KEY.\n");
}

TEST_F(ObjectCommandsTest, DeleteRemovesTheObject) {
  AddSamples();
  EXPECT_EQ(llctl_.Run({"object", "delete", "s3://datasets/a.csv", "--yes"}).out, "s3://datasets/a.csv deleted\n");
  EXPECT_EQ(llctl_.Run({"object", "get", "s3://datasets/a.csv"}).code, 3);
}

}  // namespace
}  // namespace ll::llctl
