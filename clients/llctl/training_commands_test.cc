// `llctl training-job` against a server in memory.
#include <string>
#include <thread>
#include <vector>

#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ll/v1/training_service.pb.h"
#include "tests/testing/fake_services/fake_llserver.h"
#include "tests/testing/fake_services/sample_messages.h"
#include "tests/testing/golden.h"
#include "tests/testing/llctl_runner.h"
#include "tests/testing/temp_dir.h"

namespace ll::llctl {
namespace {

using ::ll::testing::FakeLlserver;
using ::ll::testing::FakeState;
using ::ll::testing::LlctlResult;
using ::ll::testing::LlctlRunner;
using ::ll::testing::MatchesGolden;
using ::ll::testing::TempDir;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

using v1::TrainingJob;

class TrainingCommandsTest : public ::testing::Test {
 protected:
  // The arguments of a small job on data that is there, and `more` after them.
  std::vector<std::string> Create(std::vector<std::string> more) {
    std::vector<std::string> arguments{"training-job",
                                       "create",
                                       "digits",
                                       "--train",
                                       "s3://data/train.pbr",
                                       "--model",
                                       "digits",
                                       "--hyperparameter",
                                       "predictor_type=binary_classifier"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  TrainingJob::Spec LastSpec() { return server_.last<v1::CreateTrainingJobRequest>().training_job().spec(); }
  std::vector<std::string> ObjectNames() {
    std::vector<std::string> names;
    server_.Edit([&](FakeState& state) ABSL_EXCLUSIVE_LOCKS_REQUIRED(state.mutex) {
      for (const auto& [name, object] : state.objects) names.push_back(name);
    });
    return names;
  }
  void FailJobs() {
    server_.set_job_plan({[](TrainingJob& job) {
      job.set_state(TrainingJob::FAILED);
      job.mutable_error()->set_code(3);
      job.mutable_error()->set_message("train.csv, row 7, column 3 (\"abc\"): it is not a finite number");
    }});
  }

  FakeLlserver server_;
  LlctlRunner llctl_{server_.address()};
  const TempDir dir_;
};

TEST_F(TrainingCommandsTest, CreatePassesEverythingOn) {
  const std::string file = dir_.Write("hyper.yaml", "feature_dim: 784\nepochs: 5\n");
  const LlctlResult result = llctl_.Run({"training-job",
                                         "create",
                                         "digits",
                                         "--train",
                                         "s3://data/train.csv,content-type=text/csv; label_size=1",
                                         "--validation",
                                         "s3://data/check/",
                                         "--test",
                                         "s3://data/test.pbr",
                                         "--model",
                                         "models/digits",
                                         "--hyperparameters-file",
                                         file,
                                         "--hyperparameter",
                                         "epochs=7",
                                         "--hyperparameter",
                                         "predictor_type=regressor",
                                         "--algorithm",
                                         "linear-learner",
                                         "--seed",
                                         "18446744073709551615",
                                         "--warm-start",
                                         "digits@champion",
                                         "--shuffle-seed",
                                         "0",
                                         "--feature-names",
                                         "age,tenure of contract",
                                         "--class-names",
                                         "no,yes",
                                         "--threads",
                                         "2",
                                         "--max-runtime",
                                         "90s",
                                         "--label",
                                         "team=vision"});
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.out, "training-job/digits created\n");
  EXPECT_EQ(result.err, "");
  const auto request = server_.last<v1::CreateTrainingJobRequest>();
  EXPECT_EQ(request.training_job_id(), "digits");
  EXPECT_THAT(request.training_job().labels(), ElementsAre(Pair("team", "vision")));
  const TrainingJob::Spec& spec = request.training_job().spec();
  EXPECT_EQ(spec.output_model(), "models/digits");
  EXPECT_EQ(spec.algorithm(), "linear-learner");
  EXPECT_EQ(spec.seed(), UINT64_MAX);
  EXPECT_EQ(spec.warm_start(), "models/digits@champion");
  EXPECT_EQ(spec.channels(0).shuffle_seed(), 0u);
  EXPECT_TRUE(spec.channels(0).has_shuffle_seed());
  EXPECT_FALSE(spec.channels(1).has_shuffle_seed());
  EXPECT_THAT(spec.feature_names(), ElementsAre("age", "tenure of contract"));
  EXPECT_THAT(spec.class_names(), ElementsAre("no", "yes"));
  EXPECT_EQ(spec.resources().threads(), 2);
  EXPECT_EQ(spec.stopping_condition().max_runtime().seconds(), 90);
  EXPECT_THAT(spec.hyperparameters(), UnorderedElementsAre(Pair("feature_dim", "784"), Pair("epochs", "7"),
                                                           Pair("predictor_type", "regressor")));
  ASSERT_EQ(spec.channels_size(), 3);
  EXPECT_EQ(spec.channels(0).name(), "train");
  EXPECT_EQ(spec.channels(0).uri(), "s3://data/train.csv");
  EXPECT_EQ(spec.channels(0).content_type(), "text/csv; label_size=1");
  EXPECT_EQ(spec.channels(1).uri(), "s3://data/check/");
  EXPECT_EQ(spec.channels(2).name(), "test");
}

TEST_F(TrainingCommandsTest, WhatWasNotSaidIsNotSent) {
  llctl_.Run(Create({}));
  const TrainingJob::Spec spec = LastSpec();
  EXPECT_FALSE(spec.has_seed());
  EXPECT_FALSE(spec.has_resources());
  EXPECT_FALSE(spec.has_stopping_condition());
  EXPECT_EQ(spec.channels(0).content_type(), "");
  EXPECT_FALSE(spec.channels(0).has_shuffle_seed());
  EXPECT_EQ(spec.warm_start(), "");
}

TEST_F(TrainingCommandsTest, CreateFromAFileWhereFlagsWin) {
  const std::string job = dir_.Write("job.yaml", R"(
name: trainingJobs/from-file
spec:
  outputModel: models/digits
  hyperparameters: {epochs: 5, feature_dim: 784}
  channels: [{name: train, uri: s3://data/train.pbr}]
)");
  EXPECT_EQ(
      llctl_
          .Run({"training-job", "create", "-f", job, "--hyperparameter", "epochs=7", "--train", "s3://data/other.pbr"})
          .out,
      "training-job/from-file created\n");
  const TrainingJob::Spec spec = LastSpec();
  EXPECT_THAT(spec.hyperparameters(), UnorderedElementsAre(Pair("epochs", "7"), Pair("feature_dim", "784")));
  ASSERT_EQ(spec.channels_size(), 1);
  EXPECT_EQ(spec.channels(0).uri(), "s3://data/other.pbr");
}

TEST_F(TrainingCommandsTest, WhatIsMissingOrIllFormedIsWrongUsage) {
  EXPECT_EQ(llctl_.Run({"training-job", "create"}).err, "error: a training job needs a NAME, or a file that has one\n");
  EXPECT_EQ(llctl_.Run({"training-job", "create", "a"}).err, "error: --train is required\n");
  EXPECT_EQ(llctl_.Run({"training-job", "create", "a", "--train", "s3://b/k"}).err, "error: --model is required\n");
  EXPECT_EQ(llctl_.Run(Create({"--hyperparameter", "epochs"})).err,
            "error: --hyperparameter epochs is not KEY=VALUE\n");
  EXPECT_THAT(llctl_.Run(Create({"--max-runtime", "soon"})).err, HasSubstr("\"soon\" is not a duration such as 90s"));
  EXPECT_THAT(llctl_.Run(Create({"--seed", "x"})).err, HasSubstr("--seed"));
  EXPECT_EQ(llctl_.Run(Create({"--wait", "--no-wait"})).code, 2);
  EXPECT_EQ(server_.calls("CreateTrainingJob"), 0);
}

TEST_F(TrainingCommandsTest, ALocalFileIsUploadedOnce) {
  const std::string csv = dir_.Write("train.csv", "1,2\n0,3\n");
  std::vector<std::string> arguments{"training-job", "create", "a", "--train", csv, "--model", "digits"};
  EXPECT_EQ(llctl_.Run(arguments).code, 0);
  EXPECT_EQ(LastSpec().channels(0).uri(), "s3://llctl-uploads/a/train/train.csv");
  EXPECT_EQ(server_.last<v1::WriteObjectRequest::Header>().object().content_type(), "text/csv");
  EXPECT_THAT(ObjectNames(), ElementsAre("buckets/llctl-uploads/objects/a/train/train.csv"));
  llctl_.Run({"training-job", "delete", "a", "--yes"});
  EXPECT_EQ(llctl_.Run(arguments).code, 0);
  EXPECT_EQ(server_.calls("WriteObject"), 1);  // the same bytes are there
  llctl_.Run({"training-job", "delete", "a", "--yes"});
  dir_.Write("train.csv", "1,2\n0,4\n");
  EXPECT_EQ(llctl_.Run(arguments).code, 0);
  EXPECT_EQ(server_.calls("WriteObject"), 2);
}

TEST_F(TrainingCommandsTest, AFolderIsUploadedWithItsPathsAndKeptInStep) {
  dir_.Write("data/a.pbr", "a");
  dir_.Write("data/deep/b.pbr", "b");
  dir_.Write("data/.hidden", "h");
  const std::vector<std::string> arguments{"training-job", "create", "a", "--train", dir_.File("data"), "--model", "m"};
  EXPECT_EQ(llctl_.Run(arguments).code, 0);
  EXPECT_EQ(LastSpec().channels(0).uri(), "s3://llctl-uploads/a/train/");
  EXPECT_THAT(ObjectNames(), ElementsAre("buckets/llctl-uploads/objects/a/train/a.pbr",
                                         "buckets/llctl-uploads/objects/a/train/deep/b.pbr"));
  llctl_.Run({"training-job", "delete", "a", "--yes"});
  ASSERT_TRUE(Env::Posix().RemoveFile(dir_.File("data/a.pbr")).ok());
  EXPECT_EQ(llctl_.Run(arguments).code, 0);
  EXPECT_THAT(ObjectNames(), ElementsAre("buckets/llctl-uploads/objects/a/train/deep/b.pbr"));
}

TEST_F(TrainingCommandsTest, DataThatIsNotThereIsAPlainFailure) {
  LlctlResult result = llctl_.Run({"training-job", "create", "a", "--train", dir_.File("nothing.csv"), "--model", "m"});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("nothing.csv: No such file or directory"));
  ASSERT_TRUE(Env::Posix().CreateDirectories(dir_.File("empty")).ok());
  result = llctl_.Run({"training-job", "create", "a", "--train", dir_.File("empty"), "--model", "m"});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("the folder holds no files"));
  EXPECT_EQ(server_.calls("CreateTrainingJob"), 0);
}

TEST_F(TrainingCommandsTest, NothingGoesUpForAJobThatIsRefused) {
  const std::string csv = dir_.Write("train.csv", "1,2\n");
  const std::vector<std::string> arguments{"training-job", "create", "a", "--train", csv, "--model", "m"};
  EXPECT_EQ(llctl_.Run(arguments).code, 0);
  dir_.Write("train.csv", "3,4\n");
  EXPECT_EQ(llctl_.Run(arguments).code, 6);  // that job's data stays as it is
  server_.FailNext("CreateTrainingJob", absl::InvalidArgumentError("bad"));
  EXPECT_EQ(llctl_.Run({"training-job", "create", "b", "--train", csv, "--model", "m"}).code, 1);
  EXPECT_EQ(server_.calls("WriteObject"), 1);
  EXPECT_THAT(ObjectNames(), ElementsAre("buckets/llctl-uploads/objects/a/train/train.csv"));
}

TEST_F(TrainingCommandsTest, DataGoesUpWhenItIsAllThatTheServerLacks) {
  const std::string csv = dir_.Write("train.csv", "1,2\n");
  server_.FailNext("CreateTrainingJob",
                   MakeError(absl::StatusCode::kNotFound, ErrorReason::kBucketNotFound, {.what = "w", .why = "y"}));
  EXPECT_EQ(llctl_.Run({"training-job", "create", "a", "--train", csv, "--model", "m"}).code, 0);
  EXPECT_THAT(ObjectNames(), ElementsAre("buckets/llctl-uploads/objects/a/train/train.csv"));
}

TEST_F(TrainingCommandsTest, NothingGoesUpBesideAChannelThatNamesNothing) {
  const std::string csv = dir_.Write("train.csv", "1,2\n");
  const auto refusal = [](std::vector<FieldViolation> violations) {
    return MakeError(absl::StatusCode::kNotFound, ErrorReason::kObjectNotFound, {.what = "w", .why = "all of them"},
                     {.field_violations = std::move(violations)});
  };
  const FieldViolation local{"training_job.spec.channels[0].uri", "train is not there"};
  const FieldViolation misspelt{"training_job.spec.channels[1].uri", "validation is not there"};
  const std::vector<std::string> arguments{"training-job", "create",          "a",       "--train", csv,
                                           "--validation", "s3://dta/check/", "--model", "m"};
  server_.FailNext("CreateTrainingJob", refusal({local, misspelt}));
  const LlctlResult result = llctl_.Run(arguments);
  EXPECT_EQ(result.code, 3);
  EXPECT_THAT(result.err, HasSubstr("validation is not there"));
  EXPECT_THAT(result.err, Not(HasSubstr("train is not there")));
  EXPECT_EQ(server_.calls("WriteObject") + server_.calls("CreateBucket"), 0);
  server_.FailNext("CreateTrainingJob", refusal({local}));
  EXPECT_EQ(llctl_.Run(arguments).code, 0);
}

TEST_F(TrainingCommandsTest, OneHyperparameterHasOneValue) {
  const LlctlResult result = llctl_.Run(Create({"--hyperparameter", "epochs=1", "--hyperparameter", "epochs=2"}));
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, HasSubstr("--hyperparameter epochs is there twice"));
}

TEST_F(TrainingCommandsTest, ADryRunUploadsNothing) {
  const std::string csv = dir_.Write("train.csv", "1,2\n");
  LlctlResult result = llctl_.Run({"training-job", "create", "a", "--train", csv, "--model", "m", "--dry-run"});
  EXPECT_EQ(result.code, 6);
  EXPECT_THAT(result.err, HasSubstr("is not in the object store, and a dry run uploads nothing"));
  EXPECT_EQ(server_.calls("WriteObject") + server_.calls("CreateBucket"), 0);
  result = llctl_.Run(Create({"--dry-run", "--wait"}));
  EXPECT_EQ(result.out, "training-job/digits would be created (dry run)\n");
  EXPECT_TRUE(server_.last<v1::CreateTrainingJobRequest>().validate_only());
}

TEST_F(TrainingCommandsTest, CreateAndWaitTellsWhatBecameOfIt) {
  const LlctlResult result = llctl_.Run(Create({"--wait"}));
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.out,
            "training-job/digits created\n"
            "training-job/digits succeeded in 12s: models/digits/versions/1, best loss 0.0215\n");
  // Elsewhere than on a terminal: a line for each change of state.
  EXPECT_TRUE(MatchesGolden("llctl/training_job_wait_plain.txt", result.err));
}

TEST_F(TrainingCommandsTest, WaitingIsTheDefaultOnATerminalAndShowsALiveLine) {
  llctl_.UseTerminal(100);
  const LlctlResult result = llctl_.Run(Create({}));
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.out, HasSubstr("succeeded in 12s"));
  EXPECT_TRUE(MatchesGolden("llctl/training_job_wait_terminal.txt", result.err));
  EXPECT_EQ(llctl_.Run({"training-job", "delete", "digits", "--yes"}).code, 0);
  EXPECT_EQ(llctl_.Run(Create({"--no-wait"})).out, "training-job/digits created\n");
}

