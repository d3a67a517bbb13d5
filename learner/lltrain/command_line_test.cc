#include "learner/lltrain/command_line.h"

#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/golden.h"

namespace ll::lltrain {
namespace {

using ::ll::testing::MatchesGolden;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

struct Parsed {
  CommandLine command_line;
  std::string out;
  std::string err;
};

Parsed Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "lltrain");
  std::ostringstream out, err;
  Parsed parsed;
  parsed.command_line = ParseCommandLine(static_cast<int>(arguments.size()), arguments.data(), 6, 1000, out, err);
  parsed.out = out.str();
  parsed.err = err.str();
  return parsed;
}

TEST(CommandLineTest, Defaults) {
  const Parsed parsed = Parse({"train"});
  ASSERT_TRUE(parsed.command_line.train.has_value());
  const TrainCommand& command = *parsed.command_line.train;
  EXPECT_EQ(command.job.job_directory, "/opt/ml");
  EXPECT_EQ(command.job.seed, learner::kDefaultSeed);
  EXPECT_EQ(command.job.memory_limit, 750u);
  EXPECT_EQ(command.threads, 6);
  EXPECT_EQ(command.progress_fd, -1);
  EXPECT_EQ(command.lifeline_fd, -1);
  EXPECT_EQ(command.job.checkpoint_directory, "");
  EXPECT_EQ(command.job.checkpoint_interval, absl::Seconds(10));
  EXPECT_FALSE(command.job.resume);
}

TEST(CommandLineTest, Resume) {
  EXPECT_TRUE(Parse({"resume", "--job-dir", "job"}).command_line.train->job.resume);
  const Parsed parsed = Parse({"--resume", "--checkpoint-dir=kept", "--checkpoint-interval", "0.5"});
  ASSERT_TRUE(parsed.command_line.train.has_value()) << parsed.err;
  const TrainJobOptions& job = parsed.command_line.train->job;
  EXPECT_TRUE(job.resume);
  EXPECT_EQ(job.checkpoint_directory, "kept");
  EXPECT_EQ(job.checkpoint_interval, absl::Milliseconds(500));
}

TEST(CommandLineTest, EveryOption) {
  const Parsed parsed = Parse({"train", "--job-dir", "/tmp/job", "--seed=18446744073709551615", "--threads", "3",
                               "--memory-limit", "64MiB", "--progress-fd", "3", "--lifeline-fd", "4"});
  ASSERT_TRUE(parsed.command_line.train.has_value());
  const TrainCommand& command = *parsed.command_line.train;
  EXPECT_EQ(command.job.job_directory, "/tmp/job");
  EXPECT_EQ(command.job.seed, UINT64_MAX);
  EXPECT_EQ(command.job.memory_limit, 64u << 20);
  EXPECT_EQ(command.threads, 3);
  EXPECT_EQ(command.progress_fd, 3);
  EXPECT_EQ(command.lifeline_fd, 4);
}

TEST(CommandLineTest, WrongUsageIsSaidOnStandardErrorAndExitsTwo) {
  for (const std::vector<const char*>& arguments : std::vector<std::vector<const char*>>{{"--job-dirs", "x"},
                                                                                         {"tain"},
                                                                                         {"train", "--job-dirs", "x"},
                                                                                         {"train", "--threads", "0"},
                                                                                         {"train", "--threads", "two"},
                                                                                         {"train", "--seed", "-1"},
                                                                                         {"train", "--seed"},
                                                                                         {"train", "extra"}}) {
    const Parsed parsed = Parse(arguments);
    EXPECT_FALSE(parsed.command_line.train.has_value());
    EXPECT_EQ(parsed.command_line.exit_code, 2);
    EXPECT_FALSE(parsed.err.empty());
    EXPECT_THAT(parsed.out, IsEmpty());
  }
}

TEST(CommandLineTest, TrainMayBeLeftOut) {
  EXPECT_EQ(Parse({}).command_line.train->job.job_directory, "/opt/ml");
  EXPECT_EQ(Parse({"--job-dir", "job", "--seed=7"}).command_line.train->job.seed, 7u);
}

