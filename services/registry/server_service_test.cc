#include "services/registry/server_service.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/grpc_matchers.h"
#include "tests/testing/grpc_test_server.h"
#include "tests/testing/proto_fields.h"

namespace ll::catalog {
namespace {

using ::ll::testing::GrpcIsOk;
using ::ll::testing::GrpcTestServer;
using ::ll::testing::NewContext;
using ::ll::testing::UnsetFields;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

ServerFacts SampleFacts() {
  return {.version = "1.2.3",
          .start_time = absl::FromUnixSeconds(100),
          .data_directory = "/var/lib/ll",
          .max_message_bytes = 1,
          .max_inflight_bytes = 2,
          .max_running_training_jobs = 3,
          .max_queued_training_jobs = 4,
          .max_stream_batches = 5};
}

TEST(ServerServiceTest, NoFieldIsForgotten) {
  EXPECT_THAT(UnsetFields(ToProto(SampleFacts(), "127.0.0.1:1", true)), IsEmpty());
}

TEST(ServerServiceTest, OthersDoNotHearOfTheDataDirectory) {
  EXPECT_THAT(UnsetFields(ToProto(SampleFacts(), "127.0.0.1:1", false)), ElementsAre("data_directory"));
}

TEST(ServerServiceTest, TellsWhatItKnows) {
  GrpcTestServer server;
  ServerService service(server.runtime(), SampleFacts());
  server.AddService(v1::ServerService::service_full_name(), service);
  server.Start();
  service.set_grpc_address(server.address());
  v1::ServerInfo info;
  ASSERT_THAT(v1::ServerService::NewStub(server.channel())->GetServerInfo(NewContext().get(), {}, &info), GrpcIsOk());
  EXPECT_EQ(info.version(), "1.2.3");
  EXPECT_EQ(info.start_time().seconds(), 100);
  EXPECT_EQ(info.grpc_address(), server.address());
  EXPECT_EQ(info.data_directory(), "/var/lib/ll");
  EXPECT_EQ(info.limits().max_message_bytes(), 1);
  EXPECT_EQ(info.limits().max_inflight_bytes(), 2);
  EXPECT_EQ(info.limits().max_running_training_jobs(), 3);
  EXPECT_EQ(info.limits().max_queued_training_jobs(), 4);
  EXPECT_EQ(info.limits().max_stream_batches(), 5);
  server.Shutdown();
}

}  // namespace
}  // namespace ll::catalog
