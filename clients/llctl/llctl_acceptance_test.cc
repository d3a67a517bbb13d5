// The program as users meet it: the real binary in a shell, with pipes, files, signals and a terminal, against a server
// in this process.
#include <csignal>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/child_process.h"
#include "base/env.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_services/fake_llserver.h"
#include "tests/testing/shell.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll::llctl {
namespace {

using ::ll::testing::FakeLlserver;
using ::ll::testing::ProgramFolder;
using ::ll::testing::Shell;
using ::ll::testing::ShellResult;
using ::ll::testing::TempDir;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class AcceptanceTest : public ::testing::Test {
 protected:
  ShellResult Sh(const std::string& script) const { return shell_.Run(script); }

  FakeLlserver server_;
  const TempDir dir_;
  const Shell shell_{dir_.path(), {{"LL_ADDRESS", server_.address()}}};
};

TEST_F(AcceptanceTest, TheWholeLifecycle) {
  dir_.Write("train.csv", "1,0.5,1\n0,0.1,0\n");
  dir_.Write("test.csv", "0.25,0.25\n1,0.5\n");
  const ShellResult result = Sh(R"(
set -e
llctl bucket create datasets
llctl object put train.csv s3://datasets/
llctl training-job create digits --train s3://datasets/train.csv --model digits --wait \
  --hyperparameter predictor_type=binary_classifier
llctl endpoint create digits --model-version models/digits@latest --wait
llctl predict digits --input test.csv --batch-size 1 > predictions.csv
cat predictions.csv
llctl predict digits --input - -o json < test.csv | tail -n 1
llctl endpoint list -o json | grep -c IN_SERVICE
llctl endpoint delete digits --yes --wait
llctl model-version list digits | awk '{print $1, $2}'
)");
  EXPECT_EQ(result.code, 0) << result.out;
  EXPECT_THAT(result.out, HasSubstr("bucket/datasets created\n"
                                    "s3://datasets/train.csv uploaded (16 B)\n"
                                    "training-job/digits created\n"));
  EXPECT_THAT(result.out,
              HasSubstr("training-job/digits succeeded in 12s: models/digits/versions/1, best loss 0.0215\n"));
  EXPECT_THAT(result.out,
              HasSubstr("score,predicted_label\n0.25,0\n0.75,1\n{\"score\": 0.75, \"predicted_label\": 1}\n1\n"));
  EXPECT_THAT(result.out, HasSubstr("endpoint/digits deleted\nNAME STATE\ndigits/versions/1 READY\n"));
}

TEST_F(AcceptanceTest, ExitCodesReachTheShell) {
  EXPECT_EQ(Sh("llctl model get none").code, 3);
  EXPECT_EQ(Sh("llctl model gte none").code, 2);
  EXPECT_EQ(Sh("llctl --address 127.0.0.1:1 model list").code, 7);
  EXPECT_EQ(Sh("llctl model create a && llctl model create a").code, 6);
}

TEST_F(AcceptanceTest, TheConfigurationFileCounts) {
  dir_.Write(".config/llctl/config.yaml", "output: name\n");
  server_.AddVersion("churn", 2);
  EXPECT_EQ(Sh("llctl model list").out, "models/churn\n");
  EXPECT_EQ(Sh("LL_OUTPUT=json llctl -o name model list").out, "models/churn\n");
}

TEST_F(AcceptanceTest, APipeThatClosesEndsItQuietly) {
  for (int i = 0; i < 300; ++i) server_.AddVersion(absl::StrCat("model-", i), 2);
  EXPECT_EQ(Sh("llctl model list -o name | head -n 1").out, "models/model-0\n");
}

TEST_F(AcceptanceTest, AFullDiskUnderStandardOutputIsAnError) {
  server_.AddVersion("churn", 2);
  const ShellResult result = Sh("llctl model list > /dev/full");
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.out, HasSubstr("cannot write to standard output"));
}

// `script` runs a command on a terminal of its own.
TEST_F(AcceptanceTest, ATerminalIsAskedAndSeesColors) {
  server_.AddEndpoint("live", server_.AddVersion("churn", 2));
  EXPECT_THAT(Sh("script -qec 'llctl endpoint list' /dev/null < /dev/null").out,
              HasSubstr("\x1b[32mIN_SERVICE\x1b[0m"));
  EXPECT_THAT(Sh("NO_COLOR=1 script -qec 'llctl endpoint list' /dev/null < /dev/null").out,
              AllOf(HasSubstr("IN_SERVICE"), Not(HasSubstr("\x1b["))));
  EXPECT_THAT(Sh("llctl endpoint list").out, Not(HasSubstr("\x1b[")));
  const ShellResult refused = Sh("echo n | script -qec 'llctl endpoint delete live' /dev/null");
  EXPECT_THAT(refused.out, HasSubstr("Delete endpoints/live? [y/N] "));
  EXPECT_EQ(refused.code, 1);
  // Waiting is the default there.
  const ShellResult deleted = Sh("echo y | script -qec 'llctl endpoint delete live' /dev/null");
  EXPECT_THAT(deleted.out, HasSubstr("endpoint/live deleted"));
  EXPECT_EQ(deleted.code, 0);
}

TEST_F(AcceptanceTest, CtrlCStopsAWaitWith130) {
  server_.set_job_plan({});
  ASSERT_EQ(Sh("llctl training-job create digits --train s3://a/b --model m").code, 0);
  LL_ASSERT_OK_AND_ASSIGN(
      const auto child,
      ChildProcess::Spawn({.program = ProgramFolder() + "/llctl",
                           .arguments = {"--address", server_.address(), "training-job", "wait", "digits"},
                           .log_path = dir_.File("log")}));
  server_.AwaitCalls("WatchTrainingJob", 1);
  ASSERT_TRUE(child->Signal(SIGINT).ok());
  EXPECT_EQ(child->Wait().code, 130);
  EXPECT_THAT(Env::Posix().ReadFile(dir_.File("log")).value(),
              HasSubstr("error: interrupted. training-job/digits goes on."));
}

TEST_F(AcceptanceTest, CompletionWorksInBash) {
  server_.AddVersion("churn", 2);
  EXPECT_EQ(Sh(R"(bash -c '
source <(llctl completion bash)
COMP_WORDS=(llctl model get ch); COMP_CWORD=3; _llctl; echo "${COMPREPLY[@]}"
COMP_WORDS=(llctl training-job cr); COMP_CWORD=2; _llctl; echo "${COMPREPLY[@]}"')")
                .out,
            "churn\ncreate\n");
}

}  // namespace
}  // namespace ll::llctl
