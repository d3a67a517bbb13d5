#include "services/rpc/server.h"

#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/mutex.h"
#include "gmock/gmock.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/generic/generic_stub.h"
#include "gtest/gtest.h"
#include "ll/v1/server_service.grpc.pb.h"
#include "services/rpc/unary.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/grpc_matchers.h"
#include "tests/testing/grpc_test_server.h"
#include "tests/testing/status_matchers.h"

namespace ll::rpc {
namespace {

using grpc::health::v1::HealthCheckResponse;
using ::ll::testing::FakeClock;
using ::ll::testing::GrpcIsOk;
using ::ll::testing::GrpcTestServer;
using ::ll::testing::HasReason;
using ::ll::testing::NewContext;
using ::ll::testing::StatusIs;
using ::testing::HasSubstr;

// Answers once the test lets it.
class ServerService final : public v1::ServerService::CallbackService {
 public:
  explicit ServerService(RpcRuntime& runtime) : runtime_(runtime) {}

  grpc::ServerUnaryReactor* GetServerInfo(grpc::CallbackServerContext* context, const v1::GetServerInfoRequest* request,
                                          v1::ServerInfo* response) override {
    return Unary(runtime_, context, request, response,
                 [this](const RequestContext&, const v1::GetServerInfoRequest&, v1::ServerInfo* response) {
                   MutexLock lock(&mutex_);
                   ++running_;
                   mutex_.Await([this] { return open_; });
                   response->set_version("test");
                   return absl::OkStatus();
                 });
  }
  void Open() {
    MutexLock lock(&mutex_);
    open_ = true;
  }
  void AwaitRunning() {
    MutexLock lock(&mutex_);
    mutex_.Await([this] { return running_ > 0; });
  }

