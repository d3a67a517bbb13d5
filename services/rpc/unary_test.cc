#include "services/rpc/unary.h"

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/error_reason.h"
#include "base/mutex.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "ll/v1/model_service.grpc.pb.h"
#include "tests/testing/grpc_matchers.h"
#include "tests/testing/grpc_test_server.h"
#include "tests/testing/status_matchers.h"

namespace ll::rpc {
namespace {

using ::ll::testing::DetailOf;
using ::ll::testing::FieldsOf;
using ::ll::testing::GrpcIsOk;
using ::ll::testing::GrpcStatusIs;
using ::ll::testing::GrpcTestServer;
using ::ll::testing::HasReason;
using ::ll::testing::IsOk;
using ::ll::testing::NewContext;
using ::ll::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// CreateModel does what the test says.
class ModelService final : public v1::ModelService::CallbackService {
 public:
  using Body = std::function<absl::Status(const RequestContext&, const v1::CreateModelRequest&, v1::Model*)>;

  ModelService(RpcRuntime& runtime, Body body) : runtime_(runtime), body_(std::move(body)) {}

  grpc::ServerUnaryReactor* CreateModel(grpc::CallbackServerContext* context, const v1::CreateModelRequest* request,
                                        v1::Model* response) override {
    {
      MutexLock lock(&mutex_);
      contexts_.push_back(context);
    }
    return Unary(runtime_, context, request, response, body_);
  }

  // The context of the n-th call, from 0, once it is here. Valid until that call ends.
  grpc::CallbackServerContext* AwaitCall(size_t n) {
    MutexLock lock(&mutex_);
    mutex_.Await([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return contexts_.size() > n; });
    return contexts_[n];
  }

 private:
  RpcRuntime& runtime_;
  const Body body_;
  Mutex mutex_;
  std::vector<grpc::CallbackServerContext*> contexts_ ABSL_GUARDED_BY(mutex_);
};

class UnaryTest : public ::testing::Test {
 protected:
  // Starts a server whose CreateModel is `body`.
  void Serve(ModelService::Body body, const RpcOptions& options = {}) {
    server_ = std::make_unique<GrpcTestServer>(options);
    service_ = std::make_unique<ModelService>(server_->runtime(), std::move(body));
    server_->AddService(v1::ModelService::service_full_name(), *service_);
    server_->Start();
    stub_ = v1::ModelService::NewStub(server_->channel());
  }
  // The context that a call with `request` gives its body.
  RequestContext ContextOf(const v1::CreateModelRequest& request) {
    RequestContext seen;
    Serve([&](const RequestContext& call, const v1::CreateModelRequest&, v1::Model*) {
      seen = call;
      return absl::OkStatus();
    });
    v1::Model model;
    EXPECT_THAT(stub_->CreateModel(NewContext().get(), request, &model), GrpcIsOk());
    return seen;
  }

