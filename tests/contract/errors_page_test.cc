// docs/errors.md lists every reason there is, in the order of the code, and no other.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/env.h"
#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace ll {
namespace {

struct Row {
  std::string reason;
  std::vector<std::string> codes;
  std::string meaning;
  std::string remedy;
};

// Rows of the tables whose first cell is a reason in backticks: | `REASON` | CODE, CODE | meaning | what to do |
std::vector<Row> RowsOf(const std::string& page) {
  std::vector<Row> rows;
  for (const absl::string_view line : absl::StrSplit(page, '\n')) {
    absl::string_view rest = line;
    if (!absl::ConsumePrefix(&rest, "| `") || !absl::ConsumeSuffix(&rest, " |")) continue;
    const std::vector<std::string> cells = absl::StrSplit(rest, " | ");
    const absl::string_view reason = absl::StripSuffix(cells[0], "`");
    // The page has a table of details, too.
    if (!std::all_of(reason.begin(), reason.end(), [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; })) continue;
    EXPECT_EQ(cells.size(), 4u) << line;
    rows.push_back({std::string(reason), absl::StrSplit(cells[1], ", "), cells[2], cells.back()});
  }
  return rows;
}

bool IsCode(const std::string& name) {
  for (int code = 1; code <= 16; ++code) {
    if (absl::StatusCodeToString(static_cast<absl::StatusCode>(code)) == name) return true;
  }
  return false;
}

TEST(ErrorsPageTest, ListsEveryReasonInOrder) {
  LL_ASSERT_OK_AND_ASSIGN(const std::string page,
                          Env::Posix().ReadFile(std::string(std::getenv("LL_SOURCE_DIR")) + "/docs/errors.md"));
  const std::vector<Row> rows = RowsOf(page);
  std::vector<std::string> listed;
  for (const Row& row : rows) {
    listed.push_back(row.reason);
    for (const std::string& code : row.codes) EXPECT_TRUE(IsCode(code)) << row.reason << ": " << code;
    EXPECT_NE(row.meaning, "") << row.reason;
    EXPECT_NE(row.remedy, "") << row.reason;
  }
  std::vector<std::string> expected;
  for (const ErrorReason reason : AllErrorReasons()) expected.emplace_back(ErrorReasonName(reason));
  EXPECT_THAT(listed, ::testing::ElementsAreArray(expected));
}

}  // namespace
}  // namespace ll
