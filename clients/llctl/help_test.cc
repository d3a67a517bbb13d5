// Help texts, usage errors, and docs/cli.md, which is made of the help texts.
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/golden.h"
#include "tests/testing/llctl_runner.h"

namespace ll::llctl {
namespace {

using ::ll::testing::LlctlResult;
using ::ll::testing::LlctlRunner;
using ::ll::testing::MatchesGolden;
using ::ll::testing::MatchesRepositoryFile;
using ::testing::HasSubstr;

LlctlResult Llctl(const std::vector<std::string>& arguments) {
  LlctlRunner llctl("127.0.0.1:1");  // nobody listens there, and nobody is asked
  return llctl.Run(arguments);
}

// The first words of the lines of `text` between the line `title` and the next empty one.
std::vector<std::string> WordsUnder(const std::string& title, const std::string& text) {
  std::istringstream lines(text);
  std::string line;
  while (std::getline(lines, line) && line != title) {
  }
  std::vector<std::string> words;
  while (std::getline(lines, line) && !line.empty()) {
    const bool continued = line[2] == ' ';
    if (!continued) words.push_back(line.substr(2, line.find(' ', 2) - 2));
  }
  return words;
}

// Every command that help lists, as words.
std::vector<std::vector<std::string>> AllCommandWords() {
  const std::string root = Llctl({"--help"}).out;
  std::vector<std::vector<std::string>> commands;
  for (const std::string& noun : WordsUnder("Nouns and their verbs:", root)) {
    for (const std::string& verb : WordsUnder("Verbs:", Llctl({noun, "--help"}).out)) commands.push_back({noun, verb});
  }
  for (const std::string& command : WordsUnder("Commands:", root)) commands.push_back({command});
  return commands;
}

TEST(HelpTest, LlctlAloneShowsHelp) {
  const LlctlResult result = Llctl({});
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.err, "");
  EXPECT_TRUE(MatchesGolden("llctl/help.txt", result.out));
  EXPECT_EQ(Llctl({"-h"}).out, result.out);
  EXPECT_EQ(Llctl({"help"}).out, result.out);
}

TEST(HelpTest, NounsAndCommands) {
  EXPECT_TRUE(MatchesGolden("llctl/help_training_job.txt", Llctl({"training-job", "--help"}).out));
  EXPECT_TRUE(MatchesGolden("llctl/help_training_job_create.txt", Llctl({"training-job", "create", "-h"}).out));
  EXPECT_TRUE(MatchesGolden("llctl/help_predict.txt", Llctl({"predict", "--help"}).out));
  EXPECT_EQ(Llctl({"help", "training-job", "create"}).out, Llctl({"training-job", "create", "--help"}).out);
  EXPECT_EQ(Llctl({"help", "endpoints"}).out, Llctl({"endpoint", "--help"}).out);
}

TEST(HelpTest, Topics) {
  EXPECT_TRUE(MatchesGolden("llctl/help_exit_codes.txt", Llctl({"help", "exit-codes"}).out));
  EXPECT_TRUE(MatchesGolden("llctl/help_environment.txt", Llctl({"help", "environment"}).out));
  EXPECT_TRUE(MatchesGolden("llctl/help_filters.txt", Llctl({"help", "filters"}).out));
}

TEST(HelpTest, HelpIsShownHoweverWrongTheRestIs) {
  EXPECT_EQ(Llctl({"model", "create", "--no-such-flag", "--help"}).code, 0);
  EXPECT_EQ(Llctl({"predict", "-h"}).code, 0);
}

TEST(HelpTest, EveryCommandExplainsItselfWithExamplesFirst) {
  const std::vector<std::vector<std::string>> commands = AllCommandWords();
  EXPECT_GT(commands.size(), 40u);
  for (std::vector<std::string> words : commands) {
    words.push_back("--help");
    const std::string text = Llctl(words).out;
    const size_t examples = text.find("\nExamples:\n  # ");
    EXPECT_NE(examples, std::string::npos) << text;
    EXPECT_LT(examples, text.find("\nUsage:\n")) << text;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100u) << line;
  }
}

