#include "clients/llctl/settings.h"

#include "clients/llctl/exit_codes.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll::llctl {
namespace {

using ::ll::testing::StatusIs;
using ::ll::testing::TempDir;
using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(SettingsTest, DefaultsHoldWhenNothingIsSaid) {
  const Settings settings = ResolveSettings({}, {}, Env::Posix()).value();
  EXPECT_EQ(settings.address.value, "127.0.0.1:7070");
  EXPECT_EQ(settings.address.origin, "default");
  EXPECT_EQ(settings.format, OutputFormat::kTable);
  EXPECT_EQ(settings.config_file, "");
}

TEST(SettingsTest, FlagBeatsVariableBeatsFileBeatsDefault) {
  const TempDir dir;
  const std::string file = dir.Write("llctl/config.yaml", "address: file:1\noutput: wide\n");
  Variables variables{{"XDG_CONFIG_HOME", dir.path()}};
  Settings settings = ResolveSettings({}, variables, Env::Posix()).value();
  EXPECT_EQ(settings.address.value, "file:1");
  EXPECT_EQ(settings.address.origin, file);
  EXPECT_EQ(settings.format, OutputFormat::kWide);

  variables["LL_ADDRESS"] = "variable:1";
  variables["LL_OUTPUT"] = "yaml";
  settings = ResolveSettings({}, variables, Env::Posix()).value();
  EXPECT_EQ(settings.address.value, "variable:1");
  EXPECT_EQ(settings.address.origin, "LL_ADDRESS");
  EXPECT_EQ(settings.format, OutputFormat::kYaml);

  settings = ResolveSettings({.address = "flag:1", .output = "json"}, variables, Env::Posix()).value();
  EXPECT_EQ(settings.address.value, "flag:1");
  EXPECT_EQ(settings.address.origin, "--address");
  EXPECT_EQ(settings.format, OutputFormat::kJson);
}

TEST(SettingsTest, TheFileIsInTheHomeWithoutXdg) {
  const TempDir dir;
  dir.Write(".config/llctl/config.yaml", "address: home:1\n");
  EXPECT_EQ(ResolveSettings({}, {{"HOME", dir.path()}}, Env::Posix())->address.value, "home:1");
}

TEST(SettingsTest, AnEmptyFileIsFine) {
  const TempDir dir;
  dir.Write("llctl/config.yaml", "# nothing yet\n");
  EXPECT_EQ(ResolveSettings({}, {{"XDG_CONFIG_HOME", dir.path()}}, Env::Posix())->address.origin, "default");
}

void ExpectBadFile(const std::string& text, const std::string& message) {
  const TempDir dir;
  dir.Write("llctl/config.yaml", text);
  const absl::Status status = ResolveSettings({}, {{"XDG_CONFIG_HOME", dir.path()}}, Env::Posix()).status();
  EXPECT_THAT(status,
              StatusIs(absl::StatusCode::kInvalidArgument, AllOf(HasSubstr("config.yaml"), HasSubstr(message))));
  EXPECT_EQ(ExitCodeOf(status), kUsage);
}

TEST(SettingsTest, ABadFileIsNamed) {
  ExpectBadFile("addres: host:1\n", "config.yaml:1: unknown key `addres`. Did you mean `address`?");
  ExpectBadFile("address: [1, 2\n", "cannot be read");
  ExpectBadFile("- address\n", "is not a list of `key: value` lines");
  ExpectBadFile("address: [1, 2]\n", "cannot be read");
}

TEST(SettingsTest, AnUnknownFormatNamesItsOrigin) {
  const absl::Status status = ResolveSettings({}, {{"LL_OUTPUT", "jsom"}}, Env::Posix()).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument,
                               "LL_OUTPUT: there is no output format `jsom`. Did you mean `json`?"));
  EXPECT_EQ(ExitCodeOf(status), kUsage);
}

}  // namespace
}  // namespace ll::llctl
