#include "clients/cpp/connection.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>
#include <stop_token>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "clients/cpp/client.h"
#include "clients/cpp/client_call.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_services/fake_llserver.h"
#include "tests/testing/status_matchers.h"

namespace ll::client {
namespace {

using ::ll::testing::FakeLlserver;
using ::ll::testing::HasReason;
using ::ll::testing::IsOk;
using ::ll::testing::StatusIs;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

absl::Status Unavailable() {
  return MakeError(absl::StatusCode::kUnavailable, ErrorReason::kShuttingDown,
                   {.what = "the call was refused", .why = "the server is shutting down"});
}

Client Connect(const FakeLlserver& server) { return Client::Open({.address = server.address()}).value(); }

TEST(ConnectionTest, TakesAddressesOfEveryKind) {
  for (const char* address :
       {"127.0.0.1:7070", "localhost:1", "host.example:65535", "[::1]:7070", "unix:/run/ll.sock"}) {
    EXPECT_THAT(Connection::Open({.address = address}), IsOk()) << address;
  }
}

TEST(ConnectionTest, RefusesIllFormedAddresses) {
  for (const char* address : {"", "localhost", ":7070", "localhost:", "localhost:http", "localhost:0",
                              "localhost:65536", "::1:7070", "unix:"}) {
    const absl::StatusOr<Connection> connection = Connection::Open({.address = address});
    EXPECT_THAT(connection, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("HOST:PORT"))) << address;
    EXPECT_THAT(connection, HasReason(ErrorReason::kConfigInvalid)) << address;
  }
}

TEST(ConnectionTest, SaysThatTheServerCannotBeReached) {
  std::string address;
  {
    const FakeLlserver server;
    address = server.address();
  }
  const Client client = Client::Open({.address = address}).value();
  const absl::StatusOr<v1::Model> model = client.models().GetModel("models/churn");
  EXPECT_THAT(model,
              StatusIs(absl::StatusCode::kUnavailable, AllOf(HasSubstr("cannot reach " + address), HasSubstr("refused"),
                                                             HasSubstr("Is the server running?"))));
  EXPECT_THAT(model, HasReason(ErrorReason::kServerUnreachable));
}

TEST(ConnectionTest, FindsARestartedServerAgain) {
  FakeLlserver server;
  server.AddVersion("churn", 2);
  const Client client = Connect(server);
  EXPECT_THAT(client.models().GetModel("models/churn"), IsOk());
  server.Stop();
  EXPECT_THAT(client.models().GetModel("models/churn"), StatusIs(absl::StatusCode::kUnavailable));
  server.Start();
  EXPECT_THAT(client.models().GetModel("models/churn"), IsOk());
}

TEST(RetryTest, ReadsAreRepeatedWhileTheServerIsBrieflyAway) {
  FakeLlserver server;
  server.AddVersion("churn", 2);
  server.FailNext("GetModel", Unavailable(), 2);
  EXPECT_THAT(Connect(server).models().GetModel("models/churn"), IsOk());
  EXPECT_EQ(server.calls("GetModel"), 3);
}

TEST(RetryTest, GivesUpAfterFourAttemptsWithTheServersError) {
  FakeLlserver server;
  server.FailNext("GetModel", Unavailable(), 10);
  EXPECT_THAT(Connect(server).models().GetModel("models/churn"), HasReason(ErrorReason::kShuttingDown));
  EXPECT_EQ(server.calls("GetModel"), 4);
}

TEST(RetryTest, MutationsAreRepeatedWithTheSameRequestId) {
  FakeLlserver server;
  server.FailNext("CreateModel", Unavailable(), 2);
  v1::CreateModelRequest request;
  request.set_model_id("churn");
  EXPECT_THAT(Connect(server).models().CreateModel(request), IsOk());
  const std::vector<std::string> ids = server.request_ids("CreateModel");
  ASSERT_THAT(ids, SizeIs(3));
  EXPECT_THAT(ids[0], SizeIs(36));
  EXPECT_THAT(ids, ElementsAre(ids[0], ids[0], ids[0]));
}

TEST(RetryTest, EachMutationHasARequestIdOfItsOwnUnlessTheCallerChoseOne) {
  FakeLlserver server;
  const Client client = Connect(server);
  v1::CreateModelRequest request;
  request.set_model_id("a");
  LL_ASSERT_OK(client.models().CreateModel(request));
  request.set_model_id("b");
  LL_ASSERT_OK(client.models().CreateModel(request));
  request.set_model_id("c");
  request.set_request_id("mine");
  LL_ASSERT_OK(client.models().CreateModel(request));
  const std::vector<std::string> ids = server.request_ids("CreateModel");
  ASSERT_THAT(ids, SizeIs(3));
  EXPECT_NE(ids[0], ids[1]);
  EXPECT_EQ(ids[2], "mine");
}

TEST(RetryTest, OtherErrorsAreNotRepeated) {
  FakeLlserver server;
  server.FailNext("GetModel", absl::AbortedError("changed"));
  EXPECT_THAT(Connect(server).models().GetModel("models/churn"), StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(server.calls("GetModel"), 1);
}

TEST(CallTest, ErrorsCarryTheServersDetails) {
  FakeLlserver server;
  const absl::StatusOr<v1::Model> model = Connect(server).models().GetModel("models/churn");
  EXPECT_THAT(model, StatusIs(absl::StatusCode::kNotFound, HasSubstr("models/churn")));
  EXPECT_THAT(model, HasReason(ErrorReason::kModelNotFound));
  EXPECT_EQ(GetErrorDetails(model.status())->metadata.at("name"), "models/churn");
}

// gRPC itself ends what still runs when a server's time to drain is over.
TEST(CallTest, CancelledByTheServerIsUnavailable) {
  LL_ASSERT_OK_AND_ASSIGN(const Connection connection, Connection::Open({.address = "127.0.0.1:1"}));
  const grpc::Status cancelled(grpc::StatusCode::CANCELLED, "");
  ClientCall call(connection, "ll.v1.ModelService/GetModel", {});
  const absl::Status ended = call.End(cancelled);
  EXPECT_THAT(ended, StatusIs(absl::StatusCode::kUnavailable, HasSubstr("shutting down")));
  EXPECT_THAT(ended, HasReason(ErrorReason::kShuttingDown));
  call.Cancel();
  EXPECT_THAT(call.End(cancelled), StatusIs(absl::StatusCode::kCancelled));
}

TEST(CallTest, AStopIsACancelOfOurs) {
  LL_ASSERT_OK_AND_ASSIGN(const Connection connection, Connection::Open({.address = "127.0.0.1:1"}));
  std::stop_source stop;
  const ClientCall call(connection, "ll.v1.ModelService/GetModel", {.stop = stop.get_token()});
  stop.request_stop();
  EXPECT_THAT(call.End(grpc::Status(grpc::StatusCode::CANCELLED, "")), StatusIs(absl::StatusCode::kCancelled));
}

// Takes connections and never says a word.
class SilentServer {
 public:
  SilentServer() : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(socket_, generic, size), 0);
    EXPECT_EQ(listen(socket_, 8), 0);
    EXPECT_EQ(getsockname(socket_, generic, &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~SilentServer() { close(socket_); }
  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }

 private:
  const int socket_;
  int port_ = 0;
};

TEST(CallTest, TheDeadlineIsTheCallersWhenGiven) {
  const SilentServer server;
  const Client client = Client::Open({.address = server.address()}).value();
  const absl::StatusOr<v1::Model> model = client.models().GetModel("models/churn", {.timeout = absl::Milliseconds(50)});
  EXPECT_THAT(model, StatusIs(absl::StatusCode::kDeadlineExceeded, HasSubstr("ll.v1.ModelService/GetModel")));
  EXPECT_THAT(model, HasReason(ErrorReason::kDeadlineExceeded));
}

TEST(CallTest, AStopEndsTheCall) {
  FakeLlserver server;
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THAT(Connect(server).models().GetModel("models/churn", {.stop = stop.get_token()}),
              StatusIs(absl::StatusCode::kCancelled));
}

TEST(ListTest, PagesByItself) {
  FakeLlserver server;
  for (const char* id : {"a", "b", "c", "d", "e"}) server.AddVersion(id, 2);
  v1::ListModelsRequest request;
  request.set_page_size(2);
  request.set_filter("labels.team = \"fraud\"");
  std::vector<std::string> names;
  for (absl::StatusOr<v1::Model>& model : Connect(server).models().ListModels(request)) {
    LL_ASSERT_OK(model);
    names.push_back(model->name());
  }
  EXPECT_THAT(names, ElementsAre("models/a", "models/b", "models/c", "models/d", "models/e"));
  EXPECT_EQ(server.calls("ListModels"), 3);
  EXPECT_EQ(server.last<v1::ListModelsRequest>().filter(), "labels.team = \"fraud\"");
}

}  // namespace
}  // namespace ll::client
