// The pass against a plain trainer in double that transforms the data, and against itself on other numbers of threads.
#include "learner/training_pass.h"

#include <cmath>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/executor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "learner/testing/synthetic_data.h"

namespace ll::learner {
namespace {

// One model on transformed rows z = (x - m) / s: mini-batches, Adam, decoupled decay, proximal L1.
class ReferenceTrainer {
 public:
  ReferenceTrainer(const Dataset& data, const Scaler& scaler, const Candidate& candidate, const LinearFunction& start)
      : data_(data), scaler_(scaler), candidate_(candidate), rate_(candidate) {
    for (int j = 0; j < data.columns(); ++j) w_.push_back({.value = start.weights[static_cast<size_t>(j)] * Scale(j)});
    b_.value = start.bias[0];
    for (int j = 0; j < data.columns(); ++j) b_.value += start.weights[static_cast<size_t>(j)] * Mean(j);
  }

  // Returns the mean loss.
  double Epoch(const Objective& objective, int64_t mini_batch_size) {
    double loss = 0;
    for (int64_t row = 0; row < data_.rows(); row += mini_batch_size) {
      loss += MiniBatch(objective, row, std::min(mini_batch_size, data_.rows() - row));
    }
    return loss / static_cast<double>(data_.rows());
  }

  LinearFunction Fold() const {
    LinearFunction function;
    function.bias = {b_.value};
    for (int j = 0; j < data_.columns(); ++j) {
      function.weights.push_back(w_[static_cast<size_t>(j)].value / Scale(j));
      function.bias[0] -= function.weights.back() * Mean(j);
    }
    return function;
  }

 private:
  struct Parameter {
    double value = 0, gradient = 0, first = 0, second = 0;
    void Update(double rate, double correction_1, double correction_2, double l1, double wd) {
      first = 0.9 * first + 0.1 * gradient;
      second = 0.999 * second + 0.001 * gradient * gradient;
      const double scale = rate * correction_2 / (std::sqrt(second) + 1e-8);
      value -= rate * wd * value + scale * first / correction_1;
      value = std::copysign(std::max(std::fabs(value) - scale * l1, 0.0), value);
      gradient = 0;
    }
  };
  double Mean(int j) const { return candidate_.centre ? scaler_.mean[static_cast<size_t>(j)] : 0; }
  double Scale(int j) const { return DivisorOf(candidate_, scaler_, static_cast<size_t>(j)); }
  double Z(int64_t row, int j) const { return (static_cast<double>(data_.row(row)[j]) - Mean(j)) / Scale(j); }

  double MiniBatch(const Objective& objective, int64_t first, int64_t count) {
    double loss = 0;
    for (int64_t row = first; row < first + count; ++row) {
      double f = b_.value;
      for (int j = 0; j < data_.columns(); ++j) f += w_[static_cast<size_t>(j)].value * Z(row, j);
      const double label = data_.labels()[static_cast<size_t>(row)];
      const double weight = ExampleWeights{.positive = candidate_.positive_weight}.Of(label);
      loss += weight * objective.Loss(f, label);
      const double residual = weight * objective.Gradient(f, label) / static_cast<double>(count);
      for (int j = 0; j < data_.columns(); ++j) w_[static_cast<size_t>(j)].gradient += residual * Z(row, j);
      b_.gradient += residual;
    }
    ++updates_;
    const double correction_1 = 1 - std::pow(0.9, updates_);
    const double correction_2 = std::sqrt(1 - std::pow(0.999, updates_));
    const double rate = rate_.current();
    for (Parameter& w : w_) w.Update(rate, correction_1, correction_2, candidate_.l1, candidate_.wd);
    if (candidate_.use_bias) {
      b_.Update(rate * candidate_.bias_lr_mult, correction_1, correction_2, 0, candidate_.wd * candidate_.bias_wd_mult);
    }
    rate_.Advance();
    return loss;
  }

