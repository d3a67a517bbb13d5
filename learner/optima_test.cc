// Where training ends, against the minima that independent solvers found (tests/golden/optima/make_optima.py): every
// loss, with and without penalties, weights, intercept and normalisation.
#include <cmath>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/env.h"
#include "base/executor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "learner/grid.h"
#include "learner/labels.h"
#include "learner/model_bank.h"
#include "learner/objective.h"
#include "learner/scaler.h"
#include "learner/training_pass.h"
#include "nlohmann/json.hpp"
#include "tests/testing/status_matchers.h"

namespace ll::learner {
namespace {

// Updates on all rows at once. Rates fall to a ten-thousandth, so that the losses that are made of straight lines
// settle in their corners, too.
constexpr int kUpdates = 12000;
constexpr int kDecays = 400;

std::string ReadGolden(const std::string& name) {
  const absl::StatusOr<std::string> text =
      Env::Posix().ReadFile(absl::StrCat(std::getenv("LL_SOURCE_DIR"), "/tests/golden/optima/", name));
  LL_EXPECT_OK(text.status());
  return text.value_or("");
}

// Lines of a label and features.
Dataset ReadTable(const std::string& name) {
  std::vector<float> values;
  std::vector<float> labels;
  int columns = 0;
  for (const absl::string_view line : absl::StrSplit(ReadGolden(name + ".csv"), '\n', absl::SkipEmpty())) {
    const std::vector<absl::string_view> cells = absl::StrSplit(line, ',');
    columns = static_cast<int>(cells.size()) - 1;
    for (size_t i = 0; i < cells.size(); ++i) {
      float value = 0;
      EXPECT_TRUE(absl::SimpleAtof(cells[i], &value)) << cells[i];
      (i == 0 ? labels : values).push_back(value);
    }
  }
  return Dataset::FromRows(values, labels, columns);
}

PredictorType TaskOf(Loss loss) {
  switch (loss) {
    case Loss::kLogistic:
    case Loss::kHinge: return PredictorType::kBinaryClassifier;
    case Loss::kSoftmax: return PredictorType::kMulticlassClassifier;
    default: return PredictorType::kRegressor;
  }
}

struct Problem {
  std::string data;
  Hyperparameters hyperparameters;
  bool standardize = true;
  double objective = 0;  // at the minimum
  std::string text;      // for messages
};

std::vector<Problem> Problems() {
  std::vector<Problem> problems;
  for (const nlohmann::json& entry : nlohmann::json::parse(ReadGolden("optima.json"))) {
    const std::string loss = entry["loss"];
    std::map<std::string, std::string> values = entry["hyperparameters"];
    const PredictorType task = TaskOf(*FromName<Loss>(loss));
    values["loss"] = loss;
    values["predictor_type"] = std::string(Name(task));
    if (task == PredictorType::kMulticlassClassifier) values["num_classes"] = "5";
    values["use_bias"] = entry["use_bias"].get<bool>() ? "true" : "false";
    values["l1"] = absl::StrCat(entry["l1"].get<double>());
    values["wd"] = absl::StrCat(entry["wd"].get<double>());
    absl::StatusOr<Hyperparameters> hyperparameters = ParseHyperparameters(values);
    LL_EXPECT_OK(hyperparameters.status());
    problems.push_back({.data = entry["data"],
                        .hyperparameters = hyperparameters.value_or(Hyperparameters()),
                        .standardize = entry["standardize"],
                        .objective = entry["objective"],
                        .text = entry.dump()});
  }
  return problems;
}

// One problem and where training on it ends.
class Solution {
 public:
  explicit Solution(const Problem& problem)
      : problem_(problem), data_(ReadTable(problem.data)), objective_(MakeObjective(problem.hyperparameters)) {
    weights_ = MeasureExampleWeights(data_.labels(), problem.hyperparameters);
    ThreadPool pool(1);
    const Scaler raw = ComputeScaler(data_, data_.rows(), pool);
    if (problem.hyperparameters.use_bias) data_.SetOffsets(ChooseOffsets(raw));
    scaler_ = ComputeScaler(data_, data_.rows(), pool);
    candidate_ = MakeCandidate();
    Train(pool);
  }