TEST(HelpTest, TheReferenceIsMadeOfTheHelpTexts) {
  std::string page =
      "# llctl\n\n"
      "What `llctl --help` shows, for every command. The test `HelpTest.TheReferenceIsMadeOfTheHelpTexts` keeps this "
      "page "
      "and the program equal.\n\n```\n" +
      Llctl({"--help"}).out + "```\n";
  for (std::vector<std::string> words : AllCommandWords()) {
    std::string title = "llctl";
    for (const std::string& word : words) title += " " + word;
    words.push_back("--help");
    page += "\n## " + title + "\n\n```\n" + Llctl(words).out + "```\n";
  }
  for (const std::string topic : {"environment", "exit-codes", "filters"}) {
    page += "\n## llctl help " + topic + "\n\n```\n" + Llctl({"help", topic}).out + "```\n";
  }
  EXPECT_TRUE(MatchesRepositoryFile("docs/cli.md", page));
}

TEST(UsageTest, WrongCommandLinesSayWhatWouldBeRight) {
  const struct {
    std::vector<std::string> arguments;
    std::string message;
  } kCases[] = {
      {{"modle", "list"}, "`llctl modle` is not a command. Did you mean `llctl model`?"},
      {{"model", "lst"}, "`llctl model lst` is not a command. Did you mean `llctl model list`?"},
      {{"model", "frobnicate"}, "`llctl model frobnicate` is not a command. See `llctl model --help`."},
      {{"model"},
       "`llctl model` needs a verb: create, list, get, update, delete, set-alias, delete-alias. See `llctl "
       "model --help`."},
      {{"model", "list", "--fliter", "x"}, "`llctl model list` has no flag --fliter. Did you mean `--filter`?"},
      {{"model", "list", "--xyzzy=1"}, "`llctl model list` has no flag --xyzzy. See `llctl model list --help`."},
      {{"model", "list", "extra"},
       "`llctl model list` does not take the argument \"extra\". See `llctl model list "
       "--help`."},
      {{"model", "get"}, "`llctl model get`: NAME is required. See `llctl model get --help`."},
      {{"model", "list", "--limit", "many"},
       "`llctl model list`: Could not convert: --limit = many. See `llctl model "
       "list --help`."},
      {{"model", "list", "--limit", "-1"}, "--limit must not be negative"},
      {{"model", "list", "--timeout", "soon"},
       "`llctl model list`: --timeout: \"soon\" is not a duration such as 90s, "
       "5m or 1h30m. See `llctl model list --help`."},
      {{"model", "update", "m"}, "nothing to change. Give --label, --description or another flag."},
      {{"model", "create"}, "a model needs a NAME, or a file that has one"},
      {{"model", "create", "m", "--label", "team"}, "--label team is not KEY=VALUE"},
      {{"help", "modle"}, "`llctl modle` is not a command. Did you mean `llctl model`?"},
      {{"help", "model", "lst"}, "`llctl model lst` is not a command. Did you mean `llctl model list`?"},
      {{"completion", "tcsh"}, "there is no completion for tcsh. There is for bash, zsh and fish."},
  };
  for (const auto& entry : kCases) {
    const LlctlResult result = Llctl(entry.arguments);
    EXPECT_EQ(result.code, 2) << result.err;
    EXPECT_EQ(result.err, "error: " + entry.message + "\n");
    EXPECT_EQ(result.out, "");
  }
}

TEST(UsageTest, AResourceMayBeNamedLikeACommand) {
  LlctlRunner llctl("127.0.0.1:1");
  EXPECT_EQ(llctl.Run({"model", "get", "status", "--timeout", "1s"}).code, 7);
  EXPECT_EQ(llctl.Run({"model", "get", "list", "--timeout", "1s"}).code, 7);
  EXPECT_EQ(llctl.Run({"-o", "json", "model", "get", "help", "--timeout", "1s"}).code, 7);
}

TEST(UsageTest, UsageErrorsAreJsonWithJsonOutput) {
  const LlctlResult result = Llctl({"-o", "json", "model", "lst"});
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, HasSubstr("\"exitCode\": 2"));
}

}  // namespace
}  // namespace ll::llctl
