#include "learner/readers/row_files.h"

#include <sys/stat.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "learner/readers/collected_rows_for_test.h"
#include "learner/readers/recordio_writer.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll::learner {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::StatusIs;
using ::ll::testing::TempDir;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Record(std::vector<float> features, float label) {
  std::string out;
  AppendRecord({{"values", features}}, {{"values", {label}}}, &out);
  return out;
}

absl::StatusOr<CollectedRows> ReadAll(const std::vector<std::string>& files, std::optional<ContentType> type = {},
                                      RowRules rules = {}) {
  LL_ASSIGN_OR_RETURN(const auto source, OpenRowFiles(Env::Posix(), files, type, std::move(rules)));
  return CollectRows(*source);
}

TEST(ListDataFilesTest, AFileIsItself) {
  const TempDir dir;
  const std::string path = dir.Write("train", "1,2\n");
  LL_ASSERT_OK_AND_ASSIGN(const auto files, ListDataFiles(Env::Posix(), path));
  EXPECT_THAT(files, ElementsAre(path));
}

TEST(ListDataFilesTest, AFolderGivesItsFilesSortedWithoutThoseThatDescribeData) {
  const TempDir dir;
  for (const char* name : {"b.csv", "a/part-1", "a/part-0", "a/_SUCCESS", ".hidden", ".amazon.manifest", "x.manifest",
                           "_logs/log", "c.pbr"}) {
    dir.Write(name, "");
  }
  LL_ASSERT_OK_AND_ASSIGN(const auto files, ListDataFiles(Env::Posix(), dir.path()));
  EXPECT_THAT(files, ElementsAre(dir.File("a/part-0"), dir.File("a/part-1"), dir.File("b.csv"), dir.File("c.pbr")));
}

TEST(ListDataFilesTest, NothingToReadIsAnError) {
  const TempDir dir;
  dir.Write("empty/.keep", "");
  EXPECT_THAT(ListDataFiles(Env::Posix(), dir.File("empty")),
              AllOf(StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no data files")),
                    HasReason(ErrorReason::kInvalidChannel)));
  EXPECT_THAT(ListDataFiles(Env::Posix(), dir.File("missing")), StatusIs(absl::StatusCode::kNotFound));
  ASSERT_EQ(mkfifo(dir.File("pipe").c_str(), 0600), 0);
  EXPECT_THAT(ListDataFiles(Env::Posix(), dir.File("pipe")),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("neither a regular file nor a folder")));
}

TEST(RowFilesTest, EachFileIsReadByItsName) {
  const TempDir dir;
  const std::string csv = dir.Write("a.csv", "1,2,3\n");
  const std::string pbr = dir.Write("b.pbr", Record({4, 5}, 0));
  LL_ASSERT_OK_AND_ASSIGN(const CollectedRows rows, ReadAll({csv, pbr}));
  EXPECT_THAT(rows.features, ElementsAre(ElementsAre(2, 3), ElementsAre(4, 5)));
  EXPECT_THAT(rows.labels, ElementsAre(1, 0));
}

TEST(RowFilesTest, AContentTypeHoldsForAllFiles) {
  const TempDir dir;
  const std::string csv = dir.Write("part-0", "1,2,3\n");
  const std::string pbr = dir.Write("a.csv", Record({4, 5}, 0));
  LL_ASSERT_OK_AND_ASSIGN(CollectedRows rows, ReadAll({csv}, ContentType{.format = DataFormat::kCsv}));
  EXPECT_THAT(rows.features, ElementsAre(ElementsAre(2, 3)));
  LL_ASSERT_OK_AND_ASSIGN(rows, ReadAll({pbr}, ContentType{.format = DataFormat::kRecordIo}));
  EXPECT_THAT(rows.features, ElementsAre(ElementsAre(4, 5)));
}

