// Training on rows without their zeros, and on rows that are read again in every pass, against training on the same
// rows held in memory with all their zeros.
#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/executor.h"
#include "base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "learner/testing/synthetic_data.h"
#include "learner/trainer.h"
#include "tests/testing/status_matchers.h"

namespace ll::learner {
namespace {

using ::ll::learner::testing::MakeSparseRows;
using ::ll::learner::testing::RowsAsSource;
using ::ll::learner::testing::SyntheticRows;
using ::ll::testing::StatusIs;
using ::testing::HasSubstr;

constexpr int kColumns = 130;  // more than two blocks of features
constexpr uint64_t kNoLimit = 0;

Dataset Open(const SyntheticRows& rows, RowLayout layout, uint64_t max_bytes = kNoLimit) {
  auto data = Dataset::Open(std::make_unique<RowsAsSource>(rows, layout), {.max_bytes = max_bytes});
  EXPECT_EQ(data.status(), absl::OkStatus());
  EXPECT_EQ(data->sparse(), layout == RowLayout::kSparse);
  EXPECT_EQ(data->streamed(), max_bytes > 0);
  return *std::move(data);
}

// Everything that differs from run to run in a model's training.
struct Outcome {
  std::vector<double> weights;
  std::vector<double> bias;
  float threshold = 0;
  std::map<std::string, double> metrics;
  std::vector<double> losses;  // of all candidates in all epochs, train and validation

  bool operator==(const Outcome&) const = default;
};

Outcome Train(Dataset train, Dataset validation, const Hyperparameters& hyperparameters, int threads = 2) {
  ThreadPool pool(threads);
  Outcome outcome;
  const auto result =
      Train(train, &validation, hyperparameters, {.executor = &pool, .on_epoch = [&](const EpochReport& report) {
                                                    for (const CandidateProgress& candidate : report.candidates) {
                                                      outcome.losses.push_back(candidate.train_loss);
                                                      outcome.losses.push_back(candidate.validation_loss.value_or(0));
                                                    }
                                                  }});
  EXPECT_EQ(result.status(), absl::OkStatus());
  if (!result.ok()) return outcome;
  outcome.weights = result->model.parts().weights;
  outcome.bias = result->model.parts().bias;
  outcome.threshold = result->model.threshold();
  outcome.metrics = result->model.training().metrics;
  return outcome;
}

// One block of sparse rows.
class BlockOnce final : public RowSource {
 public:
  explicit BlockOnce(const SparseBlock& block) : block_(block) {}
  absl::StatusOr<RowBlock> Next() override { return absl::UnimplementedError("sparse"); }
  absl::StatusOr<SparseBlock> NextSparse() override { return std::exchange(block_, SparseBlock{}); }
  bool has_sparse_rows() const override { return true; }
  absl::Status Rewind() override { return absl::UnimplementedError("once"); }

