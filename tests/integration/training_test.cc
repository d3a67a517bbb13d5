// Training through a whole platform in this process: real gRPC, registry, blob store, learner; only the job's process
// is a thread.
#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/digest.h"
#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "learner/artifact.h"
#include "services/llserver/platform.h"
#include "services/training/launchers/in_process_launcher.h"
#include "tests/testing/fault_env.h"
#include "tests/testing/platform_user.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::IsOk;
using ::ll::testing::PlatformUser;
using ::ll::testing::SampleCsv;
using ::ll::testing::StatusIs;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using v1::TrainingJob;

class TrainingTest : public ::testing::Test {
 protected:
  TrainingTest() {
    config_.listen.port = 0;
    config_.data_dir = dir_.File("data");
    Start();
    user_->Upload("train.csv", SampleCsv());
  }

  void Start() {
    absl::StatusOr<std::unique_ptr<llserver::Platform>> platform = llserver::Platform::Start(
        config_, {.env = &env_, .make_launcher = [this](registry::BlobStore& blobs) {
                    return std::make_unique<training::InProcessLauncher>(blobs, env_, Clock::Real());
                  }});
    ASSERT_THAT(platform, IsOk());
    platform_ = *std::move(platform);
    user_.emplace(platform_->address());
  }
  void Restart() {
    platform_.reset();
    Start();
  }

  testing::TempDir dir_;
  testing::FaultEnv env_;
  llserver::Config config_;
  std::unique_ptr<llserver::Platform> platform_;
  std::optional<PlatformUser> user_;
};

TEST_F(TrainingTest, AJobBecomesAVersionThatSaysWhereItCameFrom) {
  user_->Create(PlatformUser::Job("mnist"));
  std::vector<TrainingJob::State> states;
  std::vector<int> epochs;
  const TrainingJob done = user_->Await("mnist", [&](const TrainingJob& job) {
    if (states.empty() || states.back() != job.state()) states.push_back(job.state());
    epochs.push_back(job.progress().epoch());
    return client::HasEnded(job);
  });
  EXPECT_TRUE(std::is_sorted(epochs.begin(), epochs.end()));
  EXPECT_TRUE(std::is_sorted(states.begin(), states.end()));
  EXPECT_EQ(done.state(), TrainingJob::SUCCEEDED);
  EXPECT_EQ(done.model_version(), "models/digits/versions/1");
  EXPECT_EQ(done.progress().epoch(), 3);
  EXPECT_EQ(done.candidates_size(), 2);
  EXPECT_THAT(done.candidates(0).hyperparameters(), ::testing::Not(IsEmpty()));
  EXPECT_GT(done.metrics().count("train:objective_loss"), 0u) << done.ShortDebugString();
  EXPECT_GE(done.end_time().seconds(), done.start_time().seconds());

  LL_ASSERT_OK_AND_ASSIGN(const v1::ModelVersion version,
                          user_->client().models().GetModelVersion(done.model_version()));
  EXPECT_EQ(version.state(), v1::ModelVersion::READY);
  EXPECT_EQ(version.schema().feature_dim(), 3);
  EXPECT_EQ(version.lineage().training_job(), "trainingJobs/mnist");
  ASSERT_EQ(version.lineage().inputs_size(), 1);
  EXPECT_EQ(version.lineage().inputs(0).object(), "buckets/data/objects/train.csv");
  EXPECT_EQ(version.lineage().inputs(0).sha256(), Sha256Hex(SampleCsv()));
  LL_ASSERT_OK_AND_ASSIGN(const learner::Model model, learner::ParseModel(user_->Download(version.name())));
  EXPECT_EQ(model.training().metrics.size(), version.metrics().size());
  EXPECT_THAT(user_->Log("mnist"), Contains(HasSubstr("#quality_metric")));
}

TEST_F(TrainingTest, AJobBeginsWithAVersionAndKeepsItsNames) {
  v1::CreateTrainingJobRequest request = PlatformUser::Job("first");
  TrainingJob::Spec& spec = *request.mutable_training_job()->mutable_spec();
  for (const char* name : {"a", "b", "c"}) spec.add_feature_names(name);
  for (const char* name : {"no", "yes"}) spec.add_class_names(name);
  spec.mutable_channels(0)->set_shuffle_seed(7);
  user_->Create(request);
  ASSERT_EQ(user_->AwaitEnd("first").state(), TrainingJob::SUCCEEDED);
  request.set_training_job_id("second");
  spec.set_warm_start("models/digits@latest");
  spec.clear_feature_names();
  spec.clear_class_names();
  (*spec.mutable_hyperparameters())["learning_rate"] = "1e-12";
  (*spec.mutable_hyperparameters())["wd"] = (*spec.mutable_hyperparameters())["l1"] = "0";
  user_->Create(request);
  const TrainingJob done = user_->AwaitEnd("second");
  ASSERT_EQ(done.state(), TrainingJob::SUCCEEDED) << done.error().message();
  EXPECT_EQ(done.spec().warm_start(), "models/digits/versions/1");
  EXPECT_THAT(user_->Log("second"), Contains(HasSubstr("Warm start")));
  EXPECT_THAT(user_->Log("second"), Contains(HasSubstr("shuffled")));
  LL_ASSERT_OK_AND_ASSIGN(const auto first, learner::ParseModel(user_->Download("models/digits/versions/1")));
  LL_ASSERT_OK_AND_ASSIGN(const auto second, learner::ParseModel(user_->Download(done.model_version())));
  for (size_t j = 0; j < 3; ++j) EXPECT_NEAR(second.weights()[j], first.weights()[j], 1e-4);
  EXPECT_THAT(second.feature_names(), ElementsAre("a", "b", "c"));
  EXPECT_THAT(second.class_names(), ElementsAre("no", "yes"));
}

