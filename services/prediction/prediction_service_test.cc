#include "services/prediction/prediction_service.h"

#include <atomic>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/mutex.h"
#include "base/random.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "grpcpp/generic/generic_stub.h"
#include "gtest/gtest.h"
#include "registry/store_errors.h"
#include "tests/testing/grpc_matchers.h"
#include "tests/testing/grpc_test_server.h"
#include "tests/testing/status_matchers.h"

namespace ll::prediction {
namespace {

using ::testing::ElementsAre;
using testing::FieldsOf;
using testing::GrpcIsOk;
using testing::GrpcStatusIs;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::NewContext;
using testing::ReasonOf;

constexpr int kFeatures = 3;

learner::Model MakeModel(learner::PredictorType type, learner::Loss loss, int outputs, int features = kFeatures) {
  SeededRandom random(11);
  learner::Model::Parts parts;
  parts.schema = {.predictor_type = type, .loss = loss, .feature_dim = features, .outputs = outputs};
  for (int i = 0; i < features * outputs; ++i) parts.weights.push_back(random.Normal());
  for (int i = 0; i < outputs; ++i) parts.bias.push_back(random.Normal());
  return *learner::Model::Create(std::move(parts));
}

learner::Model BinaryModel(int features = kFeatures) {
  return MakeModel(learner::PredictorType::kBinaryClassifier, learner::Loss::kLogistic, 1, features);
}

std::vector<float> MakeRows(int64_t rows, int features = kFeatures) {
  SeededRandom random(static_cast<uint64_t>(rows));
  std::vector<float> values;
  for (int64_t i = 0; i < rows * features; ++i) values.push_back(static_cast<float>(random.Normal()));
  return values;
}

// Hands out what the test has put in, by endpoint.
class FakeSource final : public PredictorSource {
 public:
  void Set(const std::string& endpoint, std::unique_ptr<const Predictor> predictor) {
    MutexLock lock(&mutex_);
    predictors_[endpoint] = std::move(predictor);
  }
  void Refuse(const std::string& endpoint, const absl::Status& status) {
    MutexLock lock(&mutex_);
    refusals_[endpoint] = status;
  }
  int64_t in_use() const { return in_use_.count(); }

  absl::StatusOr<PredictorHandle> Acquire(absl::string_view endpoint_id) override {
    const std::string id(endpoint_id);
    MutexLock lock(&mutex_);
    if (refusals_.count(id) > 0) return refusals_[id];
    if (predictors_.count(id) == 0) return registry::EndpointNotFound(id);
    return PredictorHandle(predictors_[id].get(), &variant_, in_use_.Enter());
  }

 private:
  const std::string variant_ = "blue";
  InFlightCounter in_use_{[] {}};
  Mutex mutex_;
  std::map<std::string, std::unique_ptr<const Predictor>> predictors_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, absl::Status> refusals_ ABSL_GUARDED_BY(mutex_);
};

// Waits in its first call until it is let go, and counts calls.
class SlowPredictor final : public Predictor {
 public:
  explicit SlowPredictor(learner::Model model) : model_("models/slow/versions/1", std::move(model)) {}

  const learner::ModelSchema& schema() const override { return model_.schema(); }
  const std::string& model_version() const override { return model_.model_version(); }
  uint64_t memory_bytes() const override { return model_.memory_bytes(); }
  absl::Status Predict(const float* rows, int64_t n, learner::Scores* scores) const override {
    if (++calls_ == 1) {
      begun_.Notify();
      go_on_.Wait();
    }
    return model_.Predict(rows, n, scores);
  }
  absl::Status Predict(const learner::SparseBlock& rows, learner::Scores* scores) const override {
    return model_.Predict(rows, scores);
  }

  void AwaitBegun() const { begun_.Wait(); }
  void GoOn() { go_on_.Notify(); }
  int calls() const { return calls_; }