TEST(CommandLineTest, HelpTexts) {
  for (const char* command :
       {"", "train", "resume", "validate", "score", "inspect", "export", "import", "hyperparameters", "version"}) {
    std::vector<const char*> arguments = {"--help"};
    if (*command != '\0') arguments.insert(arguments.begin(), command);
    const Parsed parsed = Parse(arguments);
    EXPECT_FALSE(parsed.command_line.train.has_value());
    EXPECT_EQ(parsed.command_line.exit_code, 0);
    EXPECT_THAT(parsed.err, IsEmpty());
    const std::string name = *command == '\0' ? "lltrain" : command;
    EXPECT_TRUE(MatchesGolden(absl::StrCat("lltrain/help/", name, ".txt"), parsed.out));
  }
}

TEST(CommandLineTest, CommandsBesideTrain) {
  const auto tool = [](std::vector<const char*> arguments) { return *Parse(std::move(arguments)).command_line.tool; };
  EXPECT_EQ(std::get<ValidateOptions>(tool({"validate"})).rows, 1000);
  EXPECT_EQ(std::get<ValidateOptions>(tool({"validate", "--job-dir", "j", "--rows", "0"})).job_directory, "j");
  const auto score = std::get<ScoreOptions>(tool({"score", "--model", "m", "--input", "-", "--accept", "text/csv"}));
  EXPECT_EQ(score.model, "m");
  EXPECT_EQ(score.input, "-");
  EXPECT_EQ(score.content_type, "");
  EXPECT_EQ(score.accept, "text/csv");
  EXPECT_EQ(std::get<InspectOptions>(tool({"inspect", "--model", "m", "--top", "3"})).top, 3);
  const auto exported = std::get<ExportOptions>(tool({"export", "--model", "m", "--format", "onnx", "--output", "o"}));
  EXPECT_EQ(exported.format, learner::ModelFormat::kOnnx);
  EXPECT_EQ(exported.output, "o");
  const auto imported = std::get<ImportOptions>(tool(
      {"import", "--model", "m", "--predictor-type", "binary_classifier", "--loss", "hinge_loss", "--threshold", "0"}));
  EXPECT_EQ(imported.output, "model.tar.gz");
  EXPECT_EQ(imported.defaults.predictor_type, learner::PredictorType::kBinaryClassifier);
  EXPECT_EQ(imported.defaults.loss, learner::Loss::kHinge);
  EXPECT_EQ(imported.defaults.threshold, 0.0f);
  EXPECT_EQ(std::get<ImportOptions>(tool({"import", "--model", "m"})).defaults.threshold, std::nullopt);
}

TEST(CommandLineTest, WrongUsageOfTheOtherCommands) {
  for (const std::vector<const char*>& arguments :
       std::vector<std::vector<const char*>>{{"score", "--model", "m"},
                                             {"inspect"},
                                             {"inspect", "--model", "m", "--top", "-1"},
                                             {"export", "--model", "m"},
                                             {"export", "--model", "m", "--format", "pickle"},
                                             {"import", "--model", "m", "--predictor-type", "clusterer"},
                                             {"import", "--model", "m", "--loss", "best"},
                                             {"validate", "--rows", "-1"}}) {
    const Parsed parsed = Parse(arguments);
    EXPECT_FALSE(parsed.command_line.tool.has_value());
    EXPECT_EQ(parsed.command_line.exit_code, 2);
    EXPECT_FALSE(parsed.err.empty());
  }
}

TEST(CommandLineTest, VersionAndHyperparametersArePrinted) {
  Parsed parsed = Parse({"version"});
  EXPECT_EQ(parsed.command_line.exit_code, 0);
  EXPECT_THAT(parsed.out, StartsWith("lltrain 0."));
  parsed = Parse({"hyperparameters"});
  EXPECT_EQ(parsed.command_line.exit_code, 0);
  EXPECT_THAT(parsed.out, HasSubstr("predictor_type  (choice: binary_classifier"));
  EXPECT_THAT(parsed.out, HasSubstr("mini_batch_size  (integer: auto | [1, 2147483647]; default auto)"));
  EXPECT_THAT(parsed.out, ::testing::Not(HasSubstr("_kvstore")));
}

}  // namespace
}  // namespace ll::lltrain
