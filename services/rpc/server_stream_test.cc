#include "services/rpc/server_stream.h"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ll/v1/event_service.grpc.pb.h"
#include "tests/testing/grpc_matchers.h"
#include "tests/testing/grpc_test_server.h"

namespace ll::rpc {
namespace {

using ::ll::testing::GrpcIsOk;
using ::ll::testing::GrpcStatusIs;
using ::ll::testing::GrpcTestServer;
using ::ll::testing::NewContext;
using Response = v1::WatchEventsResponse;

// A number that grows, with somebody to tell. `events` of padding make messages large.
class Counter {
 public:
  void Increment() {
    ++value_;
    changes_.Notify();
  }
  int value() const { return value_; }
  ListenerSet& changes() { return changes_; }
  // Sources alive.
  void AwaitSources(int count) {
    MutexLock lock(&mutex_);
    mutex_.Await([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return sources_ == count; });
  }
  void AddSources(int count) {
    MutexLock lock(&mutex_);
    sources_ += count;
  }
  // Messages given to streams.
  void AwaitSent(int count) {
    MutexLock lock(&mutex_);
    mutex_.Await([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return sent_ == count; });
  }
  void AddSent() {
    MutexLock lock(&mutex_);
    ++sent_;
  }

 private:
  std::atomic<int> value_{0};
  ListenerSet changes_;
  Mutex mutex_;
  int sources_ ABSL_GUARDED_BY(mutex_) = 0;
  int sent_ ABSL_GUARDED_BY(mutex_) = 0;
};

class CounterSource : public StreamSource<Response> {
 public:
  CounterSource(Counter& counter, size_t padding, StreamWaker& waker)
      : counter_(counter), padding_(padding), on_change_(counter.changes().Add([&waker] { waker.Wake(); })) {
    counter_.AddSources(1);
  }
  ~CounterSource() override { counter_.AddSources(-1); }

 protected:
  StreamStep Send(int value, Response* response) {
    response->mutable_event()->set_name(absl::StrCat("events/", value));
    response->mutable_event()->set_actor(std::string(padding_, 'x'));
    sent_ = value;
    counter_.AddSent();
    return StreamStep::kMessage;
  }

  Counter& counter_;
  int sent_ = 0;

 private:
  const size_t padding_;
  const std::unique_ptr<ListenerSet::Registration> on_change_;
};

// The newest value.
class LatestSource final : public CounterSource {
 public:
  using CounterSource::CounterSource;
  absl::StatusOr<StreamStep> Next(Response* response) override {
    const int value = counter_.value();
    return value == sent_ ? StreamStep::kWait : Send(value, response);
  }
};

// Each value.
class EverySource final : public CounterSource {
 public:
  using CounterSource::CounterSource;
  absl::StatusOr<StreamStep> Next(Response* response) override {
    return counter_.value() == sent_ ? StreamStep::kWait : Send(sent_ + 1, response);
  }
};

// Counts to three by itself, then does what the request's filter says.
class ThreeSource final : public StreamSource<Response> {
 public:
  explicit ThreeSource(std::string then) : then_(std::move(then)) {}
  absl::StatusOr<StreamStep> Next(Response* response) override {
    if (sent_ == 3) {
      if (then_ == "end") return StreamStep::kEnd;
      return MakeError(absl::StatusCode::kDataLoss, ErrorReason::kCorruptBlob,
                       {.what = "cannot read", .why = "broken"});
    }
    response->mutable_event()->set_name(absl::StrCat("events/", ++sent_));
    return StreamStep::kMessage;
  }

 private:
  const std::string then_;
  int sent_ = 0;
};

// WatchEvents opens the source that the filter names.
class EventService final : public v1::EventService::CallbackService {
 public:
  EventService(RpcRuntime& runtime, Counter& counter, size_t padding)
      : runtime_(runtime), counter_(counter), padding_(padding) {}