 private:
  const LocalPredictor model_;
  mutable std::atomic<int> calls_{0};
  mutable Notification begun_;
  mutable Notification go_on_;
};

class PredictionServiceTest : public ::testing::Test {
 protected:
  explicit PredictionServiceTest(const rpc::RpcOptions& options = {})
      : server_(options), service_(server_.runtime(), source_, admission_) {
    source_.Set("churn", std::make_unique<LocalPredictor>("models/churn/versions/7", BinaryModel()));
    server_.AddService(v1::PredictionService::service_full_name(), service_);
    server_.Start();
    stub_ = v1::PredictionService::NewStub(server_.channel());
  }
  ~PredictionServiceTest() override {
    server_.Shutdown();
    EXPECT_EQ(admission_.in_flight_bytes(), 0);
    EXPECT_EQ(source_.in_use(), 0);
  }

  static v1::PredictRequest Request(const std::string& endpoint, const std::vector<float>& values, int columns) {
    v1::PredictRequest request;
    request.set_endpoint(endpoint);
    request.mutable_dense()->mutable_values()->Add(values.begin(), values.end());
    request.mutable_dense()->set_columns(columns);
    return request;
  }
  static v1::StreamPredictRequest Batch(int64_t id, const std::string& endpoint, const std::vector<float>& values,
                                        int columns = kFeatures) {
    v1::StreamPredictRequest request;
    request.set_batch_id(id);
    request.set_endpoint(endpoint);
    request.mutable_dense()->mutable_values()->Add(values.begin(), values.end());
    request.mutable_dense()->set_columns(columns);
    return request;
  }

  // A client has its answer a moment before the server has counted it out.
  Admission::Ticket TakeWholeBudget() {
    while (true) {
      absl::StatusOr<Admission::Ticket> ticket = admission_.Admit(admission_.budget_bytes());
      if (ticket.ok()) return *std::move(ticket);
      std::this_thread::yield();
    }
  }

  grpc::Status Predict(const v1::PredictRequest& request, v1::PredictResponse* response) {
    return stub_->Predict(NewContext().get(), request, response);
  }
  grpc::Status Predict(const v1::PredictRequest& request) {
    v1::PredictResponse response;
    return Predict(request, &response);
  }