TEST_F(TrainingTest, ThePlatformServesWhatItTrained) {
  user_->Create(PlatformUser::Job("mnist"));
  ASSERT_EQ(user_->AwaitEnd("mnist").state(), TrainingJob::SUCCEEDED);
  v1::CreateEndpointRequest create;
  create.set_endpoint_id("live");
  create.mutable_endpoint()->add_variants()->set_model_version("models/digits@latest");
  LL_ASSERT_OK_AND_ASSIGN(const v1::Endpoint created, user_->client().endpoints().CreateEndpoint(create));
  LL_ASSERT_OK_AND_ASSIGN(const v1::Endpoint endpoint, user_->client().endpoints().WaitForEndpoint(created.name()));
  ASSERT_EQ(endpoint.state(), v1::Endpoint::IN_SERVICE);
  v1::PredictRequest request;
  request.set_endpoint("endpoints/live");
  for (const float value : {0.9f, 0.9f, 0.9f, -0.9f, -0.9f, -0.9f}) request.mutable_dense()->add_values(value);
  request.mutable_dense()->set_columns(3);
  LL_ASSERT_OK_AND_ASSIGN(const v1::PredictResponse response, user_->client().predictions().Predict(request));
  EXPECT_EQ(response.predictions().model_version(), "models/digits/versions/1");
  EXPECT_THAT(response.predictions().predicted_labels(), ElementsAre(1, 0));
}

TEST_F(TrainingTest, DataThatIsWrongFailsTheJobInTheLearnersWords) {
  user_->Upload("train.csv", "1,2,3\n0,oops,3\n");
  user_->Create(PlatformUser::Job("mnist"));
  const TrainingJob failed = user_->AwaitEnd("mnist");
  EXPECT_EQ(failed.state(), TrainingJob::FAILED);
  EXPECT_EQ(failed.error().code(), static_cast<int>(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(failed.error().message(), HasSubstr("row 2, column 2"));
  EXPECT_THAT(failed.error().message(), HasSubstr("\"oops\""));
  EXPECT_THAT(client::OutcomeOf(failed), HasReason(ErrorReason::kInvalidData));
  EXPECT_THAT(user_->Versions("digits"), IsEmpty());
}

TEST_F(TrainingTest, AfterARestartWhatRanGoesOnAndThenWhatWaited) {
  user_->Create(PlatformUser::EndlessJob("runs"));
  user_->AwaitEpoch("runs", 2);
  user_->Create(PlatformUser::Job("waits"));
  Restart();
  user_->AwaitEpoch("runs", user_->Get("runs").progress().epoch() + 2);
  EXPECT_THAT(user_->Log("runs"), Contains(HasSubstr("Loaded checkpoint")));
  EXPECT_EQ(user_->Get("waits").state(), TrainingJob::QUEUED);
  user_->Cancel("runs", false);
  EXPECT_EQ(user_->AwaitEnd("waits").state(), TrainingJob::SUCCEEDED);
  EXPECT_THAT(user_->Versions("digits"), ElementsAre("models/digits/versions/1"));
}

TEST_F(TrainingTest, ARequestIdIsGoodForARestart) {
  v1::CreateTrainingJobRequest request = PlatformUser::Job("mnist");
  request.set_request_id("only-once");
  const TrainingJob first = user_->Create(request);
  user_->AwaitEnd("mnist");
  Restart();
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(user_->Create(request), first));
  EXPECT_THAT(user_->Versions("digits"), ElementsAre("models/digits/versions/1"));
}

TEST_F(TrainingTest, TheSameJobMakesTheSameBytes) {
  for (const char* id : {"one", "two"}) {
    user_->Create(PlatformUser::Job(id));
    ASSERT_EQ(user_->AwaitEnd(id).state(), TrainingJob::SUCCEEDED);
  }
  EXPECT_EQ(user_->Download("models/digits/versions/1"), user_->Download("models/digits/versions/2"));
}

// Whatever the disk refuses, at whichever write: the job fails and says so, or succeeds with a version that is whole.
TEST_F(TrainingTest, AFullDiskRegistersNothingThatIsNotWhole) {
  int failed = 0;
  for (int64_t allowed = 0;; ++allowed) {
    const std::string id = absl::StrCat("job-", allowed);
    env_.FailAfter(allowed, ErrnoError(ENOSPC, "cannot write"));
    user_->Create(PlatformUser::Job(id));
    const TrainingJob job = user_->AwaitEnd(id);
    env_.Heal();
    if (job.state() == TrainingJob::SUCCEEDED) {
      EXPECT_THAT(user_->Versions("digits"), ElementsAre("models/digits/versions/1"));
      EXPECT_THAT(learner::ParseModel(user_->Download("models/digits/versions/1")), IsOk());
      break;
    }
    ++failed;
    ASSERT_EQ(job.state(), TrainingJob::FAILED);
    ASSERT_THAT(client::OutcomeOf(job), HasReason(ErrorReason::kStorageFull)) << job.ShortDebugString();
    ASSERT_EQ(job.model_version(), "");
    ASSERT_THAT(user_->Versions("digits"), IsEmpty());
  }
  EXPECT_GT(failed, 10);
}

}  // namespace
}  // namespace ll
