#include "base/error_reason.h"

#include <cerrno>
#include <set>
#include <string>

#include "tests/testing/status_matchers.h"

namespace ll {
namespace {

using testing::StatusIs;

TEST(ErrorReasonTest, MessageHasThreeParts) {
  const absl::Status status = MakeError(absl::StatusCode::kNotFound, ErrorReason::kModelNotFound,
                                        {.what = "cannot get models/churn",
                                         .why = "there is no such model",
                                         .remedy = "List the models with `llctl model list`."});
  EXPECT_THAT(status,
              StatusIs(absl::StatusCode::kNotFound,
                       "cannot get models/churn: there is no such model. List the models with `llctl model list`."));
  EXPECT_TRUE(HasReason(status, ErrorReason::kModelNotFound));
  EXPECT_FALSE(HasReason(status, ErrorReason::kInUse));
}

TEST(ErrorReasonTest, DetailsSurvive) {
  const ErrorDetails details{.metadata = {{"model", "churn"}, {"empty", ""}},
                             .field_violations = {{"model.labels[\"a\"]", "too long"}, {"x", ""}},
                             .precondition_violations = {{"IN_USE", "endpoints/e", "it serves the version"}},
                             .resource = ResourceInfo{.type = "ll.v1.Model", .name = "models/churn"},
                             .retry_delay = absl::Milliseconds(1500)};
  const absl::Status status = MakeError(absl::StatusCode::kFailedPrecondition, ErrorReason::kInUse,
                                        {.what = "a", .why = "b", .remedy = ""}, details);
  const std::optional<ErrorDetails> read = GetErrorDetails(status);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->reason, "IN_USE");
  EXPECT_EQ(read->metadata, details.metadata);
  ASSERT_EQ(read->field_violations.size(), 2u);
  EXPECT_EQ(read->field_violations[0].field, "model.labels[\"a\"]");
  EXPECT_EQ(read->field_violations[0].description, "too long");
  ASSERT_EQ(read->precondition_violations.size(), 1u);
  EXPECT_EQ(read->precondition_violations[0].type, "IN_USE");
  EXPECT_EQ(read->precondition_violations[0].subject, "endpoints/e");
  EXPECT_EQ(read->precondition_violations[0].description, "it serves the version");
  ASSERT_TRUE(read->resource.has_value());
  EXPECT_EQ(read->resource->type, "ll.v1.Model");
  EXPECT_EQ(read->resource->name, "models/churn");
  EXPECT_EQ(read->retry_delay, absl::Milliseconds(1500));
}

TEST(ErrorReasonTest, ForeignStatusHasNoDetails) {
  EXPECT_FALSE(GetErrorDetails(absl::InternalError("x")).has_value());
  EXPECT_FALSE(GetErrorDetails(absl::OkStatus()).has_value());
}

TEST(ErrorReasonTest, AnnotateKeepsCodeAndDetails) {
  const absl::Status inner =
      MakeError(absl::StatusCode::kAborted, ErrorReason::kEtagMismatch, {.what = "a", .why = "b", .remedy = ""});
  const absl::Status outer = Annotate(inner, "while updating");
  EXPECT_THAT(outer, StatusIs(absl::StatusCode::kAborted, "while updating: a: b"));
  EXPECT_TRUE(HasReason(outer, ErrorReason::kEtagMismatch));
  EXPECT_TRUE(Annotate(absl::OkStatus(), "x").ok());
}

TEST(ErrorReasonTest, NamesAreUniqueUpperSnakeAndComplete) {
  std::set<std::string> names;
  for (const ErrorReason reason : AllErrorReasons()) {
    const std::string name(ErrorReasonName(reason));
    EXPECT_TRUE(names.insert(name).second) << name << " stands twice";
    EXPECT_EQ(name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_"), std::string::npos) << name;
  }
  // kInternal is the last enumerator: every one before it must have a name of its own.
  EXPECT_EQ(names.size(), static_cast<size_t>(ErrorReason::kInternal) + 1);
}

TEST(ErrorReasonTest, ErrnoMapsToCodes) {
  EXPECT_THAT(ErrnoError(ENOSPC, "w"), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_TRUE(HasReason(ErrnoError(ENOSPC, "w"), ErrorReason::kStorageFull));
  EXPECT_THAT(ErrnoError(ENOENT, "w"),
              StatusIs(absl::StatusCode::kNotFound, "w: No such file or directory. Check the path."));
  EXPECT_THAT(ErrnoError(ENOTDIR, "w"), StatusIs(absl::StatusCode::kFailedPrecondition,
                                                 "w: Not a directory. Check the path: a file stands in the way."));
  EXPECT_THAT(ErrnoError(EACCES, "w"), StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(ErrnoError(EEXIST, "w"), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(ErrnoError(EIO, "w"), StatusIs(absl::StatusCode::kInternal, "w: Input/output error"));
}

}  // namespace
}  // namespace ll
