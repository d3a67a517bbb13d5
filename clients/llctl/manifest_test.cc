#include "clients/llctl/manifest.h"

#include <string>

#include "clients/llctl/exit_codes.h"
#include "clients/llctl/message_text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ll/v1/model.pb.h"
#include "ll/v1/training_job.pb.h"
#include "ll/v1/training_service.pb.h"
#include "tests/testing/fake_services/sample_messages.h"
#include "tests/testing/status_matchers.h"

namespace ll::llctl {
namespace {

using ::ll::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

TEST(ManifestTest, YamlIsTakenAsTheTypeWantsIt) {
  v1::TrainingJob job;
  LL_ASSERT_OK(ParseManifest(R"(
name: trainingJobs/digits
labels: {team: vision, priority: 3}
spec:
  output_model: models/digits          # the name in the .proto
  hyperparameters:
    feature_dim: 784
    use_bias: true
    learning_rate: 1e-2
  channels:
    - name: train
      uri: s3://data/train.pbr
      contentType: text/csv            # the name in proto JSON
  seed: 18446744073709551615
  resources:
    threads: 2
  stoppingCondition:
    maxRuntime: 90s
)",
                             "job.yaml", &job));
  EXPECT_EQ(job.name(), "trainingJobs/digits");
  EXPECT_THAT(job.labels(), UnorderedElementsAre(Pair("team", "vision"), Pair("priority", "3")));
  EXPECT_EQ(job.spec().output_model(), "models/digits");
  EXPECT_THAT(job.spec().hyperparameters(), UnorderedElementsAre(Pair("feature_dim", "784"), Pair("use_bias", "true"),
                                                                 Pair("learning_rate", "1e-2")));
  ASSERT_EQ(job.spec().channels_size(), 1);
  EXPECT_EQ(job.spec().channels(0).content_type(), "text/csv");
  EXPECT_EQ(job.spec().seed(), UINT64_MAX);
  EXPECT_EQ(job.spec().resources().threads(), 2);
  EXPECT_EQ(job.spec().stopping_condition().max_runtime().seconds(), 90);
}

TEST(ManifestTest, JsonIsYaml) {
  v1::CreateTrainingJobRequest request;
  LL_ASSERT_OK(ParseManifest(R"({"trainingJobId": "a", "validateOnly": true})", "r.json", &request));
  EXPECT_EQ(request.training_job_id(), "a");
  EXPECT_TRUE(request.validate_only());
}

TEST(ManifestTest, WhatIsPrintedCanBeReadAgain) {
  const v1::TrainingJob job = testing::SampleTrainingJobMessage();
  for (const std::string& text : {ToJsonText(job), ToYamlText(ToJson(job))}) {
    v1::TrainingJob copy;
    LL_ASSERT_OK(ParseManifest(text, "job", &copy));
    EXPECT_EQ(ToJsonText(copy), ToJsonText(job));
  }
}

void ExpectError(const std::string& text, const std::string& message) {
  v1::TrainingJob job;
  const absl::Status status = ParseManifest(text, "job.yaml", &job);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message))) << text;
  EXPECT_EQ(ExitCodeOf(status), kUsage);
}

TEST(ManifestTest, WhatDoesNotFitIsNamedWithItsLine) {
  ExpectError("spec:\n  outputModel: a\n  hyperparametres: {}\n",
              "job.yaml:3: `hyperparametres` is not a field of Spec. Did you mean `hyperparameters`?");
  ExpectError("colour: red\n", "job.yaml:1: `colour` is not a field of TrainingJob");
  ExpectError("spec: 7\n", "job.yaml:1: `Spec` is a list of `field: value` lines");
  ExpectError("labels: [a]\n", "job.yaml:1: `labels` is a list of `key: value` lines");
  ExpectError("spec:\n  channels: train\n", "job.yaml:2: `channels` is a list of `- value` lines");
  ExpectError("name: [a]\n", "job.yaml:1: a single value belongs here");
  ExpectError("candidates:\n  - diverged: 3\n", "job.yaml:2: `diverged` is true or false");
  ExpectError("spec:\n  resources:\n    threads: many\n", "threads");
  ExpectError("state: NO_SUCH_STATE\n", "job.yaml: ");
  ExpectError("a: [1, 2\n", "not YAML");
  ExpectError("", "job.yaml:1: `TrainingJob` is a list of `field: value` lines");
}

}  // namespace
}  // namespace ll::llctl
