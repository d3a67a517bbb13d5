#include "clients/cpp/service_config.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "grpc/health/v1/health.pb.h"
#include "gtest/gtest.h"
#include "ll/v1/endpoint_service.pb.h"
#include "ll/v1/event_service.pb.h"
#include "ll/v1/model_service.pb.h"
#include "ll/v1/object_service.pb.h"
#include "ll/v1/prediction_service.pb.h"
#include "ll/v1/server_service.pb.h"
#include "ll/v1/training_service.pb.h"
#include "tests/testing/status_matchers.h"

namespace ll::client {
namespace {

using ::google::protobuf::MethodDescriptor;
using ::ll::testing::HasReason;
using ::ll::testing::IsOk;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<const MethodDescriptor*> AllMethods() {
  std::vector<const MethodDescriptor*> methods;
  for (const google::protobuf::FileDescriptor* file :
       {v1::CreateModelRequest::descriptor()->file(), v1::CreateBucketRequest::descriptor()->file(),
        v1::CreateTrainingJobRequest::descriptor()->file(), v1::CreateEndpointRequest::descriptor()->file(),
        v1::PredictRequest::descriptor()->file(), v1::GetEventRequest::descriptor()->file(),
        v1::ServerInfo::descriptor()->file(), grpc::health::v1::HealthCheckRequest::descriptor()->file()}) {
    for (int i = 0; i < file->service(0)->method_count(); ++i) methods.push_back(file->service(0)->method(i));
  }
  return methods;
}

std::string NameOf(const MethodDescriptor& method) {
  return absl::StrCat(method.service()->full_name(), "/", method.name());
}

// Whether the entry that gRPC finds for the method (its own, else its service's) has a retry policy.
bool IsRetried(const MethodDescriptor& method) {
  google::protobuf::Struct config;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(kClientServiceConfigJson, &config).ok());
  bool of_service = false;
  for (const auto& entry : config.fields().at("methodConfig").list_value().values()) {
    const auto& fields = entry.struct_value().fields();
    for (const auto& name : fields.at("name").list_value().values()) {
      const auto& parts = name.struct_value().fields();
      if (parts.at("service").string_value() != method.service()->full_name()) continue;
      const bool retried = fields.count("retryPolicy") > 0;
      if (parts.count("method") == 0) {
        of_service = retried;
      } else if (parts.at("method").string_value() == method.name()) {
        return retried;
      }
    }
  }
  return of_service;
}

TEST(ServiceConfigTest, EveryMethodHasATimeout) {
  LL_ASSERT_OK_AND_ASSIGN(const ServiceConfig config, ServiceConfig::Parse(kClientServiceConfigJson));
  for (const MethodDescriptor* method : AllMethods()) {
    EXPECT_TRUE(config.TimeoutOf(NameOf(*method)).has_value()) << NameOf(*method);
  }
}

// Safe to repeat: what only reads, and unary mutations, which carry a request id. Not: streams from the client, which
// are gone once sent.
TEST(ServiceConfigTest, ExactlyWhatIsSafeToRepeatIsRetried) {
  for (const MethodDescriptor* method : AllMethods()) {
    EXPECT_EQ(IsRetried(*method), !method->client_streaming()) << NameOf(*method);
  }
}

TEST(ServiceConfigTest, TheMethodsOwnEntryWins) {
  LL_ASSERT_OK_AND_ASSIGN(const ServiceConfig config, ServiceConfig::Parse(R"({"methodConfig": [
      {"name": [{"service": "a.S"}], "timeout": "30s"},
      {"name": [{"service": "a.S", "method": "Slow"}], "timeout": "1.5s"}]})"));
  EXPECT_EQ(config.TimeoutOf("a.S/Quick"), absl::Seconds(30));
  EXPECT_EQ(config.TimeoutOf("a.S/Slow"), absl::Milliseconds(1500));
  EXPECT_EQ(config.TimeoutOf("b.S/Quick"), std::nullopt);
}

TEST(ServiceConfigTest, GrpcGetsEverythingButTheTimeouts) {
  LL_ASSERT_OK_AND_ASSIGN(const ServiceConfig config, ServiceConfig::Parse(kClientServiceConfigJson));
  EXPECT_THAT(config.grpc_json(), HasSubstr("retryPolicy"));
  EXPECT_THAT(config.grpc_json(), HasSubstr("\"maxAttempts\":4"));
  EXPECT_THAT(config.grpc_json(), Not(HasSubstr("timeout")));
}

TEST(ServiceConfigTest, RefusesWhatIsNotAServiceConfig) {
  for (const char* text : {"", "[]", "{\"methodConfig\": [{\"name\": [{\"service\": \"a.S\"}]}]}",
                           "{\"methodConfig\": [{\"timeout\": \"1s\"}]}",
                           "{\"methodConfig\": [{\"name\": [{\"service\": \"a.S\"}], \"timeout\": \"1m\"}]}",
                           "{\"methodConfig\": [{\"name\": [{\"service\": \"a.S\"}], \"timeout\": \"-1s\"}]}"}) {
    EXPECT_THAT(ServiceConfig::Parse(text), HasReason(ErrorReason::kConfigInvalid)) << text;
  }
}

}  // namespace
}  // namespace ll::client