 private:
  SparseBlock block_;
};

struct Task {
  std::string name;
  PredictorType type;
  Loss loss;
  Optimizer optimizer;
};

std::vector<Task> Tasks() {
  std::vector<Task> tasks;
  for (const Optimizer optimizer : {Optimizer::kAdam, Optimizer::kSgd, Optimizer::kRmsprop}) {
    for (const Loss loss : {Loss::kLogistic, Loss::kHinge}) {
      tasks.push_back({"", PredictorType::kBinaryClassifier, loss, optimizer});
    }
    tasks.push_back({"", PredictorType::kMulticlassClassifier, Loss::kSoftmax, optimizer});
    for (const Loss loss : {Loss::kSquared, Loss::kHuber}) {
      tasks.push_back({"", PredictorType::kRegressor, loss, optimizer});
    }
  }
  for (Task& task : tasks) task.name = std::string(Name(task.optimizer)) + "_" + std::string(Name(task.loss));
  return tasks;
}

Hyperparameters Of(const Task& task) {
  Hyperparameters hyperparameters;
  hyperparameters.predictor_type = task.type;
  hyperparameters.loss = task.loss;
  hyperparameters.optimizer = task.optimizer;
  if (task.type == PredictorType::kMulticlassClassifier) hyperparameters.num_classes = 3;
  hyperparameters.mini_batch_size = 50;
  hyperparameters.epochs = 3;
  hyperparameters.l1 = 1e-4;
  return hyperparameters;
}

SyntheticRows RowsOf(const Task& task, int64_t count, uint64_t seed) {
  SyntheticRows rows = MakeSparseRows(count, kColumns, seed);
  for (int64_t i = 0; i < count; ++i) {
    float& label = rows.labels[static_cast<size_t>(i)];
    if (task.type == PredictorType::kMulticlassClassifier) label = label + (rows.at(i, 0) > 0 ? 1.0f : 0.0f);
    if (task.type == PredictorType::kRegressor) label = 10 + 3 * rows.at(i, 1) - rows.at(i, 2) + label;
  }
  return rows;
}

class SparseTrainingTest : public ::testing::TestWithParam<Task> {};

INSTANTIATE_TEST_SUITE_P(Tasks, SparseTrainingTest, ::testing::ValuesIn(Tasks()),
                         [](const auto& info) { return info.param.name; });

TEST_P(SparseTrainingTest, SparseIsDenseBitForBitWithoutCentring) {
  const SyntheticRows train = RowsOf(GetParam(), 330, 1);
  const SyntheticRows validation = RowsOf(GetParam(), 250, 2);
  Hyperparameters hyperparameters = Of(GetParam());
  hyperparameters.normalize_data = false;
  hyperparameters.unbias_data = false;
  const Outcome dense = Train(Open(train, RowLayout::kDense), Open(validation, RowLayout::kDense), hyperparameters);
  const Outcome sparse = Train(Open(train, RowLayout::kSparse), Open(validation, RowLayout::kSparse), hyperparameters);
  EXPECT_EQ(sparse, dense);
}

// Where means are subtracted too: the bias takes them up in both forms, and nothing else differs either.
TEST_P(SparseTrainingTest, SparseIsDenseBitForBitByDefault) {
  const SyntheticRows train = RowsOf(GetParam(), 330, 1);
  const SyntheticRows validation = RowsOf(GetParam(), 250, 2);
  const Outcome dense = Train(Open(train, RowLayout::kDense), Open(validation, RowLayout::kDense), Of(GetParam()));
  const Outcome sparse = Train(Open(train, RowLayout::kSparse), Open(validation, RowLayout::kSparse), Of(GetParam()));
  EXPECT_EQ(sparse, dense);
}

TEST_P(SparseTrainingTest, StreamedIsInMemoryBitForBit) {
  const SyntheticRows train = RowsOf(GetParam(), 1010, 1);
  const SyntheticRows validation = RowsOf(GetParam(), 900, 2);
  for (const RowLayout layout : {RowLayout::kDense, RowLayout::kSparse}) {
    const uint64_t limit = layout == RowLayout::kDense ? 400'000 : 95'000;
    Hyperparameters hyperparameters = Of(GetParam());
    hyperparameters.epochs = 2;
    hyperparameters.num_models = 17;
    const Outcome held = Train(Open(train, layout), Open(validation, layout), hyperparameters);
    const Outcome streamed = Train(Open(train, layout, limit), Open(validation, layout, limit), hyperparameters);
    EXPECT_EQ(streamed, held);
  }
}

TEST(SparseTrainingThreadsTest, TheModelIsTheSameBitForBitOnAnyNumberOfThreads) {
  const Task task = Tasks().front();
  // Wide enough for threads to share a mini-batch.
  SyntheticRows rows = MakeSparseRows(600, 4000, 3, /*one_in=*/20);
  Hyperparameters hyperparameters = Of(task);
  hyperparameters.mini_batch_size = 300;
  hyperparameters.epochs = 2;
  for (const int models : {1, 20}) {
    hyperparameters.num_models = models;
    const Outcome one = Train(Open(rows, RowLayout::kSparse), Open(rows, RowLayout::kSparse), hyperparameters, 1);
    for (const int threads : {2, 3, 5}) {
      EXPECT_EQ(Train(Open(rows, RowLayout::kSparse), Open(rows, RowLayout::kSparse), hyperparameters, threads), one)
          << threads;
    }
  }
}

// A million features, of which few rows have few: what is dense about the models is all there is in memory.
TEST(WideTrainingTest, AMillionFeaturesAreLearnt) {
  constexpr int kWide = 1'000'000;
  constexpr int kRows = 400;
  SeededRandom random(9);
  std::vector<float> labels, values;
  std::vector<int32_t> indices;
  std::vector<int64_t> row_begin = {0};
  for (int i = 0; i < kRows; ++i) {
    const bool positive = random.Below(2) == 0;
    labels.push_back(positive ? 1.0f : 0.0f);
    std::set<int32_t> row = {positive ? 123'456 : 765'432};
    while (row.size() < 73) row.insert(static_cast<int32_t>(random.Below(kWide)));
    indices.insert(indices.end(), row.begin(), row.end());
    values.insert(values.end(), row.size(), 1.0f);
    row_begin.push_back(static_cast<int64_t>(values.size()));
  }
  BlockOnce source({.row_begin = row_begin.data(),
                    .indices = indices.data(),
                    .values = values.data(),
                    .labels = labels.data(),
                    .rows = kRows,
                    .columns = kWide});
  LL_ASSERT_OK_AND_ASSIGN(Dataset data, Dataset::Collect(source));
  EXPECT_TRUE(data.sparse());
  EXPECT_LT(data.memory_bytes(), 300'000u);
  ThreadPool pool(2);
  Hyperparameters hyperparameters;
  hyperparameters.num_models = 2;
  hyperparameters.epochs = 5;
  hyperparameters.mini_batch_size = 100;
  LL_ASSERT_OK_AND_ASSIGN(const TrainResult result, Train(data, nullptr, hyperparameters, {.executor = &pool}));
  EXPECT_EQ(result.model.training().metrics.at("train:binary_classification_accuracy"), 1);
  EXPECT_GT(result.model.weights()[123'456], 0);
  EXPECT_LT(result.model.weights()[765'432], 0);
  EXPECT_EQ(std::count(result.model.weights().begin(), result.model.weights().end(), 0.0),
            kWide - static_cast<int64_t>(std::set<int32_t>(indices.begin(), indices.end()).size()));
}

TEST(StreamedTrainingTest, RowsThatChangeMeanwhileEndTraining) {
  SyntheticRows rows = MakeSparseRows(500, 20, 1);
  Dataset data = Open(rows, RowLayout::kDense, 30'000);
  rows.labels.resize(400);
  ThreadPool pool(2);
  EXPECT_THAT(Train(data, nullptr, Of(Tasks().front()), {.executor = &pool}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("there were 500 rows in the first pass")));
}

TEST(StreamedTrainingTest, AMiniBatchMustFit) {
  const SyntheticRows rows = MakeSparseRows(500, 20, 1);
  Dataset data = Open(rows, RowLayout::kDense, 30'000);
  ThreadPool pool(2);
  Hyperparameters hyperparameters = Of(Tasks().front());
  hyperparameters.mini_batch_size = 400;
  EXPECT_THAT(Train(data, nullptr, hyperparameters, {.executor = &pool}),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("Lower mini_batch_size")));
}

TEST(StreamedTrainingTest, MemoryStaysUnderTheLimit) {
  constexpr uint64_t kLimit = 400'000;
  const SyntheticRows rows = MakeSparseRows(5000, 100, 1);
  ASSERT_GT(rows.values.size() * sizeof(float), 4 * kLimit);
  Dataset data = Open(rows, RowLayout::kDense, kLimit);
  ThreadPool pool(2);
  LL_ASSERT_OK(Train(data, nullptr, Of(Tasks().front()), {.executor = &pool}));
  EXPECT_LE(data.memory_bytes(), kLimit);
  EXPECT_GT(data.memory_bytes(), kLimit / 4);
}

}  // namespace
}  // namespace ll::learner