  grpc::ServerWriteReactor<Response>* WatchEvents(grpc::CallbackServerContext* context,
                                                  const v1::WatchEventsRequest* request) override {
    return ServerStream<Response>(
        runtime_, context, request,
        [this](const RequestContext&, const v1::WatchEventsRequest& request,
               StreamWaker& waker) -> absl::StatusOr<std::unique_ptr<StreamSource<Response>>> {
          if (request.filter() == "latest") return std::make_unique<LatestSource>(counter_, padding_, waker);
          if (request.filter() == "every") return std::make_unique<EverySource>(counter_, padding_, waker);
          if (request.filter() != "refuse") return std::make_unique<ThreeSource>(request.filter());
          return MakeError(absl::StatusCode::kNotFound, ErrorReason::kEventNotFound, {.what = "no", .why = "no"});
        });
  }

 private:
  RpcRuntime& runtime_;
  Counter& counter_;
  const size_t padding_;
};

class ServerStreamTest : public ::testing::Test {
 protected:
  void Serve(size_t padding, const ServerOptions& server_options = {}) {
    server_ = std::make_unique<GrpcTestServer>(RpcOptions{.workers = 2}, server_options);
    service_ = std::make_unique<EventService>(server_->runtime(), counter_, padding);
    server_->AddService(v1::EventService::service_full_name(), *service_);
    server_->Start();
    stub_ = v1::EventService::NewStub(server_->channel());
  }
  std::unique_ptr<grpc::ClientReader<Response>> Watch(grpc::ClientContext* context, const char* filter) {
    v1::WatchEventsRequest request;
    request.set_filter(filter);
    return stub_->WatchEvents(context, request);
  }
  // The number in the next message; 0 at the end.
  static int ReadNumber(grpc::ClientReader<Response>& reader) {
    Response response;
    if (!reader.Read(&response)) return 0;
    int number = 0;
    EXPECT_TRUE(absl::SimpleAtoi(response.event().name().substr(7), &number)) << response.event().name();
    return number;
  }

