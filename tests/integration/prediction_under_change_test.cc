// Predictions go on while what answers them changes: no request fails, and every answer is from a version that was
// live.

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/endpoint_stack.h"
#include "tests/testing/grpc_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll::testing {
namespace {

using v1::Endpoint;

constexpr int kVersions = 5;

std::string VersionName(int64_t number) { return absl::StrCat("models/m/versions/", number); }

// What clients see while versions are switched in rising order, over and over.
class Traffic {
 public:
  explicit Traffic(EndpointStack& stack) : stack_(stack) {
    threads_.emplace_back([this] { CallUnary(); });
    threads_.emplace_back([this] { CallUnary(); });
    threads_.emplace_back([this] { CallStream(); });
  }
  ~Traffic() { Stop(); }

  // The version with this number may answer from now on.
  void Allow(int64_t number) { newest_ = number; }
  // Only this one may answer requests that begin from now on.
  void Settle(int64_t number) { oldest_ = number; }

  void Stop() {
    done_ = true;
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }
  void AwaitAnswers(int64_t count) const {
    while (answers_ < count) std::this_thread::yield();
  }

  int64_t answers() const { return answers_; }
  int64_t failures() const { return failures_; }
  int64_t wrong() const { return wrong_; }

 private:
  // Versions are deployed as 1, 2, ... without end; their models repeat. A switch counts, not the model's number.
  void Judge(int64_t oldest, const v1::Predictions& predictions) {
    const int64_t newest = newest_;
    ++answers_;
    const auto score = static_cast<int64_t>(predictions.scores(0));
    if (predictions.model_version() != VersionName(score)) ++wrong_;
    bool live = false;
    for (int64_t number = oldest; number <= newest; ++number) live |= (number - 1) % kVersions + 1 == score;
    if (!live) ++wrong_;
  }

  void CallUnary() {
    while (!done_) {
      const int64_t oldest = oldest_;
      v1::Predictions predictions;
      const grpc::Status status = stack_.Predict("e", &predictions);
      if (!status.ok()) {
        ADD_FAILURE() << status.error_message();
        ++failures_;
        return;
      }
      Judge(oldest, predictions);
    }
  }

  void CallStream() {
    const auto context = NewContext();
    const auto stream = stack_.predictions().StreamPredict(context.get());
    v1::StreamPredictRequest request;
    request.set_endpoint("endpoints/e");
    request.mutable_dense()->mutable_values()->Resize(20, 0.0f);
    request.mutable_dense()->set_columns(2);
    v1::StreamPredictResponse response;
    while (!done_) {
      const int64_t oldest = oldest_;
      if (!stream->Write(request) || !stream->Read(&response) || !response.has_predictions()) {
        ADD_FAILURE() << response.DebugString();
        ++failures_;
        return;
      }
      Judge(oldest, response.predictions());
    }
    stream->WritesDone();
    EXPECT_THAT(stream->Finish(), GrpcIsOk());
  }

  EndpointStack& stack_;
  std::atomic<bool> done_{false};
  std::atomic<int64_t> oldest_{1};
  std::atomic<int64_t> newest_{1};
  std::atomic<int64_t> answers_{0};
  std::atomic<int64_t> failures_{0};
  std::atomic<int64_t> wrong_{0};
  std::vector<std::thread> threads_;
};

class PredictionUnderChangeTest : public ::testing::Test {
 protected:
  static constexpr int64_t kSwitches = 40;

  PredictionUnderChangeTest() {
    for (int number = 1; number <= kVersions; ++number) stack_.AddVersion("m", ConstantModel(number));
  }

  static int64_t NumberOf(int64_t switch_number) { return (switch_number - 1) % kVersions + 1; }

  const TempDir directory_;
  EndpointStack stack_{directory_.path()};
};

TEST_F(PredictionUnderChangeTest, UpdatesDropNoRequest) {
  stack_.Create("e", VersionName(1));
  stack_.AwaitState("e", Endpoint::IN_SERVICE);
  Traffic traffic(stack_);
  for (int64_t n = 2; n <= kSwitches; ++n) {
    traffic.Allow(n);
    stack_.UpdateTo("e", VersionName(NumberOf(n)));
    stack_.AwaitState("e", Endpoint::IN_SERVICE, VersionName(NumberOf(n)));
    traffic.Settle(n);
  }
  traffic.AwaitAnswers(500);
  traffic.Stop();
  EXPECT_EQ(traffic.failures(), 0);
  EXPECT_EQ(traffic.wrong(), 0);
  EXPECT_LE(stack_.host().Observe().size(), 2u) << "old versions were let go";
}

TEST_F(PredictionUnderChangeTest, AliasMovesDropNoRequest) {
  stack_.MoveAlias("m", "champion", 1);
  stack_.Create("e", "models/m@champion");
  stack_.AwaitState("e", Endpoint::IN_SERVICE);
  Traffic traffic(stack_);
  for (int64_t n = 2; n <= kSwitches; ++n) {
    traffic.Allow(n);
    stack_.MoveAlias("m", "champion", NumberOf(n));
    if (n % 4 != 0) continue;  // the others come while a version is being loaded
    stack_.AwaitState("e", Endpoint::IN_SERVICE, VersionName(NumberOf(n)));
    traffic.Settle(n);
  }
  traffic.AwaitAnswers(500);
  traffic.Stop();
  EXPECT_EQ(traffic.failures(), 0);
  EXPECT_EQ(traffic.wrong(), 0);
}

TEST_F(PredictionUnderChangeTest, ADeletionAnswersWhatItHasAcceptedAndRefusesTheRest) {
  stack_.Create("e", VersionName(1));
  stack_.AwaitState("e", Endpoint::IN_SERVICE);
  std::atomic<int64_t> answered{0};
  std::thread client([&] {
    v1::Predictions predictions;
    while (true) {
      const grpc::Status status = stack_.Predict("e", &predictions);
      if (!status.ok()) {
        EXPECT_THAT(status, GrpcStatusIs(grpc::StatusCode::NOT_FOUND, ErrorReason::kEndpointNotFound));
        return;
      }
      ++answered;
    }
  });
  while (answered < 50) std::this_thread::yield();
  stack_.Delete("e");
  client.join();
}

TEST_F(PredictionUnderChangeTest, ClientsThatVanishDoNotHoldAnEndpoint) {
  stack_.Create("e", VersionName(1));
  stack_.AwaitState("e", Endpoint::IN_SERVICE);
  for (int i = 0; i < 10; ++i) {
    const auto stub = v1::PredictionService::NewStub(stack_.server().NewChannel());
    const auto context = NewContext();
    const auto stream = stub->StreamPredict(context.get());
    v1::StreamPredictRequest request;
    request.set_endpoint("endpoints/e");
    request.mutable_dense()->mutable_values()->Resize(200'000, 0.0f);
    request.mutable_dense()->set_columns(2);
    for (int batch = 0; batch <= i; ++batch) stream->Write(request);
    context->TryCancel();
    stream->Finish();
  }
  stack_.Delete("e");
  EXPECT_TRUE(stack_.host().Observe().empty());
}

}  // namespace
}  // namespace ll::testing
