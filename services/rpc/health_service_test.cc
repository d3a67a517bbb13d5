#include "services/rpc/health_service.h"

#include <memory>
#include <string>

#include "base/error_reason.h"
#include "gtest/gtest.h"
#include "tests/testing/grpc_matchers.h"
#include "tests/testing/grpc_test_server.h"

namespace ll::rpc {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using ::ll::testing::GrpcIsOk;
using ::ll::testing::GrpcStatusIs;
using ::ll::testing::GrpcTestServer;
using ::ll::testing::NewContext;

class HealthServiceTest : public ::testing::Test {
 protected:
  HealthServiceTest() {
    server_.Start();
    stub_ = grpc::health::v1::Health::NewStub(server_.channel());
  }
  grpc::Status Check(const std::string& service, HealthCheckResponse* response) {
    HealthCheckRequest request;
    request.set_service(service);
    return stub_->Check(NewContext().get(), request, response);
  }
  std::unique_ptr<grpc::ClientReader<HealthCheckResponse>> Watch(grpc::ClientContext* context,
                                                                 const std::string& service) {
    HealthCheckRequest request;
    request.set_service(service);
    return stub_->Watch(context, request);
  }
  static int Read(grpc::ClientReader<HealthCheckResponse>& reader) {
    HealthCheckResponse response;
    return reader.Read(&response) ? response.status() : -1;
  }

  GrpcTestServer server_;
  std::unique_ptr<grpc::health::v1::Health::Stub> stub_;
};

TEST_F(HealthServiceTest, ChecksTheServerItsServicesAndEndpoints) {
  HealthCheckResponse response;
  ASSERT_THAT(Check("", &response), GrpcIsOk());
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  ASSERT_THAT(Check("grpc.health.v1.Health", &response), GrpcIsOk());
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  server_.health().SetEndpoint("endpoints/e", false);
  ASSERT_THAT(Check("endpoints/e", &response), GrpcIsOk());
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
}

TEST_F(HealthServiceTest, AnUnknownNameIsNotFound) {
  HealthCheckResponse response;
  for (const char* name : {"endpoints/x", "ll.v1.NoService", "models/m"}) {
    EXPECT_THAT(Check(name, &response), GrpcStatusIs(grpc::StatusCode::NOT_FOUND, ErrorReason::kServiceNotFound));
  }
}

TEST_F(HealthServiceTest, AWatchOfAnUnknownNameWaitsForIt) {
  const auto context = NewContext();
  const auto reader = Watch(context.get(), "endpoints/e");
  EXPECT_EQ(Read(*reader), HealthCheckResponse::SERVICE_UNKNOWN);
  server_.health().SetEndpoint("endpoints/e", false);
  EXPECT_EQ(Read(*reader), HealthCheckResponse::NOT_SERVING);
  server_.health().SetEndpoint("endpoints/other", true);  // not told
  server_.health().SetEndpoint("endpoints/e", true);
  EXPECT_EQ(Read(*reader), HealthCheckResponse::SERVING);
  server_.health().RemoveEndpoint("endpoints/e");
  EXPECT_EQ(Read(*reader), HealthCheckResponse::SERVICE_UNKNOWN);
}

TEST_F(HealthServiceTest, AWatchOfTheServerHearsOfItsEnd) {
  const auto context = NewContext();
  const auto reader = Watch(context.get(), "");
  EXPECT_EQ(Read(*reader), HealthCheckResponse::SERVING);
  server_.health().Drain();
  EXPECT_EQ(Read(*reader), HealthCheckResponse::NOT_SERVING);
}

}  // namespace
}  // namespace ll::rpc
