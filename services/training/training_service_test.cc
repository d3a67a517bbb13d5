// TrainingService as a client sees it: real gRPC, an engine over fakes.
#include "services/training/training_service.h"

#include <memory>
#include <string>
#include <vector>

#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/message_differencer.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "tests/testing/grpc_matchers.h"
#include "tests/testing/grpc_test_server.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/training_fixture.h"

namespace ll::training {
namespace {

using grpc::StatusCode;
using ::ll::testing::DetailOf;
using ::ll::testing::EpochOf;
using ::ll::testing::FakeJobLauncher;
using ::ll::testing::FieldsOf;
using ::ll::testing::GrpcIsOk;
using ::ll::testing::GrpcStatusIs;
using ::ll::testing::IsOk;
using ::ll::testing::NewContext;
using ::ll::testing::SmallModel;
using registry::JobState;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

class TrainingServiceTest : public ::ll::testing::TrainingTest {
 protected:
  void SetUp() override {
    Start();
    service_ = std::make_unique<TrainingService>(server_.runtime(), *jobs_);
    server_.AddService(v1::TrainingService::service_full_name(), *service_);
    server_.Start();
    stub_ = v1::TrainingService::NewStub(server_.channel());
  }
  void TearDown() override { server_.Shutdown(); }

  static v1::CreateTrainingJobRequest CreateRequest(const std::string& id) {
    v1::CreateTrainingJobRequest request;
    request.set_training_job_id(id);
    v1::TrainingJob::Spec& spec = *request.mutable_training_job()->mutable_spec();
    (*spec.mutable_hyperparameters())["predictor_type"] = "binary_classifier";
    spec.add_channels()->set_name("train");
    spec.mutable_channels(0)->set_uri("s3://data/train.pbr");
    spec.set_output_model("models/digits");
    return request;
  }
  grpc::Status Create(const v1::CreateTrainingJobRequest& request, v1::TrainingJob* job) {
    return stub_->CreateTrainingJob(NewContext().get(), request, job);
  }
  // A job that trains.
  void Train(const std::string& id) {
    v1::TrainingJob job;
    ASSERT_THAT(Create(CreateRequest(id), &job), GrpcIsOk());
    AwaitState(id, JobState::kTraining);
  }
  grpc::Status Cancel(const std::string& name, v1::TrainingJob* job, bool keep_model = false) {
    v1::CancelTrainingJobRequest request;
    request.set_name(name);
    request.set_keep_model(keep_model);
    return stub_->CancelTrainingJob(NewContext().get(), request, job);
  }

