#include "clients/cpp/grpc_status.h"

#include <optional>
#include <string>

#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace ll::client {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::IsOk;
using ::ll::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr char kAddress[] = "127.0.0.1:7070";
constexpr char kMethod[] = "ll.v1.ModelService/GetModel";

google::rpc::Status FullError() {
  google::rpc::Status status;
  status.set_code(9);
  status.set_message("cannot delete models/m: it is in use. Delete endpoints/e first.");
  google::rpc::ErrorInfo info;
  info.set_reason("IN_USE");
  info.set_domain("ll");
  (*info.mutable_metadata())["model"] = "models/m";
  status.add_details()->PackFrom(info);
  google::rpc::BadRequest bad_request;
  auto* field = bad_request.add_field_violations();
  field->set_field("name");
  field->set_description("names a model in use");
  status.add_details()->PackFrom(bad_request);
  google::rpc::PreconditionFailure failure;
  auto* violation = failure.add_violations();
  violation->set_type("IN_USE");
  violation->set_subject("endpoints/e");
  violation->set_description("serves it");
  status.add_details()->PackFrom(failure);
  google::rpc::ResourceInfo resource;
  resource.set_resource_type("ll.v1.Model");
  resource.set_resource_name("models/m");
  status.add_details()->PackFrom(resource);
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(1);
  retry.mutable_retry_delay()->set_nanos(500'000'000);
  status.add_details()->PackFrom(retry);
  return status;
}

void ExpectFullDetails(const absl::Status& status) {
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition,
                               "cannot delete models/m: it is in use. Delete endpoints/e first."));
  const std::optional<ErrorDetails> details = GetErrorDetails(status);
  ASSERT_TRUE(details.has_value());
  EXPECT_EQ(details->reason, "IN_USE");
  EXPECT_THAT(details->metadata, UnorderedElementsAre(Pair("model", "models/m")));
  ASSERT_EQ(details->field_violations.size(), 1u);
  EXPECT_EQ(details->field_violations[0].field, "name");
  EXPECT_EQ(details->field_violations[0].description, "names a model in use");
  ASSERT_EQ(details->precondition_violations.size(), 1u);
  EXPECT_EQ(details->precondition_violations[0].type, "IN_USE");
  EXPECT_EQ(details->precondition_violations[0].subject, "endpoints/e");
  EXPECT_EQ(details->precondition_violations[0].description, "serves it");
  ASSERT_TRUE(details->resource.has_value());
  EXPECT_EQ(details->resource->type, "ll.v1.Model");
  EXPECT_EQ(details->resource->name, "models/m");
  EXPECT_EQ(details->retry_delay, absl::Milliseconds(1500));
}

TEST(FromRpcStatusTest, KeepsEveryDetail) { ExpectFullDetails(FromRpcStatus(FullError())); }

TEST(FromRpcStatusTest, AnEmptyStatusIsOk) { EXPECT_THAT(FromRpcStatus(google::rpc::Status()), IsOk()); }

TEST(FromRpcStatusTest, DetailsOfUnknownTypesAreLeftOut) {
  google::rpc::Status status = FullError();
  status.add_details()->set_type_url("type.googleapis.com/future.Detail");
  ExpectFullDetails(FromRpcStatus(status));
}

TEST(FromRpcStatusTest, ACodeOfAnotherWorldIsUnknown) {
  google::rpc::Status status;
  status.set_code(77);
  EXPECT_THAT(FromRpcStatus(status), StatusIs(absl::StatusCode::kUnknown));
}

TEST(FromGrpcStatusTest, KeepsEveryDetail) {
  const google::rpc::Status error = FullError();
  ExpectFullDetails(
      FromGrpcStatus(grpc::Status(grpc::StatusCode::FAILED_PRECONDITION, error.message(), error.SerializeAsString()),
                     kAddress, kMethod));
}

TEST(FromGrpcStatusTest, OkIsOk) { EXPECT_THAT(FromGrpcStatus(grpc::Status::OK, kAddress, kMethod), IsOk()); }

TEST(FromGrpcStatusTest, SaysThatNobodyListens) {
  const absl::Status status = FromGrpcStatus(
      grpc::Status(grpc::StatusCode::UNAVAILABLE,
                   "failed to connect to all addresses; last error: UNKNOWN: ipv4:127.0.0.1:7070: Failed to connect "
                   "to remote host: Connection refused"),
      kAddress, kMethod);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable,
                               HasSubstr("cannot reach 127.0.0.1:7070: Connection refused. Is the server running?")));
  EXPECT_THAT(status, HasReason(ErrorReason::kServerUnreachable));
  EXPECT_FALSE(WasConnected(status));
}

TEST(FromGrpcStatusTest, SaysThatAConnectionBroke) {
  const absl::Status status =
      FromGrpcStatus(grpc::Status(grpc::StatusCode::UNAVAILABLE, "Socket closed"), kAddress, kMethod);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable,
                               HasSubstr("lost the connection to 127.0.0.1:7070: Socket closed")));
  EXPECT_THAT(status, HasReason(ErrorReason::kServerUnreachable));
  EXPECT_TRUE(WasConnected(status));
}

TEST(FromGrpcStatusTest, AnUnavailableServerThatSaysSoWasConnected) {
  EXPECT_TRUE(WasConnected(
      MakeError(absl::StatusCode::kUnavailable, ErrorReason::kShuttingDown, {.what = "no", .why = "it is going"})));
}

TEST(FromGrpcStatusTest, NamesTheSettingOfTheMessageLimit) {
  const absl::Status status = FromGrpcStatus(
      grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "Received message larger than max (300 vs. 256)"), kAddress,
      kMethod);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("max_message_bytes")));
  EXPECT_THAT(status, HasReason(ErrorReason::kMessageTooLarge));
}

TEST(FromGrpcStatusTest, GivesEveryTransportErrorAReason) {
  const struct {
    grpc::StatusCode code;
    ErrorReason reason;
  } kCases[] = {{grpc::StatusCode::DEADLINE_EXCEEDED, ErrorReason::kDeadlineExceeded},
                {grpc::StatusCode::CANCELLED, ErrorReason::kCancelled},
                {grpc::StatusCode::UNIMPLEMENTED, ErrorReason::kUnimplemented},
                {grpc::StatusCode::RESOURCE_EXHAUSTED, ErrorReason::kOverloaded},
                {grpc::StatusCode::INTERNAL, ErrorReason::kInternal},
                {grpc::StatusCode::UNKNOWN, ErrorReason::kInternal}};
  for (const auto& expected : kCases) {
    const absl::Status status = FromGrpcStatus(grpc::Status(expected.code, "why"), kAddress, kMethod);
    EXPECT_THAT(status, StatusIs(static_cast<absl::StatusCode>(expected.code), HasSubstr(kMethod)));
    EXPECT_THAT(status, HasReason(expected.reason));
  }
}

}  // namespace
}  // namespace ll::client
