#include "services/http/error_response.h"

#include "absl/time/time.h"
#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace ll::http {
namespace {

using absl::StatusCode;

absl::Status Error(StatusCode code, ErrorReason reason) { return MakeError(code, reason, {.what = "a", .why = "b"}); }

TEST(ErrorResponseTest, CodesBecomeStatuses) {
  EXPECT_EQ(HttpStatusOf(absl::InvalidArgumentError("")), 400);
  EXPECT_EQ(HttpStatusOf(absl::PermissionDeniedError("")), 403);
  EXPECT_EQ(HttpStatusOf(absl::NotFoundError("")), 404);
  EXPECT_EQ(HttpStatusOf(absl::FailedPreconditionError("")), 409);
  EXPECT_EQ(HttpStatusOf(absl::ResourceExhaustedError("")), 429);
  EXPECT_EQ(HttpStatusOf(absl::InternalError("")), 500);
  EXPECT_EQ(HttpStatusOf(absl::DataLossError("")), 500);
  EXPECT_EQ(HttpStatusOf(absl::UnimplementedError("")), 501);
  EXPECT_EQ(HttpStatusOf(absl::UnavailableError("")), 503);
  EXPECT_EQ(HttpStatusOf(absl::DeadlineExceededError("")), 504);
}

TEST(ErrorResponseTest, SomeReasonsHaveStatusesOfTheirOwn) {
  EXPECT_EQ(HttpStatusOf(Error(StatusCode::kUnimplemented, ErrorReason::kMethodNotAllowed)), 405);
  EXPECT_EQ(HttpStatusOf(Error(StatusCode::kInvalidArgument, ErrorReason::kNotAcceptable)), 406);
  EXPECT_EQ(HttpStatusOf(Error(StatusCode::kResourceExhausted, ErrorReason::kMessageTooLarge)), 413);
  EXPECT_EQ(HttpStatusOf(Error(StatusCode::kInvalidArgument, ErrorReason::kUnsupportedMediaType)), 415);
  EXPECT_EQ(HttpStatusOf(Error(StatusCode::kResourceExhausted, ErrorReason::kHeadersTooLarge)), 431);
}

TEST(ErrorResponseTest, TheBodyNamesWhatIsKnown) {
  const absl::Status error = MakeError(StatusCode::kInvalidArgument, ErrorReason::kInvalidData,
                                       {.what = "cannot read row 3", .why = "\"x\xff\" is not a number"},
                                       {.metadata = {{"row", "3"}, {"text", "007"}}});
  const Response response = ErrorResponse(error, {.id = "r-1"});
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.body,
            "{\"error\":{\"code\":\"INVALID_ARGUMENT\",\"reason\":\"INVALID_DATA\",\"message\":\"cannot read row 3: "
            "\\\"x\xef\xbf\xbd\\\" is not a number\",\"row\":3,\"text\":\"007\",\"request_id\":\"r-1\"}}\n");
}

TEST(ErrorResponseTest, RetryAfterIsInWholeSecondsRoundedUp) {
  const absl::Status error = MakeError(StatusCode::kResourceExhausted, ErrorReason::kOverloaded,
                                       {.what = "a", .why = "b"}, {.retry_delay = absl::Milliseconds(1100)});
  EXPECT_EQ(ErrorWithoutBody(error).headers.Get("retry-after"), "2");
  EXPECT_EQ(ErrorWithoutBody(absl::InternalError("")).headers.Get("retry-after"), "");
}

TEST(ErrorResponseTest, AllowIsListedWhereAMethodIsMissing) {
  const absl::Status error = MakeError(StatusCode::kUnimplemented, ErrorReason::kMethodNotAllowed,
                                       {.what = "a", .why = "b"}, {.metadata = {{"allow", "GET, HEAD"}}});
  EXPECT_EQ(ErrorWithoutBody(error).headers.Get("Allow"), "GET, HEAD");
}

}  // namespace
}  // namespace ll::http