  std::unique_ptr<ModelService> service_;
  std::unique_ptr<GrpcTestServer> server_;  // ends before the service
  std::unique_ptr<v1::ModelService::Stub> stub_;
  v1::CreateModelRequest request_;
  v1::Model model_;
};

// One call that a test starts and awaits later.
struct PendingCall {
  PendingCall(v1::ModelService::Stub& stub, std::unique_ptr<grpc::ClientContext> its_context)
      : context(std::move(its_context)) {
    stub.async()->CreateModel(context.get(), &request, &response, [this](grpc::Status its_status) {
      status = std::move(its_status);
      done.Notify();
    });
  }
  std::unique_ptr<grpc::ClientContext> context;
  v1::CreateModelRequest request;
  v1::Model response;
  grpc::Status status;
  Notification done;
};

TEST_F(UnaryTest, AnswersWhatTheBodyFilled) {
  Serve([](const RequestContext&, const v1::CreateModelRequest& request, v1::Model* response) {
    response->set_name(absl::StrCat("models/", request.model_id()));
    return absl::OkStatus();
  });
  request_.set_model_id("churn");
  ASSERT_THAT(stub_->CreateModel(NewContext().get(), request_, &model_), GrpcIsOk());
  EXPECT_EQ(model_.name(), "models/churn");
}

TEST_F(UnaryTest, AnErrorArrivesWithItsDetails) {
  Serve([](const RequestContext&, const v1::CreateModelRequest&, v1::Model*) {
    return MakeError(absl::StatusCode::kAlreadyExists, ErrorReason::kAlreadyExists,
                     {.what = "cannot create models/churn", .why = "it exists already"},
                     {.metadata = {{"name", "churn"}}});
  });
  const grpc::Status status = stub_->CreateModel(NewContext().get(), request_, &model_);
  EXPECT_THAT(status, GrpcStatusIs(grpc::StatusCode::ALREADY_EXISTS, ErrorReason::kAlreadyExists));
  EXPECT_EQ(status.error_message(), "cannot create models/churn: it exists already");
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(status)->metadata().at("name"), "churn");
}

TEST_F(UnaryTest, TheContextSaysWhoAndHowToWrite) {
  v1::CreateModelRequest request;
  request.set_request_id("7d1f");
  request.set_validate_only(true);
  const RequestContext call = ContextOf(request);
  EXPECT_EQ(call.method, "CreateModel");
  EXPECT_TRUE(call.mutation);
  EXPECT_TRUE(call.from_this_machine);
  EXPECT_THAT(call.actor, StartsWith("anonymous@ipv4:127.0.0.1:"));
  EXPECT_EQ(call.write.actor, call.actor);
  EXPECT_EQ(call.write.request_id, "7d1f");
  EXPECT_TRUE(call.write.validate_only);
  EXPECT_EQ(call.write.fingerprint.size(), 64u);
}

TEST_F(UnaryTest, TheFingerprintIsThatOfTheRequestWithoutItsId) {
  v1::CreateModelRequest request;
  request.set_request_id("first");
  request.set_model_id("m");
  for (int i = 0; i < 20; ++i) request.mutable_model()->mutable_labels()->insert({absl::StrCat("key", i), "v"});
  const std::string fingerprint = ContextOf(request).write.fingerprint;

  v1::CreateModelRequest other;
  other.set_request_id("second");
  other.set_model_id("m");
  for (int i = 19; i >= 0; --i) other.mutable_model()->mutable_labels()->insert({absl::StrCat("key", i), "v"});
  EXPECT_EQ(ContextOf(other).write.fingerprint, fingerprint);
  other.set_model_id("n");
  EXPECT_NE(ContextOf(other).write.fingerprint, fingerprint);
}

TEST_F(UnaryTest, TheDeadlineIsTheClientsOrTheDefault) {
  absl::Time deadline;
  Serve(
      [&](const RequestContext& call, const v1::CreateModelRequest&, v1::Model*) {
        deadline = call.deadline;
        return absl::OkStatus();
      },
      {.default_deadline = absl::Hours(1)});
  const absl::Time before = absl::Now();
  EXPECT_THAT(stub_->CreateModel(NewContext(absl::Minutes(5)).get(), request_, &model_), GrpcIsOk());
  EXPECT_GT(deadline, before + absl::Minutes(4));
  EXPECT_LT(deadline, before + absl::Minutes(6));
  grpc::ClientContext no_deadline;
  EXPECT_THAT(stub_->CreateModel(&no_deadline, request_, &model_), GrpcIsOk());
  EXPECT_GE(deadline, before + absl::Hours(1));
  EXPECT_LT(deadline, before + absl::Hours(2));
}

TEST_F(UnaryTest, TheCorrelationIdComesBack) {
  std::string seen;
  Serve([&](const RequestContext& call, const v1::CreateModelRequest&, v1::Model*) {
    seen = call.correlation_id;
    return absl::OkStatus();
  });
  const auto context = NewContext();
  context->AddMetadata("x-request-id", "from-the-client");
  ASSERT_THAT(stub_->CreateModel(context.get(), request_, &model_), GrpcIsOk());
  EXPECT_EQ(seen, "from-the-client");
  EXPECT_EQ(context->GetServerTrailingMetadata().find("x-request-id")->second, "from-the-client");

  const auto without = NewContext();
  ASSERT_THAT(stub_->CreateModel(without.get(), request_, &model_), GrpcIsOk());
  EXPECT_EQ(seen.size(), 36u);
  EXPECT_EQ(without->GetServerTrailingMetadata().find("x-request-id")->second, seen);

  request_.set_request_id("of-the-change");  // also in its events
  ASSERT_THAT(stub_->CreateModel(NewContext().get(), request_, &model_), GrpcIsOk());
  EXPECT_EQ(seen, "of-the-change");
  request_.clear_request_id();

  const auto too_long = NewContext();
  too_long->AddMetadata("x-request-id", std::string(129, 'x'));
  ASSERT_THAT(stub_->CreateModel(too_long.get(), request_, &model_), GrpcIsOk());
  EXPECT_EQ(seen.size(), 36u);
}

TEST_F(UnaryTest, ARequestIdOf128BytesIsTheLongest) {
  Serve([](const RequestContext&, const v1::CreateModelRequest&, v1::Model*) { return absl::OkStatus(); });
  request_.set_request_id(std::string(128, 'r'));
  EXPECT_THAT(stub_->CreateModel(NewContext().get(), request_, &model_), GrpcIsOk());
  request_.set_request_id(std::string(129, 'r'));
  const grpc::Status status = stub_->CreateModel(NewContext().get(), request_, &model_);
  EXPECT_THAT(status, GrpcStatusIs(grpc::StatusCode::INVALID_ARGUMENT, ErrorReason::kInvalidArgument));
  EXPECT_THAT(FieldsOf(status), ElementsAre("request_id"));
}

TEST_F(UnaryTest, AMessageOverTheLimitIsRefusedNamingTheSetting) {
  Serve([](const RequestContext&, const v1::CreateModelRequest&, v1::Model*) { return absl::OkStatus(); },
        {.max_message_bytes = 1000});
  request_.mutable_model()->set_description(std::string(900, 'd'));
  EXPECT_THAT(stub_->CreateModel(NewContext().get(), request_, &model_), GrpcIsOk());
  request_.mutable_model()->set_description(std::string(1001, 'd'));
  const grpc::Status status = stub_->CreateModel(NewContext().get(), request_, &model_);
  EXPECT_THAT(status, GrpcStatusIs(grpc::StatusCode::RESOURCE_EXHAUSTED, ErrorReason::kMessageTooLarge));
  EXPECT_THAT(status.error_message(), HasSubstr("max_message_bytes is 1000"));
  // What is far over it, gRPC does not even read.
  request_.mutable_model()->set_description(std::string(3000, 'd'));
  EXPECT_EQ(stub_->CreateModel(NewContext().get(), request_, &model_).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
}

// One worker, held by the first call until the test lets it go.
class BusyTest : public UnaryTest {
 protected:
  void ServeBusy(int max_waiting_calls) {
    Serve(
        [this](const RequestContext&, const v1::CreateModelRequest&, v1::Model*) {
          MutexLock lock(&mutex_);
          ++ran_;
          mutex_.Await([this] { return released_; });
          return absl::OkStatus();
        },
        {.workers = 1, .max_waiting_calls = max_waiting_calls});
    first_ = std::make_unique<PendingCall>(*stub_, NewContext());
    MutexLock lock(&mutex_);
    mutex_.Await([this] { return ran_ == 1; });
  }
  void Release() {
    MutexLock lock(&mutex_);
    released_ = true;
  }
  // Ends the server, so that everything that could run has run.
  int RanInAll() {
    Release();
    first_->done.Wait();
    server_->Shutdown();
    MutexLock lock(&mutex_);
    return ran_;
  }

  Mutex mutex_;
  int ran_ = 0;
  bool released_ = false;
  std::unique_ptr<PendingCall> first_;
};

TEST_F(BusyTest, ACallThatWasCancelledIsNotStarted) {
  ServeBusy(10);
  PendingCall second(*stub_, NewContext());
  const grpc::CallbackServerContext* const context = service_->AwaitCall(1);
  second.context->TryCancel();
  second.done.Wait();
  EXPECT_EQ(second.status.error_code(), grpc::StatusCode::CANCELLED);
  // The news travels to the server.
  while (!context->IsCancelled()) std::this_thread::yield();
  EXPECT_EQ(RanInAll(), 1);
}

TEST_F(BusyTest, TooManyWaitingCallsAreTurnedAway) {
  ServeBusy(0);
  const grpc::Status status = stub_->CreateModel(NewContext().get(), request_, &model_);
  EXPECT_THAT(status, GrpcStatusIs(grpc::StatusCode::RESOURCE_EXHAUSTED, ErrorReason::kOverloaded));
  EXPECT_EQ(DetailOf<google::rpc::RetryInfo>(status)->retry_delay().seconds(), 1);
  EXPECT_EQ(RanInAll(), 1);
}

TEST_F(BusyTest, HealthAnswersAllTheSame) {
  ServeBusy(0);
  grpc::health::v1::HealthCheckRequest request;
  grpc::health::v1::HealthCheckResponse response;
  const auto health = grpc::health::v1::Health::NewStub(server_->channel());
  EXPECT_THAT(health->Check(NewContext().get(), request, &response), GrpcIsOk());
  EXPECT_EQ(response.status(), grpc::health::v1::HealthCheckResponse::SERVING);
  Release();
  first_->done.Wait();
}

TEST(CheckCallTest, ACallWhoseDeadlinePassedIsNotStarted) {
  const RpcRuntime runtime({}, PageTokens());
  const grpc::CallbackServerContext context;
  RequestContext call{.method = "CreateModel", .deadline = Clock::Real().Now() + absl::Hours(1)};
  EXPECT_THAT(CheckCall(runtime, context, call, v1::CreateModelRequest()), IsOk());
  call.deadline = Clock::Real().Now() - absl::Seconds(1);
  const absl::Status refused = CheckCall(runtime, context, call, v1::CreateModelRequest());
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kDeadlineExceeded, HasSubstr("cannot do CreateModel")));
  EXPECT_THAT(refused, HasReason(ErrorReason::kDeadlineExceeded));
}

TEST(LoopbackPeerTest, KnowsThisMachine) {
  for (const char* peer : {"ipv4:127.0.0.1:5", "ipv6:%5B::1%5D:5", "ipv6:[::1]:5", "ipv6:[::ffff:127.0.0.1]:5",
                           "unix:/run/x", "unix-abstract:x"}) {
    EXPECT_TRUE(IsLoopbackPeer(peer)) << peer;
  }
  for (const char* peer :
       {"ipv4:10.0.0.1:5", "ipv6:[::1:2]:5", "ipv6:[fe80::1]:5", "ipv4:1.127.0.0:5", "", "unknown"}) {
    EXPECT_FALSE(IsLoopbackPeer(peer)) << peer;
  }
}

}  // namespace
}  // namespace ll::rpc