  testing::GrpcTestServer server_;
  FakeSource source_;
  Admission admission_{int64_t{1} << 30};
  PredictionService service_;
  std::unique_ptr<v1::PredictionService::Stub> stub_;
};

v1::SparseRows WithoutZeros(const std::vector<float>& values) {
  v1::SparseRows sparse;
  for (size_t i = 0; i < values.size(); ++i) {
    const auto column = static_cast<int32_t>(i % kFeatures);
    if (column == 0) sparse.add_row_offsets(sparse.values_size());
    if (values[i] == 0) continue;
    sparse.add_column_indices(column);
    sparse.add_values(values[i]);
  }
  sparse.add_row_offsets(sparse.values_size());
  return sparse;
}

std::vector<float> ScoresOf(const v1::Predictions& predictions) {
  return {predictions.scores().begin(), predictions.scores().end()};
}
std::vector<int64_t> LabelsOf(const v1::Predictions& predictions) {
  return {predictions.predicted_labels().begin(), predictions.predicted_labels().end()};
}

TEST_F(PredictionServiceTest, AnswersWithScoresLabelsAndTheExactVersion) {
  const std::vector<float> rows = MakeRows(5);
  v1::PredictResponse response;
  ASSERT_THAT(Predict(Request("endpoints/churn", rows, kFeatures), &response), GrpcIsOk());
  learner::Scores expected;
  BinaryModel().Score(rows.data(), 5, &expected);
  const v1::Predictions& predictions = response.predictions();
  EXPECT_EQ(ScoresOf(predictions), expected.values);
  EXPECT_EQ(LabelsOf(predictions), expected.labels);
  EXPECT_EQ(predictions.outputs(), 1);
  EXPECT_EQ(predictions.score_kind(), v1::PROBABILITY);
  EXPECT_EQ(predictions.model_version(), "models/churn/versions/7");
  EXPECT_EQ(predictions.variant(), "blue");
}

TEST_F(PredictionServiceTest, AnswersForEveryKindOfModel) {
  const std::vector<float> rows = MakeRows(4);
  learner::Scores expected;
  v1::PredictResponse response;

  const learner::Model classes = MakeModel(learner::PredictorType::kMulticlassClassifier, learner::Loss::kSoftmax, 5);
  source_.Set("classes", std::make_unique<LocalPredictor>("models/c/versions/1", classes));
  classes.Score(rows.data(), 4, &expected);
  ASSERT_THAT(Predict(Request("endpoints/classes", rows, kFeatures), &response), GrpcIsOk());
  EXPECT_EQ(response.predictions().outputs(), 5);
  EXPECT_EQ(response.predictions().score_kind(), v1::PROBABILITY);
  EXPECT_EQ(ScoresOf(response.predictions()), expected.values);
  EXPECT_EQ(LabelsOf(response.predictions()), expected.labels);

  const learner::Model margin = MakeModel(learner::PredictorType::kBinaryClassifier, learner::Loss::kHinge, 1);
  source_.Set("margin", std::make_unique<LocalPredictor>("models/h/versions/1", margin));
  ASSERT_THAT(Predict(Request("endpoints/margin", rows, kFeatures), &response), GrpcIsOk());
  EXPECT_EQ(response.predictions().score_kind(), v1::MARGIN);

  const learner::Model value = MakeModel(learner::PredictorType::kRegressor, learner::Loss::kSquared, 1);
  source_.Set("value", std::make_unique<LocalPredictor>("models/r/versions/1", value));
  ASSERT_THAT(Predict(Request("endpoints/value", rows, kFeatures), &response), GrpcIsOk());
  EXPECT_EQ(response.predictions().score_kind(), v1::VALUE);
  EXPECT_THAT(response.predictions().predicted_labels(), IsEmpty());
}

TEST_F(PredictionServiceTest, SparseRowsAreAnsweredAsDenseOnes) {
  std::vector<float> rows = MakeRows(6);
  for (size_t i = 0; i < rows.size(); i += 2) rows[i] = 0;
  v1::PredictRequest request;
  request.set_endpoint("endpoints/churn");
  *request.mutable_sparse() = WithoutZeros(rows);
  v1::PredictResponse sparse;
  ASSERT_THAT(Predict(request, &sparse), GrpcIsOk());
  v1::PredictResponse dense;
  ASSERT_THAT(Predict(Request("endpoints/churn", rows, kFeatures), &dense), GrpcIsOk());
  EXPECT_EQ(ScoresOf(sparse.predictions()), ScoresOf(dense.predictions()));
  EXPECT_EQ(LabelsOf(sparse.predictions()), LabelsOf(dense.predictions()));

  request.mutable_sparse()->set_column_indices(0, kFeatures);
  EXPECT_THAT(Predict(request), GrpcStatusIs(grpc::INVALID_ARGUMENT, ErrorReason::kInvalidArgument));
}

TEST_F(PredictionServiceTest, ALargeBatchIsItsRowsOneByOne) {
  constexpr int kWide = 700;
  source_.Set("wide", std::make_unique<LocalPredictor>("models/w/versions/1", BinaryModel(kWide)));
  const std::vector<float> rows = MakeRows(10'000, kWide);
  v1::PredictResponse response;
  ASSERT_THAT(Predict(Request("endpoints/wide", rows, kWide), &response), GrpcIsOk());
  ASSERT_EQ(response.predictions().scores_size(), 10'000);
  const LocalPredictor alone("", BinaryModel(kWide));
  learner::Scores scores;
  for (int row = 0; row < 10'000; ++row) {
    LL_ASSERT_OK(alone.Predict(rows.data() + row * kWide, 1, &scores));
    ASSERT_EQ(scores.values[0], response.predictions().scores(row));
    ASSERT_EQ(scores.labels[0], response.predictions().predicted_labels(row));
  }
}

TEST_F(PredictionServiceTest, RefusesEndpointsThatCannotAnswer) {
  const std::vector<float> row = MakeRows(1);
  EXPECT_THAT(Predict(Request("endpoints/nobody", row, kFeatures)),
              GrpcStatusIs(grpc::StatusCode::NOT_FOUND, ErrorReason::kEndpointNotFound));
  EXPECT_THAT(Predict(Request("nobody", row, kFeatures)),
              GrpcStatusIs(grpc::StatusCode::INVALID_ARGUMENT, ErrorReason::kInvalidName));
  EXPECT_THAT(Predict(Request("", row, kFeatures)),
              GrpcStatusIs(grpc::StatusCode::INVALID_ARGUMENT, ErrorReason::kInvalidName));
  source_.Refuse(
      "young", MakeError(absl::StatusCode::kUnavailable, ErrorReason::kWrongState,
                         {.what = "cannot predict", .why = "it is CREATING"}, {.retry_delay = absl::Milliseconds(50)}));
  const grpc::Status unavailable = Predict(Request("endpoints/young", row, kFeatures));
  EXPECT_THAT(unavailable, GrpcStatusIs(grpc::StatusCode::UNAVAILABLE, ErrorReason::kWrongState));
  EXPECT_TRUE(testing::DetailOf<google::rpc::RetryInfo>(unavailable).has_value());
}

TEST_F(PredictionServiceTest, RefusesRowsThatTheModelCannotTake) {
  const grpc::Status columns = Predict(Request("endpoints/churn", {1, 2, 3, 4}, 2));
  EXPECT_THAT(columns, GrpcStatusIs(grpc::StatusCode::INVALID_ARGUMENT, ErrorReason::kInvalidArgument));
  EXPECT_THAT(columns.error_message(), HasSubstr("2 columns, and the model has 3 features"));
  EXPECT_THAT(FieldsOf(columns), ElementsAre("dense.columns"));

  const grpc::Status ragged = Predict(Request("endpoints/churn", {1, 2, 3, 4}, 3));
  EXPECT_THAT(FieldsOf(ragged), ElementsAre("dense.values"));

  const grpc::Status nan =
      Predict(Request("endpoints/churn", {1, 2, 3, 4, std::numeric_limits<float>::quiet_NaN(), 6}, 3));
  EXPECT_THAT(nan.error_message(), HasSubstr("row 2, column 2 is nan"));

  v1::PredictRequest nothing;
  nothing.set_endpoint("endpoints/churn");
  EXPECT_THAT(Predict(nothing).error_message(), HasSubstr("no rows"));
  EXPECT_THAT(Predict(Request("endpoints/churn", {}, 3)).error_message(), HasSubstr("no rows"));
}

TEST_F(PredictionServiceTest, RefusesWhatDoesNotFitBesideWhatIsInFlight) {
  const Admission::Ticket others = TakeWholeBudget();
  const grpc::Status status = Predict(Request("endpoints/churn", MakeRows(1), kFeatures));
  EXPECT_THAT(status, GrpcStatusIs(grpc::StatusCode::RESOURCE_EXHAUSTED, ErrorReason::kOverloaded));
  EXPECT_TRUE(testing::DetailOf<google::rpc::RetryInfo>(status).has_value());
}

TEST_F(PredictionServiceTest, ACorrelationIdComesBackWhenItWasSent) {
  const auto context = NewContext();
  context->AddMetadata("x-request-id", "my-call");
  v1::PredictResponse response;
  ASSERT_THAT(stub_->Predict(context.get(), Request("endpoints/churn", MakeRows(1), kFeatures), &response), GrpcIsOk());
  const auto id = context->GetServerTrailingMetadata().find("x-request-id");
  ASSERT_NE(id, context->GetServerTrailingMetadata().end());
  EXPECT_EQ(std::string(id->second.data(), id->second.size()), "my-call");
}

// Two slices of work, so that there is a moment between them.
std::vector<float> TwoSlices() { return std::vector<float>(size_t{kFeatures} * 400'000, 0.5f); }

TEST_F(PredictionServiceTest, WorkStopsWhenTheCallerCancels) {
  auto owned = std::make_unique<SlowPredictor>(BinaryModel());
  SlowPredictor* const slow = owned.get();
  source_.Set("slow", std::move(owned));
  const auto context = NewContext();
  std::thread canceller([&] {
    slow->AwaitBegun();
    context->TryCancel();
  });
  v1::PredictResponse response;
  const v1::PredictRequest request = Request("endpoints/slow", TwoSlices(), kFeatures);
  const grpc::Status status = stub_->Predict(context.get(), request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::CANCELLED);
  canceller.join();
  // The server hears of it before anything else that this connection brings: then it may go on.
  ASSERT_THAT(Predict(Request("endpoints/churn", MakeRows(1), kFeatures)), GrpcIsOk());
  slow->GoOn();
  server_.Shutdown();
  EXPECT_EQ(slow->calls(), 1);
}

TEST_F(PredictionServiceTest, WorkStopsAtTheDeadline) {
  auto owned = std::make_unique<SlowPredictor>(BinaryModel());
  SlowPredictor* const slow = owned.get();
  source_.Set("slow", std::move(owned));
  v1::PredictResponse response;
  const v1::PredictRequest request = Request("endpoints/slow", TwoSlices(), kFeatures);
  const grpc::Status status = stub_->Predict(NewContext(absl::Milliseconds(300)).get(), request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  ASSERT_THAT(Predict(Request("endpoints/churn", MakeRows(1), kFeatures)), GrpcIsOk());
  slow->GoOn();
  server_.Shutdown();
  EXPECT_LE(slow->calls(), 1);
}

class SmallLimitTest : public PredictionServiceTest {
 protected:
  SmallLimitTest() : PredictionServiceTest({.max_message_bytes = 1000}) {}
};

TEST_F(SmallLimitTest, AMessageOverTheLimitIsRefusedAndTheSettingNamed) {
  EXPECT_THAT(Predict(Request("endpoints/churn", MakeRows(60), kFeatures)), GrpcIsOk());
  const grpc::Status status = Predict(Request("endpoints/churn", MakeRows(100), kFeatures));
  EXPECT_THAT(status, GrpcStatusIs(grpc::StatusCode::RESOURCE_EXHAUSTED, ErrorReason::kMessageTooLarge));
  EXPECT_THAT(status.error_message(), HasSubstr("max_message_bytes is 1000"));
}

TEST_F(SmallLimitTest, AnAnswerOverTheLimitIsRefusedBeforeItIsMade) {
  source_.Set("many", std::make_unique<LocalPredictor>(
                          "models/c/versions/1",
                          MakeModel(learner::PredictorType::kMulticlassClassifier, learner::Loss::kSoftmax, 200)));
  const grpc::Status status = Predict(Request("endpoints/many", MakeRows(2), kFeatures));
  EXPECT_THAT(status, GrpcStatusIs(grpc::StatusCode::RESOURCE_EXHAUSTED, ErrorReason::kMessageTooLarge));
  EXPECT_THAT(status.error_message(), HasSubstr("2 rows"));
}

TEST_F(SmallLimitTest, InAStreamOnlyTheBatchOverTheLimitIsRefused) {
  const auto context = NewContext();
  const auto stream = stub_->StreamPredict(context.get());
  ASSERT_TRUE(stream->Write(Batch(1, "endpoints/churn", MakeRows(100))));
  ASSERT_TRUE(stream->Write(Batch(2, "endpoints/churn", MakeRows(1))));
  v1::StreamPredictResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.batch_id(), 1);
  EXPECT_EQ(ReasonOf(response.error()), "MESSAGE_TOO_LARGE");
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.batch_id(), 2);
  EXPECT_TRUE(response.has_predictions());
  stream->WritesDone();
  EXPECT_THAT(stream->Finish(), GrpcIsOk());
}

class StreamPredictTest : public PredictionServiceTest {
 protected:
  using Stream = grpc::ClientReaderWriter<v1::StreamPredictRequest, v1::StreamPredictResponse>;

  std::unique_ptr<Stream> Open() {
    context_ = NewContext();
    return stub_->StreamPredict(context_.get());
  }
  static v1::StreamPredictResponse Ask(Stream* stream, const v1::StreamPredictRequest& batch) {
    EXPECT_TRUE(stream->Write(batch));
    v1::StreamPredictResponse response;
    EXPECT_TRUE(stream->Read(&response));
    EXPECT_EQ(response.batch_id(), batch.batch_id());
    return response;
  }
  static grpc::Status Close(Stream* stream) {
    EXPECT_TRUE(stream->WritesDone());
    v1::StreamPredictResponse response;
    EXPECT_FALSE(stream->Read(&response));
    return stream->Finish();
  }

  std::unique_ptr<grpc::ClientContext> context_;
};

TEST_F(StreamPredictTest, AnswersInOrderWithWhatUnaryCallsGive) {
  constexpr int kBatches = 200;
  const auto stream = Open();
  std::thread writer([&] {
    for (int i = 0; i < kBatches; ++i) {
      EXPECT_TRUE(stream->Write(Batch(1000 + i, i == 0 ? "endpoints/churn" : "", MakeRows(1 + i % 17))));
    }
    EXPECT_TRUE(stream->WritesDone());
  });
  for (int i = 0; i < kBatches; ++i) {
    v1::StreamPredictResponse response;
    ASSERT_TRUE(stream->Read(&response));
    ASSERT_EQ(response.batch_id(), 1000 + i);
    v1::PredictResponse unary;
    ASSERT_THAT(Predict(Request("endpoints/churn", MakeRows(1 + i % 17), kFeatures), &unary), GrpcIsOk());
    ASSERT_EQ(response.predictions().SerializeAsString(), unary.predictions().SerializeAsString());
  }
  writer.join();
  EXPECT_THAT(stream->Finish(), GrpcIsOk());
}

TEST_F(StreamPredictTest, DenseAndSparseBatchesMayAlternate) {
  const std::vector<float> rows = MakeRows(3);
  const std::unique_ptr<Stream> stream = Open();
  for (int64_t id = 0; id < 6; ++id) {
    v1::StreamPredictRequest request = Batch(id, id == 0 ? "endpoints/churn" : "", rows);
    if (id / 2 % 2 == 1) *request.mutable_sparse() = WithoutZeros(rows);
    ASSERT_TRUE(stream->Write(request));
  }
  stream->WritesDone();
  std::vector<float> first;
  v1::StreamPredictResponse response;
  for (int64_t id = 0; id < 6; ++id) {
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_EQ(response.batch_id(), id);
    if (id == 0) first = ScoresOf(response.predictions());
    EXPECT_EQ(ScoresOf(response.predictions()), first);
  }
  EXPECT_THAT(stream->Finish(), GrpcIsOk());
}

TEST_F(StreamPredictTest, ABadBatchGetsAnErrorInItsPlaceAndTheStreamGoesOn) {
  const auto stream = Open();
  EXPECT_TRUE(Ask(stream.get(), Batch(1, "endpoints/churn", MakeRows(2))).has_predictions());
  EXPECT_THAT(Ask(stream.get(), Batch(2, "", {1, 2}, 2)).error().message(), HasSubstr("2 columns"));
  EXPECT_THAT(Ask(stream.get(), Batch(3, "", {1, std::numeric_limits<float>::infinity(), 3})).error().message(),
              HasSubstr("row 1, column 2"));
  v1::StreamPredictRequest nothing;
  nothing.set_batch_id(4);
  EXPECT_THAT(Ask(stream.get(), nothing).error().message(), HasSubstr("no rows"));
  const v1::StreamPredictResponse other = Ask(stream.get(), Batch(5, "endpoints/other", MakeRows(1)));
  EXPECT_THAT(other.error().message(), HasSubstr("not that of the first message, endpoints/churn"));
  EXPECT_TRUE(Ask(stream.get(), Batch(6, "endpoints/churn", MakeRows(2))).has_predictions());
  EXPECT_THAT(Close(stream.get()), GrpcIsOk());
}

TEST_F(StreamPredictTest, AnErrorIsARichStatus) {
  const auto stream = Open();
  const v1::StreamPredictResponse response = Ask(stream.get(), Batch(1, "endpoints/nobody", MakeRows(1)));
  EXPECT_EQ(response.error().code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ReasonOf(response.error()), "ENDPOINT_NOT_FOUND");
  EXPECT_THAT(Close(stream.get()), GrpcIsOk());
}

TEST_F(StreamPredictTest, TheEndpointIsNamedOnce) {
  const auto stream = Open();
  const v1::StreamPredictResponse unnamed = Ask(stream.get(), Batch(1, "", MakeRows(1)));
  EXPECT_EQ(ReasonOf(unnamed.error()), "INVALID_NAME");
  EXPECT_TRUE(Ask(stream.get(), Batch(2, "endpoints/churn", MakeRows(1))).has_predictions());
  EXPECT_TRUE(Ask(stream.get(), Batch(3, "", MakeRows(1))).has_predictions());
  EXPECT_THAT(Close(stream.get()), GrpcIsOk());
}

TEST_F(StreamPredictTest, AStreamWithoutBatchesEndsWell) {
  const auto stream = Open();
  EXPECT_THAT(Close(stream.get()), GrpcIsOk());
}

TEST_F(StreamPredictTest, FollowsWhateverServesTheEndpoint) {
  const auto stream = Open();
  EXPECT_EQ(Ask(stream.get(), Batch(1, "endpoints/churn", MakeRows(1))).predictions().model_version(),
            "models/churn/versions/7");
  source_.Set("churn", std::make_unique<LocalPredictor>("models/churn/versions/8", BinaryModel()));
  EXPECT_EQ(Ask(stream.get(), Batch(2, "", MakeRows(1))).predictions().model_version(), "models/churn/versions/8");
  source_.Refuse("churn", registry::EndpointNotFound("churn"));
  EXPECT_EQ(ReasonOf(Ask(stream.get(), Batch(3, "", MakeRows(1))).error()), "ENDPOINT_NOT_FOUND");
  EXPECT_THAT(Close(stream.get()), GrpcIsOk());
}

TEST_F(StreamPredictTest, ABatchThatDoesNotFitIsRefusedInItsPlace) {
  const auto stream = Open();
  EXPECT_TRUE(Ask(stream.get(), Batch(1, "endpoints/churn", MakeRows(1))).has_predictions());
  {
    const Admission::Ticket others = TakeWholeBudget();
    EXPECT_EQ(ReasonOf(Ask(stream.get(), Batch(2, "", MakeRows(1))).error()), "OVERLOADED");
  }
  EXPECT_TRUE(Ask(stream.get(), Batch(3, "", MakeRows(1))).has_predictions());
  EXPECT_THAT(Close(stream.get()), GrpcIsOk());
}

TEST_F(StreamPredictTest, BatchesOfAllSizesFollowEachOther) {
  constexpr int kWide = 1000;
  source_.Set("wide", std::make_unique<LocalPredictor>("models/w/versions/1", BinaryModel(kWide)));
  const auto stream = Open();
  int64_t id = 0;
  for (const int64_t rows : {1, 5000, 2, 3000, 1}) {  // the large ones are beyond what a stream keeps
    const v1::StreamPredictResponse response =
        Ask(stream.get(), Batch(++id, "endpoints/wide", MakeRows(rows, kWide), kWide));
    ASSERT_EQ(response.predictions().scores_size(), rows);
  }
  EXPECT_THAT(Close(stream.get()), GrpcIsOk());
}

TEST_F(StreamPredictTest, WorkStopsWhenTheCallerGoesAway) {
  auto owned = std::make_unique<SlowPredictor>(BinaryModel());
  SlowPredictor* const slow = owned.get();
  source_.Set("slow", std::move(owned));
  const auto stream = Open();
  ASSERT_TRUE(stream->Write(Batch(1, "endpoints/slow", TwoSlices())));
  ASSERT_TRUE(stream->Write(Batch(2, "endpoints/slow", MakeRows(1))));
  slow->AwaitBegun();
  context_->TryCancel();
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  ASSERT_THAT(Predict(Request("endpoints/churn", MakeRows(1), kFeatures)), GrpcIsOk());
  slow->GoOn();
  server_.Shutdown();
  EXPECT_EQ(slow->calls(), 1);
}

TEST_F(StreamPredictTest, AClientThatVanishesLeavesNothingBehind) {
  for (int i = 0; i < 20; ++i) {
    const auto stub = v1::PredictionService::NewStub(server_.NewChannel());
    const auto context = NewContext();
    const auto stream = stub->StreamPredict(context.get());
    for (int batch = 0; batch < i; ++batch) stream->Write(Batch(batch, "endpoints/churn", MakeRows(50)));
    context->TryCancel();
    stream->Finish();
  }
  EXPECT_THAT(Predict(Request("endpoints/churn", MakeRows(1), kFeatures)), GrpcIsOk());
}

TEST_F(StreamPredictTest, AServerThatEndsSaysSo) {
  const auto stream = Open();
  EXPECT_TRUE(Ask(stream.get(), Batch(1, "endpoints/churn", MakeRows(1))).has_predictions());
  server_.Shutdown();
  v1::StreamPredictResponse response;
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_THAT(stream->Finish(), GrpcStatusIs(grpc::StatusCode::UNAVAILABLE, ErrorReason::kShuttingDown));
}

TEST_F(StreamPredictTest, AMessageThatIsNoneEndsTheStream) {
  grpc::GenericStub generic(server_.channel());
  grpc::CompletionQueue queue;
  const auto context = NewContext();
  const auto call = generic.PrepareCall(context.get(), "/ll.v1.PredictionService/StreamPredict", &queue);
  const auto await = [&queue] {
    void* tag;
    bool ok = false;
    EXPECT_TRUE(queue.Next(&tag, &ok));
    return ok;
  };
  call->StartCall(nullptr);
  ASSERT_TRUE(await());
  const grpc::Slice garbage("\xff\xff\xff\xff garbage");
  call->Write(grpc::ByteBuffer(&garbage, 1), nullptr);
  ASSERT_TRUE(await());
  grpc::ByteBuffer response;
  call->Read(&response, nullptr);
  EXPECT_FALSE(await());
  grpc::Status status;
  call->Finish(&status, nullptr);
  ASSERT_TRUE(await());
  EXPECT_THAT(status, GrpcStatusIs(grpc::StatusCode::INVALID_ARGUMENT, ErrorReason::kInvalidArgument));
}

TEST_F(StreamPredictTest, ManyStreamsAtOnce) {
  constexpr int kStreams = 8;
  std::vector<std::thread> clients;
  std::atomic<int> answered{0};
  for (int i = 0; i < kStreams; ++i) {
    clients.emplace_back([&, i] {
      const auto context = NewContext();
      const auto stream = stub_->StreamPredict(context.get());
      std::thread writer([&] {
        for (int batch = 0; batch < 50; ++batch) stream->Write(Batch(batch, "endpoints/churn", MakeRows(1 + i)));
        stream->WritesDone();
      });
      v1::StreamPredictResponse response;
      int64_t expected_id = 0;
      while (stream->Read(&response)) {
        EXPECT_EQ(response.batch_id(), expected_id++);
        EXPECT_EQ(response.predictions().scores_size(), 1 + i);
        ++answered;
      }
      writer.join();
      EXPECT_THAT(stream->Finish(), GrpcIsOk());
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(answered, kStreams * 50);
}

}  // namespace
}  // namespace ll::prediction