  const Dataset& data_;
  const Scaler& scaler_;
  const Candidate candidate_;
  LearningRate rate_;
  std::vector<Parameter> w_;
  Parameter b_;
  int updates_ = 0;
};

Dataset ShiftedRows(int64_t rows, int columns) {
  testing::SyntheticRows data = testing::MakeLogisticRows(rows, columns, 17);
  for (int64_t i = 0; i < rows; ++i) {
    for (int j = 0; j < columns; ++j)
      data.at(i, j) = data.at(i, j) * static_cast<float>(1 + j % 4) + static_cast<float>(j % 3);
  }
  return data.ToDataset();
}

// One candidate of each kind, repeated so that they fill two tiles and a part of one.
std::vector<Candidate> AllKinds() {
  std::vector<Candidate> kinds(6, {.learning_rate = 0.02,
                                   .beta_1 = 0.9,
                                   .beta_2 = 0.999,
                                   .lr_scheduler_step = 4,
                                   .lr_scheduler_factor = 0.95,
                                   .lr_scheduler_minimum_lr = 1e-3,
                                   .bias_lr_mult = 3});
  kinds[1].l1 = 0.02;
  kinds[2].wd = 0.5;
  kinds[2].bias_wd_mult = 2;
  kinds[3].centre = false;
  kinds[3].positive_weight = 2.5;
  kinds[4].centre = kinds[4].scale = false;
  kinds[4].learning_rate = 0.1;
  kinds[5].use_bias = kinds[5].centre = kinds[5].scale = false;
  kinds[5].common_deviation = 3;
  std::vector<Candidate> candidates;
  for (int i = 0; i < 35; ++i) candidates.push_back(kinds[static_cast<size_t>(i % 6)]);
  return candidates;
}

struct PassCase {
  int64_t rows;
  int columns;
  int64_t mini_batch_size;
  int epochs;
};

class TrainingPassTest : public ::testing::TestWithParam<PassCase> {
 protected:
  const Dataset data_ = ShiftedRows(GetParam().rows, GetParam().columns);
  const std::unique_ptr<Objective> objective_ = MakeObjective({});
};

TEST_P(TrainingPassTest, FollowsThePlainTrainer) {
  ThreadPool pool(1);
  const Scaler scaler = ComputeScaler(data_, data_.rows(), pool);
  ModelBank bank(AllKinds(), 1, scaler, {}, 3);
  std::vector<ReferenceTrainer> reference;
  for (int i = 0; i < 35; ++i) {
    reference.emplace_back(data_, scaler, bank.candidates()[static_cast<size_t>(i)], bank.Fold(i));
  }
  TrainingPass pass(data_, data_.labels(), *objective_, GetParam().mini_batch_size, pool, bank);
  for (int epoch = 0; epoch < GetParam().epochs; ++epoch) {
    const TrainingPass::Epoch result = pass.Run(nullptr);
    ASSERT_FALSE(result.stopped);
    ASSERT_EQ(result.mean_losses.size(), 35u);
    for (size_t i = 0; i < 35; ++i) {
      const double expected = reference[i].Epoch(*objective_, GetParam().mini_batch_size);
      EXPECT_NEAR(result.mean_losses[i], expected, 2e-5 * expected) << "candidate " << i << " epoch " << epoch;
    }
  }
  for (int i = 0; i < 35; ++i) {
    const LinearFunction expected = reference[static_cast<size_t>(i)].Fold();
    const LinearFunction function = bank.Fold(i);
    EXPECT_NEAR(function.bias[0], expected.bias[0], 2e-3) << "candidate " << i;
    for (size_t j = 0; j < expected.weights.size(); ++j) {
      EXPECT_NEAR(function.weights[j], expected.weights[j], 1e-3) << "candidate " << i << " weight " << j;
    }
  }
}

// Short last batches, mini-batches of one row, and one that does not fit into the cache and is taken in slices.
INSTANTIATE_TEST_SUITE_P(Shapes, TrainingPassTest,
                         ::testing::Values(PassCase{100, 5, 30, 6}, PassCase{60, 49, 60, 10}, PassCase{9, 3, 1, 3},
                                           PassCase{2500, 100, 2000, 2}));

// Weights and losses after two epochs.
std::vector<double> TrainOn(int workers, const Dataset& data, int models, int64_t mini_batch_size) {
  const std::unique_ptr<Objective> objective = MakeObjective({});
  ThreadPool pool(workers);
  Hyperparameters hyperparameters;
  hyperparameters.num_models = models;
  const Scaler scaler = ComputeScaler(data, data.rows(), pool);
  ModelBank bank(BuildGrid(hyperparameters, {.base = {.largest_l1 = 0.1}}, 1), 1, scaler, hyperparameters, 1);
  TrainingPass pass(data, data.labels(), *objective, mini_batch_size, pool, bank);
  std::vector<double> numbers = pass.Run(nullptr).mean_losses;
  const std::vector<double> losses = pass.Run(nullptr).mean_losses;
  numbers.insert(numbers.end(), losses.begin(), losses.end());
  for (int i = 0; i < models; ++i) {
    const LinearFunction function = bank.Fold(i);
    numbers.insert(numbers.end(), function.weights.begin(), function.weights.end());
    numbers.insert(numbers.end(), function.bias.begin(), function.bias.end());
  }
  return numbers;
}

// Wide enough that every worker gets work: see kWorkPerMember.
TEST(TrainingPassThreadsTest, BitsDoNotDependOnTheNumberOfWorkers) {
  const Dataset data = ShiftedRows(500, 700);
  for (const int models : {1, 16, 20, 40, 64}) {
    const std::vector<double> expected = TrainOn(1, data, models, 230);
    for (const int workers : {2, 3, 4, 7}) {
      EXPECT_EQ(TrainOn(workers, data, models, 230), expected) << models << " models, " << workers << " workers";
    }
  }
}

TEST(TrainingPassThreadsTest, BitsDoNotDependOnTheNumberOfWorkersWithSlices) {
  const Dataset data = ShiftedRows(200, 6000);
  const std::vector<double> expected = TrainOn(1, data, 17, 150);
  for (const int workers : {2, 3, 5}) EXPECT_EQ(TrainOn(workers, data, 17, 150), expected) << workers;
}

TEST(TrainingPassThreadsTest, ACandidateIsTheSameAloneAndAmongOthers) {
  const Dataset data = ShiftedRows(300, 40);
  const std::vector<double> alone = TrainOn(1, data, 1, 50);
  const std::vector<double> many = TrainOn(2, data, 48, 50);
  EXPECT_EQ(alone[0], many[0]);
  EXPECT_EQ(alone[1], many[48]);
  for (size_t j = 0; j < 41; ++j) EXPECT_EQ(alone[2 + j], many[96 + j]) << j;
}

TEST(TrainingPassThreadsTest, StopsBeforeTheMiniBatchThatIsAskedFor) {
  const Dataset data = ShiftedRows(400, 700);
  const std::unique_ptr<Objective> objective = MakeObjective({});
  for (const int workers : {1, 2, 3}) {
    ThreadPool pool(workers);
    Hyperparameters hyperparameters;
    const Scaler scaler = ComputeScaler(data, data.rows(), pool);
    ModelBank bank(BuildGrid(hyperparameters, {}, 1), 1, scaler, hyperparameters, 1);
    TrainingPass pass(data, data.labels(), *objective, 100, pool, bank);
    int asked = 0;
    const TrainingPass::Epoch epoch = pass.Run([&] { return ++asked == 3; });
    EXPECT_TRUE(epoch.stopped);
    EXPECT_EQ(asked, 3);
    EXPECT_FALSE(pass.Run([] { return false; }).stopped);
  }
}

}  // namespace
}  // namespace ll::learner
