// Training against the exact optimum of tiny problems, found by other methods in double.
#include <cmath>
#include <memory>

#include "Eigen/Dense"
#include "base/executor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "learner/largest_l1.h"
#include "learner/link.h"
#include "learner/model_bank.h"
#include "learner/objective.h"
#include "learner/scaler.h"
#include "learner/testing/synthetic_data.h"
#include "learner/training_pass.h"

namespace ll::learner {
namespace {

// Rows with a leading column of ones, whose coefficient is the bias.
Eigen::MatrixXd Design(const Dataset& data) {
  Eigen::MatrixXd x(data.rows(), data.columns() + 1);
  for (int64_t i = 0; i < data.rows(); ++i) {
    x(i, 0) = 1;
    for (int j = 0; j < data.columns(); ++j) x(i, j + 1) = data.row(i)[j];
  }
  return x;
}

Eigen::VectorXd Labels(const Dataset& data) {
  Eigen::VectorXd y(data.rows());
  for (int64_t i = 0; i < data.rows(); ++i) y(i) = data.labels()[static_cast<size_t>(i)];
  return y;
}

Eigen::VectorXd Probabilities(const Eigen::MatrixXd& x, const Eigen::VectorXd& w) {
  return (x * w).unaryExpr([](double f) { return Sigmoid(f); });
}

// argmin of the mean logistic loss, by Newton's method.
Eigen::VectorXd NewtonOptimum(const Eigen::MatrixXd& x, const Eigen::VectorXd& y) {
  Eigen::VectorXd w = Eigen::VectorXd::Zero(x.cols());
  for (int i = 0; i < 50; ++i) {
    const Eigen::VectorXd p = Probabilities(x, w);
    const Eigen::VectorXd curvature = p.array() * (1 - p.array());
    w -= (x.transpose() * curvature.asDiagonal() * x).ldlt().solve(x.transpose() * (p - y));
  }
  return w;
}

// argmin of the mean logistic loss + l1 |w|_1 with a free bias (column 0), by proximal gradient steps.
Eigen::VectorXd LassoOptimum(const Eigen::MatrixXd& x, const Eigen::VectorXd& y, double l1) {
  const auto n = static_cast<double>(x.rows());
  const double step = 4 * n / (x.transpose() * x).norm();  // the slope changes by at most |x'x| / 4n
  Eigen::VectorXd w = Eigen::VectorXd::Zero(x.cols());
  for (int i = 0; i < 200000; ++i) {
    w -= step * x.transpose() * (Probabilities(x, w) - y) / n;
    for (Eigen::Index j = 1; j < w.size(); ++j) w(j) = std::copysign(std::max(std::fabs(w(j)) - step * l1, 0.0), w(j));
  }
  return w;
}

// One model on raw features, with a rate that falls far enough to settle.
Candidate SettlingCandidate() {
  return {.learning_rate = 0.05,
          .beta_1 = 0.9,
          .beta_2 = 0.999,
          .lr_scheduler_step = 50,
          .lr_scheduler_factor = 0.9,
          .lr_scheduler_minimum_lr = 1e-6,
          .centre = false,
          .scale = false};
}

// Where 6,000 updates on the whole data end: the bias and the weights for raw features.
Eigen::VectorXd Train(const Dataset& data, const Candidate& candidate, const Hyperparameters& hyperparameters = {}) {
  ThreadPool pool(1);
  const std::unique_ptr<Objective> objective = MakeObjective(hyperparameters);
  ModelBank bank({candidate}, 1, ComputeScaler(data, data.rows(), pool), {}, /*seed=*/1);
  TrainingPass pass(data, data.labels(), *objective, data.rows(), pool, bank);
  for (int epoch = 0; epoch < 6000; ++epoch) pass.Run(nullptr);
  const LinearFunction function = bank.Fold(0);
  Eigen::VectorXd w(data.columns() + 1);
  w(0) = function.bias[0];
  for (int j = 0; j < data.columns(); ++j) w(j + 1) = function.weights[static_cast<size_t>(j)];
  return w;
}

double LargestL1Of(const Dataset& data, const Candidate& candidate) {
  ThreadPool pool(1);
  return LargestL1(data, data.labels(), data.rows(), ComputeScaler(data, data.rows(), pool), candidate, {},
                   *MakeObjective({}), pool);
}

TEST(OptimumTest, WithoutPenaltiesItIsNewtons) {
  const Dataset data = testing::MakeLogisticRows(200, 4, 23, /*signal=*/1.5).ToDataset();
  const Eigen::VectorXd expected = NewtonOptimum(Design(data), Labels(data));
  EXPECT_LT((Train(data, SettlingCandidate()) - expected).cwiseAbs().maxCoeff(), 1e-4);
}

// Normalised features are another way to the same unpenalised optimum.
TEST(OptimumTest, NormalisationDoesNotMoveIt) {
  testing::SyntheticRows rows = testing::MakeLogisticRows(200, 3, 29, /*signal=*/1.5);
  for (int64_t i = 0; i < rows.rows(); ++i) {
    rows.at(i, 0) = rows.at(i, 0) * 0.25f + 3;
    rows.at(i, 2) = rows.at(i, 2) * 5 - 20;
  }
  const Dataset data = rows.ToDataset();
  const Eigen::VectorXd expected = NewtonOptimum(Design(data), Labels(data));
  Candidate candidate = SettlingCandidate();
  candidate.centre = candidate.scale = true;
  EXPECT_LT((Design(data) * (Train(data, candidate) - expected)).cwiseAbs().maxCoeff(), 1e-3);
}

TEST(OptimumTest, ProximalL1IsTheLasso) {
  const Dataset data = testing::MakeLogisticRows(150, 6, 31, /*signal=*/1).ToDataset();
  Candidate candidate = SettlingCandidate();
  const double largest = LargestL1Of(data, candidate);
  for (const double fraction : {0.1, 0.4, 0.7}) {
    candidate.l1 = fraction * largest;
    const Eigen::VectorXd expected = LassoOptimum(Design(data), Labels(data), candidate.l1);
    const Eigen::VectorXd w = Train(data, candidate);
    EXPECT_LT((w - expected).cwiseAbs().maxCoeff(), 1e-3) << fraction << "\n" << w << "\n\n" << expected;
    for (Eigen::Index j = 1; j < w.size(); ++j) {
      EXPECT_TRUE(expected(j) != 0 || w(j) == 0) << "exactly zero, not nearly";
    }
  }
}

// Of the optimisers, only sgd's decay is part of what rests: see kernels/adam.h.
TEST(OptimumTest, EveryOptimizerRestsAtTheLasso) {
  const Dataset data = testing::MakeLogisticRows(150, 6, 31, /*signal=*/1).ToDataset();
  Candidate candidate = SettlingCandidate();
  candidate.l1 = 0.2 * LargestL1Of(data, candidate);
  const Eigen::VectorXd expected = LassoOptimum(Design(data), Labels(data), candidate.l1);
  for (const double momentum : {0.0, 0.8}) {
    candidate.optimizer = Optimizer::kSgd;
    candidate.learning_rate = 0.1 * (1 - momentum);
    candidate.beta_1 = momentum;
    candidate.lr_scheduler_factor = 0.999;
    EXPECT_LT((Train(data, candidate) - expected).cwiseAbs().maxCoeff(), 1e-3) << momentum;
  }
  candidate = SettlingCandidate();
  candidate.l1 = 0.2 * LargestL1Of(data, candidate);
  candidate.optimizer = Optimizer::kRmsprop;
  candidate.beta_1 = 0;
  candidate.beta_2 = 0.9;
  EXPECT_LT((Train(data, candidate) - expected).cwiseAbs().maxCoeff(), 5e-3);
}

// argmin |X w - y|^2 / n + wd |w|^2 / 2 without a penalty on the bias: (2 X'X / n + wd I') w = 2 X'y / n.
TEST(OptimumTest, SgdRestsAtTheRidge) {
  testing::SyntheticRows rows = testing::MakeLogisticRows(200, 4, 23);
  for (int64_t i = 0; i < rows.rows(); ++i) rows.labels[static_cast<size_t>(i)] = 2 + rows.at(i, 0) - rows.at(i, 3);
  const Dataset data = rows.ToDataset();
  Candidate candidate = SettlingCandidate();
  candidate.optimizer = Optimizer::kSgd;
  candidate.beta_1 = 0.5;
  candidate.learning_rate = 0.02;
  candidate.lr_scheduler_factor = 0.999;
  candidate.wd = 0.7;
  const Eigen::MatrixXd x = Design(data);
  const auto n = static_cast<double>(data.rows());
  Eigen::MatrixXd normal = 2 * x.transpose() * x / n;
  for (Eigen::Index j = 1; j < normal.rows(); ++j) normal(j, j) += candidate.wd;
  const Eigen::VectorXd expected = normal.ldlt().solve(2 * x.transpose() * Labels(data) / n);
  Hyperparameters squared;
  squared.predictor_type = PredictorType::kRegressor;
  EXPECT_LT((Train(data, candidate, squared) - expected).cwiseAbs().maxCoeff(), 1e-4);
}

TEST(OptimumTest, AtTheLargestL1AllWeightsAreZero) {
  const Dataset data = testing::MakeLogisticRows(150, 6, 37).ToDataset();
  Candidate candidate = SettlingCandidate();
  candidate.centre = candidate.scale = true;
  const double largest = LargestL1Of(data, candidate);
  candidate.l1 = 1.02 * largest;
  EXPECT_EQ(Train(data, candidate).tail(6).cwiseAbs().maxCoeff(), 0);
  candidate.l1 = 0.95 * largest;
  EXPECT_GT(Train(data, candidate).tail(6).cwiseAbs().maxCoeff(), 0);
}

}  // namespace
}  // namespace ll::learner
