// The life of endpoints over the wire, with everything below it real.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/endpoint_stack.h"
#include "tests/testing/grpc_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using v1::Endpoint;
using HealthResponse = grpc::health::v1::HealthCheckResponse;

class EndpointLifecycleTest : public ::testing::Test {
 protected:
  EndpointLifecycleTest() {
    for (int number = 1; number <= 3; ++number) stack_->AddVersion("m", ConstantModel(number));
  }

  void Restart() {
    stack_.reset();
    stack_.emplace(directory_.path(), &gate_);
  }
  // What answers now.
  std::string ServedBy(const std::string& id) {
    v1::Predictions predictions;
    EXPECT_THAT(stack_->Predict(id, &predictions), GrpcIsOk());
    return predictions.model_version();
  }
  grpc::Status PredictStatus(const std::string& id) {
    v1::Predictions predictions;
    return stack_->Predict(id, &predictions);
  }

  const TempDir directory_;
  LoadGate gate_;
  std::optional<EndpointStack> stack_{std::in_place, directory_.path(), &gate_};
};

TEST_F(EndpointLifecycleTest, CreatePredictUpdateDelete) {
  const Endpoint created = stack_->Create("e", "models/m/versions/1");
  EXPECT_EQ(created.name(), "endpoints/e");
  EXPECT_EQ(created.variants(0).name(), "default");
  const Endpoint in_service = stack_->AwaitState("e", Endpoint::IN_SERVICE);
  EXPECT_EQ(in_service.observed_variants(0).model_version(), "models/m/versions/1");
  EXPECT_TRUE(in_service.observed_variants(0).has_ready_time());
  v1::Predictions predictions;
  ASSERT_THAT(stack_->Predict("e", &predictions), GrpcIsOk());
  EXPECT_EQ(predictions.model_version(), "models/m/versions/1");
  EXPECT_EQ(predictions.variant(), "default");
  EXPECT_THAT(predictions.scores(), ElementsAre(1.0f));

  EXPECT_EQ(stack_->UpdateTo("e", "models/m/versions/2").state(), Endpoint::UPDATING);
  stack_->AwaitState("e", Endpoint::IN_SERVICE, "models/m/versions/2");
  EXPECT_EQ(ServedBy("e"), "models/m/versions/2");

  stack_->Delete("e");
  EXPECT_THAT(PredictStatus("e"), GrpcStatusIs(grpc::StatusCode::NOT_FOUND, ErrorReason::kEndpointNotFound));
  stack_->Create("e", "models/m/versions/3");
  stack_->AwaitState("e", Endpoint::IN_SERVICE);
  EXPECT_EQ(ServedBy("e"), "models/m/versions/3");
}

TEST_F(EndpointLifecycleTest, PredictionsBeforeTheFirstVersionIsReadyAreUnavailable) {
  gate_.Close();
  stack_->Create("e", "models/m/versions/1");
  const grpc::Status status = PredictStatus("e");
  EXPECT_THAT(status, GrpcStatusIs(grpc::StatusCode::UNAVAILABLE, ErrorReason::kWrongState));
  EXPECT_THAT(status.error_message(), HasSubstr("CREATING"));
  EXPECT_EQ(stack_->HealthOf("endpoints/e"), HealthResponse::NOT_SERVING);
  gate_.Open();
  stack_->AwaitState("e", Endpoint::IN_SERVICE);
  EXPECT_THAT(PredictStatus("e"), GrpcIsOk());
}

TEST_F(EndpointLifecycleTest, AnUpdateServesTheOldVersionWhileTheNewOneLoads) {
  stack_->Create("e", "models/m/versions/1");
  stack_->AwaitState("e", Endpoint::IN_SERVICE);
  gate_.Close();
  stack_->UpdateTo("e", "models/m/versions/2");
  EXPECT_EQ(ServedBy("e"), "models/m/versions/1");
  EXPECT_EQ(stack_->HealthOf("endpoints/e"), HealthResponse::SERVING);
  EXPECT_EQ(stack_->Get("e").observed_variants(0).model_version(), "models/m/versions/1");
  gate_.Open();
  stack_->AwaitState("e", Endpoint::IN_SERVICE, "models/m/versions/2");
  EXPECT_EQ(ServedBy("e"), "models/m/versions/2");
}

