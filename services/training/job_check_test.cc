#include "services/training/job_check.h"

#include <string>
#include <vector>

#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace ll::training {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::IsOk;
using ::ll::testing::StatusIs;
using registry::JobSpec;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

JobSpec ValidSpec() {
  return {.algorithm = "linear-learner",
          .hyperparameters = {{"predictor_type", "binary_classifier"}, {"feature_dim", "784"}},
          .channels = {{.name = "train", .uri = "s3://data/train.pbr"}},
          .model_id = "mnist"};
}

std::vector<std::string> FieldsOf(const absl::Status& status) {
  std::vector<std::string> fields;
  for (const FieldViolation& violation : GetErrorDetails(status).value_or(ErrorDetails{}).field_violations) {
    fields.push_back(violation.field);
  }
  return fields;
}

std::string DescriptionOf(const absl::Status& status, const std::string& field) {
  for (const FieldViolation& violation : GetErrorDetails(status).value_or(ErrorDetails{}).field_violations) {
    if (violation.field == field) return violation.description;
  }
  return "";
}

TEST(JobCheckTest, AValidSpecPasses) {
  std::vector<std::string> warnings;
  JobSpec spec = ValidSpec();
  spec.channels.push_back({.name = "validation", .uri = "s3://data/more/", .content_type = "text/csv; label_size=1"});
  spec.threads = 2;
  spec.max_runtime = absl::Minutes(5);
  EXPECT_THAT(CheckSpec(spec, &warnings), IsOk());
  EXPECT_THAT(warnings, IsEmpty());
}

TEST(JobCheckTest, SettingsWithoutEffectWarn) {
  std::vector<std::string> warnings;
  JobSpec spec = ValidSpec();
  spec.hyperparameters["momentum"] = "0.5";
  EXPECT_THAT(CheckSpec(spec, &warnings), IsOk());
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("momentum")));
  EXPECT_THAT(CheckSpec(spec, nullptr), IsOk());
}

TEST(JobCheckTest, EveryProblemIsReportedAtOnce) {
  JobSpec spec;
  spec.algorithm = "xgboost";
  spec.hyperparameters = {{"predictor_typ", "binary_classifier"}, {"epochs", "many"}};
  spec.channels = {{.name = "training", .uri = "/tmp/train.csv", .content_type = "text/xml"}};
  spec.threads = -1;
  spec.max_runtime = absl::ZeroDuration();
  const absl::Status status = CheckSpec(spec, nullptr);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(status, HasReason(ErrorReason::kInvalidArgument));
  EXPECT_THAT(FieldsOf(status),
              UnorderedElementsAre("spec.algorithm", "spec.hyperparameters[\"predictor_typ\"]",
                                   "spec.hyperparameters[\"predictor_type\"]", "spec.hyperparameters[\"epochs\"]",
                                   "spec.channels[0].name", "spec.channels[0].uri", "spec.channels[0].content_type",
                                   "spec.channels", "spec.resources.threads", "spec.stopping_condition.max_runtime"));
  EXPECT_THAT(DescriptionOf(status, "spec.channels[0].name"), HasSubstr("train, validation, test"));
}

TEST(JobCheckTest, ProblemsOfOneKindHaveTheirReason) {
  JobSpec spec = ValidSpec();
  spec.hyperparameters["mini_batch_siz"] = "200";
  spec.hyperparameters["epochs"] = "0";
  EXPECT_THAT(CheckSpec(spec, nullptr), HasReason(ErrorReason::kInvalidHyperparameter));
  EXPECT_THAT(CheckSpec(spec, nullptr), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("mini_batch_size")));

  spec = ValidSpec();
  spec.channels.clear();
  EXPECT_THAT(CheckSpec(spec, nullptr), HasReason(ErrorReason::kInvalidChannel));
}

TEST(JobCheckTest, ChannelsAreNamedOnce) {
  JobSpec spec = ValidSpec();
  spec.channels.push_back({.name = "train", .uri = "s3://data/more.pbr"});
  EXPECT_THAT(FieldsOf(CheckSpec(spec, nullptr)), ElementsAre("spec.channels[1].name"));
}

TEST(JobCheckTest, NamesFitWhatTheyName) {
  JobSpec spec = ValidSpec();
  spec.hyperparameters["feature_dim"] = "3";
  spec.feature_names = {"a", "b"};
  spec.class_names = {"no", "yes", "perhaps"};
  const absl::Status status = CheckSpec(spec, nullptr);
  EXPECT_THAT(FieldsOf(status), ElementsAre("spec.feature_names", "spec.class_names"));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("has 3 names, and there are 2 classes")));
  spec.hyperparameters.erase("feature_dim");
  spec.class_names.pop_back();
  EXPECT_EQ(CheckSpec(spec, nullptr), absl::OkStatus());
  spec.feature_names[0] = std::string(2 << 20, 'x');
  EXPECT_THAT(FieldsOf(CheckSpec(spec, nullptr)), ElementsAre("spec.feature_names"));
}

TEST(JobCheckTest, AJobBeginsWithAVersionThatFits) {
  JobSpec spec = ValidSpec();
  spec.hyperparameters.erase("feature_dim");
  registry::VersionRecord version{.model_id = "churn", .number = 2};
  version.schema = {.predictor_type = spec.hyperparameters["predictor_type"], .feature_dim = 5, .outputs = 1};
  EXPECT_EQ(CheckWarmStart(version, spec), absl::OkStatus());
  spec.hyperparameters["feature_dim"] = "6";
  EXPECT_THAT(CheckWarmStart(version, spec), HasReason(ErrorReason::kSchemaMismatch));
  EXPECT_THAT(CheckWarmStart(version, spec),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("models/churn/versions/2")));
  spec.hyperparameters.erase("feature_dim");
  version.state = registry::VersionState::kCorrupt;
  EXPECT_THAT(CheckWarmStart(version, spec), HasReason(ErrorReason::kWrongState));
}

TEST(JobCheckTest, TrainingDataHasLabels) {
  JobSpec spec = ValidSpec();
  spec.channels[0].content_type = "text/csv; label_size=0";
  EXPECT_THAT(FieldsOf(CheckSpec(spec, nullptr)), ElementsAre("spec.channels[0].content_type"));
}

}  // namespace
}  // namespace ll::training