  ::ll::testing::GrpcTestServer server_;
  std::unique_ptr<TrainingService> service_;
  std::unique_ptr<v1::TrainingService::Stub> stub_;
};

TEST_F(TrainingServiceTest, AJobIsCreatedRunAndRegistered) {
  v1::TrainingJob job;
  ASSERT_THAT(Create(CreateRequest("mnist"), &job), GrpcIsOk());
  EXPECT_EQ(job.name(), "trainingJobs/mnist");
  EXPECT_EQ(job.state(), v1::TrainingJob::QUEUED);
  EXPECT_EQ(job.spec().algorithm(), "linear-learner");
  launcher_.AwaitLaunch("mnist");
  launcher_.Finish("mnist", SmallModel());
  AwaitState("mnist", JobState::kSucceeded);
  v1::GetTrainingJobRequest get;
  get.set_name("trainingJobs/mnist");
  ASSERT_THAT(stub_->GetTrainingJob(NewContext().get(), get, &job), GrpcIsOk());
  EXPECT_EQ(job.state(), v1::TrainingJob::SUCCEEDED);
  EXPECT_EQ(job.model_version(), "models/digits/versions/1");
}

TEST_F(TrainingServiceTest, CreateSaysWhatIsWrong) {
  v1::TrainingJob job;
  v1::CreateTrainingJobRequest request = CreateRequest("mnist");
  (*request.mutable_training_job()->mutable_spec()->mutable_hyperparameters())["mini_batch_siz"] = "1";
  request.mutable_training_job()->mutable_spec()->mutable_channels(0)->set_content_type("text/xml");
  const grpc::Status invalid = Create(request, &job);
  EXPECT_THAT(invalid, GrpcStatusIs(StatusCode::INVALID_ARGUMENT, ErrorReason::kInvalidArgument));
  EXPECT_THAT(FieldsOf(invalid), UnorderedElementsAre("training_job.spec.hyperparameters[\"mini_batch_siz\"]",
                                                      "training_job.spec.channels[0].content_type"));

  request = CreateRequest("mnist");
  request.mutable_training_job()->mutable_spec()->mutable_channels(0)->set_uri("s3://data/nothing");
  const grpc::Status missing = Create(request, &job);
  EXPECT_THAT(missing, GrpcStatusIs(StatusCode::NOT_FOUND, ErrorReason::kObjectNotFound));
  EXPECT_THAT(FieldsOf(missing), ElementsAre("training_job.spec.channels[0].uri"));

  ASSERT_THAT(Create(CreateRequest("mnist"), &job), GrpcIsOk());
  EXPECT_THAT(Create(CreateRequest("mnist"), &job),
              GrpcStatusIs(StatusCode::ALREADY_EXISTS, ErrorReason::kAlreadyExists));
}

class ShortQueueTest : public TrainingServiceTest {
 protected:
  ShortQueueTest() { options_.max_queued = 1; }
};

TEST_F(ShortQueueTest, AFullQueueSaysWhenToTryAgain) {
  Train("runs");
  v1::TrainingJob job;
  ASSERT_THAT(Create(CreateRequest("waits"), &job), GrpcIsOk());
  const grpc::Status full = Create(CreateRequest("too-many"), &job);
  EXPECT_THAT(full, GrpcStatusIs(StatusCode::RESOURCE_EXHAUSTED, ErrorReason::kOverloaded));
  EXPECT_GT(DetailOf<google::rpc::RetryInfo>(full)->retry_delay().seconds(), 0);
}

TEST_F(TrainingServiceTest, ARepeatedCreateIsAnsweredAsTheFirst) {
  v1::CreateTrainingJobRequest request = CreateRequest("mnist");
  request.set_request_id("r1");
  v1::TrainingJob first, second;
  ASSERT_THAT(Create(request, &first), GrpcIsOk());
  launcher_.AwaitLaunch("mnist");
  ASSERT_THAT(Create(request, &second), GrpcIsOk());
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(first, second));
  request.mutable_training_job()->mutable_spec()->set_seed(1);
  EXPECT_THAT(Create(request, &second), GrpcStatusIs(StatusCode::INVALID_ARGUMENT, ErrorReason::kRequestIdReused));
}

TEST_F(TrainingServiceTest, ListsPageByPage) {
  InsertJob("a", JobState::kFailed);
  InsertJob("b", JobState::kSucceeded);
  InsertJob("c", JobState::kFailed);
  v1::ListTrainingJobsRequest request;
  request.set_page_size(1);
  request.set_filter("state = FAILED");
  v1::ListTrainingJobsResponse page;
  ASSERT_THAT(stub_->ListTrainingJobs(NewContext().get(), request, &page), GrpcIsOk());
  ASSERT_EQ(page.training_jobs_size(), 1);
  EXPECT_EQ(page.training_jobs(0).name(), "trainingJobs/a");
  request.set_page_token(page.next_page_token());
  ASSERT_THAT(stub_->ListTrainingJobs(NewContext().get(), request, &page), GrpcIsOk());
  ASSERT_EQ(page.training_jobs_size(), 1);
  EXPECT_EQ(page.training_jobs(0).name(), "trainingJobs/c");
  EXPECT_EQ(page.next_page_token(), "");
  request.set_filter("colour = red");
  request.clear_page_token();
  EXPECT_THAT(stub_->ListTrainingJobs(NewContext().get(), request, &page),
              GrpcStatusIs(StatusCode::INVALID_ARGUMENT, ErrorReason::kInvalidFilter));
}

TEST_F(TrainingServiceTest, CancelKeepsTheModelWhenAsked) {
  launcher_.set_on_stop(FakeJobLauncher::OnStop::kEndWithModel);
  Train("mnist");
  v1::TrainingJob job;
  ASSERT_THAT(Cancel("trainingJobs/mnist", &job, /*keep_model=*/true), GrpcIsOk());
  EXPECT_EQ(job.state(), v1::TrainingJob::CANCELLING);
  EXPECT_EQ(AwaitState("mnist", JobState::kCancelled).produced_version, 1);
  EXPECT_THAT(Cancel("trainingJobs/mnist", &job),
              GrpcStatusIs(StatusCode::FAILED_PRECONDITION, ErrorReason::kWrongState));
  EXPECT_THAT(Cancel("trainingJobs/nobody", &job),
              GrpcStatusIs(StatusCode::NOT_FOUND, ErrorReason::kTrainingJobNotFound));
  EXPECT_THAT(Cancel("models/mnist", &job), GrpcStatusIs(StatusCode::INVALID_ARGUMENT, ErrorReason::kInvalidName));
}

TEST_F(TrainingServiceTest, DeleteTakesEndedJobs) {
  InsertJob("done", JobState::kSucceeded);
  Train("runs");
  const auto remove = [&](const std::string& name, const std::string& etag) {
    v1::DeleteTrainingJobRequest request;
    request.set_name(name);
    request.set_etag(etag);
    google::protobuf::Empty empty;
    return stub_->DeleteTrainingJob(NewContext().get(), request, &empty);
  };
  EXPECT_THAT(remove("trainingJobs/runs", ""), GrpcStatusIs(StatusCode::FAILED_PRECONDITION, ErrorReason::kWrongState));
  EXPECT_THAT(remove("trainingJobs/done", "another"), GrpcStatusIs(StatusCode::ABORTED, ErrorReason::kEtagMismatch));
  EXPECT_THAT(remove("trainingJobs/done", Get("done").header.etag), GrpcIsOk());
  EXPECT_THAT(remove("trainingJobs/done", ""), GrpcStatusIs(StatusCode::NOT_FOUND, ErrorReason::kTrainingJobNotFound));
}

TEST_F(TrainingServiceTest, AWatchSendsEveryChangeAndEndsWithTheJob) {
  Train("mnist");
  v1::WatchTrainingJobRequest request;
  request.set_name("trainingJobs/mnist");
  const auto context = NewContext();
  const auto stream = stub_->WatchTrainingJob(context.get(), request);
  v1::WatchTrainingJobResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.training_job().state(), v1::TrainingJob::TRAINING);
  launcher_.Report("mnist", EpochOf(0, {0.5, 0.25}));
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.training_job().progress().epoch(), 1);
  EXPECT_EQ(response.training_job().progress().best_candidate(), 1);
  EXPECT_EQ(response.training_job().candidates_size(), 2);
  launcher_.Finish("mnist", SmallModel());
  v1::TrainingJob last;
  while (stream->Read(&response)) last = response.training_job();
  EXPECT_EQ(last.state(), v1::TrainingJob::SUCCEEDED);
  EXPECT_THAT(stream->Finish(), GrpcIsOk());
}

