#include "services/training/convert.h"

#include <string>
#include <vector>

#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "registry/record_json.h"
#include "tests/testing/proto_fields.h"
#include "tests/testing/sample_records.h"
#include "tests/testing/status_matchers.h"

namespace ll::training {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::HeededOutputFields;
using ::ll::testing::IgnoredFields;
using ::ll::testing::SampleJob;
using ::ll::testing::StatusIs;
using ::ll::testing::UnsetFields;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

v1::CreateTrainingJobRequest SampleCreate() {
  v1::CreateTrainingJobRequest request;
  request.set_training_job_id("mnist");
  v1::TrainingJob::Spec& spec = *request.mutable_training_job()->mutable_spec();
  (*spec.mutable_hyperparameters())["predictor_type"] = "binary_classifier";
  v1::TrainingJob::Channel& channel = *spec.add_channels();
  channel.set_name("train");
  channel.set_uri("s3://data/train.csv");
  spec.set_output_model("models/digits");
  return request;
}

std::string Convert(const v1::CreateTrainingJobRequest& request) {
  const absl::StatusOr<registry::JobRecord> record = FromProto(request);
  return record.ok() ? registry::ToJson(*record) : record.status().ToString();
}

std::vector<std::string> FieldsOf(const absl::Status& status) {
  std::vector<std::string> fields;
  for (const FieldViolation& violation : GetErrorDetails(status).value_or(ErrorDetails{}).field_violations) {
    fields.push_back(violation.field);
  }
  return fields;
}

TEST(TrainingConvertTest, NoFieldOfAJobIsForgotten) { EXPECT_THAT(UnsetFields(ToProto(SampleJob())), IsEmpty()); }

TEST(TrainingConvertTest, NoFieldOfARequestIsForgotten) {
  EXPECT_THAT(IgnoredFields<v1::CreateTrainingJobRequest>(SampleCreate(), Convert), ElementsAre("training_job.name"));
  EXPECT_THAT(HeededOutputFields<v1::CreateTrainingJobRequest>(SampleCreate(), Convert), IsEmpty());
}

TEST(TrainingConvertTest, AJobSaysWhatTheRecordSays) {
  const v1::TrainingJob job = ToProto(SampleJob());
  EXPECT_EQ(job.name(), "trainingJobs/churn-2026-11-24");
  EXPECT_EQ(job.state(), v1::TrainingJob::FAILED);
  EXPECT_EQ(job.spec().output_model(), "models/churn");
  EXPECT_EQ(job.spec().stopping_condition().max_runtime().seconds(), 3600);
  EXPECT_EQ(job.model_version(), "models/churn/versions/4");
  EXPECT_EQ(job.error().code(), 3);
  EXPECT_EQ(job.candidates(0).validation_loss(), 0.75);
  EXPECT_EQ(job.spec().warm_start(), "models/churn/versions/2");
  EXPECT_EQ(job.spec().channels(0).shuffle_seed(), UINT64_MAX);
  EXPECT_THAT(job.spec().feature_names(), ElementsAre("age", "tenure"));
  EXPECT_THAT(job.spec().class_names(), ElementsAre("stays", "goes"));
}

TEST(TrainingConvertTest, WhatIsNotThereIsNotSet) {
  const v1::TrainingJob job = ToProto(registry::JobRecord{.id = "mnist", .spec = {.model_id = "digits"}});
  EXPECT_EQ(job.state(), v1::TrainingJob::QUEUED);
  EXPECT_EQ(job.model_version(), "");
  EXPECT_FALSE(job.has_error());
  EXPECT_FALSE(job.has_start_time());
  EXPECT_FALSE(job.has_end_time());
  EXPECT_FALSE(job.spec().has_seed());
  EXPECT_EQ(job.spec().warm_start(), "");
  EXPECT_FALSE(job.spec().stopping_condition().has_max_runtime());
}

TEST(TrainingConvertTest, ARequestMakesAJobThatWaits) {
  v1::CreateTrainingJobRequest request = SampleCreate();
  (*request.mutable_training_job()->mutable_labels())["team"] = "fraud";
  v1::TrainingJob::Spec& spec = *request.mutable_training_job()->mutable_spec();
  spec.set_seed(0);
  spec.set_warm_start("models/digits@champion");
  spec.mutable_channels(0)->set_shuffle_seed(0);
  spec.add_feature_names("age");
  spec.add_class_names("no");
  spec.add_class_names("yes");
  LL_ASSERT_OK_AND_ASSIGN(const registry::JobRecord record, FromProto(request));
  EXPECT_EQ(record.id, "mnist");
  EXPECT_EQ(record.spec.algorithm, "linear-learner");
  EXPECT_EQ(record.spec.model_id, "digits");
  EXPECT_EQ(record.spec.seed, 0u);
  EXPECT_EQ(record.spec.max_runtime, std::nullopt);
  EXPECT_EQ(record.spec.warm_start, (registry::VersionRef{.model_id = "digits", .alias = "champion"}));
  EXPECT_EQ(record.spec.channels[0].shuffle_seed, 0u);
  EXPECT_THAT(record.spec.feature_names, ElementsAre("age"));
  EXPECT_THAT(record.spec.class_names, ElementsAre("no", "yes"));
  EXPECT_THAT(record.header.labels, ElementsAre(Pair("team", "fraud")));
}

TEST(TrainingConvertTest, EveryViolationOfTheRequestIsToldAtOnce) {
  v1::CreateTrainingJobRequest request;
  request.set_training_job_id("a b");
  (*request.mutable_training_job()->mutable_labels())["two words"] = "x";
  v1::TrainingJob::Spec& spec = *request.mutable_training_job()->mutable_spec();
  (*spec.mutable_hyperparameters())["epoch"] = "3";
  spec.set_output_model("digits");
  spec.set_warm_start("digits");
  spec.mutable_stopping_condition()->mutable_max_runtime()->set_seconds(-1);
  const absl::Status status = FromProto(request).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(FieldsOf(status),
              UnorderedElementsAre("training_job_id", "training_job.labels[\"two words\"]",
                                   "training_job.spec.hyperparameters[\"epoch\"]",
                                   "training_job.spec.hyperparameters[\"predictor_type\"]",
                                   "training_job.spec.channels", "training_job.spec.output_model",
                                   "training_job.spec.warm_start", "training_job.spec.stopping_condition.max_runtime"));
}

TEST(TrainingConvertTest, ViolationsOfOneKindKeepTheirReason) {
  v1::CreateTrainingJobRequest request = SampleCreate();
  (*request.mutable_training_job()->mutable_spec()->mutable_hyperparameters())["epochs"] = "0";
  EXPECT_THAT(FromProto(request), HasReason(ErrorReason::kInvalidHyperparameter));
}

TEST(TrainingConvertTest, ErrorsOfTheEngineNameFieldsOfTheRequest) {
  const absl::Status status = MakeError(absl::StatusCode::kNotFound, ErrorReason::kObjectNotFound, {"no", "no"},
                                        {.field_violations = {{"spec.channels[0].uri", "x"}, {"request_id", "y"}}});
  EXPECT_THAT(FieldsOf(UnderTrainingJob(status)), ElementsAre("training_job.spec.channels[0].uri", "request_id"));
  EXPECT_THAT(UnderTrainingJob(status), HasReason(ErrorReason::kObjectNotFound));
  EXPECT_EQ(UnderTrainingJob(absl::OkStatus()), absl::OkStatus());
}

}  // namespace
}  // namespace ll::training