TEST_F(TrainingCommandsTest, ALiveLineNeverWraps) {
  llctl_.UseTerminal(30);
  const std::string err = llctl_.Run(Create({})).err;
  size_t begin = 0;
  for (size_t end; (end = err.find("\x1b[K", begin)) != std::string::npos; begin = end + 3) {
    EXPECT_LE(end - begin, 30u);  // the carriage return and 29 characters
  }
}

TEST_F(TrainingCommandsTest, QuietWaitingSaysNothing) {
  const LlctlResult result = llctl_.Run(Create({"--wait", "-q"}));
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.out + result.err, "");
}

TEST_F(TrainingCommandsTest, InDataFormatsTheEndedJobIsPrintedOnce) {
  EXPECT_EQ(llctl_.Run(Create({"--wait", "-o", "name"})).out, "trainingJobs/digits\n");
  llctl_.Run({"training-job", "delete", "digits", "--yes"});
  const std::string json = llctl_.Run(Create({"--wait", "-o", "json"})).out;
  EXPECT_THAT(json, AllOf(HasSubstr("\"state\": \"SUCCEEDED\""), Not(HasSubstr("QUEUED"))));
}

TEST_F(TrainingCommandsTest, AFailedJobIsAFailureWithItsError) {
  FailJobs();
  const LlctlResult result = llctl_.Run(Create({"--wait"}));
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(result.out, "training-job/digits created\n");
  EXPECT_THAT(result.err,
              HasSubstr("error: trainingJobs/digits failed: train.csv, row 7, column 3 (\"abc\"): it is not a "
                        "finite number"));
  EXPECT_EQ(llctl_.Run({"training-job", "wait", "digits"}).code, 1);
}

