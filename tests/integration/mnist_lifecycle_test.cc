// The whole lifecycle on real digits, server and client in one process: upload, train with the notebook's three
// hyperparameters, deploy, ask, take out of service. The published model makes 93 mistakes on the 10,000 test digits.
#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/digest.h"
#include "base/error_reason.h"
#include "deploy/demo/mnist.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/llserver/platform.h"
#include "services/training/launchers/in_process_launcher.h"
#include "tests/testing/platform_user.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::IsOk;
using ::ll::testing::PlatformUser;
using ::testing::ElementsAre;

constexpr int kPublishedErrors = 93;
constexpr int64_t kBatchRows = 100;

v1::DenseRows RowsOf(const demo::Digits& digits, int64_t begin, int64_t rows) {
  v1::DenseRows batch;
  batch.set_columns(demo::kMnistPixels);
  batch.mutable_values()->Add(digits.row(begin), digits.row(begin) + rows * demo::kMnistPixels);
  return batch;
}

class MnistLifecycleTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* const folder = std::getenv("LL_DATA_DIR");
    ASSERT_NE(folder, nullptr) << "set LL_DATA_DIR to the folder that deploy/fetch-mnist DIR/mnist has filled";
    LL_ASSERT_OK_AND_ASSIGN(mnist_, demo::LoadMnist(Env::Posix(), JoinPath(folder, "mnist")));
    llserver::Config config;
    config.listen.port = 0;
    config.data_dir = dir_.File("data");
    LL_ASSERT_OK_AND_ASSIGN(platform_,
                            llserver::Platform::Start(config, {.make_launcher = [](registry::BlobStore& blobs) {
                                                        return std::make_unique<training::InProcessLauncher>(
                                                            blobs, Env::Posix(), Clock::Real());
                                                      }}));
    user_.emplace(platform_->address());
  }

  v1::TrainingJob TrainAsTheNotebook() {
    v1::CreateTrainingJobRequest request;
    request.set_training_job_id("mnist-zero");
    v1::TrainingJob::Spec& spec = *request.mutable_training_job()->mutable_spec();
    auto& hyperparameters = *spec.mutable_hyperparameters();
    hyperparameters["feature_dim"] = "784";
    hyperparameters["predictor_type"] = "binary_classifier";
    hyperparameters["mini_batch_size"] = "200";
    v1::TrainingJob::Channel& channel = *spec.add_channels();
    channel.set_name("train");
    channel.set_uri("s3://data/train.pbr");
    spec.set_output_model("models/mnist-zero");
    user_->Create(request);
    return user_->AwaitEnd("mnist-zero");
  }

  v1::Endpoint Deploy() {
    v1::CreateEndpointRequest request;
    request.set_endpoint_id("mnist-zero");
    request.mutable_endpoint()->add_variants()->set_model_version("models/mnist-zero@latest");
    EXPECT_THAT(user_->client().endpoints().CreateEndpoint(request), IsOk());
    const absl::StatusOr<v1::Endpoint> endpoint = user_->client().endpoints().WaitForEndpoint("endpoints/mnist-zero");
    EXPECT_THAT(endpoint, IsOk());
    return endpoint.value_or(v1::Endpoint());
  }

  // Every batch of the test digits, answered in order.
  std::vector<v1::Predictions> StreamTestDigits() {
    std::vector<v1::Predictions> answers;
    int64_t next = 0;
    const absl::Status status = user_->client().predictions().StreamPredict(
        "endpoints/mnist-zero",
        [&](v1::StreamPredictRequest& batch) -> absl::StatusOr<bool> {
          if (next == mnist_.test.rows()) return false;
          *batch.mutable_dense() = RowsOf(mnist_.test, next, kBatchRows);
          next += kBatchRows;
          return true;
        },
        [&](v1::StreamPredictResponse& answer) {
          EXPECT_TRUE(answer.has_predictions()) << answer.error().message();
          answers.push_back(answer.predictions());
          return absl::OkStatus();
        });
    EXPECT_THAT(status, IsOk());
    return answers;
  }

  absl::StatusOr<v1::PredictResponse> Ask(int64_t row) {
    v1::PredictRequest request;
    request.set_endpoint("endpoints/mnist-zero");
    *request.mutable_dense() = RowsOf(mnist_.test, row, 1);
    return user_->client().predictions().Predict(request);
  }

  const testing::TempDir dir_;
  demo::Mnist mnist_;
  std::unique_ptr<llserver::Platform> platform_;
  std::optional<PlatformUser> user_;
};

TEST_F(MnistLifecycleTest, DigitsAreUploadedTrainedDeployedPredictedAndTakenDown) {
  const std::string records = demo::TrainingRecords(mnist_.train);
  user_->Upload("train.pbr", records);

  const v1::TrainingJob job = TrainAsTheNotebook();
  ASSERT_EQ(job.state(), v1::TrainingJob::SUCCEEDED) << job.error().message();
  EXPECT_EQ(job.candidates_size(), 32);
  LL_ASSERT_OK_AND_ASSIGN(const v1::ModelVersion version,
                          user_->client().models().GetModelVersion("models/mnist-zero/versions/1"));
  EXPECT_EQ(version.lineage().inputs(0).sha256(), Sha256Hex(records));

  ASSERT_EQ(Deploy().state(), v1::Endpoint::IN_SERVICE);
  const std::vector<v1::Predictions> answers = StreamTestDigits();
  ASSERT_EQ(answers.size(), static_cast<size_t>(mnist_.test.rows() / kBatchRows));
  int errors = 0;
  for (int64_t i = 0; i < mnist_.test.rows(); ++i) {
    const v1::Predictions& batch = answers[static_cast<size_t>(i / kBatchRows)];
    ASSERT_EQ(batch.predicted_labels_size(), kBatchRows);
    EXPECT_EQ(batch.model_version(), version.name());
    errors += batch.predicted_labels(static_cast<int>(i % kBatchRows)) != static_cast<int64_t>(mnist_.test.is_zero(i));
  }
  EXPECT_LE(errors, kPublishedErrors);
  for (const int64_t row : {0, 1, 4242, 9999}) {
    LL_ASSERT_OK_AND_ASSIGN(const v1::PredictResponse alone, Ask(row));
    EXPECT_THAT(alone.predictions().scores(),
                ElementsAre(answers[static_cast<size_t>(row / kBatchRows)].scores(static_cast<int>(row % kBatchRows))));
  }

  v1::DeleteEndpointRequest remove;
  remove.set_name("endpoints/mnist-zero");
  EXPECT_THAT(user_->client().endpoints().DeleteEndpoint(remove), IsOk());
  EXPECT_THAT(user_->client().endpoints().WaitForEndpointDeletion("endpoints/mnist-zero"), IsOk());
  EXPECT_THAT(Ask(0).status(), HasReason(ErrorReason::kEndpointNotFound));
  EXPECT_THAT(user_->Versions("mnist-zero"), ElementsAre("models/mnist-zero/versions/1"));
}

}  // namespace
}  // namespace ll
