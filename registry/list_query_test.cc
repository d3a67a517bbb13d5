#include "registry/list_query.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace ll::registry {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::IsOk;
using ::ll::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr absl::string_view kFields[] = {"name", "state", "labels", "create_time"};

absl::StatusOr<std::vector<Condition>> Parse(absl::string_view filter) { return ParseFilter(filter, kFields); }

TEST(ParseFilterTest, NothingAsksForEverything) {
  EXPECT_THAT(Parse("").value(), IsEmpty());
  EXPECT_THAT(Parse(" \t\n ").value(), IsEmpty());
}

TEST(ParseFilterTest, ConditionsOfEveryKind) {
  LL_ASSERT_OK_AND_ASSIGN(
      const auto conditions,
      Parse("state=READY AND labels.team != \"a \\\"b\\\" \\\\\" AND create_time>=2026-11-01T00:00:00.5+01:00"));
  const absl::Time time =
      absl::FromCivil(absl::CivilSecond(2026, 10, 31, 23), absl::UTCTimeZone()) + absl::Seconds(0.5);
  EXPECT_THAT(
      conditions,
      ElementsAre(
          Condition{.field = "state", .text = "READY"},
          Condition{.field = "labels", .key = "team", .comparison = Comparison::kNotEqual, .text = "a \"b\" \\"},
          Condition{.field = "create_time", .comparison = Comparison::kGreaterOrEqual, .time = time}));
}

TEST(ParseFilterTest, EveryComparison) {
  const std::pair<absl::string_view, Comparison> cases[] = {{"=", Comparison::kEqual},
                                                            {"<", Comparison::kLess},
                                                            {"<=", Comparison::kLessOrEqual},
                                                            {">", Comparison::kGreater},
                                                            {">=", Comparison::kGreaterOrEqual}};
  for (const auto& [text, comparison] : cases) {
    LL_ASSERT_OK_AND_ASSIGN(const auto conditions, Parse(absl::StrCat("create_time ", text, " 2026-01-01T00:00:00Z")));
    EXPECT_EQ(conditions.at(0).comparison, comparison) << text;
    EXPECT_EQ(ComparisonText(comparison), text);
  }
  LL_ASSERT_OK_AND_ASSIGN(const auto conditions, Parse("state != READY"));
  EXPECT_EQ(conditions.at(0).comparison, Comparison::kNotEqual);
  EXPECT_EQ(ComparisonText(Comparison::kNotEqual), "!=");
}

TEST(ParseFilterTest, KeysAndWordsMayHoldWhatNamesHold) {
  LL_ASSERT_OK_AND_ASSIGN(const auto conditions, Parse("labels.app.kubernetes.io/name = models/m@champion-1"));
  EXPECT_EQ(conditions.at(0).key, "app.kubernetes.io/name");
  EXPECT_EQ(conditions.at(0).text, "models/m@champion-1");
}

TEST(ParseFilterTest, TextsInQuotesMayHoldAnything) {
  LL_ASSERT_OK_AND_ASSIGN(const auto conditions, Parse("name = \"' OR 1=1; -- \xE2\x98\x83\" AND state = \"\""));
  EXPECT_EQ(conditions.at(0).text, "' OR 1=1; -- \xE2\x98\x83");
  EXPECT_EQ(conditions.at(1).text, "");
}

struct BadFilter {
  absl::string_view filter;
  int position;
  absl::string_view why;
};

