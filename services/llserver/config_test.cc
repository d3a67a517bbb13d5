#include "services/llserver/config.h"

#include <string>
#include <vector>

#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/llserver/setting_table.h"
#include "tests/testing/status_matchers.h"

namespace ll::llserver {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::IsOk;
using ::ll::testing::StatusIs;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

using Variables = std::map<std::string, std::string>;

absl::StatusOr<Config> Parse(const std::vector<std::string>& args, Variables variables = {},
                             const std::string& file = "") {
  variables.emplace("HOME", "/home/ada");
  return ParseConfig(args, variables, [&](const std::string& path) -> absl::StatusOr<std::string> {
    if (path == "ll.yaml") return file;
    return absl::NotFoundError("cannot open " + path);
  });
}

// Field -> description of every violation.
std::map<std::string, std::string> Violations(const absl::StatusOr<Config>& config) {
  EXPECT_THAT(config, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(config, HasReason(ErrorReason::kConfigInvalid));
  std::map<std::string, std::string> violations;
  for (const FieldViolation& each : GetErrorDetails(config.status()).value_or(ErrorDetails{}).field_violations) {
    violations[each.field] = each.description;
  }
  return violations;
}

Config::Setting SettingOf(const Config& config, const std::string& name) {
  for (const Config::Setting& setting : config.settings) {
    if (setting.name == name) return setting;
  }
  ADD_FAILURE() << "no setting " << name;
  return {};
}

TEST(ConfigTest, NothingNeedsToBeSaid) {
  LL_ASSERT_OK_AND_ASSIGN(const Config config, Parse({}));
  EXPECT_EQ(config.listen.ToString(), "127.0.0.1:7070");
  EXPECT_EQ(config.http_listen->ToString(), "127.0.0.1:8080");
  EXPECT_EQ(config.data_dir, "/home/ada/.local/share/linear-learner");
  EXPECT_EQ(config.command, Config::Command::kServe);
  EXPECT_EQ(config.drain_timeout, absl::Seconds(30));
  EXPECT_FALSE(config.max_inflight_bytes.has_value());
  EXPECT_EQ(SettingOf(config, "data-dir").value, config.data_dir);
  for (const Config::Setting& setting : config.settings) EXPECT_EQ(setting.origin, "default") << setting.name;
}

// Otherwise the help text would say one thing and the program do another.
TEST(ConfigTest, DefaultsOfTheTableAreThoseOfTheStruct) {
  Config defaults;
  defaults.http_listen = ListenAddress{.host = "127.0.0.1", .port = 8080, .unix_path = ""};
  for (const SettingInfo& setting : SettingTable()) {
    if (setting.default_value[0] == '\0') continue;
    Config config;
    config.listen.port = 1;
    config.insecure = true;
    config.drain_timeout = config.event_retention = absl::ZeroDuration();
    config.max_message_bytes = config.max_running_jobs = config.max_queued_jobs = 0;
    config.log_level = LogLevel::kError;
    EXPECT_EQ(setting.set(setting.default_value, &config), "") << setting.name;
    const int restored =
        (config.listen.port == defaults.listen.port) +
        (config.http_listen.has_value() && config.http_listen->ToString() == defaults.http_listen->ToString()) +
        (config.insecure == defaults.insecure) + (config.drain_timeout == defaults.drain_timeout) +
        (config.event_retention == defaults.event_retention) +
        (config.max_message_bytes == defaults.max_message_bytes) +
        (config.max_running_jobs == defaults.max_running_jobs) + (config.max_queued_jobs == defaults.max_queued_jobs) +
        (config.log_level == defaults.log_level);
    EXPECT_EQ(restored, 1) << setting.name;
  }
}

TEST(ConfigTest, EverySettingCanBeAFlag) {
  LL_ASSERT_OK_AND_ASSIGN(const Config config, Parse({"--listen",
                                                      "[::]:0",
                                                      "--http-listen",
                                                      "127.0.0.1:0",
                                                      "--http-host",
                                                      "ml.example.org, ml",
                                                      "--data-dir=/data",
                                                      "--ready-file",
                                                      "ready.json",
                                                      "--insecure",
                                                      "--drain-timeout",
                                                      "1m",
                                                      "--max-message-bytes",
                                                      "64KiB",
                                                      "--max-inflight-bytes",
                                                      "2GiB",
                                                      "--max-running-jobs",
                                                      "4",
                                                      "--max-queued-jobs",
                                                      "5",
                                                      "--event-retention",
                                                      "24h",
                                                      "--log-level",
                                                      "Debug"}));
  EXPECT_EQ(config.listen.ToString(), "[::]:0");
  EXPECT_EQ(config.http_listen->ToString(), "127.0.0.1:0");
  EXPECT_THAT(config.http_hosts, ElementsAre("ml.example.org", "ml"));
  EXPECT_EQ(config.data_dir, "/data");
  EXPECT_EQ(config.ready_file, "ready.json");
  EXPECT_TRUE(config.insecure);
  EXPECT_EQ(config.drain_timeout, absl::Minutes(1));
  EXPECT_EQ(config.max_message_bytes, 65536);
  EXPECT_EQ(config.max_inflight_bytes, int64_t{2} << 30);
  EXPECT_EQ(config.max_running_jobs, 4);
  EXPECT_EQ(config.max_queued_jobs, 5);
  EXPECT_EQ(config.event_retention, absl::Hours(24));
  EXPECT_EQ(config.log_level, LogLevel::kDebug);
  for (const Config::Setting& setting : config.settings) EXPECT_EQ(setting.origin, "flag") << setting.name;
}

TEST(ConfigTest, AFlagWinsOverTheEnvironmentAndThatOverTheFile) {
  const std::string file = "max-queued-jobs: 1\nmax-running-jobs: 1\nevent-retention: 1h\n";
  const Variables variables = {
      {"LL_SERVER_CONFIG", "ll.yaml"}, {"LL_SERVER_MAX_QUEUED_JOBS", "2"}, {"LL_SERVER_MAX_RUNNING_JOBS", "2"}};
  LL_ASSERT_OK_AND_ASSIGN(const Config config, Parse({"--max-queued-jobs", "3"}, variables, file));
  EXPECT_EQ(config.max_queued_jobs, 3);
  EXPECT_EQ(config.max_running_jobs, 2);
  EXPECT_EQ(config.event_retention, absl::Hours(1));
  EXPECT_EQ(SettingOf(config, "max-queued-jobs").origin, "flag");
  EXPECT_EQ(SettingOf(config, "max-running-jobs").origin, "LL_SERVER_MAX_RUNNING_JOBS");
  EXPECT_EQ(SettingOf(config, "event-retention").origin, "ll.yaml");
  EXPECT_EQ(SettingOf(config, "drain-timeout").origin, "default");
}

TEST(ConfigTest, TheFileOfTheFlagWinsOverThatOfTheEnvironment) {
  LL_ASSERT_OK_AND_ASSIGN(const Config config, Parse({"--config", "ll.yaml"}, {{"LL_SERVER_CONFIG", "none"}},
                                                     "listen: 127.0.0.1:1\ninsecure: yes\n"));
  EXPECT_EQ(config.listen.port, 1);
  EXPECT_TRUE(config.insecure);
  EXPECT_THAT(Parse({"--config", "ll.yaml"}, {}, "# nothing\n"), IsOk());
}

TEST(ConfigTest, DataGoesWhereTheSystemKeepsData) {
  LL_ASSERT_OK_AND_ASSIGN(const Config config, Parse({}, {{"XDG_DATA_HOME", "/srv"}}));
  EXPECT_EQ(config.data_dir, "/srv/linear-learner");
  EXPECT_THAT(Violations(Parse({}, {{"HOME", ""}})), ElementsAre(Pair("--data-dir", HasSubstr("no HOME"))));
}

TEST(ConfigTest, HelpAndVersionNeedNothingElse) {
  LL_ASSERT_OK_AND_ASSIGN(const Config help, Parse({"--help"}));
  EXPECT_EQ(help.command, Config::Command::kHelp);
  LL_ASSERT_OK_AND_ASSIGN(const Config version, Parse({"--version"}));
  EXPECT_EQ(version.command, Config::Command::kVersion);
}

TEST(ConfigTest, TheHelpTextNamesEverySetting) {
  const std::string help = HelpText();
  for (const SettingInfo& setting : SettingTable()) {
    EXPECT_THAT(help, HasSubstr(std::string("--") + setting.name));
    const bool is_switch = setting.form[0] == '\0';
    EXPECT_THAT(help, HasSubstr(is_switch ? "" : setting.default_value));
  }
  EXPECT_THAT(help, HasSubstr("LL_SERVER_"));
}

TEST(ConfigTest, EverythingThatIsWrongIsSaidAtOnce) {
  const std::string file = "drain_timeout: 3s\nlog-level: loud\nlisten: [1, 2]\n";
  const auto violations =
      Violations(Parse({"--lisen", "127.0.0.1:1", "--max-queued-jobs", "none", "extra", "--config", "ll.yaml"},
                       {{"LL_SERVER_EVENT_RETENTON", "1h"}, {"LL_SERVER_MAX_MESSAGE_BYTES", "9 apples"}}, file));
  EXPECT_THAT(violations, SizeIs(8));
  EXPECT_THAT(violations, Contains(Pair("--lisen", HasSubstr("did you mean --listen?"))));
  EXPECT_THAT(violations, Contains(Pair("--max-queued-jobs", HasSubstr("\"none\""))));
  EXPECT_THAT(violations, Contains(Pair("extra", HasSubstr("not known"))));
  EXPECT_THAT(violations,
              Contains(Pair("LL_SERVER_EVENT_RETENTON", HasSubstr("did you mean LL_SERVER_EVENT_RETENTION?"))));
  EXPECT_THAT(violations, Contains(Pair("LL_SERVER_MAX_MESSAGE_BYTES", HasSubstr("not a size"))));
  EXPECT_THAT(violations, Contains(Pair("ll.yaml:1: drain_timeout", HasSubstr("did you mean drain-timeout?"))));
  EXPECT_THAT(violations, Contains(Pair("ll.yaml: log-level", HasSubstr("none of debug"))));
  EXPECT_THAT(violations, Contains(Pair("ll.yaml:3: listen", HasSubstr("no single value"))));
}

TEST(ConfigTest, AFlagWithoutItsValueIsWrong) {
  EXPECT_THAT(Violations(Parse({"--listen"})), ElementsAre(Pair("flags", HasSubstr("--listen"))));
  EXPECT_THAT(Violations(Parse({"--data-dir="})), ElementsAre(Pair("flags", HasSubstr("--data-dir"))));
  EXPECT_THAT(Violations(Parse({}, {{"LL_SERVER_DATA_DIR", ""}})),
              ElementsAre(Pair("LL_SERVER_DATA_DIR", HasSubstr("empty"))));
}

TEST(ConfigTest, AFileThatCannotBeUsedIsWrong) {
  EXPECT_THAT(Violations(Parse({"--config", "none"})), ElementsAre(Pair("none", HasSubstr("cannot open none"))));
  EXPECT_THAT(Violations(Parse({"--config", "ll.yaml"}, {}, "- a\n- b\n")),
              ElementsAre(Pair("ll.yaml", HasSubstr("map"))));
  EXPECT_THAT(Violations(Parse({"--config", "ll.yaml"}, {}, "a: [")), ElementsAre(Pair("ll.yaml", HasSubstr("YAML"))));
  EXPECT_THAT(Violations(Parse({"--config", "ll.yaml"}, {}, "listen: 127.0.0.1:1\nlisten: 127.0.0.1:2\n")),
              ElementsAre(Pair("ll.yaml:2: listen", HasSubstr("twice"))));
  EXPECT_THAT(Violations(Parse({"--config", "ll.yaml"}, {}, "config: other.yaml\n")), SizeIs(1));
}

TEST(ConfigTest, OtherMachinesAreServedOnlyWhenThatIsMeant) {
  for (const char* address : {"0.0.0.0:7070", "[::]:7070", "10.1.2.3:7070", "example.org:1"}) {
    EXPECT_THAT(Violations(Parse({"--listen", address})), ElementsAre(Pair("listen", HasSubstr("--insecure"))))
        << address;
    EXPECT_THAT(Parse({"--listen", address, "--insecure"}), IsOk()) << address;
  }
  for (const char* address : {"127.0.0.1:0", "127.1.2.3:80", "localhost:7070", "[::1]:7070", "unix:/run/ll.sock"}) {
    EXPECT_THAT(Parse({"--listen", address}), IsOk()) << address;
  }
  EXPECT_THAT(Violations(Parse({"--http-listen", "0.0.0.0:8080"})),
              ElementsAre(Pair("http-listen", HasSubstr("--insecure"))));
  EXPECT_THAT(Parse({"--http-listen", "0.0.0.0:8080", "--insecure"}), IsOk());
}

TEST(ConfigTest, HttpNeedNotBeServed) {
  LL_ASSERT_OK_AND_ASSIGN(const Config config, Parse({"--http-listen", "off"}));
  EXPECT_FALSE(config.http_listen.has_value());
}

TEST(ConfigTest, ValuesThatMakeNoSenseAreRefused) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> wrong = {
      {"--listen", {"7070", "127.0.0.1:65536", "::1:7070"}},
      {"--http-listen", {"8080", "unix:/run/ll.sock", "on"}},
      {"--http-host", {"http://ml", "ml:80", ","}},
      {"--drain-timeout", {"30", "-1s", "soon"}},
      {"--max-message-bytes", {"2GiB", "0", "-1", "1MB", "99999999999GiB"}},
      {"--max-running-jobs", {"0", "1.5", "1000001"}},
      {"--log-level", {"verbose"}},
      {"--insecure", {"perhaps"}},
  };
  for (const auto& [flag, values] : wrong) {
    for (const std::string& value : values) {
      EXPECT_THAT(Violations(Parse({flag + "=" + value})), Contains(Pair(flag, HasSubstr("\"")))) << flag << value;
    }
  }
}

}  // namespace
}  // namespace ll::llserver
