#include "services/rpc/upload_stream.h"

#include <memory>
#include <string>
#include <utility>

#include "base/error_reason.h"
#include "base/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ll/v1/object_service.grpc.pb.h"
#include "tests/testing/grpc_matchers.h"
#include "tests/testing/grpc_test_server.h"

namespace ll::rpc {
namespace {

using ::ll::testing::FieldsOf;
using ::ll::testing::GrpcIsOk;
using ::ll::testing::GrpcStatusIs;
using ::ll::testing::GrpcTestServer;
using ::ll::testing::NewContext;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Request = v1::WriteObjectRequest;

// What became of the uploads.
struct Uploads {
  Mutex mutex;
  int opened ABSL_GUARDED_BY(mutex) = 0;
  int closed ABSL_GUARDED_BY(mutex) = 0;
  int committed ABSL_GUARDED_BY(mutex) = 0;
  std::string request_id ABSL_GUARDED_BY(mutex);

  void AwaitOpened() {
    MutexLock lock(&mutex);
    mutex.Await([this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) { return opened > 0; });
  }
  void AwaitClosed() {
    MutexLock lock(&mutex);
    mutex.Await([this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) { return opened == closed; });
  }
  int Committed() {
    MutexLock lock(&mutex);
    return committed;
  }
};

// Keeps the bytes and answers with their number; a chunk "bad" is refused.
class Sink final : public UploadSink<Request, v1::Object> {
 public:
  explicit Sink(Uploads& uploads) : uploads_(uploads) {
    MutexLock lock(&uploads_.mutex);
    ++uploads_.opened;
  }
  ~Sink() override {
    MutexLock lock(&uploads_.mutex);
    ++uploads_.closed;
  }
  absl::Status Append(absl::string_view chunk) override {
    if (chunk == "bad") {
      return MakeError(absl::StatusCode::kResourceExhausted, ErrorReason::kStorageFull, {.what = "no", .why = "full"});
    }
    bytes_.append(chunk.data(), chunk.size());
    return absl::OkStatus();
  }
  absl::Status Commit(const Request::Trailer& trailer, v1::Object* response) override {
    MutexLock lock(&uploads_.mutex);
    ++uploads_.committed;
    response->set_size_bytes(static_cast<int64_t>(bytes_.size()));
    response->set_md5(bytes_.substr(0, 10));
    response->set_sha256(trailer.sha256());
    return absl::OkStatus();
  }

 private:
  Uploads& uploads_;
  std::string bytes_;
};

class ObjectService final : public v1::ObjectService::CallbackService {
 public:
  ObjectService(RpcRuntime& runtime, Uploads& uploads) : runtime_(runtime), uploads_(uploads) {}

  grpc::ServerReadReactor<Request>* WriteObject(grpc::CallbackServerContext* context, v1::Object* response) override {
    return Upload<Request>(
        runtime_, context, response,
        [this](const RequestContext& call,
               const Request::Header& header) -> absl::StatusOr<std::unique_ptr<UploadSink<Request, v1::Object>>> {
          if (header.object().name().empty()) {
            return MakeError(absl::StatusCode::kNotFound, ErrorReason::kBucketNotFound,
                             {.what = "no", .why = "no such bucket"});
          }
          {
            MutexLock lock(&uploads_.mutex);
            uploads_.request_id = call.write.request_id;
          }
          return std::make_unique<Sink>(uploads_);
        });
  }

 private:
  RpcRuntime& runtime_;
  Uploads& uploads_;
};

Request Header() {
  Request request;
  request.mutable_header()->mutable_object()->set_name("buckets/data/objects/k");
  request.mutable_header()->set_request_id("r1");
  return request;
}
Request Chunk(std::string bytes) {
  Request request;
  request.set_chunk(std::move(bytes));
  return request;
}
Request Trailer(const char* sha256 = "") {
  Request request;
  request.mutable_trailer()->set_sha256(sha256);
  return request;
}

class UploadStreamTest : public ::testing::Test {
 protected:
  UploadStreamTest() : service_(server_.runtime(), uploads_) {
    server_.AddService(v1::ObjectService::service_full_name(), service_);
    server_.Start();
    stub_ = v1::ObjectService::NewStub(server_.channel());
  }
  ~UploadStreamTest() override { server_.Shutdown(); }

  grpc::Status Send(const std::vector<Request>& messages) {
    const auto context = NewContext();
    const auto writer = stub_->WriteObject(context.get(), &object_);
    for (const Request& message : messages) {
      if (!writer->Write(message)) break;
    }
    writer->WritesDone();
    return writer->Finish();
  }

