#include "services/rpc/field_masks.h"

#include <initializer_list>
#include <string>

#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ll/v1/model.pb.h"
#include "tests/testing/status_matchers.h"

namespace ll::rpc {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr absl::string_view kUpdatable[] = {"description", "labels", "annotations"};

absl::StatusOr<FieldSet> Parse(std::initializer_list<const char*> paths, const v1::Model& model = {}) {
  google::protobuf::FieldMask mask;
  for (const char* path : paths) mask.add_paths(path);
  return ParseUpdateMask(mask, model, kUpdatable);
}

TEST(FieldMasksTest, NamedFieldsAreChangedEvenWhenEmpty) {
  EXPECT_THAT(Parse({"labels", "description"}).value(), ElementsAre("description", "labels"));
  EXPECT_THAT(Parse({"labels", "labels"}).value(), ElementsAre("labels"));
}

TEST(FieldMasksTest, AStarIsAllOfThem) {
  EXPECT_THAT(Parse({"*"}).value(), ElementsAre("annotations", "description", "labels"));
}

TEST(FieldMasksTest, AnEmptyMaskIsWhatIsPopulated) {
  v1::Model model;
  EXPECT_THAT(Parse({}, model).value(), IsEmpty());
  model.set_name("models/m");
  model.set_etag("7");
  model.set_latest_version("models/m/versions/1");
  EXPECT_THAT(Parse({}, model).value(), IsEmpty());
  model.set_description("new");
  (*model.mutable_labels())["team"] = "fraud";
  EXPECT_THAT(Parse({}, model).value(), ElementsAre("description", "labels"));
}

TEST(FieldMasksTest, EveryWrongPathIsTold) {
  const absl::StatusOr<FieldSet> parsed = Parse({"labels", "colour", "aliases", "labels.team", "*", ""});
  EXPECT_THAT(parsed, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("\"colour\" is not a field of Model")));
  EXPECT_THAT(parsed, HasReason(ErrorReason::kInvalidUpdateMask));
  const auto violations = GetErrorDetails(parsed.status())->field_violations;
  ASSERT_EQ(violations.size(), 5u);
  EXPECT_EQ(violations[0].field, "update_mask");
  EXPECT_THAT(violations[1].description, HasSubstr("`aliases` cannot be changed by an update"));
  EXPECT_THAT(violations[2].description, HasSubstr("a part of `labels`"));
  EXPECT_THAT(violations[3].description, HasSubstr("stands beside other fields"));
  EXPECT_THAT(violations[3].description, HasSubstr("name any of description, labels, annotations"));
}

}  // namespace
}  // namespace ll::rpc