 private:
  RpcRuntime& runtime_;
  Mutex mutex_;
  bool open_ = false;
  int running_ = 0;
};

grpc::Status Call(GrpcTestServer& server, v1::ServerInfo* info) {
  return v1::ServerService::NewStub(server.channel())->GetServerInfo(NewContext().get(), {}, info);
}

std::string TextOf(const grpc::ByteBuffer& buffer) {
  grpc::Slice slice;
  EXPECT_TRUE(buffer.TrySingleSlice(&slice).ok());
  return std::string(reinterpret_cast<const char*>(slice.begin()), slice.size());
}

// One request and its answer as bytes: for services whose generated code is not installed.
std::string CallRaw(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                    const std::string& request) {
  grpc::GenericStub stub(channel);
  grpc::CompletionQueue queue;
  const auto context = NewContext();
  const auto call = stub.PrepareCall(context.get(), method, &queue);
  const auto await = [&] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  call->StartCall(nullptr);
  EXPECT_TRUE(await());
  const grpc::Slice slice(request);
  call->Write(grpc::ByteBuffer(&slice, 1), nullptr);
  EXPECT_TRUE(await());
  grpc::ByteBuffer answer;
  call->Read(&answer, nullptr);
  EXPECT_TRUE(await()) << method;
  context->TryCancel();
  return TextOf(answer);
}

TEST(GrpcServerTest, ServesOnTheAddressItReports) {
  GrpcTestServer server;
  ServerService service(server.runtime());
  server.AddService(v1::ServerService::service_full_name(), service);
  server.Start();
  EXPECT_THAT(server.address(), ::testing::MatchesRegex("127\\.0\\.0\\.1:[1-9][0-9]*"));
  service.Open();
  v1::ServerInfo info;
  EXPECT_THAT(Call(server, &info), GrpcIsOk());
  EXPECT_EQ(info.version(), "test");
  server.Shutdown();
}

TEST(GrpcServerTest, ASecondServerOnTheSamePortIsRefused) {
  GrpcTestServer first;
  first.Start();
  RpcRuntime runtime({}, PageTokens());
  HealthStates health;
  GrpcServer second(runtime, health, {.listen = first.address()});
  const absl::StatusOr<std::string> started = second.Start();
  EXPECT_THAT(started, StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("--listen")));
  EXPECT_THAT(started, HasReason(ErrorReason::kAddressInUse));
}

TEST(GrpcServerTest, AnAddressForEverybodyIsRefused) {
  RpcRuntime runtime({}, PageTokens());
  HealthStates health;
  GrpcServer server(runtime, health, {.listen = "0.0.0.0:0"});
  EXPECT_THAT(server.Start(), HasReason(ErrorReason::kConfigInvalid));
  GrpcServer insecure(runtime, health, {.listen = "0.0.0.0:0", .insecure = true});
  LL_EXPECT_OK(insecure.Start());
}

TEST(GrpcServerTest, ListensOnIpv6AndByName) {
  RpcRuntime runtime({}, PageTokens());
  HealthStates health;
  GrpcServer by_name(runtime, health, {.listen = "localhost:0"});
  LL_ASSERT_OK_AND_ASSIGN(const std::string address, by_name.Start());
  EXPECT_THAT(address, ::testing::MatchesRegex("localhost:[1-9][0-9]*"));
}

TEST(GrpcServerTest, TellsWhatItServes) {
  GrpcTestServer server;
  server.Start();
  // ServerReflectionRequest{list_services: "*"}: field 7.
  EXPECT_THAT(CallRaw(server.channel(), "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", "\x3a\x01*"),
              HasSubstr("grpc.health.v1.Health"));
  // GetServersRequest{}.
  EXPECT_NE(CallRaw(server.channel(), "/grpc.channelz.v1.Channelz/GetServers", ""), "");
}

TEST(GrpcServerTest, GoesOnAnsweringWhileItDrains) {
  FakeClock clock;
  GrpcTestServer server({}, {.drain_time = absl::Seconds(5), .clock = &clock});
  ServerService service(server.runtime());
  server.AddService(v1::ServerService::service_full_name(), service);
  server.Start();
  service.Open();

  const auto context = NewContext();
  const auto health = grpc::health::v1::Health::NewStub(server.channel())->Watch(context.get(), {});
  HealthCheckResponse state;
  ASSERT_TRUE(health->Read(&state));
  EXPECT_EQ(state.status(), HealthCheckResponse::SERVING);
  std::thread shutdown([&] { server.Shutdown(); });
  ASSERT_TRUE(health->Read(&state));
  EXPECT_EQ(state.status(), HealthCheckResponse::NOT_SERVING);
  clock.AwaitWaiters(1);
  v1::ServerInfo info;
  EXPECT_THAT(Call(server, &info), GrpcIsOk());

  clock.Advance(absl::Seconds(5));
  shutdown.join();
  EXPECT_FALSE(health->Read(&state));
  EXPECT_EQ(health->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(Call(server, &info).error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST(GrpcServerTest, WaitsForCallsInProgress) {
  GrpcTestServer server;
  ServerService service(server.runtime());
  server.AddService(v1::ServerService::service_full_name(), service);
  server.Start();
  v1::ServerInfo info;
  grpc::Status status;
  std::thread caller([&] { status = Call(server, &info); });
  service.AwaitRunning();
  const auto context = NewContext();
  const auto health = grpc::health::v1::Health::NewStub(server.channel())->Watch(context.get(), {});
  HealthCheckResponse state;
  ASSERT_TRUE(health->Read(&state));
  Notification over;
  std::thread shutdown([&] {
    server.Shutdown();
    over.Notify();
  });
  // When the server has ended the streams, the call has still not ended.
  while (health->Read(&state)) {
  }
  EXPECT_EQ(health->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_FALSE(over.HasBeenNotified());
  service.Open();
  caller.join();
  shutdown.join();
  EXPECT_THAT(status, GrpcIsOk());
  EXPECT_EQ(info.version(), "test");
}

TEST(GrpcServerTest, ASecondShutdownDoesNothing) {
  GrpcTestServer server;
  server.Start();
  server.Shutdown();
  server.Shutdown();
}

}  // namespace
}  // namespace ll::rpc