TEST(ParseFilterTest, ErrorsNameThePlaceAndTheFields) {
  const BadFilter cases[] = {
      {"= READY", 1, "expected a field"},
      {"colour = red", 1, "\"colour\" is not a field"},
      {"labels = red", 1, "\"labels\" is not a field"},
      {"labels. = red", 1, "the key of a label"},
      {"update_time > 2026-01-01T00:00:00Z", 1, "\"update_time\" is not a field"},
      {"state READY", 7, "expected one of"},
      {"state < READY", 7, "= and != only"},
      {"create_time != 2026-01-01T00:00:00Z", 13, "!="},
      {"create_time = yesterday", 15, "expected a time"},
      {"state =", 8, "expected a value"},
      {"state = (READY)", 9, "expected a value"},
      {"state = READY OR state = CORRUPT", 15, "expected AND"},
      {"state = READY and state = CORRUPT", 15, "expected AND"},
      {"state = READY AND", 18, "expected a field"},
      {"state = \"READY", 9, "does not end"},
      {"state = \"a\\n\"", 11, "escapes"},
      {"state = \"a\\", 11, "escapes"},
  };
  for (const BadFilter& bad : cases) {
    const absl::Status status = Parse(bad.filter).status();
    EXPECT_THAT(status,
                StatusIs(absl::StatusCode::kInvalidArgument,
                         AllOf(HasSubstr(absl::StrCat("position ", bad.position, ":")), HasSubstr(std::string(bad.why)),
                               HasSubstr("name, state, labels.KEY, create_time"))))
        << bad.filter;
    EXPECT_THAT(status, HasReason(ErrorReason::kInvalidFilter));
  }
}

TEST(ParseFilterTest, TheNumberOfConditionsIsBounded) {
  std::string filter = "state = READY";
  for (int i = 1; i < 32; ++i) filter += " AND state = READY";
  EXPECT_THAT(Parse(filter), IsOk());
  EXPECT_THAT(Parse(filter + " AND state = READY"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("more than 32")));
}

TEST(ParseOrderByTest, FieldsAndDirections) {
  ListQuery query{.order = OrderField::kCreateTime, .descending = true};
  LL_ASSERT_OK(ParseOrderBy("", &query));
  EXPECT_EQ(query.order, OrderField::kName);
  EXPECT_FALSE(query.descending);
  LL_ASSERT_OK(ParseOrderBy("  create_time   desc ", &query));
  EXPECT_EQ(query.order, OrderField::kCreateTime);
  EXPECT_TRUE(query.descending);
  LL_ASSERT_OK(ParseOrderBy("update_time", &query));
  EXPECT_EQ(query.order, OrderField::kUpdateTime);
  EXPECT_FALSE(query.descending);
  LL_ASSERT_OK(ParseOrderBy("name desc", &query));
  EXPECT_EQ(query.order, OrderField::kName);
}

TEST(ParseOrderByTest, AnythingElseIsRefused) {
  for (const absl::string_view bad : {"state", "desc", "name asc", "name,create_time", "name desc desc", "NAME"}) {
    ListQuery query;
    const absl::Status status = ParseOrderBy(bad, &query);
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("name, create_time or update_time")))
        << bad;
    EXPECT_THAT(status, HasReason(ErrorReason::kInvalidFilter));
  }
}

TEST(CheckQueryTest, RefusesWhatTheListingDoesNotKnow) {
  constexpr absl::string_view kStates[] = {"READY", "CORRUPT"};
  ListQuery query;
  EXPECT_THAT(CheckQuery(query, kFields, kStates), IsOk());
  query.conditions = {{.field = "state", .text = "READY"}};
  EXPECT_THAT(CheckQuery(query, kFields, kStates), IsOk());
  query.conditions = {{.field = "state", .text = "DONE"}};
  EXPECT_THAT(CheckQuery(query, kFields, kStates),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("The states are READY, CORRUPT.")));
  query.conditions = {{.field = "model", .text = "m"}};
  EXPECT_THAT(CheckQuery(query, kFields, kStates), HasReason(ErrorReason::kInvalidFilter));
  query.conditions = {{.field = "name", .comparison = Comparison::kLess, .text = "m"}};
  EXPECT_THAT(CheckQuery(query, kFields, kStates), HasReason(ErrorReason::kInvalidFilter));
  query = {.page_size = 0};
  EXPECT_THAT(CheckQuery(query, kFields, kStates),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("at least 1")));
}

}  // namespace
}  // namespace ll::registry