TEST_F(EndpointLifecycleTest, AnEndpointFollowsItsAliasAndNotTheNewestVersion) {
  stack_->MoveAlias("m", "champion", 1);
  stack_->Create("follower", "models/m@champion");
  const Endpoint latest = stack_->Create("latest", "models/m@latest");
  EXPECT_EQ(latest.variants(0).model_version(), "models/m/versions/3");
  stack_->AwaitState("follower", Endpoint::IN_SERVICE, "models/m/versions/1");
  stack_->AwaitState("latest", Endpoint::IN_SERVICE, "models/m/versions/3");

  stack_->AddVersion("m", ConstantModel(4));
  stack_->MoveAlias("m", "champion", 2);
  stack_->AwaitState("follower", Endpoint::IN_SERVICE, "models/m/versions/2");
  EXPECT_EQ(stack_->Get("follower").variants(0).model_version(), "models/m@champion");
  EXPECT_EQ(ServedBy("follower"), "models/m/versions/2");
  EXPECT_EQ(ServedBy("latest"), "models/m/versions/3");
}

TEST_F(EndpointLifecycleTest, HealthFollowsTheEndpoint) {
  EXPECT_EQ(stack_->HealthOf("endpoints/e"), HealthResponse::SERVICE_UNKNOWN);
  stack_->Create("e", "models/m/versions/1");
  stack_->AwaitState("e", Endpoint::IN_SERVICE);
  EXPECT_EQ(stack_->HealthOf("endpoints/e"), HealthResponse::SERVING);
  stack_->Delete("e");
  EXPECT_EQ(stack_->HealthOf("endpoints/e"), HealthResponse::SERVICE_UNKNOWN);
}

TEST_F(EndpointLifecycleTest, HealthWatchShowsAnEndpointComeUp) {
  gate_.Close();
  stack_->Create("e", "models/m/versions/1");
  grpc::health::v1::HealthCheckRequest request;
  request.set_service("endpoints/e");
  const auto context = NewContext();
  const auto stream = stack_->health().Watch(context.get(), request);
  HealthResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.status(), HealthResponse::NOT_SERVING);
  gate_.Open();
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.status(), HealthResponse::SERVING);
  context->TryCancel();
}

TEST_F(EndpointLifecycleTest, AWatchShowsEveryStateAWatcherCanSee) {
  gate_.Close();
  stack_->Create("e", "models/m/versions/1");
  v1::WatchEndpointRequest request;
  request.set_name("endpoints/e");
  const auto context = NewContext();
  const auto stream = stack_->endpoints().WatchEndpoint(context.get(), request);
  v1::WatchEndpointResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.endpoint().state(), Endpoint::CREATING);
  gate_.Open();
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.endpoint().state(), Endpoint::IN_SERVICE);

  stack_->Delete("e");
  std::vector<Endpoint::State> states;
  while (stream->Read(&response)) states.push_back(response.endpoint().state());
  EXPECT_TRUE(response.deleted());
  EXPECT_EQ(states.back(), Endpoint::DELETING);
  EXPECT_THAT(stream->Finish(), GrpcIsOk());
}

TEST_F(EndpointLifecycleTest, WatchersOfEndpointsThatAreNotThereAreTold) {
  v1::WatchEndpointRequest request;
  request.set_name("endpoints/nobody");
  const auto context = NewContext();
  const auto stream = stack_->endpoints().WatchEndpoint(context.get(), request);
  v1::WatchEndpointResponse response;
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_THAT(stream->Finish(), GrpcStatusIs(grpc::StatusCode::NOT_FOUND, ErrorReason::kEndpointNotFound));
}

TEST_F(EndpointLifecycleTest, EndpointsAreBackAfterARestart) {
  stack_->MoveAlias("m", "champion", 2);
  stack_->Create("numbered", "models/m/versions/1");
  stack_->Create("following", "models/m@champion");
  stack_->AwaitState("numbered", Endpoint::IN_SERVICE);
  const Endpoint before = stack_->AwaitState("following", Endpoint::IN_SERVICE);
  Restart();
  EXPECT_EQ(stack_->Get("following").SerializeAsString(), before.SerializeAsString()) << "nothing was written";
  EXPECT_EQ(ServedBy("numbered"), "models/m/versions/1");
  EXPECT_EQ(ServedBy("following"), "models/m/versions/2");
  EXPECT_EQ(stack_->HealthOf("endpoints/numbered"), HealthResponse::SERVING);
}

