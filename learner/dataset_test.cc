#include "learner/dataset.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
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
  EXPECT_THAT(Dataset::Collect(source, {.max_bytes = 36}), IsOk());
  LL_ASSERT_OK(source.Rewind());
  EXPECT_THAT(Dataset::Collect(source, {.max_bytes = 35}),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("35 bytes")));
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

TEST(DatasetTest, ShufflingIsByTheSeedAndKeepsLabelsWithTheirRows) {
  std::vector<float> values, labels;
  for (int i = 0; i < 50; ++i) {
    values.insert(values.end(), {static_cast<float>(i), static_cast<float>(-i)});
    labels.push_back(static_cast<float>(2 * i));
  }
  const auto shuffled = [&](uint64_t seed) {
    Dataset data = Dataset::FromRows(values, labels, 2);
    EXPECT_THAT(data.Shuffle(seed), IsOk());
    std::vector<int> order;
    for (int64_t i = 0; i < data.rows(); ++i) {
      EXPECT_EQ(data.row(i)[1], -data.row(i)[0]);
      EXPECT_EQ(data.labels()[static_cast<size_t>(i)], 2 * data.row(i)[0]);
      order.push_back(static_cast<int>(data.row(i)[0]));
    }
    return order;
  };
  const std::vector<int> order = shuffled(7);
  EXPECT_EQ(shuffled(7), order);
  EXPECT_NE(shuffled(8), order);
  std::vector<int> sorted = order;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_NE(sorted, order);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(sorted[static_cast<size_t>(i)], i);
}

TEST(DatasetTest, EveryOrderOfThreeRowsIsAsLikely) {
  std::map<std::vector<float>, int> times;
  constexpr int kSeeds = 6000;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    Dataset data = Dataset::FromRows({{1, 2, 3}}, {}, 1);
    EXPECT_THAT(data.Shuffle(seed), IsOk());
    ++times[std::vector<float>(data.values(), data.values() + 3)];
  }
  ASSERT_EQ(times.size(), 6u);
  for (const auto& [order, count] : times) EXPECT_NEAR(count, kSeeds / 6, 6 * 29);  // 6 standard deviations
}

TEST(DatasetTest, MissingValuesAreFilledWithMeansOfWhatIsThere) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  Dataset data = Dataset::FromRows({{1, nan, nan, 3, 4, nan, nan, 6, nan}}, {}, 3);
  const std::vector<double> means = data.MeansOfPresent();
  EXPECT_THAT(means, ElementsAre(2, 5, 0));
  EXPECT_EQ(data.FillMissing(means), 5);
  EXPECT_THAT(std::vector<float>(data.values(), data.values() + 9), ElementsAre(1, 5, 0, 3, 4, 0, 2, 6, 0));
  EXPECT_EQ(data.FillMissing(means), 0);
}

}  // namespace
}  // namespace ll::learner