TEST_F(TrainingCommandsTest, AnInvalidRequestListsEveryViolation) {
  server_.FailNext("CreateTrainingJob",
                   MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidHyperparameter,
                             {.what = "2 hyperparameters are not valid",
                              .why = "`epochs`: 0 is not in [1, inf); `mini_batch_siz`: unknown; did you mean "
                                     "`mini_batch_size`?"},
                             {.field_violations = {{"epochs", "0 is not in [1, inf)"},
                                                   {"mini_batch_siz", "unknown; did you mean `mini_batch_size`?"}}}));
  const LlctlResult result = llctl_.Run(Create({}));
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(result.err,
            "error: 2 hyperparameters are not valid: [INVALID_HYPERPARAMETER]\n"
            "  - epochs: 0 is not in [1, inf)\n"
            "  - mini_batch_siz: unknown; did you mean `mini_batch_size`?\n");
}

TEST_F(TrainingCommandsTest, CtrlCStopsWaitingAndSaysHowToGoOn) {
  server_.set_job_plan({});
  std::thread user([&] {
    server_.AwaitCalls("WatchTrainingJob", 1);
    llctl_.Interrupt();
  });
  const LlctlResult result = llctl_.Run(Create({"--wait"}));
  user.join();
  EXPECT_EQ(result.code, 130);
  EXPECT_THAT(
      result.err,
      HasSubstr("error: interrupted. training-job/digits goes on. Wait for it again with `llctl training-job wait "
                "digits`, or stop it with `llctl training-job cancel digits`. [CANCELLED]\n"));
}