  // Of the objective: the mean loss and the penalties, in double.
  double Value() const {
    double loss = 0;
    const auto outputs = static_cast<size_t>(objective_->outputs());
    const auto columns = static_cast<size_t>(data_.columns());
    std::vector<double> margins(outputs);
    for (int64_t i = 0; i < data_.rows(); ++i) {
      for (size_t k = 0; k < outputs; ++k) {
        margins[k] = function_.bias[k];
        for (size_t j = 0; j < columns; ++j) {
          margins[k] += function_.weights[k * columns + j] * static_cast<double>(data_.row(i)[j]);
        }
      }
      const auto label = static_cast<double>(data_.labels()[static_cast<size_t>(i)]);
      loss += weights_.Of(label) * objective_->Loss(margins, label);
    }
    double penalty = 0;
    for (size_t at = 0; at < function_.weights.size(); ++at) {
      const double w = function_.weights[at] * DivisorOf(candidate_, scaler_, at % columns);
      penalty += candidate_.l1 * std::fabs(w) + candidate_.wd / 2 * w * w;
    }
    return loss / static_cast<double>(data_.rows()) + penalty;
  }

 private:
  // sgd where weights decay, because Adam's decay is not part of what rests; a rate in units of the label.
  Candidate MakeCandidate() const {
    const Hyperparameters& hp = problem_.hyperparameters;
    Candidate candidate = {.l1 = *hp.l1,
                           .wd = *hp.wd,
                           .use_bias = hp.use_bias,
                           .centre = hp.use_bias && problem_.standardize,
                           .scale = problem_.standardize,
                           .positive_weight = weights_.positive};
    candidate.use_lr_scheduler = true;
    candidate.lr_scheduler_step = kUpdates / kDecays;
    candidate.lr_scheduler_minimum_lr = 1e-12;
    if (candidate.wd > 0) {
      candidate.optimizer = Optimizer::kSgd;
      candidate.beta_1 = 0.9;
      candidate.learning_rate =
          10 * StableSgdRate(candidate, scaler_, objective_->largest_curvature() * weights_.largest());
    } else {
      candidate.beta_1 = 0.9;
      candidate.beta_2 = 0.999;
      const bool regression = hp.predictor_type == PredictorType::kRegressor;
      candidate.learning_rate = 0.1 * (regression ? MeasureLabelScale(data_.labels(), data_.rows(), hp).deviation : 1);
    }
    candidate.lr_scheduler_factor = std::pow(1e-4, 1.0 / kDecays);
    return candidate;
  }

  void Train(Executor& pool) {
    ModelBank bank({candidate_}, objective_->outputs(), scaler_, problem_.hyperparameters, /*seed=*/1,
                   weights_.classes);
    TrainingPass pass(data_, data_.labels(), *objective_, data_.rows(), pool, bank);
    for (int update = 0; update < kUpdates; ++update) pass.Run(nullptr);
    function_ = bank.Fold(0);
  }

  const Problem& problem_;
  Dataset data_;
  std::unique_ptr<Objective> objective_;
  ExampleWeights weights_;
  Scaler scaler_;
  Candidate candidate_;
  LinearFunction function_;
};

class OptimaTest : public ::testing::TestWithParam<Loss> {};

TEST_P(OptimaTest, TrainingEndsWhereIndependentSolversDo) {
  int solved = 0;
  for (const Problem& problem : Problems()) {
    if (problem.hyperparameters.loss != GetParam()) continue;
    ++solved;
    const double value = Solution(problem).Value();
    EXPECT_GT(value, problem.objective * (1 - 1e-6)) << "below the minimum: another objective. " << problem.text;
    EXPECT_LT(value, problem.objective * (1 + 1e-4)) << problem.text;
  }
  EXPECT_GE(solved, 2);
}

INSTANTIATE_TEST_SUITE_P(Losses, OptimaTest,
                         ::testing::Values(Loss::kLogistic, Loss::kHinge, Loss::kSoftmax, Loss::kSquared,
                                           Loss::kAbsolute, Loss::kEpsInsensitiveSquared, Loss::kEpsInsensitiveAbsolute,
                                           Loss::kQuantile, Loss::kHuber),
                         [](const ::testing::TestParamInfo<Loss>& loss) { return std::string(Name(loss.param)); });

}  // namespace
}  // namespace ll::learner
