// `llctl endpoint` against a server in memory.
#include <string>
#include <thread>

#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ll/v1/endpoint_service.pb.h"
#include "tests/testing/fake_services/fake_llserver.h"
#include "tests/testing/fake_services/sample_messages.h"
#include "tests/testing/golden.h"
#include "tests/testing/llctl_runner.h"

namespace ll::llctl {
namespace {

using ::ll::testing::FakeLlserver;
using ::ll::testing::FakeState;
using ::ll::testing::LlctlResult;
using ::ll::testing::LlctlRunner;
using ::ll::testing::MatchesGolden;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

class EndpointCommandsTest : public ::testing::Test {
 protected:
  EndpointCommandsTest() : version_(server_.AddVersion("churn", 2)) {}

  void BreakNewest() {
    server_.BreakVersion(server_.AddVersion("churn", 2),
                         MakeError(absl::StatusCode::kDataLoss, ErrorReason::kCorruptBlob,
                                   {.what = "cannot load models/churn/versions/2", .why = "its bytes are damaged"}));
  }

  FakeLlserver server_;
  LlctlRunner llctl_{server_.address()};
  const std::string version_;
};

TEST_F(EndpointCommandsTest, CreateWithoutWaiting) {
  const LlctlResult result =
      llctl_.Run({"endpoint", "create", "live", "--model-version", "churn@latest", "--label", "tier=gold"});
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.out, "endpoint/live created\n");
  const auto request = server_.last<v1::CreateEndpointRequest>();
  EXPECT_EQ(request.endpoint().variants(0).model_version(), "models/churn@latest");
  EXPECT_THAT(request.endpoint().labels(), ElementsAre(Pair("tier", "gold")));
}

TEST_F(EndpointCommandsTest, CreateAndWait) {
  const LlctlResult result =
      llctl_.Run({"endpoint", "create", "live", "--model-version", "models/churn@latest", "--wait"});
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.out, "endpoint/live created\nendpoint/live in service after 0.0s: models/churn/versions/1\n");
  EXPECT_EQ(result.err, "live  CREATING  0.0s\n");
}

TEST_F(EndpointCommandsTest, CreateFromStandardInput) {
  EXPECT_EQ(llctl_
                .Run({"endpoint", "create", "-f", "-", "-o", "name"},
                     "name: endpoints/live\nvariants: [{modelVersion: models/churn/versions/1}]\n")
                .out,
            "endpoints/live\n");
}

TEST_F(EndpointCommandsTest, WhatIsMissingIsWrongUsage) {
  EXPECT_EQ(llctl_.Run({"endpoint", "create", "live"}).err, "error: --model-version is required\n");
  EXPECT_EQ(llctl_.Run({"endpoint", "create", "--model-version", "a@b"}).code, 2);
  EXPECT_EQ(llctl_.Run({"endpoint", "update", "live"}).err,
            "error: nothing to change. Give --model-version, --label or another flag.\n");
}

TEST_F(EndpointCommandsTest, AnEndpointThatDoesNotComeUpIsAFailure) {
  BreakNewest();
  const LlctlResult result = llctl_.Run({"endpoint", "create", "live", "--model-version", "churn@latest", "--wait"});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("error: endpoints/live is not in service: cannot load models/churn/versions/2: its "
                                    "bytes are damaged [CORRUPT_BLOB]\n"));
}

TEST_F(EndpointCommandsTest, AnUpdateThatDoesNotGoThroughIsAFailureThatSaysWhatServes) {
  server_.AddEndpoint("live", version_);
  BreakNewest();
  const LlctlResult result = llctl_.Run({"endpoint", "update", "live", "--model-version", "churn@latest", "--wait"});
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(result.out, "endpoint/live updated\n");
  EXPECT_THAT(result.err, HasSubstr("endpoints/live still serves models/churn/versions/1: cannot load "));
}

TEST_F(EndpointCommandsTest, UpdateAndWait) {
  server_.AddEndpoint("live", version_);
  server_.AddVersion("churn", 2);
  EXPECT_EQ(llctl_.Run({"endpoint", "update", "live", "--model-version", "churn@latest", "--wait"}).out,
            "endpoint/live updated\nendpoint/live in service after 0.0s: models/churn/versions/2\n");
  EXPECT_THAT(server_.last<v1::UpdateEndpointRequest>().update_mask().paths(), ElementsAre("variants"));
  // The same again changes nothing, and is a success.
  EXPECT_EQ(llctl_.Run({"endpoint", "update", "live", "--model-version", "churn@latest", "--wait"}).code, 0);
}

