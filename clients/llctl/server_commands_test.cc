// `llctl event`, `status`, `version` and `config`, and what holds for every command: settings, errors, exit codes.
#include <string>
#include <thread>

#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ll/v1/event_service.pb.h"
#include "tests/testing/fake_services/fake_llserver.h"
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
using ::testing::HasSubstr;
using ::testing::StartsWith;

class ServerCommandsTest : public ::testing::Test {
 protected:
  FakeLlserver server_;
  LlctlRunner llctl_{server_.address()};
};

TEST_F(ServerCommandsTest, EventsInEveryOutputFormat) {
  server_.AddEndpoint("live", server_.AddVersion("churn", 2));
  EXPECT_TRUE(MatchesGolden("llctl/event_list.txt", llctl_.Run({"event", "list"}).out));
  EXPECT_TRUE(MatchesGolden("llctl/event_list_wide.txt", llctl_.Run({"event", "list", "-o", "wide"}).out));
  EXPECT_EQ(llctl_.Run({"event", "list", "-o", "name", "--limit", "1", "--order-by", "name desc"}).out, "events/3\n");
}

TEST_F(ServerCommandsTest, EventsAreWatchedFromAPointOn) {
  server_.AddEndpoint("live", server_.AddVersion("churn", 2));
  EXPECT_TRUE(
      MatchesGolden("llctl/event_watch.txt", llctl_.Run({"event", "watch", "--from-oldest", "--limit", "3"}).out));
  EXPECT_EQ(llctl_.Run({"event", "watch", "--resume-token", "after-2", "--limit", "1", "-o", "name"}).out,
            "events/3\n");
  EXPECT_EQ(llctl_.Run({"event", "watch", "--resume-token", "after-2", "--from-oldest"}).code, 2);
  EXPECT_THAT(llctl_.Run({"event", "watch", "--from-oldest", "--limit", "1", "-o", "json"}).out,
              StartsWith("{\"name\":\"events/1\""));
  EXPECT_EQ(llctl_.Run({"event", "watch", "--resume-token", "too old"}).code, 1);
}

TEST_F(ServerCommandsTest, CtrlCEndsAWatch) {
  std::thread user([&] {
    server_.AwaitCalls("WatchEvents", 1);
    llctl_.Interrupt();
  });
  const LlctlResult interrupted = llctl_.Run({"event", "watch"});
  EXPECT_EQ(interrupted.code, 130);
  EXPECT_EQ(interrupted.err, "error: interrupted [CANCELLED]\n");
  user.join();
}

TEST_F(ServerCommandsTest, StatusShowsTheServer) {
  const LlctlResult result = llctl_.Run({"status"});
  EXPECT_EQ(result.code, 0);
  EXPECT_TRUE(MatchesGolden("llctl/status.txt", result.out));
  EXPECT_THAT(llctl_.Run({"status", "-o", "json"}).out, HasSubstr("\"serving\": true"));
  EXPECT_EQ(llctl_.Run({"status", "-q"}).out, "");
}

TEST_F(ServerCommandsTest, AServerThatDoesNotServeIsUnavailable) {
  server_.Edit([](FakeState& state) ABSL_EXCLUSIVE_LOCKS_REQUIRED(state.mutex) { state.serving = false; });
  const LlctlResult result = llctl_.Run({"status"});
  EXPECT_EQ(result.code, 7);
  EXPECT_THAT(result.out, StartsWith("State:           NOT_SERVING\n"));
  EXPECT_THAT(result.err, HasSubstr("SERVER does not serve now"));
}

TEST_F(ServerCommandsTest, VersionShowsBoth) {
  EXPECT_EQ(llctl_.Run({"version"}).out, "Client:  0.1.0\nServer:  0.1.0\n");
  EXPECT_EQ(llctl_.Run({"version", "--client"}).out, "Client:  0.1.0\n");
  EXPECT_EQ(llctl_.Run({"version", "-o", "json"}).out, "{\n  \"client\": \"0.1.0\",\n  \"server\": \"0.1.0\"\n}\n");
  server_.Stop();
  const LlctlResult result = llctl_.Run({"version"});
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.out, "Client:  0.1.0\nServer:  <unknown>\n");
  EXPECT_THAT(result.err, HasSubstr("cannot reach SERVER"));
}