TEST_F(TrainingCommandsTest, ATimeoutEndsAWaitButNotTheJob) {
  server_.set_job_plan({});
  llctl_.Run(Create({}));
  std::thread user([&] {
    server_.AwaitCalls("WatchTrainingJob", 1);
    llctl_.clock().Advance(absl::Minutes(1));
    server_.Stop();  // the wait looks at its clock when the stream ends
  });
  const LlctlResult result = llctl_.Run({"training-job", "wait", "digits", "--timeout", "30s"});
  user.join();
  EXPECT_EQ(result.code, 5);
  EXPECT_THAT(result.err,
              HasSubstr("stopped waiting: the time allowed by --timeout is over. training-job/digits goes on."));
}

TEST_F(TrainingCommandsTest, ListAndGetInEveryOutputFormat) {
  server_.AddJob(testing::SampleTrainingJobMessage());
  TrainingJob queued;
  queued.set_name("trainingJobs/next");
  queued.set_state(TrainingJob::QUEUED);
  queued.mutable_create_time()->set_seconds(1'767'225'600 + 290);
  server_.AddJob(queued);
  EXPECT_TRUE(MatchesGolden("llctl/training_job_list.txt", llctl_.Run({"training-job", "list"}).out));
  EXPECT_TRUE(
      MatchesGolden("llctl/training_job_list_wide.txt", llctl_.Run({"training-job", "list", "-o", "wide"}).out));
  EXPECT_TRUE(MatchesGolden("llctl/training_job_get.txt", llctl_.Run({"training-job", "get", "digits"}).out));
  EXPECT_TRUE(MatchesGolden("llctl/training_job_get_wide.txt",
                            llctl_.Run({"training-job", "get", "digits", "-o", "wide"}).out));
  EXPECT_TRUE(
      MatchesGolden("llctl/training_job_get.yaml", llctl_.Run({"training-job", "get", "digits", "-o", "yaml"}).out));
}

TEST_F(TrainingCommandsTest, GetShowsWhyAJobFailed) {
  FailJobs();
  llctl_.Run(Create({"--wait"}));
  EXPECT_THAT(llctl_.Run({"training-job", "get", "digits"}).out,
              HasSubstr("Error:         train.csv, row 7, column 3 (\"abc\"): it is not a finite number\n"));
}

TEST_F(TrainingCommandsTest, WatchPrintsALineForEveryChange) {
  llctl_.Run(Create({}));
  EXPECT_TRUE(MatchesGolden("llctl/training_job_watch.txt", llctl_.Run({"training-job", "get", "digits", "-w"}).out));
}

TEST_F(TrainingCommandsTest, LogsComeAsTheyWerePrinted) {
  llctl_.Run(Create({}));
  server_.Edit([](FakeState& state) ABSL_EXCLUSIVE_LOCKS_REQUIRED(state.mutex) {
    state.logs["trainingJobs/digits"] = {"one", "", "three"};
  });
  EXPECT_EQ(llctl_.Run({"training-job", "logs", "digits"}).out, "one\n\nthree\n");
  EXPECT_EQ(llctl_.Run({"training-job", "logs", "digits", "--tail-lines", "1", "--follow"}).out, "three\n");
  EXPECT_TRUE(server_.last<v1::ReadTrainingJobLogsRequest>().follow());
  EXPECT_EQ(llctl_.Run({"training-job", "logs", "digits", "--tail-lines", "-1"}).code, 2);
}

TEST_F(TrainingCommandsTest, CancelNeverAsks) {
  llctl_.Run(Create({}));
  llctl_.UseTerminal(80);
  EXPECT_EQ(llctl_.Run({"training-job", "cancel", "digits", "--keep-model", "--yes"}).out,
            "training-job/digits cancelled\n");
  EXPECT_TRUE(server_.last<v1::CancelTrainingJobRequest>().keep_model());
  const LlctlResult again = llctl_.Run({"training-job", "cancel", "digits"});
  EXPECT_EQ(again.code, 6);
  EXPECT_EQ(again.err, "error: cannot cancel trainingJobs/digits: it is CANCELLED [WRONG_STATE]\n");
  EXPECT_EQ(llctl_.Run({"training-job", "wait", "digits"}).code, 1);
}

}  // namespace
}  // namespace ll::llctl