TEST(RowFilesTest, LabelSizeDecidesWhichColumnsAreFeatures) {
  const TempDir dir;
  const std::string csv = dir.Write("a.csv", "1,2,3\n");
  LL_ASSERT_OK_AND_ASSIGN(CollectedRows rows, ReadAll({csv}, std::nullopt, {.labels = false}));
  EXPECT_THAT(rows.features, ElementsAre(ElementsAre(1, 2, 3)));
  const ContentType labelled{.format = DataFormat::kCsv, .label_columns = 1};
  LL_ASSERT_OK_AND_ASSIGN(rows, ReadAll({csv}, labelled, {.labels = false}));
  EXPECT_THAT(rows.features, ElementsAre(ElementsAre(2, 3)));
  const ContentType unlabelled{.format = DataFormat::kCsv, .label_columns = 0};
  EXPECT_THAT(ReadAll({csv}, unlabelled), AllOf(StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("label_size=0")),
                                                HasReason(ErrorReason::kInvalidChannel)));
}

TEST(RowFilesTest, EmptyFilesArePassedOverUnlessAllAre) {
  const TempDir dir;
  const std::string empty = dir.Write("data/a.csv", "");
  const std::string blank = dir.Write("data/b.csv", "\n\n");
  const std::string full = dir.Write("data/c.csv", "1,2\n");
  LL_ASSERT_OK_AND_ASSIGN(const CollectedRows rows, ReadAll({empty, full, blank}));
  EXPECT_THAT(rows.features, ElementsAre(ElementsAre(2)));
  EXPECT_THAT(ReadAll({empty}),
              AllOf(StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(absl::StrCat(empty, ": the file is empty"))),
                    HasReason(ErrorReason::kInvalidData)));
  EXPECT_THAT(ReadAll({empty, blank}), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("none of its 2 files")));
}

TEST(RowFilesTest, RowsCountPerFileAndWidthsAcrossFiles) {
  const TempDir dir;
  const std::string first = dir.Write("a.csv", "1,2,3\n1,2,3\n");
  const std::string second = dir.Write("b.csv", "1,2,3\n1,2\n");
  EXPECT_THAT(ReadAll({first, second}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr(absl::StrCat("row 2 of ", second)),
                             HasSubstr(absl::StrCat("expected 2 features (by row 1 of ", first, "), got 1")))));
}

TEST(RowFilesTest, RewindStartsAgainFromTheFirstRow) {
  const TempDir dir;
  const std::string a = dir.Write("a.csv", "1,2\n0,3\n");
  const std::string b = dir.Write("b.csv", "1,4\n");
  LL_ASSERT_OK_AND_ASSIGN(const auto source, OpenRowFiles(Env::Posix(), {a, b}, std::nullopt, {}));
  for (int pass = 0; pass < 3; ++pass) {
    LL_ASSERT_OK_AND_ASSIGN(const CollectedRows rows, CollectRows(*source));
    EXPECT_THAT(rows.features, ElementsAre(ElementsAre(2), ElementsAre(3), ElementsAre(4)));
    LL_ASSERT_OK(source->Rewind());
  }
}

TEST(RowFilesTest, MemoryIsOneBlockHoweverManyRowsThereAre) {
  const TempDir dir;
  std::string text;
  for (int i = 0; i < 100000; ++i) text += "1,2,3,4,5\n";
  const std::string csv = dir.Write("a.csv", text);
  LL_ASSERT_OK_AND_ASSIGN(const auto source, OpenRowFiles(Env::Posix(), {csv}, std::nullopt, {}));
  const float* block_values = nullptr;
  int64_t rows = 0;
  while (true) {
    LL_ASSERT_OK_AND_ASSIGN(const RowBlock block, source->Next());
    if (block.rows == 0) break;
    EXPECT_LE(static_cast<size_t>(block.rows) * 4 * sizeof(float), RowBuffer::kBlockBytes);
    EXPECT_TRUE(block_values == nullptr || block.values == block_values);
    block_values = block.values;
    rows += block.rows;
  }
  EXPECT_EQ(rows, 100000);
}

TEST(RowFilesTest, AMissingFileIsNotFound) {
  EXPECT_THAT(ReadAll({"/nowhere/a.csv"}), StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/a.csv")));
}

}  // namespace
}  // namespace ll::learner
