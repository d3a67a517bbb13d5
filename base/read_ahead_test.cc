#include "base/read_ahead.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace ll {
namespace {

using ::ll::testing::StatusIs;
using ::testing::ElementsAre;

std::vector<int> TakeAll(ReadAhead<int>& items, absl::Status* end) {
  std::vector<int> taken;
  for (;;) {
    const absl::StatusOr<int*> item = items.Next();
    *end = item.status();
    if (!item.ok() || *item == nullptr) return taken;
    taken.push_back(**item);
  }
}

TEST(ReadAheadTest, HandsItemsOverInOrderThroughARingOfTwo) {
  std::vector<int> ring(2);
  int next = 0;
  ReadAhead<int> items(absl::MakeSpan(ring), [&](int& item) -> absl::StatusOr<bool> {
    item = next++;
    return next <= 5;
  });
  absl::Status end;
  EXPECT_THAT(TakeAll(items, &end), ElementsAre(0, 1, 2, 3, 4));
  EXPECT_TRUE(end.ok());
  EXPECT_EQ(*items.Next(), nullptr);
}

TEST(ReadAheadTest, WhatWasFilledBeforeAnErrorComesFirst) {
  std::vector<int> ring(3);
  int next = 0;
  ReadAhead<int> items(absl::MakeSpan(ring), [&](int& item) -> absl::StatusOr<bool> {
    if (next == 2) return absl::DataLossError("torn");
    item = next++;
    return true;
  });
  absl::Status end;
  EXPECT_THAT(TakeAll(items, &end), ElementsAre(0, 1));
  EXPECT_THAT(end, StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(items.Next(), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(ReadAheadTest, NoItemIsFilledWhileItIsInUse) {
  std::vector<int> ring(2);
  int next = 0;
  ReadAhead<int> items(absl::MakeSpan(ring), [&](int& item) -> absl::StatusOr<bool> {
    item = next++;
    return next <= 100;
  });
  for (int i = 0; i < 100; ++i) {
    int* const item = *items.Next();
    const int seen = *item;
    std::this_thread::yield();
    ASSERT_EQ(*item, seen);
    ASSERT_EQ(seen, i);
  }
}

TEST(ReadAheadTest, MayEndBeforeItsItemsDo) {
  std::vector<int> ring(2);
  ReadAhead<int> items(absl::MakeSpan(ring), [&](int&) -> absl::StatusOr<bool> { return true; });
  EXPECT_NE(*items.Next(), nullptr);
}

}  // namespace
}  // namespace ll
