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
  return CheckRows(DenseRows{.values = values, .columns = columns}, feature_dim);
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

// Three rows of six features: {_, 2, _, _, _, 5}, none, {1, _, _, _, _, _}.
struct SparseBatch {
  std::vector<int32_t> row_offsets = {0, 2, 2, 3};
  std::vector<int32_t> column_indices = {1, 5, 0};
  std::vector<float> values = {2, 5, 1};
  int64_t columns = 6;

  absl::Status Check() const {
    return CheckRows(SparseRows{row_offsets, column_indices, values, columns}, /*feature_dim=*/6);
  }
};

TEST(CheckSparseRowsTest, RowsMayBeEmptyAndTheWidthLeftOut) {
  LL_EXPECT_OK(SparseBatch().Check());
  LL_EXPECT_OK(SparseBatch{.columns = 0}.Check());
  LL_EXPECT_OK((SparseBatch{.row_offsets = {0, 0}, .column_indices = {}, .values = {}}.Check()));
}

TEST(CheckSparseRowsTest, SaysWhatIsWrong) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const struct {
    SparseBatch batch;
    std::string field;
    std::string why;
  } cases[] = {
      {{.row_offsets = {}}, "row_offsets", "no rows"},
      {{.row_offsets = {0}}, "row_offsets", "no rows"},
      {{.row_offsets = {1, 2, 3}}, "row_offsets", "the first is 1"},
      {{.row_offsets = {0, 3, 2, 3}}, "row_offsets", "row 2 ends at 2, before it begins"},
      {{.row_offsets = {0, -1, 2, 3}}, "row_offsets", "row 1 ends at -1, before it begins"},
      {{.row_offsets = {0, 2}}, "row_offsets", "the last is 2, and there are 3 values"},
      {{.column_indices = {1, 5}}, "column_indices", "2 indices and 3 values"},
      {{.column_indices = {1, 6, 0}}, "column_indices", "row 1 has the index 6, and the model has 6 features"},
      {{.column_indices = {1, 5, -1}}, "column_indices", "row 3 has the index -1"},
      {{.column_indices = {5, 1, 0}}, "column_indices", "row 1 has the index 1 after 5"},
      {{.column_indices = {5, 5, 0}}, "column_indices", "row 1 has the index 5 after 5"},
      {{.values = {2, 5, kNan}}, "values", "row 3, column 1 is nan"},
      {{.columns = 5}, "columns", "5 columns, and the model has 6 features"},
      {{.columns = -6}, "columns", "-6 columns"},
  };
  for (const auto& [batch, field, why] : cases) {
    const absl::Status status = batch.Check();
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(why)));
    ASSERT_EQ(GetErrorDetails(status)->field_violations.size(), 1u) << why;
    EXPECT_EQ(GetErrorDetails(status)->field_violations[0].field, "sparse." + field);
  }
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
    return ScoreRows(DenseRows{.values = values_, .columns = kFeatures}, abandoned);
  }

  absl::Status ScoreRows(const Rows& rows, const std::function<bool()>& abandoned) {
    return ScoreInSlices(*predictor_, rows, abandoned, &scratch_, [this](const learner::Scores& slice) {
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

TEST_F(ScoreInSlicesTest, SparseRowsGetTheBitsOfDenseOnes) {
  std::vector<int32_t> offsets = {0};
  std::vector<int32_t> indices;
  std::vector<float> kept;
  for (size_t i = 0; i < values_.size(); ++i) {
    // Every third row has no entries at all, the others keep half of theirs.
    const size_t row = i / kFeatures;
    if (row % 3 == 2 || values_[i] < 0) values_[i] = 0;
    if (values_[i] != 0) {
      indices.push_back(static_cast<int32_t>(i % kFeatures));
      kept.push_back(values_[i]);
    }
    if (i % kFeatures == kFeatures - 1) offsets.push_back(static_cast<int32_t>(kept.size()));
  }
  const Rows sparse = SparseRows{.row_offsets = offsets, .column_indices = indices, .values = kept};
  LL_ASSERT_OK(CheckRows(sparse, kFeatures));
  EXPECT_EQ(CountRows(sparse), kRows);
  LL_ASSERT_OK(ScoreRows(sparse, [] { return false; }));
  EXPECT_EQ(slices_, 1);
  const std::vector<float> scores = std::exchange(scores_, {});
  const std::vector<int64_t> labels = std::exchange(labels_, {});
  LL_ASSERT_OK(Score([] { return false; }));
  EXPECT_EQ(scores, scores_);
  EXPECT_EQ(labels, labels_);
}

TEST_F(ScoreInSlicesTest, SparseSlicesAreCutByEntriesAndByRows) {
  // 4 rows with half a slice each; then two slices of rows without any.
  constexpr int32_t kHalf = int32_t{1} << 19;
  std::vector<int32_t> offsets;
  for (int32_t row = 0; row <= 4; ++row) offsets.push_back(row * kHalf);
  offsets.insert(offsets.end(), size_t{4} * kHalf, 4 * kHalf);
  const std::vector<int32_t> indices(size_t{4} * kHalf, 0);
  const std::vector<float> ones(size_t{4} * kHalf, 1);
  LL_ASSERT_OK(ScoreRows(SparseRows{offsets, indices, ones}, [] { return false; }));
  EXPECT_EQ(scores_.size(), offsets.size() - 1);
  EXPECT_EQ(slices_, 4);
  EXPECT_EQ(scores_.front(), scores_[3]);
  EXPECT_NE(scores_[3], scores_[4]);
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
