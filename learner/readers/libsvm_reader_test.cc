#include "learner/readers/libsvm_reader.h"

#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "learner/readers/collected_rows_for_test.h"
#include "tests/testing/memory_file.h"
#include "tests/testing/status_matchers.h"

namespace ll::learner {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::NewMemoryFile;
using ::ll::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsNan;

const RowRules kThree{.feature_dim = 3, .feature_dim_source = "the hyperparameter feature_dim"};

absl::StatusOr<CollectedRows> ReadLibsvm(const std::string& text, RowRules rules = kThree, int index_base = 1,
                                         RowLayout layout = RowLayout::kDense, size_t bytes_per_read = SIZE_MAX) {
  LibsvmReader reader(NewMemoryFile(text, bytes_per_read), "a.svm", index_base);
  return CollectRows(reader, std::move(rules), layout);
}

TEST(LibsvmReaderTest, ReadsLabelsAndFeaturesInBothLayouts) {
  for (const char* text : {"1 1:0.5 3:-2\n0 2:1e-3\n1\n", "+1 1:.5\t3:-2 \r\n\n# a comment\n0  2:1e-3 # 3:9\n1",
                           "\xef\xbb\xbf"
                           "1 1:+0.5 3:-2.0\n0 2:0.001 3:0\n1\n"}) {
    for (const RowLayout layout : {RowLayout::kDense, RowLayout::kSparse}) {
      for (const size_t bytes_per_read : {size_t{1}, SIZE_MAX}) {
        LL_ASSERT_OK_AND_ASSIGN(const CollectedRows rows, ReadLibsvm(text, kThree, 1, layout, bytes_per_read));
        EXPECT_THAT(rows.labels, ElementsAre(1, 0, 1));
        EXPECT_THAT(rows.features,
                    ElementsAre(ElementsAre(0.5f, 0, -2), ElementsAre(0, 0.001f, 0), ElementsAre(0, 0, 0)));
      }
    }
  }
}

TEST(LibsvmReaderTest, IndicesCountFromTheBase) {
  LL_ASSERT_OK_AND_ASSIGN(const CollectedRows rows, ReadLibsvm("1 0:5 2:7\n", kThree, 0));
  EXPECT_THAT(rows.features, ElementsAre(ElementsAre(5, 0, 7)));
}

TEST(LibsvmReaderTest, TheSparseLayoutNeedsNoWidthAndLearnsIt) {
  LL_ASSERT_OK_AND_ASSIGN(const CollectedRows rows, ReadLibsvm("1 2:5\n0 4:1\n1 1:1\n", {}, 1, RowLayout::kSparse));
  EXPECT_THAT(rows.features, ElementsAre(ElementsAre(0, 5, 0, 0), ElementsAre(0, 0, 0, 1), ElementsAre(1, 0, 0, 0)));
  EXPECT_THAT(ReadLibsvm("1 2:5\n", {}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("Set the hyperparameter feature_dim")));
}

TEST(LibsvmReaderTest, WithoutLabelsRowsMayLackThem) {
  RowRules rules = kThree;
  rules.labels = false;
  LL_ASSERT_OK_AND_ASSIGN(const CollectedRows rows, ReadLibsvm("1:5\n7 2:6\n", rules));
  EXPECT_THAT(rows.features, ElementsAre(ElementsAre(5, 0, 0), ElementsAre(0, 6, 0)));
}

TEST(LibsvmReaderTest, MissingValues) {
  RowRules rules = kThree;
  rules.missing = MissingValues::kZero;
  LL_ASSERT_OK_AND_ASSIGN(CollectedRows rows, ReadLibsvm("1 1:nan 2:1\n", rules));
  EXPECT_THAT(rows.features, ElementsAre(ElementsAre(0, 1, 0)));
  rules.missing = MissingValues::kKeep;
  LL_ASSERT_OK_AND_ASSIGN(rows, ReadLibsvm("1 1:nan 2:1\n", rules));
  EXPECT_THAT(rows.features, ElementsAre(ElementsAre(IsNan(), 1, 0)));
}

struct BadLibsvm {
  const char* name;
  const char* text;
  int row;
  int column;
  const char* found;
  const char* message;
};

class BadLibsvmTest : public ::testing::TestWithParam<BadLibsvm> {};

TEST_P(BadLibsvmTest, NamesFileRowColumnAndText) {
  const BadLibsvm& bad = GetParam();
  RowRules rules = kThree;
  rules.num_classes = 2;
  for (const RowLayout layout : {RowLayout::kDense, RowLayout::kSparse}) {
    const auto rows = ReadLibsvm(bad.text, rules, 1, layout);
    ASSERT_THAT(rows, StatusIs(absl::StatusCode::kInvalidArgument, AllOf(HasSubstr("a.svm"), HasSubstr(bad.message))));
    EXPECT_THAT(rows, HasReason(ErrorReason::kInvalidData));
    const std::map<std::string, std::string> metadata = GetErrorDetails(rows.status())->metadata;
    EXPECT_EQ(metadata.at("row"), absl::StrCat(bad.row));
    EXPECT_EQ(metadata.at("column"), absl::StrCat(bad.column));
    EXPECT_EQ(metadata.count("text") > 0 ? metadata.at("text") : "", bad.found);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadLibsvmTest,
    ::testing::Values(
        BadLibsvm{"IndexZero", "1 1:1\n1 0:1\n", 2, 2, "0:1", "indices count from 1. If this file counts from 0"},
        BadLibsvm{"IndexBeyond", "1 2:1 4:1\n", 1, 3, "4:1",
                  "has index 4, and rows have 3 features (by the hyperparameter feature_dim), counted from 1"},
        BadLibsvm{"HugeIndex", "1 123456789012345678:1\n", 1, 2, "123456789012345678:1", "rows have 3 features"},
        BadLibsvm{"IndexTooLong", "1 1234567890123456789012:1\n", 1, 2, "1234567890123456789012:1",
                  "is not index:value"},
        BadLibsvm{"Twice", "1 2:1 2:3\n", 1, 3, "2:3", "gives the feature with index 2 twice"},
        BadLibsvm{"Unordered", "1 3:1 2:3\n", 1, 3, "2:3", "Sort each row by index"},
        BadLibsvm{"NoLabel", "1:1 2:3\n", 1, 1, "", "it has no label"},
        BadLibsvm{"TextLabel", "yes 2:3\n", 1, 1, "yes", "\"yes\" is not a finite 32-bit number"},
        BadLibsvm{"MinusOne", "-1 2:3\n", 1, 1, "-1", "labels are 0 or 1"},
        BadLibsvm{"NanLabel", "nan 2:3\n", 1, 1, "nan", "the label \"nan\" is not a finite number"},
        BadLibsvm{"NotAPair", "1 2:3 7\n", 1, 3, "7", "is not index:value"},
        BadLibsvm{"NegativeIndex", "1 -2:3\n", 1, 2, "-2:3", "is not index:value"},
        BadLibsvm{"NoValue", "1 2:\n", 1, 2, "", "is not a finite 32-bit number"},
        BadLibsvm{"TextValue", "1 2:x\n", 1, 2, "x", "is not a finite 32-bit number"},
        BadLibsvm{"TooLarge", "1 2:1e39\n", 1, 2, "1e39", "is not a finite 32-bit number"},
        BadLibsvm{"Nan", "1 2:nan\n", 1, 2, "nan", "is not a finite number"},
        BadLibsvm{"Infinite", "1 2:-inf\n", 1, 2, "-inf", "is not a finite number"},
        BadLibsvm{"Ranking", "1 qid:3 2:1\n", 1, 2, "qid:3", "qid belongs to ranking"},
        BadLibsvm{"Csv", "1,2,3\n", 1, 1, "1,2,3", "is not a finite 32-bit number"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace ll::learner
