#include "learner/coefficients.h"

#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "learner/testing/synthetic_data.h"
#include "learner/trainer.h"
#include "tests/testing/status_matchers.h"

namespace ll::learner {
namespace {

using ::ll::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Model::Parts TwoClassParts() {
  Model::Parts parts;
  parts.schema = {
      .predictor_type = PredictorType::kMulticlassClassifier, .loss = Loss::kSoftmax, .feature_dim = 4, .outputs = 3};
  parts.weights = {1, -5, 2, 0, /**/ 3, 3, -3, 1, /**/ 0, 0, 0, 0};
  parts.bias = {0, 0, 0};
  return parts;
}

std::vector<int64_t> Features(const std::vector<Coefficient>& coefficients) {
  std::vector<int64_t> features;
  for (const Coefficient& coefficient : coefficients) features.push_back(coefficient.feature);
  return features;
}

TEST(CoefficientsTest, AreOrderedByWeightWhereNothingElseIsKnown) {
  LL_ASSERT_OK_AND_ASSIGN(const Model model, Model::Create(TwoClassParts()));
  EXPECT_THAT(Features(LargestCoefficients(model, 0, 3)), ElementsAre(1, 2, 0));
  EXPECT_THAT(Features(LargestCoefficients(model, 1, 100)), ElementsAre(0, 1, 2, 3)) << "equal ones in their order";
  EXPECT_THAT(Features(LargestCoefficients(model, 0, 0)), ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(LargestCoefficients(model, 0, 1)[0].weight, -5);
  EXPECT_FALSE(LargestCoefficients(model, 0, 1)[0].standardised.has_value());
  EXPECT_EQ(FeatureName(model, 3), "x3");
}

TEST(CoefficientsTest, AreOrderedByWhatADeviationOfTheFeatureIsWorth) {
  Model::Parts parts = TwoClassParts();
  parts.feature_deviations = {10, 0.5, 0, 1};
  parts.feature_names = {"a", "b", "c", "d"};
  LL_ASSERT_OK_AND_ASSIGN(const Model model, Model::Create(parts));
  const std::vector<Coefficient> largest = LargestCoefficients(model, 0, 2);
  EXPECT_THAT(Features(largest), ElementsAre(0, 1));
  EXPECT_EQ(largest[0].standardised, 10);
  EXPECT_EQ(largest[1].standardised, -2.5);
  EXPECT_EQ(FeatureName(model, largest[1].feature), "b");
  parts.feature_deviations.pop_back();
  EXPECT_THAT(Model::Create(parts).status(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("deviations")));
}

// Two features of equal worth in different units.
TEST(CoefficientsTest, TrainedModelsKnowTheDeviationsOfTheirFeatures) {
  testing::SyntheticRows rows = testing::MakeLogisticRows(3000, 2, 1);
  for (int64_t i = 0; i < rows.rows(); ++i) rows.at(i, 1) = 7 + 1000 * rows.at(i, 1);
  Dataset train = rows.ToDataset();
  ThreadPool pool(1);
  LL_ASSERT_OK_AND_ASSIGN(const TrainResult result, Train(train, nullptr, {}, {.executor = &pool}));
  const std::vector<Coefficient> coefficients = LargestCoefficients(result.model, 0, 0);
  EXPECT_NEAR(coefficients[0].weight / coefficients[1].weight, -1000, 150);
  EXPECT_NEAR(*coefficients[0].standardised / *coefficients[1].standardised, -1, 0.15);
}

}  // namespace
}  // namespace ll::learner
