// The lifecycle as its users type it: the real llctl against the real llserver and lltrain. What is wrong is told in
// words that name it, and changes nothing.
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/env.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/e2e/llserver_process.h"
#include "tests/testing/platform_user.h"
#include "tests/testing/shell.h"
#include "tests/testing/temp_dir.h"

namespace ll {
namespace {

using ::ll::testing::LlserverProcess;
using ::ll::testing::SampleCsv;
using ::ll::testing::Shell;
using ::ll::testing::ShellResult;
using ::ll::testing::TempDir;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kTrain[] =
    "llctl training-job create digits --train train.csv --model digits --hyperparameter "
    "predictor_type=binary_classifier --hyperparameter epochs=3 --hyperparameter mini_batch_size=50 --wait";

class LlctlTest : public ::testing::Test {
 protected:
  void SetUp() override {
    server_ = std::make_unique<LlserverProcess>(std::vector<std::string>{"--data-dir", dir_.File("data")});
    shell_ = std::make_unique<Shell>(dir_.path(),
                                     std::map<std::string, std::string>{{"LL_ADDRESS", server_->AwaitAddress()}});
    dir_.Write("train.csv", SampleCsv());
    dir_.Write("test.csv", "-0.5,-0.25,-1\n0.5,0.25,1\n");
  }
  ShellResult Sh(const std::string& script) { return shell_->Run(script); }
  // Runs it and expects this exit code; its output.
  std::string Fail(const std::string& script, int code) {
    const ShellResult result = Sh(script);
    EXPECT_EQ(result.code, code) << script << "\n" << result.out;
    return result.out;
  }
  void TrainAndDeploy() {
    const ShellResult result = Sh(
        absl::StrCat("set -e\n", kTrain, "\nllctl endpoint create digits --model-version models/digits@latest --wait"));
    ASSERT_EQ(result.code, 0) << result.out;
  }