  Counter counter_;
  std::unique_ptr<EventService> service_;
  std::unique_ptr<GrpcTestServer> server_;
  std::unique_ptr<v1::EventService::Stub> stub_;
};

TEST_F(ServerStreamTest, EndsWithOkAfterTheLastMessage) {
  Serve(0);
  const auto context = NewContext();
  const auto reader = Watch(context.get(), "end");
  for (int i = 1; i <= 3; ++i) EXPECT_EQ(ReadNumber(*reader), i);
  EXPECT_EQ(ReadNumber(*reader), 0);
  EXPECT_THAT(reader->Finish(), GrpcIsOk());
  EXPECT_EQ(context->GetServerTrailingMetadata().count("x-request-id"), 1u);
}

TEST_F(ServerStreamTest, EndsWithTheErrorOfItsSource) {
  Serve(0);
  const auto context = NewContext();
  const auto reader = Watch(context.get(), "fail");
  for (int i = 1; i <= 3; ++i) EXPECT_EQ(ReadNumber(*reader), i);
  EXPECT_EQ(ReadNumber(*reader), 0);
  EXPECT_THAT(reader->Finish(), GrpcStatusIs(grpc::StatusCode::DATA_LOSS, ErrorReason::kCorruptBlob));
}

TEST_F(ServerStreamTest, ASourceThatDoesNotOpenIsAnError) {
  Serve(0);
  const auto context = NewContext();
  EXPECT_THAT(Watch(context.get(), "refuse")->Finish(),
              GrpcStatusIs(grpc::StatusCode::NOT_FOUND, ErrorReason::kEventNotFound));
}

TEST_F(ServerStreamTest, TheInitialMetadataSaysThatTheSourceIsOpen) {
  Serve(0);
  const auto context = NewContext();
  const auto reader = Watch(context.get(), "latest");
  reader->WaitForInitialMetadata();
  counter_.Increment();
  EXPECT_EQ(ReadNumber(*reader), 1);
}

TEST_F(ServerStreamTest, EveryValueArrivesInOrder) {
  Serve(0);
  const auto context = NewContext();
  const auto reader = Watch(context.get(), "every");
  std::thread writer([this] {
    for (int i = 0; i < 2000; ++i) counter_.Increment();
  });
  for (int i = 1; i <= 2000; ++i) ASSERT_EQ(ReadNumber(*reader), i);
  writer.join();
}

TEST_F(ServerStreamTest, ASlowReaderOfTheLatestSkipsValuesButGetsTheLast) {
  // Larger than what connection and stream buffer, so the stream stalls after a few messages.
  Serve(1 << 20);
  const auto context = NewContext();
  const auto reader = Watch(context.get(), "latest");
  constexpr int kLast = 500;
  for (int i = 0; i < kLast; ++i) counter_.Increment();
  int received = 0;
  int value = 0;
  while (value < kLast) {
    const int next = ReadNumber(*reader);
    ASSERT_GT(next, value);
    value = next;
    ++received;
  }
  EXPECT_EQ(value, kLast);
  EXPECT_LT(received, 100);
}

TEST_F(ServerStreamTest, NoWakeIsLost) {
  Serve(0);
  const auto context = NewContext();
  const auto reader = Watch(context.get(), "latest");
  for (int round = 1; round <= 50; ++round) {
    std::vector<std::thread> writers;
    for (int i = 0; i < 4; ++i) writers.emplace_back([this] { counter_.Increment(); });
    // Would wait for ever if the last of them were missed.
    while (ReadNumber(*reader) < 4 * round) {
    }
    for (std::thread& writer : writers) writer.join();
  }
}

TEST_F(ServerStreamTest, AClientThatCancelsFreesItsSource) {
  Serve(0);
  const auto context = NewContext();
  const auto reader = Watch(context.get(), "latest");
  counter_.AwaitSources(1);
  context->TryCancel();
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
  counter_.AwaitSources(0);
}

TEST_F(ServerStreamTest, AClientWhoseDeadlinePassesFreesItsSource) {
  Serve(0);
  const auto context = NewContext(absl::Milliseconds(200));
  const auto reader = Watch(context.get(), "latest");
  EXPECT_EQ(ReadNumber(*reader), 0);
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  counter_.AwaitSources(0);
}

// Far more than connection and stream buffer: without a reader the write of one message does not end.
constexpr size_t kStallingBytes = size_t{64} << 20;

TEST_F(ServerStreamTest, AStalledClientThatCancelsFreesItsSource) {
  Serve(kStallingBytes);
  const auto context = NewContext();
  const auto reader = Watch(context.get(), "every");
  counter_.Increment();
  counter_.AwaitSent(1);
  context->TryCancel();
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
  counter_.AwaitSources(0);
}

TEST_F(ServerStreamTest, StreamsHoldNoThreads) {
  Serve(0);
  constexpr int kStreams = 200;  // a hundred for each worker
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::unique_ptr<grpc::ClientReader<Response>>> readers;
  for (int i = 0; i < kStreams; ++i) {
    contexts.push_back(NewContext());
    readers.push_back(Watch(contexts.back().get(), "every"));
  }
  counter_.AwaitSources(kStreams);
  for (int value = 1; value <= 3; ++value) {
    counter_.Increment();
    for (const auto& reader : readers) ASSERT_EQ(ReadNumber(*reader), value);
  }
}

TEST_F(ServerStreamTest, TheServersEndEndsWaitingStreams) {
  Serve(0);
  const auto context = NewContext();
  const auto reader = Watch(context.get(), "latest");
  counter_.AwaitSources(1);
  server_->Shutdown();
  EXPECT_THAT(reader->Finish(), GrpcStatusIs(grpc::StatusCode::UNAVAILABLE, ErrorReason::kShuttingDown));
  counter_.AwaitSources(0);
}

TEST_F(ServerStreamTest, TheServersEndDoesNotWaitForAStalledClient) {
  Serve(kStallingBytes, {.shutdown_time = absl::Milliseconds(100)});
  const auto context = NewContext();
  const auto reader = Watch(context.get(), "every");
  counter_.Increment();
  counter_.AwaitSent(1);
  server_->Shutdown();
  counter_.AwaitSources(0);
}

}  // namespace
}  // namespace ll::rpc
