#include "clients/cpp/list_range.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace ll::client {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Source {
  std::vector<ListPage<int>> pages;
  std::vector<std::string> tokens = {};  // as they were asked for

  ListRange<int> Range() {
    return ListRange<int>([this](const std::string& token) -> absl::StatusOr<ListPage<int>> {
      tokens.push_back(token);
      if (tokens.size() > pages.size()) return absl::UnavailableError("gone");
      return pages[tokens.size() - 1];
    });
  }
};

std::vector<int> Walk(ListRange<int> range, absl::Status* error) {
  std::vector<int> values;
  *error = absl::OkStatus();
  for (absl::StatusOr<int>& value : range) {
    if (value.ok()) {
      values.push_back(*value);
    } else {
      *error = value.status();
    }
  }
  return values;
}

TEST(ListRangeTest, WalksAllPagesAndPassesTheirTokens) {
  Source source{.pages = {{{1, 2}, "b"}, {{3}, "c"}, {{4, 5}, ""}}};
  absl::Status error;
  EXPECT_THAT(Walk(source.Range(), &error), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_TRUE(error.ok());
  EXPECT_THAT(source.tokens, ElementsAre("", "b", "c"));
}

TEST(ListRangeTest, SkipsEmptyPages) {
  Source source{.pages = {{{}, "b"}, {{}, "c"}, {{7}, "d"}, {{}, ""}}};
  absl::Status error;
  EXPECT_THAT(Walk(source.Range(), &error), ElementsAre(7));
  EXPECT_THAT(source.tokens, ElementsAre("", "b", "c", "d"));
}

TEST(ListRangeTest, NothingAtAll) {
  Source source{.pages = {{{}, ""}}};
  absl::Status error;
  EXPECT_THAT(Walk(source.Range(), &error), IsEmpty());
  EXPECT_TRUE(error.ok());
}

TEST(ListRangeTest, AnErrorIsTheLastElement) {
  Source source{.pages = {{{1, 2}, "b"}}};
  absl::Status error;
  EXPECT_THAT(Walk(source.Range(), &error), ElementsAre(1, 2));
  EXPECT_EQ(error.message(), "gone");
  EXPECT_THAT(source.tokens, ElementsAre("", "b"));
}

TEST(ListRangeTest, APageIsFetchedOnlyWhenItIsReached) {
  Source source{.pages = {{{1, 2}, "b"}, {{3}, ""}}};
  ListRange<int> range = source.Range();
  EXPECT_THAT(source.tokens, IsEmpty());
  auto it = range.begin();
  ++it;
  EXPECT_THAT(source.tokens, ElementsAre(""));
  ++it;
  EXPECT_THAT(source.tokens, ElementsAre("", "b"));
  EXPECT_EQ(**it, 3);
}

}  // namespace
}  // namespace ll::client