TEST_F(EndpointCommandsTest, LabelsAreUpdatedWithoutWaiting) {
  server_.AddEndpoint("live", version_);
  EXPECT_EQ(llctl_.Run({"endpoint", "update", "live", "--label", "tier=gold", "--wait"}).out,
            "endpoint/live updated\n");
  EXPECT_EQ(server_.calls("WatchEndpoint"), 0);
}

TEST_F(EndpointCommandsTest, DeleteWithAndWithoutWaiting) {
  server_.AddEndpoint("live", version_);
  EXPECT_EQ(llctl_.Run({"endpoint", "delete", "live", "--yes", "--dry-run"}).out,
            "endpoint/live would be deleted (dry run)\n");
  EXPECT_EQ(llctl_.Run({"endpoint", "delete", "live", "--yes"}).out, "endpoint/live is being deleted\n");
  EXPECT_EQ(llctl_.Run({"endpoint", "wait", "live", "--deleted"}).out, "endpoint/live deleted\n");
  server_.AddEndpoint("live", version_);
  const LlctlResult result = llctl_.Run({"endpoint", "delete", "live", "--yes", "--wait"});
  EXPECT_EQ(result.out, "endpoint/live deleted\n");
  EXPECT_EQ(llctl_.Run({"endpoint", "get", "live"}).code, 3);
  EXPECT_EQ(llctl_.Run({"endpoint", "delete", "live", "--yes"}).code, 3);
}

TEST_F(EndpointCommandsTest, ListAndGetInEveryOutputFormat) {
  server_.AddEndpoint("live", version_);
  server_.Edit([](FakeState& state) ABSL_EXCLUSIVE_LOCKS_REQUIRED(state.mutex) {
    state.endpoints["endpoints/digits"] = testing::SampleEndpointMessage();
    v1::Endpoint& failed = state.endpoints["endpoints/failed"];
    failed.set_name("endpoints/failed");
    failed.set_state(v1::Endpoint::FAILED);
    failed.add_variants()->set_model_version("models/digits/versions/12");
  });
  EXPECT_TRUE(MatchesGolden("llctl/endpoint_list.txt", llctl_.Run({"endpoint", "list"}).out));
  EXPECT_TRUE(MatchesGolden("llctl/endpoint_list_wide.txt", llctl_.Run({"endpoints", "list", "-o", "wide"}).out));
  EXPECT_TRUE(MatchesGolden("llctl/endpoint_get.txt", llctl_.Run({"endpoint", "get", "digits"}).out));
  EXPECT_TRUE(MatchesGolden("llctl/endpoint_get.json", llctl_.Run({"endpoint", "get", "live", "-o", "json"}).out));
}

TEST_F(EndpointCommandsTest, StatesAreColoredOnATerminalOnly) {
  server_.AddEndpoint("live", version_);
  llctl_.UseTerminal(80, /*color=*/true);
  EXPECT_THAT(llctl_.Run({"endpoint", "list"}).out, HasSubstr("\x1b[32mIN_SERVICE\x1b[0m"));
  EXPECT_THAT(llctl_.Run({"endpoint", "list", "--no-color"}).out, HasSubstr("  IN_SERVICE  "));
}

TEST_F(EndpointCommandsTest, WatchEndsWithTheEndpoint) {
  llctl_.Run({"endpoint", "create", "live", "--model-version", "churn@latest"});
  std::thread user([&] {
    server_.AwaitCalls("WatchEndpoint", 1);
    server_.Edit([](FakeState& state) ABSL_EXCLUSIVE_LOCKS_REQUIRED(state.mutex) {
      state.endpoints["endpoints/live"].set_state(v1::Endpoint::DELETING);
    });
  });
  const LlctlResult result = llctl_.Run({"endpoint", "get", "live", "--watch", "-o", "name"});
  user.join();
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.out, HasSubstr("endpoints/live\n"));
}

TEST_F(EndpointCommandsTest, CtrlCEndsAWatch) {
  server_.AddEndpoint("live", version_);
  std::thread user([&] {
    server_.AwaitCalls("WatchEndpoint", 1);
    llctl_.Interrupt();
  });
  EXPECT_EQ(llctl_.Run({"endpoint", "get", "live", "--watch"}).code, 130);
  user.join();
}

TEST_F(EndpointCommandsTest, ANameThatIsNearIsSuggested) {
  server_.AddEndpoint("production", version_);
  const LlctlResult result = llctl_.Run({"endpoint", "get", "prodution"});
  EXPECT_EQ(result.code, 3);
  EXPECT_EQ(result.err,
            "error: cannot find endpoints/prodution: there is no such resource [ENDPOINT_NOT_FOUND]\n"
            "  Did you mean `endpoints/production`?\n");
}

}  // namespace
}  // namespace ll::llctl
