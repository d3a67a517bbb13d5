#include "services/prediction/model_loader.h"

#include <map>
#include <string>
#include <utility>

#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace ll::prediction {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;

absl::StatusOr<learner::Model> ParseTwoFeatures(absl::string_view bytes) {
  if (bytes != "two features") {
    return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidArtifact,
                     {.what = "cannot read the artifact", .why = "it is not an archive"});
  }
  learner::Model::Parts parts;
  parts.schema = {.feature_dim = 2, .outputs = 1};
  parts.weights = {0.25, -0.5};
  parts.bias = {1.0};
  return learner::Model::Create(std::move(parts));
}

class ModelLoaderTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<const Predictor>> Load() {
    return MakeModelLoader({.read_artifact = [this](const std::string& sha256) -> absl::StatusOr<std::string> {
                              const auto found = blobs_.find(sha256);
                              if (found != blobs_.end()) return found->second;
                              return MakeError(absl::StatusCode::kDataLoss, ErrorReason::kCorruptBlob,
                                               {.what = "cannot read a blob", .why = "its bytes have changed"});
                            },
                            .parse_artifact = ParseTwoFeatures})(version_);
  }

  std::map<std::string, std::string> blobs_ = {{"aa", "two features"}, {"bb", "something else"}};
  HostedVersion version_ = {.variant = "default",
                            .model_id = "churn",
                            .number = 7,
                            .artifact_sha256 = "aa",
                            .schema = {.predictor_type = "binary_classifier", .feature_dim = 2, .outputs = 1}};
};

TEST_F(ModelLoaderTest, TheModelAnswersUnderItsVersionsName) {
  LL_ASSERT_OK_AND_ASSIGN(const std::unique_ptr<const Predictor> predictor, Load());
  EXPECT_EQ(predictor->model_version(), "models/churn/versions/7");
  EXPECT_EQ(predictor->schema().feature_dim, 2);
  EXPECT_GT(predictor->memory_bytes(), 3 * sizeof(double));

  LL_ASSERT_OK_AND_ASSIGN(const learner::Model model, ParseTwoFeatures("two features"));
  const float rows[] = {1, 2, 3, 4};
  learner::Scores expected;
  learner::Scores scores;
  model.Score(rows, 2, &expected);
  LL_ASSERT_OK(predictor->Predict(rows, 2, &scores));
  EXPECT_EQ(scores.values, expected.values);
  EXPECT_EQ(scores.labels, expected.labels);
}

TEST_F(ModelLoaderTest, BytesThatCannotBeReadKeepTheirError) {
  version_.artifact_sha256 = "cc";
  EXPECT_THAT(Load(), HasReason(ErrorReason::kCorruptBlob));
  EXPECT_THAT(Load(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("cannot load models/churn/versions/7: ")));
}

TEST_F(ModelLoaderTest, AnArtifactThatDoesNotParseKeepsItsError) {
  version_.artifact_sha256 = "bb";
  EXPECT_THAT(Load(), HasReason(ErrorReason::kInvalidArtifact));
}

TEST_F(ModelLoaderTest, AModelThatIsNotWhatTheCatalogueSaysIsRefused) {
  version_.schema.feature_dim = 3;
  const auto loaded = Load();
  EXPECT_THAT(loaded, HasReason(ErrorReason::kInvalidArtifact));
  EXPECT_THAT(loaded, StatusIs(absl::StatusCode::kDataLoss,
                               AllOf(HasSubstr("models/churn/versions/7"),
                                     HasSubstr("binary_classifier with 2 features and 1 outputs"),
                                     HasSubstr("binary_classifier with 3 features and 1 outputs"))));

  version_.schema.feature_dim = 2;
  version_.schema.outputs = 10;
  EXPECT_THAT(Load(), HasReason(ErrorReason::kInvalidArtifact));

  version_.schema.outputs = 1;
  version_.schema.predictor_type = "regressor";
  EXPECT_THAT(Load(), HasReason(ErrorReason::kInvalidArtifact));
}

}  // namespace
}  // namespace ll::prediction
