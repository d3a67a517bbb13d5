#include "clients/llctl/exit_codes.h"

#include "base/error_reason.h"
#include "gtest/gtest.h"

namespace ll::llctl {
namespace {

TEST(ExitCodesTest, FollowTheCanonicalCode) {
  const struct {
    absl::StatusCode code;
    ExitCode expected;
  } kCases[] = {{absl::StatusCode::kOk, kDone},
                {absl::StatusCode::kInvalidArgument, kFailed},
                {absl::StatusCode::kNotFound, kNotFound},
                {absl::StatusCode::kPermissionDenied, kNotPermitted},
                {absl::StatusCode::kUnauthenticated, kNotPermitted},
                {absl::StatusCode::kDeadlineExceeded, kTimedOut},
                {absl::StatusCode::kAlreadyExists, kConflict},
                {absl::StatusCode::kAborted, kConflict},
                {absl::StatusCode::kFailedPrecondition, kConflict},
                {absl::StatusCode::kUnavailable, kUnavailable},
                {absl::StatusCode::kInternal, kFailed},
                {absl::StatusCode::kDataLoss, kFailed},
                {absl::StatusCode::kResourceExhausted, kFailed},
                {absl::StatusCode::kCancelled, kFailed}};
  for (const auto& entry : kCases) EXPECT_EQ(ExitCodeOf(absl::Status(entry.code, "why")), entry.expected) << entry.code;
}

TEST(ExitCodesTest, AnExplicitOneWins) {
  EXPECT_EQ(ExitCodeOf(WithExitCode(absl::NotFoundError("why"), kFailed)), kFailed);
  EXPECT_EQ(ExitCodeOf(UsageError("what")), kUsage);
  EXPECT_EQ(UsageError("what", "Do this.").message(), "what. Do this.");
}

TEST(ExitCodesTest, AMissingLocalFileIsAPlainFailure) {
  EXPECT_EQ(ExitCodeOf(ErrnoError(ENOENT, "cannot open train.csv")), kFailed);
  EXPECT_EQ(ExitCodeOf(ErrnoError(EACCES, "cannot open train.csv")), kFailed);
}

TEST(ExitCodesTest, EveryCodeHasAMeaning) {
  for (const ExitCode code :
       {kDone, kFailed, kUsage, kNotFound, kNotPermitted, kTimedOut, kConflict, kUnavailable, kInterrupted}) {
    int entries = 0;
    for (const ExitCodeMeaning& entry : ExitCodeTable()) entries += entry.code == code ? 1 : 0;
    EXPECT_EQ(entries, 1) << code;
  }
}

}  // namespace
}  // namespace ll::llctl