  Uploads uploads_;
  GrpcTestServer server_;
  ObjectService service_;
  std::unique_ptr<v1::ObjectService::Stub> stub_;
  v1::Object object_;
};

TEST_F(UploadStreamTest, TheSinkGetsEveryByteAndCommitsOnce) {
  ASSERT_THAT(
      Send({Header(), Chunk("abc"), Chunk(""), Chunk(std::string(kMaxChunkBytes, 'x')), Chunk("d"), Trailer("s")}),
      GrpcIsOk());
  EXPECT_EQ(object_.size_bytes(), static_cast<int64_t>(kMaxChunkBytes + 4));
  EXPECT_EQ(object_.md5(), "abcxxxxxxx");
  EXPECT_EQ(object_.sha256(), "s");
  EXPECT_EQ(uploads_.Committed(), 1);
  uploads_.AwaitClosed();
  MutexLock lock(&uploads_.mutex);
  EXPECT_EQ(uploads_.request_id, "r1");
}

TEST_F(UploadStreamTest, NothingButHeaderAndTrailerIsAnEmptyUpload) {
  ASSERT_THAT(Send({Header(), Trailer()}), GrpcIsOk());
  EXPECT_EQ(object_.size_bytes(), 0);
}

TEST_F(UploadStreamTest, MessagesOutOfOrderAreRefused) {
  const std::vector<std::pair<std::vector<Request>, const char*>> streams = {
      {{}, "the end of the stream came"},
      {{Request()}, "an empty message came"},
      {{Chunk("a"), Trailer()}, "a chunk came; the stream must go on with a header first"},
      {{Trailer()}, "a trailer came; the stream must go on with a header first"},
      {{Header()}, "the end of the stream came; the stream must go on with a header, chunks and one trailer"},
      {{Header(), Chunk("a")}, "the end of the stream came"},
      {{Header(), Header()}, "a second header came"},
      {{Header(), Trailer(), Chunk("a")}, "a chunk after the trailer came"},
      {{Header(), Trailer(), Trailer()}, "a second trailer came"},
      {{Header(), Trailer(), Header()}, "a second header came"},
  };
  for (const auto& [messages, why] : streams) {
    const grpc::Status status = Send(messages);
    EXPECT_THAT(status, GrpcStatusIs(grpc::StatusCode::INVALID_ARGUMENT, ErrorReason::kInvalidArgument)) << why;
    EXPECT_THAT(status.error_message(), HasSubstr(why));
    EXPECT_THAT(FieldsOf(status), ElementsAre("message"));
  }
  uploads_.AwaitClosed();
  EXPECT_EQ(uploads_.Committed(), 0);
}

TEST_F(UploadStreamTest, ATooLargeChunkIsRefused) {
  const grpc::Status status = Send({Header(), Chunk(std::string(kMaxChunkBytes + 1, 'x')), Trailer()});
  EXPECT_THAT(status, GrpcStatusIs(grpc::StatusCode::INVALID_ARGUMENT, ErrorReason::kInvalidArgument));
  EXPECT_THAT(FieldsOf(status), ElementsAre("chunk"));
  EXPECT_EQ(uploads_.Committed(), 0);
}

TEST_F(UploadStreamTest, AnErrorEndsTheCallWhileTheClientStillSends) {
  const auto context = NewContext();
  const auto writer = stub_->WriteObject(context.get(), &object_);
  writer->Write(Header());
  writer->Write(Chunk("bad"));
  while (writer->Write(Chunk(std::string(1 << 20, 'x')))) {
  }
  EXPECT_THAT(writer->Finish(), GrpcStatusIs(grpc::StatusCode::RESOURCE_EXHAUSTED, ErrorReason::kStorageFull));
  uploads_.AwaitClosed();
  EXPECT_EQ(uploads_.Committed(), 0);
}

TEST_F(UploadStreamTest, ASinkThatDoesNotOpenIsAnError) {
  Request header = Header();
  header.mutable_header()->mutable_object()->clear_name();
  EXPECT_THAT(Send({header, Chunk("a"), Trailer()}),
              GrpcStatusIs(grpc::StatusCode::NOT_FOUND, ErrorReason::kBucketNotFound));
}

TEST_F(UploadStreamTest, ARequestIdThatIsTooLongIsRefused) {
  Request header = Header();
  header.mutable_header()->set_request_id(std::string(129, 'r'));
  const grpc::Status status = Send({header, Trailer()});
  EXPECT_THAT(status, GrpcStatusIs(grpc::StatusCode::INVALID_ARGUMENT, ErrorReason::kInvalidArgument));
  EXPECT_THAT(FieldsOf(status), ElementsAre("request_id"));
}

TEST_F(UploadStreamTest, AClientThatCancelsCommitsNothing) {
  const auto context = NewContext();
  const auto writer = stub_->WriteObject(context.get(), &object_);
  writer->Write(Header());
  writer->Write(Chunk("abc"));
  writer->Write(Trailer());
  uploads_.AwaitOpened();
  context->TryCancel();
  EXPECT_EQ(writer->Finish().error_code(), grpc::StatusCode::CANCELLED);
  uploads_.AwaitClosed();
  EXPECT_EQ(uploads_.Committed(), 0);
}

TEST_F(UploadStreamTest, AClientWhoseDeadlinePassesCommitsNothing) {
  const auto context = NewContext(absl::Milliseconds(200));
  const auto writer = stub_->WriteObject(context.get(), &object_);
  writer->Write(Header());
  writer->Write(Chunk("abc"));
  EXPECT_EQ(writer->Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  server_.Shutdown();
  uploads_.AwaitClosed();
  EXPECT_EQ(uploads_.Committed(), 0);
}

}  // namespace
}  // namespace ll::rpc
