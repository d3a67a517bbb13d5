#include "registry/stored_error.h"

#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace ll::registry {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::StatusIs;
using ::testing::HasSubstr;

TEST(StoredErrorTest, KeepsCodeReasonMessageAndViolations) {
  const absl::Status status = MakeError(absl::StatusCode::kFailedPrecondition, ErrorReason::kTrainingDiverged,
                                        {.what = "cannot train", .why = "no loss is finite", .remedy = "Try less."},
                                        {.field_violations = {{"epochs", "is too many"}, {"wd", "is too small"}}});
  const StoredError error = ToStoredError(status);
  EXPECT_EQ(error, (StoredError{.code = 9,
                                .reason = "TRAINING_DIVERGED",
                                .message = "cannot train: no loss is finite. Try less.",
                                .field_violations = {{"epochs", "is too many"}, {"wd", "is too small"}}}));
  const absl::Status back = ToStatus(error);
  EXPECT_THAT(back, StatusIs(absl::StatusCode::kFailedPrecondition, "cannot train: no loss is finite. Try less."));
  EXPECT_THAT(back, HasReason(ErrorReason::kTrainingDiverged));
  EXPECT_EQ(ToStoredError(back), error);
}

TEST(StoredErrorTest, AnErrorOfALibraryIsOneOfOurs) {
  const StoredError error = ToStoredError(absl::DataLossError("odd bytes"));
  EXPECT_EQ(error, (StoredError{.code = 15, .reason = "INTERNAL", .message = "odd bytes"}));
  EXPECT_THAT(ToStatus(error), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("odd")));
}

}  // namespace
}  // namespace ll::registry
