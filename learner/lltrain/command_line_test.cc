#include "learner/lltrain/command_line.h"

#include <sstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace ll::lltrain {
namespace {

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
  EXPECT_EQ(command.job.max_data_bytes, 900u);
  EXPECT_EQ(command.threads, 6);
  EXPECT_EQ(command.progress_fd, -1);
  EXPECT_EQ(command.lifeline_fd, -1);
}

TEST(CommandLineTest, EveryOption) {
  const Parsed parsed = Parse({"train", "--job-dir", "/tmp/job", "--seed=18446744073709551615", "--threads", "3",
                               "--max-data-bytes", "0", "--progress-fd", "3", "--lifeline-fd", "4"});
  ASSERT_TRUE(parsed.command_line.train.has_value());
  const TrainCommand& command = *parsed.command_line.train;
  EXPECT_EQ(command.job.job_directory, "/tmp/job");
  EXPECT_EQ(command.job.seed, UINT64_MAX);
  EXPECT_EQ(command.job.max_data_bytes, 0u);
  EXPECT_EQ(command.threads, 3);
  EXPECT_EQ(command.progress_fd, 3);
  EXPECT_EQ(command.lifeline_fd, 4);
}

TEST(CommandLineTest, WrongUsageIsSaidOnStandardErrorAndExitsTwo) {
  for (const std::vector<const char*>& arguments : std::vector<std::vector<const char*>>{{},
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

TEST(CommandLineTest, HelpHasExamples) {
  for (const std::vector<const char*>& arguments :
       std::vector<std::vector<const char*>>{{"--help"}, {"train", "--help"}, {"train", "-h"}}) {
    const Parsed parsed = Parse(arguments);
    EXPECT_FALSE(parsed.command_line.train.has_value());
    EXPECT_EQ(parsed.command_line.exit_code, 0);
    EXPECT_THAT(parsed.out, HasSubstr("lltrain train --job-dir job --seed 7"));
    EXPECT_THAT(parsed.err, IsEmpty());
  }
}

TEST(CommandLineTest, VersionAndHyperparametersArePrinted) {
  Parsed parsed = Parse({"version"});
  EXPECT_EQ(parsed.command_line.exit_code, 0);
  EXPECT_THAT(parsed.out, StartsWith("lltrain 0."));
  parsed = Parse({"hyperparameters"});
  EXPECT_EQ(parsed.command_line.exit_code, 0);
  EXPECT_THAT(parsed.out, HasSubstr("predictor_type  (choice: binary_classifier"));
  EXPECT_THAT(parsed.out, HasSubstr("mini_batch_size  (integer: [1, 2147483647]; default 1000)"));
  EXPECT_THAT(parsed.out, ::testing::Not(HasSubstr("_kvstore")));
}

}  // namespace
}  // namespace ll::lltrain