TEST_F(EndpointLifecycleTest, ACorruptArtifactFailsTheDeploymentAndMarksTheVersion) {
  stack_->CorruptArtifact("m", 2);
  stack_->Create("e", "models/m/versions/2");
  const Endpoint failed = stack_->AwaitState("e", Endpoint::FAILED);
  EXPECT_EQ(ReasonOf(failed.error()), "CORRUPT_BLOB");
  EXPECT_THAT(failed.error().message(), HasSubstr("models/m/versions/2"));
  EXPECT_EQ(failed.observed_variants_size(), 0);
  EXPECT_THAT(PredictStatus("e"), GrpcStatusIs(grpc::StatusCode::FAILED_PRECONDITION, ErrorReason::kWrongState));
  EXPECT_EQ(stack_->HealthOf("endpoints/e"), HealthResponse::NOT_SERVING);
  const v1::ModelVersion version = stack_->GetVersion("models/m/versions/2");
  EXPECT_EQ(version.state(), v1::ModelVersion::CORRUPT);
  EXPECT_NE(version.state_reason(), "");

  stack_->UpdateTo("e", "models/m/versions/1");
  stack_->AwaitState("e", Endpoint::IN_SERVICE);
  EXPECT_EQ(ServedBy("e"), "models/m/versions/1");
}

TEST_F(EndpointLifecycleTest, AnUpdateToACorruptArtifactKeepsTheOldVersion) {
  stack_->Create("e", "models/m/versions/1");
  stack_->AwaitState("e", Endpoint::IN_SERVICE);
  stack_->CorruptArtifact("m", 2);
  stack_->UpdateTo("e", "models/m/versions/2");
  const Endpoint rolled_back = stack_->AwaitState("e", Endpoint::IN_SERVICE);
  EXPECT_EQ(ReasonOf(rolled_back.error()), "CORRUPT_BLOB");
  EXPECT_EQ(rolled_back.observed_variants(0).model_version(), "models/m/versions/1");
  EXPECT_EQ(ServedBy("e"), "models/m/versions/1");
  Restart();
  EXPECT_EQ(stack_->Get("e").state(), Endpoint::IN_SERVICE);
  EXPECT_EQ(ServedBy("e"), "models/m/versions/1");
}

TEST_F(EndpointLifecycleTest, OneCorruptArtifactAtARestartDoesNotKeepTheOthersDown) {
  stack_->Create("bad", "models/m/versions/1");
  stack_->Create("good", "models/m/versions/2");
  stack_->AwaitState("bad", Endpoint::IN_SERVICE);
  stack_->AwaitState("good", Endpoint::IN_SERVICE);
  stack_->CorruptArtifact("m", 1);
  EXPECT_EQ(ServedBy("bad"), "models/m/versions/1") << "it is in memory";
  Restart();
  EXPECT_EQ(stack_->Get("bad").state(), Endpoint::FAILED);
  EXPECT_EQ(ReasonOf(stack_->Get("bad").error()), "CORRUPT_BLOB");
  EXPECT_EQ(stack_->GetVersion("models/m/versions/1").state(), v1::ModelVersion::CORRUPT);
  EXPECT_EQ(ServedBy("good"), "models/m/versions/2");
}

TEST_F(EndpointLifecycleTest, ADeletionThatARestartInterruptsIsFinished) {
  stack_->Create("e", "models/m/versions/1");
  stack_->AwaitState("e", Endpoint::IN_SERVICE);
  ASSERT_TRUE(stack_->registry()
                  .Write({},
                         [](registry::Transaction& transaction) {
                           auto record = *transaction.endpoints().Get("e");
                           record.header.etag.clear();
                           record.deleted = true;
                           record.state = registry::EndpointState::kDeleting;
                           return transaction.endpoints().Update(record).status();
                         })
                  .ok());
  Restart();
  EXPECT_THAT(PredictStatus("e"), GrpcStatusIs(grpc::StatusCode::NOT_FOUND, ErrorReason::kEndpointNotFound));
  v1::GetEndpointRequest request;
  request.set_name("endpoints/e");
  Endpoint endpoint;
  while (stack_->endpoints().GetEndpoint(NewContext().get(), request, &endpoint).ok()) {
  }
}

}  // namespace
}  // namespace ll::testing
