#include "services/rpc/field_checks.h"

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace ll::rpc {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::IsOk;
using ::ll::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> Fields(const FieldChecks& checks) {
  std::vector<std::string> fields;
  for (const FieldViolation& violation : GetErrorDetails(checks.status()).value_or(ErrorDetails{}).field_violations) {
    fields.push_back(violation.field);
  }
  return fields;
}

std::map<std::string, std::string> Entries(int count) {
  std::map<std::string, std::string> map;
  for (int i = 0; i < count; ++i) map.emplace(absl::StrCat("k", i), "v");
  return map;
}

TEST(FieldChecksTest, NothingAddedIsOk) { EXPECT_THAT(FieldChecks().status(), IsOk()); }

TEST(FieldChecksTest, OneViolationIsToldInThreeParts) {
  const absl::Status status = InvalidField("model_id", "\"a b\" is not an id; use letters", ErrorReason::kInvalidName);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument,
                               "`model_id` is not valid: \"a b\" is not an id; use letters"));
  EXPECT_THAT(status, HasReason(ErrorReason::kInvalidName));
}

TEST(FieldChecksTest, ManyAreToldTogether) {
  FieldChecks checks;
  EXPECT_EQ(checks.Take(absl::StatusOr<std::string>("fine")), "fine");
  EXPECT_EQ(checks.Take(absl::StatusOr<std::string>(InvalidField("a", "is bad", ErrorReason::kInvalidName))), "");
  checks.Add("b", "is worse");
  EXPECT_THAT(checks.status(),
              StatusIs(absl::StatusCode::kInvalidArgument, "2 fields are not valid: `a`: is bad; `b`: is worse"));
  EXPECT_THAT(checks.status(), HasReason(ErrorReason::kInvalidArgument));
  EXPECT_THAT(Fields(checks), ElementsAre("a", "b"));
}

TEST(FieldChecksTest, AReasonSharedByAllIsKept) {
  FieldChecks checks;
  checks.Add("a", "is bad", ErrorReason::kInvalidName);
  checks.Add("b", "is bad", ErrorReason::kInvalidName);
  EXPECT_THAT(checks.status(), HasReason(ErrorReason::kInvalidName));
}

TEST(FieldChecksTest, AnErrorWithoutFieldsIsKept) {
  FieldChecks checks;
  checks.Add(MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidChannel,
                       {.what = "no channel", .why = "the list is empty"}));
  EXPECT_THAT(checks.status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no channel: the list is empty")));
  EXPECT_THAT(checks.status(), HasReason(ErrorReason::kInvalidChannel));
}

TEST(FieldChecksTest, LabelsKeepTheirLimits) {
  FieldChecks good;
  std::map<std::string, std::string> labels = Entries(63);
  labels[std::string(63, 'k')] = std::string(255, 'v');
  CheckLabels(labels, "labels", &good);
  CheckLabels({{"a-Z_0.9:/@+", ""}}, "labels", &good);
  EXPECT_THAT(good.status(), IsOk());

  FieldChecks bad;
  CheckLabels(Entries(65), "many", &bad);
  CheckLabels({{std::string(64, 'k'), "v"}}, "key", &bad);
  CheckLabels({{"k", std::string(256, 'v')}}, "value", &bad);
  CheckLabels({{"", "v"}}, "empty", &bad);
  CheckLabels({{"two words", "v"}}, "space", &bad);
  EXPECT_THAT(Fields(bad), ElementsAre("many", absl::StrCat("key[\"", std::string(64, 'k'), "\"]"), "value[\"k\"]",
                                       "empty", "space[\"two words\"]"));
}

TEST(FieldChecksTest, AnnotationsAndTextsKeepTheirLimits) {
  FieldChecks good;
  CheckAnnotations({{"any key at all", std::string(64 * 1024 - 14, 'v')}}, "annotations", &good);
  CheckDescription(std::string(4096, 'd'), "description", &good);
  EXPECT_THAT(Fields(good), IsEmpty());

  FieldChecks bad;
  CheckAnnotations({{"any key at all", std::string(64 * 1024 - 13, 'v')}}, "annotations", &bad);
  CheckAnnotations(Entries(65), "many", &bad);
  CheckDescription(std::string(4097, 'd'), "description", &bad);
  EXPECT_THAT(Fields(bad), ElementsAre("annotations", "many", "description"));
}

TEST(FieldChecksTest, DigestsAreReadInEitherCase) {
  const std::string digest(64, 'a');
  EXPECT_EQ(ParseSha256(digest, "f").value(), digest);
  EXPECT_EQ(ParseSha256(std::string(64, 'A'), "f").value(), digest);
  for (const std::string& bad : {std::string(), std::string(63, 'a'), std::string(65, 'a'), std::string(64, 'g')}) {
    EXPECT_THAT(ParseSha256(bad, "f"), StatusIs(absl::StatusCode::kInvalidArgument)) << bad;
  }
}

}  // namespace
}  // namespace ll::rpc
