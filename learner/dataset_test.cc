#include "learner/dataset.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace ll::learner {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::IsOk;
using ::ll::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Blocks given up front, one per Next().
class BlockSource final : public RowSource {
 public:
  struct Block {
    std::vector<float> values;
    std::vector<float> labels;
    int columns = 0;
  };
  explicit BlockSource(std::vector<Block> blocks) : blocks_(std::move(blocks)) {}

  absl::StatusOr<RowBlock> Next() override {
    if (next_ == blocks_.size()) return RowBlock{};
    const Block& block = blocks_[next_++];
    return RowBlock{.values = block.values.data(),
                    .labels = block.labels.empty() ? nullptr : block.labels.data(),
                    .rows = static_cast<int64_t>(block.values.size()) / block.columns,
                    .columns = block.columns};
  }
  absl::Status Rewind() override {
    next_ = 0;
    return absl::OkStatus();
  }

 private:
  std::vector<Block> blocks_;
  size_t next_ = 0;
};

TEST(DatasetTest, CollectsBlocksInOrder) {
  BlockSource source({{{1, 2, 3, 4}, {0, 1}, 2}, {{5, 6}, {1}, 2}});
  LL_ASSERT_OK_AND_ASSIGN(const Dataset dataset, Dataset::Collect(source));
  EXPECT_EQ(dataset.rows(), 3);
  EXPECT_EQ(dataset.columns(), 2);
  EXPECT_THAT(std::vector<float>(dataset.values(), dataset.values() + 6), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_EQ(dataset.row(2)[1], 6);
  EXPECT_THAT(dataset.labels(), ElementsAre(0, 1, 1));
  EXPECT_THAT(dataset.offsets(), ElementsAre(0, 0));
}

// Grows through several mappings: every value must survive every move.
TEST(DatasetTest, KeepsEveryRowWhileItGrows) {
  constexpr int kColumns = 250;
  constexpr int kBlockRows = 300;
  constexpr int kBlocks = 60;
  std::vector<BlockSource::Block> blocks;
  float next = 0;
  for (int b = 0; b < kBlocks; ++b) {
    BlockSource::Block block;
    block.columns = kColumns;
    for (int i = 0; i < kBlockRows * kColumns; ++i) block.values.push_back(next++);
    block.labels.assign(kBlockRows, static_cast<float>(b));
    blocks.push_back(std::move(block));
  }
  BlockSource source(std::move(blocks));
  LL_ASSERT_OK_AND_ASSIGN(const Dataset dataset, Dataset::Collect(source));
  ASSERT_EQ(dataset.rows(), kBlocks * kBlockRows);
  int64_t wrong = 0;
  for (int64_t i = 0; i < dataset.rows() * kColumns; ++i) wrong += dataset.values()[i] != static_cast<float>(i);
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(dataset.labels().back(), kBlocks - 1);
}

TEST(DatasetTest, IsAlignedToLargePages) {
  const Dataset dataset = Dataset::FromRows({1, 2}, {0}, 2);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(dataset.values()) % (2 << 20), 0u);
}

TEST(DatasetTest, TakesRowsWithoutLabels) {
  BlockSource source({{{1, 2}, {}, 2}, {{3, 4}, {}, 2}});
  LL_ASSERT_OK_AND_ASSIGN(const Dataset dataset, Dataset::Collect(source));
  EXPECT_EQ(dataset.rows(), 2);
  EXPECT_THAT(dataset.labels(), IsEmpty());
}

TEST(DatasetTest, RefusesAnEmptySource) {
  BlockSource source({});
  const auto result = Dataset::Collect(source);
  EXPECT_THAT(result, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no rows")));
  EXPECT_THAT(result, HasReason(ErrorReason::kInvalidChannel));
}

TEST(DatasetTest, RefusesBlocksThatDoNotAgree) {
  BlockSource widths({{{1, 2}, {0}, 2}, {{1, 2, 3}, {0}, 3}});
  const auto result = Dataset::Collect(widths);
  EXPECT_THAT(result, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("3 features, those before have 2")));
  EXPECT_THAT(result, HasReason(ErrorReason::kInvalidData));

  BlockSource labels({{{1, 2}, {0}, 2}, {{1, 2}, {}, 2}});
  EXPECT_THAT(Dataset::Collect(labels), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("from row 2 on")));
}

TEST(DatasetTest, HoldsAtMostTheBytesAllowed) {
  BlockSource source({{{1, 2, 3, 4}, {0, 1}, 2}, {{5, 6}, {1}, 2}});
  EXPECT_THAT(Dataset::Collect(source, 24), IsOk());
  LL_ASSERT_OK(source.Rewind());
  EXPECT_THAT(Dataset::Collect(source, 23), StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("23 bytes")));
}

TEST(DatasetTest, StoresColumnsMinusTheirOffsets) {
  Dataset dataset = Dataset::FromRows({20000000.f, 1, 20000004.f, 2}, {0, 1}, 2);
  const auto values = [&] { return std::vector<float>(dataset.values(), dataset.values() + 4); };
  dataset.SetOffsets({20000002, 0});
  EXPECT_THAT(values(), ElementsAre(-2, 1, 2, 2));
  EXPECT_THAT(dataset.offsets(), ElementsAre(20000002, 0));
  // Always relative to the original rows.
  dataset.SetOffsets({20000000, 1});
  EXPECT_THAT(values(), ElementsAre(0, 0, 4, 1));
  dataset.SetOffsets({0, 0});
  EXPECT_THAT(values(), ElementsAre(20000000.f, 1, 20000004.f, 2));
}

TEST(DatasetTest, MovesWithItsRows) {
  Dataset first = Dataset::FromRows({1, 2}, {1}, 2);
  Dataset second = std::move(first);
  EXPECT_EQ(second.row(0)[1], 2);
  second = Dataset::FromRows({3}, {0}, 1);
  EXPECT_EQ(second.row(0)[0], 3);
}

}  // namespace
}  // namespace ll::learner
