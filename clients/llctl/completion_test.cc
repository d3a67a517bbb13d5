#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_services/fake_llserver.h"
#include "tests/testing/golden.h"
#include "tests/testing/llctl_runner.h"

namespace ll::llctl {
namespace {

using ::ll::testing::FakeLlserver;
using ::ll::testing::LlctlResult;
using ::ll::testing::LlctlRunner;
using ::ll::testing::MatchesGolden;

class CompletionTest : public ::testing::Test {
 protected:
  CompletionTest() {
    server_.AddEndpoint("live", server_.AddVersion("churn", 2));
    server_.AddVersion("digits", 2);
    server_.AddObject("datasets", "a", "b");
  }
  std::string Complete(std::vector<std::string> words) {
    words.insert(words.begin(), {"__complete", "--"});
    const LlctlResult result = llctl_.Run(words);
    EXPECT_EQ(result.code, 0) << result.err;
    return result.out;
  }

  FakeLlserver server_;
  LlctlRunner llctl_{server_.address()};
};

TEST_F(CompletionTest, NounsVerbsAndFlags) {
  EXPECT_EQ(Complete({"mod"}), "model\nmodel-version\n");
  EXPECT_EQ(Complete({"model", "set"}), "set-alias\n");
  EXPECT_EQ(Complete({"model", "list", "--f"}), "--filter\n--format\n");
  EXPECT_EQ(Complete({"models", "ls", "--order"}), "--order-by\n");
  EXPECT_EQ(Complete({"zzz"}), "");
  EXPECT_EQ(Complete({"help", "ex"}), "exit-codes\n");
  EXPECT_EQ(Complete({"completion", ""}), "bash\nfish\nzsh\n");
}

TEST_F(CompletionTest, NamesComeFromTheServer) {
  EXPECT_EQ(Complete({"model", "get", ""}), "churn\ndigits\n");
  EXPECT_EQ(Complete({"model", "get", "d"}), "digits\n");
  EXPECT_EQ(Complete({"model-version", "get", ""}), "churn/versions/1\ndigits/versions/1\n");
  EXPECT_EQ(Complete({"model-version", "list", ""}), "churn\ndigits\n");
  EXPECT_EQ(Complete({"endpoint", "delete", "--yes", ""}), "live\n");
  EXPECT_EQ(Complete({"predict", ""}), "live\n");
  EXPECT_EQ(Complete({"bucket", "get", ""}), "datasets\n");
  EXPECT_EQ(Complete({"model", "create", ""}), "");
}

TEST_F(CompletionTest, ValuesOfFlags) {
  EXPECT_EQ(Complete({"model", "list", "-o", ""}), "json\nname\ntable\nwide\nyaml\n");
  EXPECT_EQ(Complete({"endpoint", "create", "e", "--model-version", "d"}), "digits/versions/1\n");
  EXPECT_EQ(Complete({"training-job", "create", "j", "--model", "c"}), "churn\n");
  EXPECT_EQ(Complete({"training-job", "create", "j", "--train", ""}), "");
}

TEST_F(CompletionTest, AServerThatDoesNotAnswerCompletesNothing) {
  server_.Stop();
  EXPECT_EQ(Complete({"model", "get", ""}), "");
  EXPECT_EQ(Complete({"model", "ge"}), "get\n");
}

TEST_F(CompletionTest, Scripts) {
  EXPECT_TRUE(MatchesGolden("llctl/completion_bash.txt", llctl_.Run({"completion", "bash"}).out));
  EXPECT_TRUE(MatchesGolden("llctl/completion_zsh.txt", llctl_.Run({"completion", "zsh"}).out));
  EXPECT_TRUE(MatchesGolden("llctl/completion_fish.txt", llctl_.Run({"completion", "fish"}).out));
}

}  // namespace
}  // namespace ll::llctl
