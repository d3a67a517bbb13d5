#include "clients/cpp/prediction_client.h"

#include <string>
#include <vector>

#include "base/error_reason.h"
#include "clients/cpp/client.h"
#include "clients/cpp/grpc_status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_services/fake_llserver.h"
#include "tests/testing/status_matchers.h"

namespace ll::client {
namespace {

using ::ll::testing::FakeLlserver;
using ::ll::testing::HasReason;
using ::ll::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kEndpoint[] = "endpoints/live";

class PredictionClientTest : public ::testing::Test {
 protected:
  PredictionClientTest() { server_.AddEndpoint("live", server_.AddVersion("churn", 2)); }

  // `count` batches of one row each, (i / 100, i / 100); batch `bad` has three columns.
  absl::Status Stream(int count, PredictionClient::OnAnswer on_answer, int bad = -1,
                      const StreamPredictOptions& options = {}) {
    int i = 0;
    return client_.predictions().StreamPredict(
        kEndpoint,
        [&](v1::StreamPredictRequest& request) -> absl::StatusOr<bool> {
          v1::DenseRows& batch = *request.mutable_dense();
          EXPECT_EQ(batch.values_size(), 0);
          if (i == count) return false;
          batch.set_columns(i == bad ? 3 : 2);
          for (int column = 0; column < batch.columns(); ++column) batch.add_values(static_cast<float>(i) / 100);
          ++i;
          return true;
        },
        on_answer, options);
  }

