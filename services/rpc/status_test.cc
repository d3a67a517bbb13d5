#include "services/rpc/status.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "tests/testing/grpc_matchers.h"

namespace ll::rpc {
namespace {

using ::ll::testing::DetailOf;
using ::ll::testing::FieldsOf;
using ::ll::testing::ReasonOf;
using ::ll::testing::RichStatusOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::Pair;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

// What clients accept by default, message and details together, as they travel.
constexpr size_t kClientTrailerLimit = 8192;

size_t WireBytes(const grpc::Status& status) {
  size_t message = 0;
  for (const char c : status.error_message()) message += c >= 0x20 && c <= 0x7e && c != '%' ? 1 : 3;
  return message + (status.error_details().size() + 2) / 3 * 4;
}

TEST(ToGrpcStatusTest, KeepsCodeMessageAndEveryDetail) {
  const absl::Status error =
      MakeError(absl::StatusCode::kFailedPrecondition, ErrorReason::kInUse,
                {.what = "cannot delete models/m", .why = "it is used", .remedy = "Delete its users first."},
                {.metadata = {{"model", "m"}, {"users", "2"}},
                 .field_violations = {{"name", "is in use"}},
                 .precondition_violations = {{"IN_USE", "endpoints/e", "endpoints/e uses it"}},
                 .resource = ResourceInfo{"ll.v1.Model", "models/m"},
                 .retry_delay = absl::Seconds(2) + absl::Milliseconds(250)});
  const grpc::Status status = ToGrpcStatus(error);

  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(status.error_message(), "cannot delete models/m: it is used. Delete its users first.");
  const google::rpc::Status rich = RichStatusOf(status);
  EXPECT_EQ(rich.code(), 9);
  EXPECT_EQ(rich.message(), status.error_message());
  EXPECT_EQ(rich.details_size(), 5);

  const auto info = DetailOf<google::rpc::ErrorInfo>(rich);
  ASSERT_TRUE(info.has_value());
  EXPECT_EQ(info->reason(), "IN_USE");
  EXPECT_EQ(info->domain(), "ll");
  EXPECT_THAT(info->metadata(), UnorderedElementsAre(Pair("model", "m"), Pair("users", "2")));
  EXPECT_THAT(FieldsOf(status), ElementsAre("name"));
  const auto precondition = DetailOf<google::rpc::PreconditionFailure>(rich);
  ASSERT_TRUE(precondition.has_value());
  EXPECT_EQ(precondition->violations(0).type(), "IN_USE");
  EXPECT_EQ(precondition->violations(0).subject(), "endpoints/e");
  EXPECT_EQ(precondition->violations(0).description(), "endpoints/e uses it");
  const auto resource = DetailOf<google::rpc::ResourceInfo>(rich);
  ASSERT_TRUE(resource.has_value());
  EXPECT_EQ(resource->resource_type(), "ll.v1.Model");
  EXPECT_EQ(resource->resource_name(), "models/m");
  const auto retry = DetailOf<google::rpc::RetryInfo>(rich);
  ASSERT_TRUE(retry.has_value());
  EXPECT_EQ(retry->retry_delay().seconds(), 2);
  EXPECT_EQ(retry->retry_delay().nanos(), 250'000'000);
}

TEST(ToGrpcStatusTest, OkIsOk) { EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok()); }

TEST(ToGrpcStatusTest, AnErrorOfALibraryGetsTheReasonOfItsCode) {
  EXPECT_EQ(ReasonOf(ToGrpcStatus(absl::InvalidArgumentError("x"))), "INVALID_ARGUMENT");
  EXPECT_EQ(ReasonOf(ToGrpcStatus(absl::CancelledError("x"))), "CANCELLED");
  EXPECT_EQ(ReasonOf(ToGrpcStatus(absl::UnimplementedError("x"))), "UNIMPLEMENTED");
  EXPECT_EQ(ReasonOf(ToGrpcStatus(absl::NotFoundError("x"))), "INTERNAL");
}

TEST(ToGrpcStatusTest, EveryCodeHasExactlyOneErrorInfo) {
  for (int code = 1; code <= 16; ++code) {
    const grpc::Status status = ToGrpcStatus(absl::Status(static_cast<absl::StatusCode>(code), "x"));
    EXPECT_EQ(status.error_code(), code);
    EXPECT_NE(ReasonOf(status), "") << code;
  }
}

TEST(ToGrpcStatusTest, BytesThatAreNotUtf8AreReplaced) {
  const absl::Status error = MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidData,
                                       {.what = "bad \xff", .why = "found \xc3"},
                                       {.metadata = {{"text", "\xfe"}}, .field_violations = {{"f", "\x80"}}});
  const grpc::Status status = ToGrpcStatus(error);
  EXPECT_EQ(status.error_message(), "bad \xef\xbf\xbd: found \xef\xbf\xbd");
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(status)->metadata().at("text"), "\xef\xbf\xbd");
  EXPECT_EQ(DetailOf<google::rpc::BadRequest>(status)->field_violations(0).description(), "\xef\xbf\xbd");
}