  const TempDir dir_;
  std::unique_ptr<LlserverProcess> server_;
  std::unique_ptr<Shell> shell_;
};

TEST_F(LlctlTest, TheLifecycleAsAUserTypesIt) {
  TrainAndDeploy();
  const ShellResult predicted = Sh("llctl predict digits --input test.csv");
  EXPECT_EQ(predicted.code, 0);
  EXPECT_THAT(predicted.out, AllOf(StartsWith("score,predicted_label\n"), HasSubstr(",0\n"), HasSubstr(",1\n")));
  EXPECT_THAT(Sh("llctl training-job get digits").out,
              AllOf(HasSubstr("SUCCEEDED"), HasSubstr("models/digits/versions/1"), HasSubstr("train:objective_loss")));
  EXPECT_THAT(Sh("llctl model-version list digits").out, HasSubstr("digits/versions/1  READY"));
  EXPECT_THAT(Sh("llctl endpoint list").out, HasSubstr("IN_SERVICE"));
  EXPECT_THAT(Sh("llctl training-job logs digits --tail-lines 3").out, HasSubstr("\n"));
  EXPECT_THAT(Sh("llctl status").out, HasSubstr("SERVING"));
  EXPECT_THAT(Sh("llctl endpoint delete digits --yes --wait").out, EndsWith("endpoint/digits deleted\n"));
  EXPECT_EQ(Sh("llctl predict digits --input test.csv").code, 3);
  EXPECT_THAT(Sh("llctl event list --filter 'resource = endpoints/digits'").out,
              AllOf(HasSubstr("create"), HasSubstr("delete")));
}

TEST_F(LlctlTest, AnAliasMovesItsFollowers) {
  TrainAndDeploy();
  const ShellResult result =
      Sh("set -e\n"
         "llctl model set-alias digits --alias champion --model-version 1\n"
         "llctl endpoint update digits --model-version digits@champion --wait\n"
         "llctl model-version export digits@latest --output model.tar.gz\n"
         "llctl model-version import digits --artifact model.tar.gz\n"
         "llctl model set-alias digits --alias champion --model-version 2\n"
         "llctl endpoint wait digits\n"
         "llctl endpoint get digits -o json");
  EXPECT_EQ(result.code, 0) << result.out;
  EXPECT_THAT(result.out, HasSubstr("model/digits updated: champion is version 2\n"));
  EXPECT_THAT(result.out, HasSubstr("\"modelVersion\": \"models/digits/versions/2\""));
  EXPECT_THAT(Fail("llctl model delete-alias digits --alias champion --yes", 6), HasSubstr("endpoints/digits"));
}

TEST_F(LlctlTest, ObjectsGoUpAndComeDownUnchanged) {
  EXPECT_EQ(Sh("set -e\n"
               "head -c 5000000 /dev/urandom > bytes\n"
               "llctl bucket create datasets\n"
               "llctl object put bytes s3://datasets/deep/key\n"
               "llctl object get s3://datasets/deep/key --output copy\n"
               "cmp bytes copy\n"
               "llctl object put - s3://datasets/piped < bytes\n"
               "llctl object get s3://datasets/piped --output - | cmp bytes -\n"
               "llctl object list s3://datasets/de -o name")
                .out,
            "bucket/datasets created\n"
            "s3://datasets/deep/key uploaded (4.8 MiB)\n"
            "s3://datasets/deep/key saved as copy (4.8 MiB)\n"
            "s3://datasets/piped uploaded (4.8 MiB)\n"
            "buckets/datasets/objects/deep/key\n");
  EXPECT_THAT(Fail("llctl bucket delete datasets --yes", 6), HasSubstr("[BUCKET_NOT_EMPTY]"));
}

TEST_F(LlctlTest, WrongHyperparametersAreToldAllAtOnce) {
  const std::string out = Fail(
      "llctl training-job create digits --train train.csv --model digits --hyperparameter mini_batch_siz=3 "
      "--hyperparameter epochs=0 --hyperparameter predictor_type=binary_classifier",
      1);
  EXPECT_THAT(out, AllOf(HasSubstr("[INVALID_HYPERPARAMETER]"), HasSubstr("mini_batch_siz"),
                         HasSubstr("mini_batch_size"), HasSubstr("epochs")));
  EXPECT_THAT(Sh("llctl training-job list").out, HasSubstr("No training jobs found."));
}

TEST_F(LlctlTest, BadDataFailsTheJobWithFileRowAndColumn) {
  dir_.Write("train.csv", SampleCsv() + "1,0.5,abc,0.5\n");
  const std::string out = Fail(kTrain, 1);
  EXPECT_THAT(out, AllOf(HasSubstr("train.csv"), HasSubstr("501"), HasSubstr("abc"), HasSubstr("[INVALID_DATA]")));
  EXPECT_EQ(Sh("llctl model-version list digits -o json").out.find("READY"), std::string::npos);
}

TEST_F(LlctlTest, WrongRowsAreRefusedWithTheirPlace) {
  TrainAndDeploy();
  dir_.Write("narrow.csv", "1,2\n");
  EXPECT_THAT(Fail("llctl predict digits --input narrow.csv", 1), HasSubstr("rows 1 to 100"));
  dir_.Write("text.csv", "1,2,3\n1,2,x\n");
  EXPECT_THAT(Fail("llctl predict digits --input text.csv", 1), HasSubstr("text.csv, row 2, column 3 (\"x\")"));
}

TEST_F(LlctlTest, UnknownAndUsedNamesHaveTheirExitCodes) {
  TrainAndDeploy();
  EXPECT_THAT(Fail("llctl endpoint get digitz", 3), HasSubstr("Did you mean `endpoints/digits`?"));
  Fail("llctl model get none", 3);
  Fail("llctl model-version get digits/versions/9", 3);
  Fail("llctl model-version get digits@nobody", 3);
  Fail("llctl endpoint create e --model-version none@latest", 3);
  Fail("llctl endpoint create digits --model-version digits@latest", 6);
  EXPECT_THAT(Fail("llctl model-version delete digits/versions/1 --yes", 6), HasSubstr("endpoints/digits"));
  EXPECT_THAT(Fail("llctl model create 'a b'", 1), HasSubstr("a b"));
  EXPECT_THAT(Fail("llctl model list --filter 'colour = red'", 1), HasSubstr("colour"));
  EXPECT_THAT(Fail("llctl endpoint update digits --model-version digits/versions/9", 3),
              HasSubstr("[MODEL_VERSION_NOT_FOUND]"));
}

TEST_F(LlctlTest, AServerThatIsGoneIsToldAsSuch) {
  server_->Stop();
  EXPECT_THAT(Fail("llctl model list", 7), HasSubstr("Is the server running?"));
}

}  // namespace
}  // namespace ll
