#include "services/registry/describe_model.h"

#include <optional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace ll::catalog {
namespace {

using ::testing::ElementsAre;

learner::Model::Parts Parts() {
  return {
      .schema = {.predictor_type = learner::PredictorType::kBinaryClassifier,
                 .loss = learner::Loss::kLogistic,
                 .feature_dim = 2,
                 .outputs = 1},
      .weights = {1.0, -1.0},
      .bias = {0.5},
      .training = {
          .hyperparameters = {{"epochs", "3"}},
          .metrics = {{"train:objective_loss", 0.25}},
          .candidates = {
              {.index = 0, .hyperparameters = {{"wd", "0.01"}}, .train_loss = 0.25, .validation_loss = std::nullopt},
              {.index = 1, .hyperparameters = {}, .train_loss = 9.0, .validation_loss = 8.0, .diverged = true}}}};
}

TEST(DescribeModelTest, SaysWhatTheModelIs) {
  LL_ASSERT_OK_AND_ASSIGN(const learner::Model model, learner::Model::Create(Parts()));
  registry::VersionRecord expected;
  expected.algorithm = "linear-learner";
  expected.hyperparameters = {{"epochs", "3"}};
  expected.schema.predictor_type = "binary_classifier";
  expected.schema.loss = "logistic";
  expected.schema.score_kind = "PROBABILITY";
  expected.schema.feature_dim = 2;
  expected.schema.outputs = 1;
  expected.metrics = {{"train:objective_loss", 0.25}};
  EXPECT_EQ(DescribeModel(model), expected);
}

TEST(DescribeModelTest, ScoresAreCalledWhatTheyAre) {
  learner::Model::Parts parts = Parts();
  parts.schema.loss = learner::Loss::kHinge;
  LL_ASSERT_OK_AND_ASSIGN(const learner::Model margin, learner::Model::Create(parts));
  EXPECT_EQ(DescribeModel(margin).schema.score_kind, "MARGIN");
  parts.schema.predictor_type = learner::PredictorType::kRegressor;
  parts.schema.loss = learner::Loss::kSquared;
  LL_ASSERT_OK_AND_ASSIGN(const learner::Model value, learner::Model::Create(parts));
  EXPECT_EQ(DescribeModel(value).schema.score_kind, "VALUE");
}

TEST(DescribeModelTest, ListsTheModelsTrainedBesideIt) {
  LL_ASSERT_OK_AND_ASSIGN(const learner::Model model, learner::Model::Create(Parts()));
  EXPECT_THAT(
      CandidatesOf(model),
      ElementsAre(registry::CandidateRecord{.index = 0, .hyperparameters = {{"wd", "0.01"}}, .train_loss = 0.25},
                  registry::CandidateRecord{.index = 1, .train_loss = 9.0, .validation_loss = 8.0, .diverged = true}));
}

}  // namespace
}  // namespace ll::catalog