TEST(ToGrpcStatusTest, ManyViolationsAreCutToWhatClientsAccept) {
  ErrorDetails details;
  std::string why;
  for (int i = 0; i < 500; ++i) {
    details.field_violations.push_back({absl::StrCat("field_", i), "is out of range; use 1 to 10"});
    absl::StrAppend(&why, "field_", i, " is out of range \xc3\xa9; ");
  }
  const grpc::Status status = ToGrpcStatus(MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidArgument,
                                                     {.what = "500 fields are not valid", .why = why}, details));
  EXPECT_LT(WireBytes(status), kClientTrailerLimit);
  EXPECT_THAT(status.error_message(), StartsWith("500 fields are not valid: field_0 is"));
  EXPECT_THAT(status.error_message(), EndsWith("..."));
  const auto bad_request = DetailOf<google::rpc::BadRequest>(status);
  ASSERT_TRUE(bad_request.has_value());
  const int kept = bad_request->field_violations_size() - 1;
  EXPECT_GT(kept, 30);
  EXPECT_EQ(bad_request->field_violations(0).field(), "field_0");
  EXPECT_EQ(bad_request->field_violations(kept).field(), "");
  EXPECT_EQ(bad_request->field_violations(kept).description(), absl::StrCat("and ", 500 - kept, " more"));
}

TEST(ToGrpcStatusTest, AnyNumberOfViolationsIsCut) {
  ErrorDetails details;
  for (int i = 0; i < 30'000; ++i) details.field_violations.push_back({"f", "is wrong"});
  details.precondition_violations.resize(30'000, {"IN_USE", "endpoints/e", "uses it"});
  const grpc::Status status = ToGrpcStatus(MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidArgument,
                                                     {.what = "wrong", .why = "all of it"}, details));
  EXPECT_LT(WireBytes(status), kClientTrailerLimit);
  EXPECT_THAT(FieldsOf(status), ElementsAre(""));
  EXPECT_GT(DetailOf<google::rpc::PreconditionFailure>(status)->violations_size(), 50);
}

TEST(ToGrpcStatusTest, WhateverIsLongIsCut) {
  ErrorDetails details;
  for (int i = 0; i < 300; ++i) {
    details.precondition_violations.push_back({"IN_USE", absl::StrCat("endpoints/e", i), std::string(100, 'x')});
  }
  for (int i = 0; i < 40; ++i) details.metadata[absl::StrCat("key", i)] = std::string(1000, 'v');
  details.resource = ResourceInfo{"ll.v1.Object", std::string(1100, '\xff')};
  const grpc::Status status = ToGrpcStatus(MakeError(absl::StatusCode::kFailedPrecondition, ErrorReason::kInUse,
                                                     {.what = std::string(10'000, '%'), .why = "it is used"}, details));
  EXPECT_LT(WireBytes(status), kClientTrailerLimit);
  EXPECT_EQ(ReasonOf(status), "IN_USE");
}

TEST(ToRpcStatusTest, KeepsEverythingHoweverLong) {
  ErrorDetails details;
  for (int i = 0; i < 500; ++i) details.field_violations.push_back({absl::StrCat("field_", i), "is out of range"});
  const google::rpc::Status status =
      ToRpcStatus(MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidHyperparameter,
                            {.what = std::string(10'000, 'x'), .why = "y"}, details));
  EXPECT_EQ(status.message().size(), 10'003u);
  EXPECT_EQ(DetailOf<google::rpc::BadRequest>(status)->field_violations_size(), 500);
}

TEST(ToRpcStatusTest, AStoredErrorIsTheErrorItWas) {
  const google::rpc::Status status = ToRpcStatus(registry::StoredError{
      .code = 3, .reason = "INVALID_DATA", .message = "row 7", .field_violations = {{"channels[0]", "row 7"}}});
  EXPECT_EQ(status.code(), 3);
  EXPECT_EQ(status.message(), "row 7");
  EXPECT_EQ(ReasonOf(status), "INVALID_DATA");
  EXPECT_EQ(DetailOf<google::rpc::BadRequest>(status)->field_violations(0).field(), "channels[0]");
}

}  // namespace
}  // namespace ll::rpc