TEST_F(TrainingServiceTest, AWatchOfWhatHasEndedSendsItOnce) {
  InsertJob("done", JobState::kFailed);
  v1::WatchTrainingJobRequest request;
  request.set_name("trainingJobs/done");
  const auto context = NewContext();
  const auto stream = stub_->WatchTrainingJob(context.get(), request);
  v1::WatchTrainingJobResponse response;
  EXPECT_TRUE(stream->Read(&response));
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_THAT(stream->Finish(), GrpcIsOk());
}

TEST_F(TrainingServiceTest, AWatchEndsWhenTheJobGoesOrTheServerDoes) {
  v1::WatchTrainingJobRequest request;
  request.set_name("trainingJobs/nobody");
  v1::WatchTrainingJobResponse response;
  {
    const auto context = NewContext();
    const auto stream = stub_->WatchTrainingJob(context.get(), request);
    EXPECT_FALSE(stream->Read(&response));
    EXPECT_THAT(stream->Finish(), GrpcStatusIs(StatusCode::NOT_FOUND, ErrorReason::kTrainingJobNotFound));
  }
  Train("mnist");
  request.set_name("trainingJobs/mnist");
  const auto context = NewContext();
  const auto stream = stub_->WatchTrainingJob(context.get(), request);
  ASSERT_TRUE(stream->Read(&response));
  server_.Shutdown();
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_THAT(stream->Finish(), GrpcStatusIs(StatusCode::UNAVAILABLE, ErrorReason::kShuttingDown));
}

TEST_F(TrainingServiceTest, LogsAreFollowedToTheEnd) {
  Train("mnist");
  ASSERT_THAT(env_.WriteFileAtomically(JobFile("mnist", "logs/job.log"), "one\ntwo\nbad \xFF byte\nrest"), IsOk());
  v1::ReadTrainingJobLogsRequest request;
  request.set_name("trainingJobs/mnist");
  request.set_follow(true);
  const auto context = NewContext();
  const auto stream = stub_->ReadTrainingJobLogs(context.get(), request);
  v1::ReadTrainingJobLogsResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_THAT(response.lines(), ElementsAre("one", "two", "bad \xEF\xBF\xBD byte"));
  launcher_.Finish("mnist", SmallModel());
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_THAT(response.lines(), ElementsAre("rest"));
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_THAT(stream->Finish(), GrpcIsOk());
}

TEST_F(TrainingServiceTest, LogsHaveATail) {
  InsertJob("done", JobState::kSucceeded);
  dir_.Write("jobs/done/logs/job.log", "one\ntwo\nthree\n");
  v1::ReadTrainingJobLogsRequest request;
  request.set_name("trainingJobs/done");
  request.set_tail_lines(2);
  v1::ReadTrainingJobLogsResponse response;
  {
    const auto context = NewContext();
    const auto stream = stub_->ReadTrainingJobLogs(context.get(), request);
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_THAT(response.lines(), ElementsAre("two", "three"));
    EXPECT_FALSE(stream->Read(&response));
    EXPECT_THAT(stream->Finish(), GrpcIsOk());
  }
  request.set_tail_lines(-1);
  const auto context = NewContext();
  const auto stream = stub_->ReadTrainingJobLogs(context.get(), request);
  EXPECT_FALSE(stream->Read(&response));
  const grpc::Status status = stream->Finish();
  EXPECT_THAT(status, GrpcStatusIs(StatusCode::INVALID_ARGUMENT, ErrorReason::kInvalidArgument));
  EXPECT_THAT(FieldsOf(status), Contains("tail_lines"));
}

}  // namespace
}  // namespace ll::training