TEST_F(ServerCommandsTest, ConfigShowsOrigins) {
  const TempDir dir;
  dir.Write("llctl/config.yaml", "output: wide\n");
  llctl_.variables() = {{"XDG_CONFIG_HOME", dir.path()}, {"LL_ADDRESS", "10.0.0.7:7070"}};
  const LlctlResult result = llctl_.Run({"config", "view"});
  EXPECT_EQ(result.out,
            "NAME     VALUE          ORIGIN\n"
            "address  10.0.0.7:7070  LL_ADDRESS\n"
            "output   wide           " +
                dir.File("llctl/config.yaml") + "\n");
  EXPECT_EQ(result.err, "Configuration file: " + dir.File("llctl/config.yaml") + "\n");
  EXPECT_THAT(llctl_.Run({"config", "view", "--address", "h:1", "-o", "json"}).out, HasSubstr("\"--address\""));
  EXPECT_EQ(llctl_.Run({"config", "set"}).code, 2);
}

TEST_F(ServerCommandsTest, AServerThatCannotBeReachedComesWithTheOriginOfTheAddress) {
  server_.Stop();
  LlctlResult result = llctl_.Run({"model", "list"});
  EXPECT_EQ(result.code, 7);
  EXPECT_EQ(
      result.err,
      "error: cannot reach SERVER: Connection refused. Is the server running? Start it with `llserver`, or give the "
      "address of the one you mean. [SERVER_UNREACHABLE]\n"
      "  The address comes from LL_ADDRESS.\n");
  result = llctl_.Run({"model", "list", "--address", "nonsense"});
  EXPECT_EQ(result.code, 2);
  EXPECT_EQ(
      result.err,
      "error: --address: cannot use the server address \"nonsense\": it is not HOST:PORT, [IPv6]:PORT or unix:PATH. "
      "Give one such as 127.0.0.1:7070.\n");
}

TEST_F(ServerCommandsTest, ErrorsAreJsonWithJsonOutput) {
  const LlctlResult result = llctl_.Run({"model", "get", "none", "-o", "json"});
  EXPECT_EQ(result.code, 3);
  EXPECT_EQ(result.out, "");
  EXPECT_TRUE(MatchesGolden("llctl/error.json", result.err));
}

TEST_F(ServerCommandsTest, VerboseErrorsTellAllThatIsKnown) {
  EXPECT_EQ(llctl_.Run({"model", "get", "none", "-v"}).err,
            "error: cannot find models/none: there is no such resource [MODEL_NOT_FOUND]\n"
            "  code: NOT_FOUND\n"
            "  name: models/none\n");
}

TEST_F(ServerCommandsTest, EveryExitCode) {
  server_.AddVersion("churn", 2);
  const struct {
    absl::StatusCode code;
    int expected;
  } kCases[] = {{absl::StatusCode::kInvalidArgument, 1},   {absl::StatusCode::kInternal, 1},
                {absl::StatusCode::kPermissionDenied, 4},  {absl::StatusCode::kUnauthenticated, 4},
                {absl::StatusCode::kDeadlineExceeded, 5},  {absl::StatusCode::kAborted, 6},
                {absl::StatusCode::kFailedPrecondition, 6}};
  for (const auto& entry : kCases) {
    server_.FailNext("GetModel", absl::Status(entry.code, "why"));
    EXPECT_EQ(llctl_.Run({"model", "get", "churn"}).code, entry.expected) << entry.code;
  }
}

TEST_F(ServerCommandsTest, AnUnknownOutputFormatIsWrongUsage) {
  const LlctlResult result = llctl_.Run({"model", "list", "-o", "tabel"});
  EXPECT_EQ(result.code, 2);
  EXPECT_EQ(result.err, "error: -o: there is no output format `tabel`. Did you mean `table`?\n");
}

}  // namespace
}  // namespace ll::llctl
