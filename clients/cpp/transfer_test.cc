// Uploads and downloads of the model and object clients against a server in memory.
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/error_reason.h"
#include "base/random.h"
#include "clients/cpp/client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_services/fake_llserver.h"
#include "tests/testing/fault_env.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll::client {
namespace {

using ::ll::testing::FakeLlserver;
using ::ll::testing::FakeState;
using ::ll::testing::FaultEnv;
using ::ll::testing::HasReason;
using ::ll::testing::IsOk;
using ::ll::testing::StatusIs;
using ::ll::testing::TempDir;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Spans several chunks and ends within one.
std::string Bytes() {
  SeededRandom random(17);
  std::string bytes(2 * kUploadChunkBytes + 12'345, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random.Bits());
  return bytes;
}

absl::Status Unavailable() {
  return MakeError(absl::StatusCode::kUnavailable, ErrorReason::kShuttingDown,
                   {.what = "the call was refused", .why = "the server is shutting down"});
}

class TransferTest : public ::testing::Test {
 protected:
  TransferTest() { server_.AddObject("data", "old", "old bytes"); }

  v1::WriteObjectRequest::Header HeaderOf(const std::string& key) {
    v1::WriteObjectRequest::Header header;
    header.mutable_object()->set_name("buckets/data/objects/" + key);
    header.mutable_object()->set_content_type("text/csv");
    return header;
  }

  FakeLlserver server_;
  const Client client_ = Client::Open({.address = server_.address()}).value();
  const TempDir dir_;
  Env& env_ = Env::Posix();
};

TEST_F(TransferTest, AFileGoesUpAndComesDownUnchanged) {
  const std::string bytes = Bytes();
  const std::string path = dir_.Write("train.csv", bytes);
  std::vector<int64_t> progress;
  TransferOptions options;
  options.on_progress = [&](int64_t sent) { progress.push_back(sent); };
  LL_ASSERT_OK_AND_ASSIGN(const v1::Object object,
                          client_.objects().WriteObjectFile(HeaderOf("train.csv"), env_, path, options));
  EXPECT_EQ(object.sha256(), Sha256Hex(bytes));
  EXPECT_EQ(object.content_type(), "text/csv");
  EXPECT_THAT(progress, ElementsAre(kUploadChunkBytes, 2 * kUploadChunkBytes, bytes.size()));

  LL_ASSERT_OK(client_.objects().ReadObjectFile(object.name(), env_, dir_.File("copy.csv")));
  EXPECT_EQ(env_.ReadFile(dir_.File("copy.csv")).value(), bytes);
}

TEST_F(TransferTest, AnEmptyFileIsAFileToo) {
  const std::string path = dir_.Write("empty", "");
  LL_ASSERT_OK_AND_ASSIGN(const v1::Object object, client_.objects().WriteObjectFile(HeaderOf("empty"), env_, path));
  EXPECT_EQ(object.size_bytes(), 0);
  LL_ASSERT_OK(client_.objects().ReadObjectFile(object.name(), env_, dir_.File("copy")));
  EXPECT_EQ(env_.ReadFile(dir_.File("copy")).value(), "");
}

TEST_F(TransferTest, AnUploadFromAFileStartsAnewWhenItBreaks) {
  const std::string bytes = Bytes();
  const std::string path = dir_.Write("train.csv", bytes);
  server_.FailNext("WriteObject", Unavailable(), 2);
  LL_ASSERT_OK_AND_ASSIGN(const v1::Object object, client_.objects().WriteObjectFile(HeaderOf("t"), env_, path));
  EXPECT_EQ(object.sha256(), Sha256Hex(bytes));
  const std::vector<std::string> ids = server_.request_ids("WriteObject");
  EXPECT_THAT(ids, ElementsAre(ids[0], ids[0], ids[0]));
}

TEST_F(TransferTest, AnUploadIsNotTriedForEver) {
  server_.FailNext("WriteObject", Unavailable(), 10);
  EXPECT_THAT(client_.objects().WriteObjectFile(HeaderOf("t"), env_, dir_.Write("t", "bytes")),
              HasReason(ErrorReason::kShuttingDown));
  EXPECT_EQ(server_.calls("WriteObject"), 3);
}

TEST_F(TransferTest, AnUploadThatTheServerRefusesSaysWhy) {
  v1::WriteObjectRequest::Header header;
  header.mutable_object()->set_name("buckets/nowhere/objects/t");
  EXPECT_THAT(client_.objects().WriteObjectFile(header, env_, dir_.Write("t", Bytes())),
              HasReason(ErrorReason::kBucketNotFound));
}

TEST_F(TransferTest, AMissingFileIsAnErrorBeforeAnyCall) {
  EXPECT_THAT(client_.objects().WriteObjectFile(HeaderOf("t"), env_, dir_.File("nothing")),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(server_.calls("WriteObject"), 0);
}

class FailingFile final : public SequentialFile {
 public:
  absl::StatusOr<size_t> Read(absl::Span<char> buffer) override {
    if (reads_++ > 0) return absl::InternalError("the disk broke");
    buffer[0] = 'x';
    return 1;
  }

 private:
  int reads_ = 0;
};

TEST_F(TransferTest, AFileThatCannotBeReadToItsEndLeavesTheOldObject) {
  FailingFile file;
  EXPECT_THAT(client_.objects().WriteObject(HeaderOf("old"), file), StatusIs(absl::StatusCode::kInternal));
  std::string now;
  LL_ASSERT_OK(client_.objects().ReadObject("buckets/data/objects/old", [&](absl::string_view bytes) {
    now.append(bytes.data(), bytes.size());
    return absl::OkStatus();
  }));
  EXPECT_EQ(now, "old bytes");
}

TEST_F(TransferTest, BytesThatDoNotMatchTheirDigestAreNotKept) {
  server_.Edit([](FakeState& state) ABSL_EXCLUSIVE_LOCKS_REQUIRED(state.mutex) { state.corrupt_downloads = true; });
  const std::string path = dir_.Write("copy", "before");
  const absl::StatusOr<v1::Object> object = client_.objects().ReadObjectFile("buckets/data/objects/old", env_, path);
  EXPECT_THAT(object, StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(object, HasReason(ErrorReason::kDigestMismatch));
  EXPECT_EQ(env_.ReadFile(path).value(), "before");
  EXPECT_THAT(env_.List(dir_.path()).value(), ElementsAre("copy"));
}

TEST_F(TransferTest, AFullDiskLeavesNothingBehind) {
  FaultEnv env;
  env.FailAfter(2, absl::ResourceExhaustedError("disk full"));
  EXPECT_THAT(client_.objects().ReadObjectFile("buckets/data/objects/old", env, dir_.File("copy")),
              StatusIs(absl::StatusCode::kResourceExhausted));
  env.Heal();
  EXPECT_FALSE(env.Exists(dir_.File("copy")));
}

TEST_F(TransferTest, ASinkThatFailsEndsTheDownloadWithItsError) {
  int pieces = 0;
  const absl::StatusOr<v1::Object> object =
      client_.objects().ReadObject("buckets/data/objects/old", [&](absl::string_view) {
        ++pieces;
        return absl::ResourceExhaustedError("enough");
      });
  EXPECT_THAT(object, StatusIs(absl::StatusCode::kResourceExhausted, "enough"));
  EXPECT_EQ(pieces, 1);
}

TEST_F(TransferTest, AModelVersionGoesUpAndComesDownUnchanged) {
  const std::string bytes = Bytes();
  v1::ImportModelVersionRequest::Header header;
  header.set_parent("models/churn");
  header.mutable_model_version()->set_description("from elsewhere");
  server_.FailNext("ImportModelVersion", Unavailable());
  LL_ASSERT_OK_AND_ASSIGN(const v1::ModelVersion version,
                          client_.models().ImportModelVersionFile(header, env_, dir_.Write("model.tar.gz", bytes)));
  EXPECT_EQ(version.name(), "models/churn/versions/1");
  EXPECT_EQ(version.description(), "from elsewhere");
  LL_ASSERT_OK(client_.models().DownloadModelVersionFile("models/churn@latest", env_, dir_.File("copy.tar.gz")));
  EXPECT_EQ(env_.ReadFile(dir_.File("copy.tar.gz")).value(), bytes);
}

}  // namespace
}  // namespace ll::client
