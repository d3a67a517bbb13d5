#include "learner/lltrain/failure.h"

#include "base/error_reason.h"
#include "gtest/gtest.h"

namespace ll::lltrain {
namespace {

absl::Status Fail(absl::StatusCode code, ErrorReason reason) {
  return MakeError(code, reason, {.what = "cannot train", .why = "because", .remedy = "Try again."});
}

TEST(FailureTest, TheReasonDecidesWhoseFailureItIs) {
  struct Case {
    absl::Status status;
    ExitCode exit_code;
    const char* text;
  };
  const Case cases[] = {
      {Fail(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidHyperparameter), ExitCode::kCustomerError,
       "ClientError: cannot train: because. Try again. (caused by INVALID_HYPERPARAMETER)"},
      {Fail(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidData), ExitCode::kCustomerError,
       "ClientError: cannot train: because. Try again. (caused by INVALID_DATA)"},
      {Fail(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidChannel), ExitCode::kCustomerError,
       "ClientError: cannot train: because. Try again. (caused by INVALID_CHANNEL)"},
      {Fail(absl::StatusCode::kUnimplemented, ErrorReason::kUnimplemented), ExitCode::kCustomerError,
       "ClientError: cannot train: because. Try again. (caused by UNIMPLEMENTED)"},
      {Fail(absl::StatusCode::kResourceExhausted, ErrorReason::kInvalidChannel), ExitCode::kCustomerError,
       "ClientError: cannot train: because. Try again. (caused by INVALID_CHANNEL)"},
      {Fail(absl::StatusCode::kFailedPrecondition, ErrorReason::kTrainingDiverged), ExitCode::kAlgorithmError,
       "AlgorithmError: cannot train: because. Try again. (caused by TRAINING_DIVERGED)"},
      {Fail(absl::StatusCode::kInternal, ErrorReason::kInternal), ExitCode::kAlgorithmError,
       "AlgorithmError: cannot train: because. Try again. (caused by INTERNAL)"},
      {Fail(absl::StatusCode::kResourceExhausted, ErrorReason::kStorageFull), ExitCode::kPlatformError,
       "InternalServerError: cannot train: because. Try again. (caused by STORAGE_FULL)"},
      {Fail(absl::StatusCode::kPermissionDenied, ErrorReason::kStorageFailed), ExitCode::kPlatformError,
       "InternalServerError: cannot train: because. Try again. (caused by STORAGE_FAILED)"},
      {Fail(absl::StatusCode::kCancelled, ErrorReason::kInterrupted), ExitCode::kPlatformError,
       "InternalServerError: cannot train: because. Try again. (caused by INTERRUPTED)"},
      {absl::InvalidArgumentError("bare"), ExitCode::kCustomerError, "ClientError: bare (caused by INVALID_ARGUMENT)"},
      {absl::UnknownError("bare"), ExitCode::kAlgorithmError, "AlgorithmError: bare (caused by UNKNOWN)"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(ExitCodeOf(c.status), c.exit_code) << c.text;
    EXPECT_EQ(FailureText(c.status), c.text);
  }
  EXPECT_EQ(ExitCodeOf(absl::OkStatus()), ExitCode::kSuccess);
}

TEST(FailureTest, ExitCodesAreThoseOfTheContract) {
  EXPECT_EQ(static_cast<int>(ExitCode::kSuccess), 0);
  EXPECT_EQ(static_cast<int>(ExitCode::kAlgorithmError), 1);
  EXPECT_EQ(static_cast<int>(ExitCode::kCustomerError), 2);
  EXPECT_EQ(static_cast<int>(ExitCode::kPlatformError), 3);
}

}  // namespace
}  // namespace ll::lltrain
