#include "clients/llctl/error_report.h"

#include <sstream>
#include <string>

#include "base/error_reason.h"
#include "clients/llctl/message_text.h"
#include "gtest/gtest.h"

namespace ll::llctl {
namespace {

class NoInput final : public SequentialFile {
 public:
  absl::StatusOr<size_t> Read(absl::Span<char>) override { return 0; }
};

std::string Report(const absl::Status& status, const ReportOptions& options = {}, bool colored = false) {
  NoInput in;
  std::ostringstream out;
  std::ostringstream err;
  IoStreams io{.in = in, .out = out, .err = err, .err_is_terminal = colored, .color = colored};
  ReportError(status, options, io);
  EXPECT_EQ(out.str(), "");
  return err.str();
}

TEST(ErrorReportTest, OneLineWithTheReasonAndHintsBelow) {
  const absl::Status status = MakeError(absl::StatusCode::kNotFound, ErrorReason::kModelNotFound,
                                        {.what = "cannot get models/chur",
                                         .why = "there is no such model",
                                         .remedy = "List the models with `llctl model list`."});
  EXPECT_EQ(Report(status, {.hints = {"Did you mean `models/churn`?"}}),
            "error: cannot get models/chur: there is no such model. List the models with `llctl model list`. "
            "[MODEL_NOT_FOUND]\n"
            "  Did you mean `models/churn`?\n");
  EXPECT_EQ(Report(status, {}, true),
            "\x1b[31merror:\x1b[0m cannot get models/chur: there is no such model. List the models with `llctl model "
            "list`. \x1b[2m[MODEL_NOT_FOUND]\x1b[0m\n");
}

TEST(ErrorReportTest, OneViolationIsInTheMessageAlready) {
  EXPECT_EQ(Report(MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidName,
                             {.what = "`model_id` is not valid", .why = "\"a b\" is not an id"},
                             {.field_violations = {{"model_id", "\"a b\" is not an id"}}})),
            "error: `model_id` is not valid: \"a b\" is not an id [INVALID_NAME]\n");
}

TEST(ErrorReportTest, SeveralViolationsAreALineEach) {
  EXPECT_EQ(Report(MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidArgument,
                             {.what = "2 fields are not valid", .why = "`a`: too long; `b`: too short"},
                             {.field_violations = {{"a", "too long"}, {"b", "too short"}}})),
            "error: 2 fields are not valid: [INVALID_ARGUMENT]\n"
            "  - a: too long\n"
            "  - b: too short\n");
}

TEST(ErrorReportTest, TheRemedyComesAfterTheViolations) {
  EXPECT_EQ(
      Report(MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidHyperparameter,
                       {.what = "cannot train with these hyperparameters",
                        .why = "2 problems: Hyperparameter epochs: 0 is too small; Hyperparameter l1: -1 is negative",
                        .remedy = "Correct them and start again."},
                       {.field_violations = {{"epochs", "0 is too small"}, {"l1", "-1 is negative"}}})),
      "error: cannot train with these hyperparameters: 2 problems: [INVALID_HYPERPARAMETER]\n"
      "  - epochs: 0 is too small\n"
      "  - l1: -1 is negative\n"
      "  Correct them and start again.\n");
}

// The server shortens long errors; what the message lost is in the violations.
TEST(ErrorReportTest, ViolationsThatTheMessageDoesNotHoldAreShownToo) {
  EXPECT_EQ(Report(MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidArgument,
                             {.what = "3 fields are not valid", .why = "`a`: too long; ..."},
                             {.field_violations = {{"a", "too long"}, {"b", "too short"}, {"", "and 7 more"}}})),
            "error: 3 fields are not valid: `a`: too long; ... [INVALID_ARGUMENT]\n"
            "  - b: too short\n"
            "  - and 7 more\n");
}

TEST(ErrorReportTest, WhatIsInTheWayIsNamed) {
  EXPECT_EQ(Report(MakeError(absl::StatusCode::kFailedPrecondition, ErrorReason::kInUse,
                             {.what = "cannot delete models/m", .why = "endpoints/a and others use it"},
                             {.precondition_violations = {{"IN_USE", "endpoints/a", "serves version 3"},
                                                          {"IN_USE", "endpoints/b", "serves version 4"}}})),
            "error: cannot delete models/m: endpoints/a and others use it [IN_USE]\n"
            "  - endpoints/b: serves version 4\n");
}

TEST(ErrorReportTest, AnErrorOfALibraryHasNoReason) {
  EXPECT_EQ(Report(absl::InternalError("it broke")), "error: it broke\n");
}

TEST(ErrorReportTest, JsonHoldsEverything) {
  const absl::Status status =
      MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidName, {.what = "bad \xff name", .why = "no"},
                {.metadata = {{"name", "x"}}, .field_violations = {{"model_id", "not an id"}}});
  const Json json = Json::parse(Report(status, {.json = true, .hints = {"Hint."}}));
  EXPECT_EQ(json["error"]["code"], "INVALID_ARGUMENT");
  EXPECT_EQ(json["error"]["reason"], "INVALID_NAME");
  EXPECT_EQ(json["error"]["exitCode"], 1);
  EXPECT_EQ(json["error"]["metadata"]["name"], "x");
  EXPECT_EQ(json["error"]["fieldViolations"][0]["field"], "model_id");
  EXPECT_EQ(json["error"]["hints"][0], "Hint.");
}

}  // namespace
}  // namespace ll::llctl
