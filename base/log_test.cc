#include "base/log.h"

#include "gtest/gtest.h"

namespace ll {
namespace {

TEST(LogTest, FieldsAreQuotedOnlyWhenNeeded) {
  EXPECT_EQ(FormatLogFields({{"job", "trainingJobs/a"}, {"n", "3"}}), "job=trainingJobs/a n=3");
  EXPECT_EQ(FormatLogFields({{"text", "two words"}}), "text=\"two words\"");
  EXPECT_EQ(FormatLogFields({{"empty", ""}}), "empty=\"\"");
  EXPECT_EQ(FormatLogFields({{"quote", "a\"b"}, {"line", "a\nb"}}), "quote=\"a\\\"b\" line=\"a\\nb\"");
}

TEST(LogTest, GoesToStderrFromTheLevelOn) {
  ::testing::internal::CaptureStderr();
  LogDebug("hidden");
  LogInfo("server started", {{"address", "127.0.0.1:1"}});
  SetLogLevel(LogLevel::kError);
  LogWarning("hidden too");
  SetLogLevel(LogLevel::kInfo);
  const std::string output = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(output.find("Z INFO server started address=127.0.0.1:1\n"), std::string::npos) << output;
  EXPECT_EQ(output.find("hidden"), std::string::npos) << output;
}

}  // namespace
}  // namespace ll
