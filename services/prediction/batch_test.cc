#include "services/prediction/batch.h"

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "base/error_reason.h"
#include "base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace ll::prediction {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;

absl::Status Check(const std::vector<float>& values, int64_t columns, int feature_dim) {
  return CheckRows({.values = values, .columns = columns}, feature_dim, "dense");
}

TEST(CheckRowsTest, WholeFiniteRowsAreFine) {
  LL_EXPECT_OK(Check({1, 2, 3}, 3, 3));
  LL_EXPECT_OK(
      Check({1, -2, 0, std::numeric_limits<float>::max(), std::numeric_limits<float>::denorm_min(), -0.0f}, 3, 3));
}

TEST(CheckRowsTest, AnEmptyBatchIsAnError) {
  const absl::Status status = Check({}, 3, 3);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no rows")));
  EXPECT_THAT(Check({}, 0, 3), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no rows")));
  ASSERT_EQ(GetErrorDetails(status)->field_violations.size(), 1u);
  EXPECT_EQ(GetErrorDetails(status)->field_violations[0].field, "dense.values");
}

TEST(CheckRowsTest, ColumnsMustBeTheModelsFeatures) {
  for (const int64_t columns : {int64_t{2}, int64_t{0}, int64_t{-3}, int64_t{1} << 31}) {
    const absl::Status status = Check({1, 2}, columns, 3);
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument,
                                 AllOf(HasSubstr(std::to_string(columns) + " columns"), HasSubstr("3 features"))));
    EXPECT_EQ(GetErrorDetails(status)->field_violations[0].field, "dense.columns");
    EXPECT_EQ(GetErrorDetails(status)->metadata.at("expected_columns"), "3");
  }
}

TEST(CheckRowsTest, RowsMustBeWhole) {
  EXPECT_THAT(Check({1, 2, 3, 4}, 3, 3), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("1 numbers over")));
}

TEST(CheckRowsTest, NamesTheFirstNumberThatIsNotFinite) {
  constexpr float kBad[] = {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                            -std::numeric_limits<float>::infinity()};
  constexpr size_t kColumns = 7;
  constexpr size_t kRows = 100;
  for (const float bad : kBad) {
    for (const size_t place : {size_t{0}, size_t{6}, size_t{7}, size_t{255}, size_t{256}, kRows * kColumns - 1}) {
      std::vector<float> values(kRows * kColumns, 1.5f);
      values[place] = bad;
      values.back() = bad;  // a later one does not matter
      const absl::Status status = Check(values, kColumns, kColumns);
      EXPECT_THAT(status, HasReason(ErrorReason::kInvalidArgument));
      EXPECT_EQ(GetErrorDetails(status)->metadata.at("row"), std::to_string(place / kColumns + 1));
      EXPECT_EQ(GetErrorDetails(status)->metadata.at("column"), std::to_string(place % kColumns + 1));
    }
  }
  EXPECT_THAT(Check({1, std::numeric_limits<float>::infinity()}, 2, 2),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("row 1, column 2 is inf")));
}

class ScoreInSlicesTest : public ::testing::Test {
 protected:
  static constexpr int kFeatures = 1000;

  ScoreInSlicesTest() {
    SeededRandom random(5);
    learner::Model::Parts parts;
    parts.schema = {.feature_dim = kFeatures, .outputs = 1};
    for (int i = 0; i < kFeatures; ++i) parts.weights.push_back(random.Normal());
    parts.bias = {0.25};
    predictor_.emplace("models/m/versions/1", *learner::Model::Create(std::move(parts)));
    for (int i = 0; i < kRows * kFeatures; ++i) values_.push_back(static_cast<float>(random.Uniform(-1, 1)));
  }

  absl::Status Score(const std::function<bool()>& abandoned) {
    return ScoreInSlices(*predictor_, {.values = values_, .columns = kFeatures}, abandoned, &scratch_,
                         [this](const learner::Scores& slice) {
                           ++slices_;
                           scores_.insert(scores_.end(), slice.values.begin(), slice.values.end());
                           labels_.insert(labels_.end(), slice.labels.begin(), slice.labels.end());
                         });
  }

  static constexpr int kRows = 2500;
  std::optional<LocalPredictor> predictor_;
  std::vector<float> values_;
  learner::Scores scratch_;
  int slices_ = 0;
  std::vector<float> scores_;
  std::vector<int64_t> labels_;
};

TEST_F(ScoreInSlicesTest, GivesEachRowTheBitsItGetsAlone) {
  LL_ASSERT_OK(Score([] { return false; }));
  EXPECT_EQ(slices_, 3);
  ASSERT_EQ(scores_.size(), size_t{kRows});
  ASSERT_EQ(labels_.size(), size_t{kRows});
  learner::Scores alone;
  for (size_t row = 0; row < kRows; ++row) {
    LL_ASSERT_OK(predictor_->Predict(values_.data() + row * kFeatures, 1, &alone));
    ASSERT_EQ(alone.values[0], scores_[row]);
    ASSERT_EQ(alone.labels[0], labels_[row]);
  }
}

TEST_F(ScoreInSlicesTest, StopsWhenAbandoned) {
  int asked = 0;
  EXPECT_THAT(Score([&] { return ++asked > 2; }), StatusIs(absl::StatusCode::kCancelled, HasSubstr("of 2500 rows")));
  EXPECT_EQ(slices_, 2);
}

TEST_F(ScoreInSlicesTest, NothingIsScoredForACallerWhoIsGone) {
  EXPECT_THAT(Score([] { return true; }), HasReason(ErrorReason::kCancelled));
  EXPECT_EQ(slices_, 0);
}

}  // namespace
}  // namespace ll::prediction