  FakeLlserver server_;
  const Client client_ = Client::Open({.address = server_.address()}).value();
};

TEST_F(PredictionClientTest, OneBatch) {
  v1::PredictRequest request;
  request.set_endpoint(kEndpoint);
  request.mutable_dense()->set_columns(2);
  for (const float value : {0.25f, 0.5f, 1.0f, 0.5f}) request.mutable_dense()->add_values(value);
  LL_ASSERT_OK_AND_ASSIGN(const v1::PredictResponse response, client_.predictions().Predict(request));
  EXPECT_THAT(response.predictions().scores(), ElementsAre(0.375f, 0.75f));
  EXPECT_THAT(response.predictions().predicted_labels(), ElementsAre(0, 1));
  EXPECT_EQ(response.predictions().model_version(), "models/churn/versions/1");
}

TEST_F(PredictionClientTest, AStreamIsAnsweredInOrder) {
  for (const int window : {1, 3, 100}) {
    std::vector<float> scores;
    std::vector<int64_t> ids;
    LL_ASSERT_OK(Stream(50,
                        [&](v1::StreamPredictResponse& answer) {
                          ids.push_back(answer.batch_id());
                          scores.push_back(answer.predictions().scores(0));
                          return absl::OkStatus();
                        },
                        -1, {.max_unanswered = window}));
    ASSERT_EQ(ids.size(), 50u);
    for (int i = 0; i < 50; ++i) {
      EXPECT_EQ(ids[static_cast<size_t>(i)], i);
      EXPECT_EQ(scores[static_cast<size_t>(i)], static_cast<float>(i) / 100);
    }
  }
}

TEST_F(PredictionClientTest, SparseBatchesAreAnsweredAsDenseOnes) {
  int i = 0;
  std::vector<float> scores;
  LL_ASSERT_OK(client_.predictions().StreamPredict(
      kEndpoint,
      [&](v1::StreamPredictRequest& batch) -> absl::StatusOr<bool> {
        v1::SparseRows& rows = *batch.mutable_sparse();
        EXPECT_EQ(rows.ByteSizeLong(), 0u);
        if (i == 5) return false;
        // The row (0, i / 10).
        rows.add_row_offsets(0);
        rows.add_row_offsets(1);
        rows.add_column_indices(1);
        rows.add_values(static_cast<float>(i++) / 10);
        return true;
      },
      [&](v1::StreamPredictResponse& answer) {
        scores.push_back(answer.predictions().scores(0));
        return absl::OkStatus();
      }));
  EXPECT_THAT(scores, ElementsAre(0, 0.05f, 0.1f, 0.15f, 0.2f));
}

TEST_F(PredictionClientTest, AnEmptyStreamIsFine) {
  int answers = 0;
  LL_ASSERT_OK(Stream(0, [&](v1::StreamPredictResponse&) {
    ++answers;
    return absl::OkStatus();
  }));
  EXPECT_EQ(answers, 0);
}

TEST_F(PredictionClientTest, NoMoreThanTheWindowIsUnanswered) {
  int produced = 0;
  int answered = 0;
  int most = 0;
  LL_ASSERT_OK(client_.predictions().StreamPredict(
      kEndpoint,
      [&](v1::StreamPredictRequest& request) -> absl::StatusOr<bool> {
        v1::DenseRows& batch = *request.mutable_dense();
        if (produced == 40) return false;
        batch.set_columns(2);
        batch.add_values(0);
        batch.add_values(0);
        ++produced;
        return true;
      },
      [&](v1::StreamPredictResponse&) {
        ++answered;
        most = std::max(most, static_cast<int>(server_.calls("StreamPredict")) - (answered - 1));
        return absl::OkStatus();
      },
      {.max_unanswered = 4}));
  EXPECT_EQ(answered, 40);
  EXPECT_LE(most, 4);
}

TEST_F(PredictionClientTest, ABadBatchIsAnErrorInItsPlace) {
  std::vector<std::string> outcomes;
  LL_ASSERT_OK(Stream(
      3,
      [&](v1::StreamPredictResponse& answer) {
        outcomes.push_back(answer.has_error() ? answer.error().message() : "scored");
        return absl::OkStatus();
      },
      1));
  EXPECT_THAT(outcomes, ElementsAre("scored", HasSubstr("3 columns"), "scored"));
}

TEST_F(PredictionClientTest, AnErrorOfTheSourceEndsTheStream) {
  EXPECT_THAT(client_.predictions().StreamPredict(
                  kEndpoint,
                  [](v1::StreamPredictRequest&) -> absl::StatusOr<bool> { return absl::InvalidArgumentError("row 3"); },
                  [](v1::StreamPredictResponse&) { return absl::OkStatus(); }),
              StatusIs(absl::StatusCode::kInvalidArgument, "row 3"));
}

TEST_F(PredictionClientTest, AnErrorOfTheSinkEndsTheStream) {
  EXPECT_THAT(Stream(1000, [](v1::StreamPredictResponse&) { return absl::ResourceExhaustedError("disk full"); }),
              StatusIs(absl::StatusCode::kResourceExhausted, "disk full"));
}

TEST_F(PredictionClientTest, AnUnknownEndpointIsNotFound) {
  EXPECT_THAT(client_.predictions().StreamPredict(
                  "endpoints/none",
                  [](v1::StreamPredictRequest& request) -> absl::StatusOr<bool> {
                    v1::DenseRows& batch = *request.mutable_dense();
                    batch.set_columns(2);
                    batch.add_values(0);
                    batch.add_values(0);
                    return true;  // for ever
                  },
                  [](v1::StreamPredictResponse&) { return absl::OkStatus(); }),
              HasReason(ErrorReason::kEndpointNotFound));
}

TEST_F(PredictionClientTest, AMessageOverTheLimitNamesTheSetting) {
  LL_ASSERT_OK_AND_ASSIGN(Client small, Client::Open({.address = server_.address(), .max_message_bytes = 1000}));
  v1::PredictRequest request;
  request.set_endpoint(kEndpoint);
  request.mutable_dense()->mutable_values()->Resize(1000, 0);
  request.mutable_dense()->set_columns(2);
  const absl::StatusOr<v1::PredictResponse> response = small.predictions().Predict(request);
  EXPECT_THAT(response, StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("max_message_bytes")));
  EXPECT_THAT(response, HasReason(ErrorReason::kMessageTooLarge));
}

}  // namespace
}  // namespace ll::client
