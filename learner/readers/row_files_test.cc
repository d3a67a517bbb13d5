#include "learner/readers/row_files.h"

#include <sys/stat.h>

#include <fstream>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "learner/readers/collected_rows_for_test.h"
#include "learner/readers/recordio_writer.h"
#include "tests/testing/gzip.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll::learner {
namespace {

using ::ll::testing::Gzip;
using ::ll::testing::HasReason;
using ::ll::testing::StatusIs;
using ::ll::testing::TempDir;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsNan;

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
  for (const char* name : {"b.csv", "a/part-1", "a/part-0", "a/_SUCCESS", ".hidden", "_logs/log", "c.pbr"}) {
    dir.Write(name, "");
  }
  LL_ASSERT_OK_AND_ASSIGN(const auto files, ListDataFiles(Env::Posix(), dir.path()));
  EXPECT_THAT(files, ElementsAre(dir.File("a/part-0"), dir.File("a/part-1"), dir.File("b.csv"), dir.File("c.pbr")));
}

TEST(ListDataFilesTest, AManifestSaysWhichFilesAndInWhatOrder) {
  const TempDir dir;
  for (const char* name : {"matrix_0.pbr", "matrix_10.pbr", "matrix_2.pbr", "notes.txt"}) dir.Write(name, "");
  const std::string manifest = dir.Write(
      ".amazon.manifest", R"([{"prefix": "s3://bucket/train/"}, "matrix_0.pbr", "matrix_2.pbr", "matrix_10.pbr"])");
  for (const std::string& path : {dir.path(), manifest}) {
    LL_ASSERT_OK_AND_ASSIGN(const auto files, ListDataFiles(Env::Posix(), path));
    EXPECT_THAT(files, ElementsAre(dir.File("matrix_0.pbr"), dir.File("matrix_2.pbr"), dir.File("matrix_10.pbr")));
  }
}

TEST(ListDataFilesTest, ManifestsThatDoNotFitTheirFolderAreRefused) {
  const TempDir dir;
  dir.Write("missing/x.manifest", R"(["a", "b"])");
  dir.Write("missing/a", "");
  dir.Write("two/x.manifest", R"(["a"])");
  dir.Write("two/y.manifest", R"(["a"])");
  dir.Write("folder/x.manifest", R"(["a"])");
  dir.Write("folder/a/b", "");
  dir.Write("text/x.manifest", "hello");
  const std::pair<const char*, const char*> cases[] = {{"missing", "missing/b, and there is no such file"},
                                                       {"two", "it holds 2 manifests"},
                                                       {"folder", "folder/a, and there is no such file"},
                                                       {"text", "it is not a JSON list"}};
  for (const auto& [folder, message] : cases) {
    EXPECT_THAT(ListDataFiles(Env::Posix(), dir.File(folder)),
                AllOf(StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)),
                      HasReason(ErrorReason::kInvalidChannel)));
  }
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

TEST(RowFilesTest, EachFileIsReadByItsNameOrItsBytes) {
  const TempDir dir;
  const std::vector<std::string> files = {
      dir.Write("a.csv", "1,2,3\n"),
      dir.Write("b.pbr", Record({4, 5}, 0)),
      dir.Write("recordio-with-another-name.csv", Record({6, 7}, 1)),
      dir.Write("part-0", "0,8,9\n"),
      dir.Write("part-1", "1 1:10 2:11\n"),
      dir.Write("part-2", "{\"features\": [12, 13], \"label\": 0}\n"),
      dir.Write("part-3", "{\"instances\": [{\"features\": [14, 15], \"label\": 1}]}"),
      dir.Write("part-4", " \n"),
  };
  LL_ASSERT_OK_AND_ASSIGN(const CollectedRows rows, ReadAll(files));
  EXPECT_THAT(rows.features, ElementsAre(ElementsAre(2, 3), ElementsAre(4, 5), ElementsAre(6, 7), ElementsAre(8, 9),
                                         ElementsAre(10, 11), ElementsAre(12, 13), ElementsAre(14, 15)));
  EXPECT_THAT(rows.labels, ElementsAre(1, 0, 1, 0, 1, 0, 1));
}

TEST(RowFilesTest, AFileThatLooksLikeNothingIsRefusedListingWhatIsAccepted) {
  const TempDir dir;
  EXPECT_THAT(ReadAll({dir.Write("part-0", "PAR1\x15\x04")}),
              AllOf(StatusIs(absl::StatusCode::kInvalidArgument,
                             AllOf(HasSubstr("Parquet"), HasSubstr("text/csv"), HasSubstr("text/libsvm"),
                                   HasSubstr("application/jsonlines"))),
                    HasReason(ErrorReason::kInvalidChannel)));
}

TEST(RowFilesTest, GzipIsUnpackedWhateverTheNameAndTheType) {
  const TempDir dir;
  const std::vector<std::string> files = {dir.Write("a.csv.gz", Gzip("1,2,3\n")), dir.Write("part-0", Gzip("0,4,5\n")),
                                          dir.Write("b.pbr", Gzip(Record({6, 7}, 1)))};
  LL_ASSERT_OK_AND_ASSIGN(CollectedRows rows, ReadAll(files));
  EXPECT_THAT(rows.features, ElementsAre(ElementsAre(2, 3), ElementsAre(4, 5), ElementsAre(6, 7)));
  LL_ASSERT_OK_AND_ASSIGN(rows, ReadAll({files[0]}, ContentType{.format = DataFormat::kCsv}));
  EXPECT_THAT(rows.features, ElementsAre(ElementsAre(2, 3)));
}

TEST(RowFilesTest, DamagedGzipNamesTheFile) {
  const TempDir dir;
  std::string text;
  SeededRandom random(3);
  for (int i = 0; i < 100000; ++i) absl::StrAppend(&text, "1,", random.Below(100000), ",2\n");
  const std::string packed = Gzip(text);
  std::string damaged = packed;
  damaged[packed.size() / 2] = static_cast<char>(damaged[packed.size() / 2] ^ 0x40);
  EXPECT_THAT(ReadAll({dir.Write("a.csv.gz", packed.substr(0, packed.size() - 1))}),
              AllOf(StatusIs(absl::StatusCode::kInvalidArgument, AllOf(HasSubstr("a.csv.gz"), HasSubstr("cut short"))),
                    HasReason(ErrorReason::kInvalidData)));
  EXPECT_THAT(ReadAll({dir.Write("b.csv.gz", damaged)}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("b.csv.gz")));
}

TEST(RowFilesTest, SparseRowsKeepTheirLayoutOrAreScattered) {
  const TempDir dir;
  const std::string a = dir.Write("a.svm", "1 2:5\n0 1:3 4:2\n"), b = dir.Write("b.svm", "1 3:7\n");
  LL_ASSERT_OK_AND_ASSIGN(const auto source, OpenRowFiles(Env::Posix(), {a, b}, std::nullopt, {}));
  CollectedRows sparse;
  while (true) {
    LL_ASSERT_OK_AND_ASSIGN(const SparseBlock block, source->NextSparse());
    if (block.rows == 0) break;
    EXPECT_EQ(block.row_begin[block.rows], 4);
    sparse.Append(block);
  }
  // The dense pass reads the files once more to learn that there are four features.
  LL_ASSERT_OK(source->Rewind());
  LL_ASSERT_OK_AND_ASSIGN(const CollectedRows dense, CollectRows(*source));
  EXPECT_THAT(dense.features, ElementsAre(ElementsAre(0, 5, 0, 0), ElementsAre(3, 0, 0, 2), ElementsAre(0, 0, 7, 0)));
  EXPECT_EQ(sparse.features, dense.features);
  EXPECT_EQ(sparse.labels, dense.labels);
}

TEST(RowFilesTest, TheIndexBaseComesFromTheContentType) {
  const TempDir dir;
  const std::string file = dir.Write("a.svm", "1 0:5 1:6\n");
  LL_ASSERT_OK_AND_ASSIGN(const CollectedRows rows,
                          ReadAll({file}, ContentType{.format = DataFormat::kLibsvm, .index_base = 0}));
  EXPECT_THAT(rows.features, ElementsAre(ElementsAre(5, 6)));
}

TEST(RowFilesTest, AFifoIsReadOnce) {
  const TempDir dir;
  const std::string fifo = dir.File("train_0");
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  const auto write = [&](const std::string& bytes) { std::ofstream(fifo) << bytes; };
  std::thread writer(write, Gzip("1,2,3\n0,4,5\n"));
  LL_ASSERT_OK_AND_ASSIGN(const CollectedRows rows, ReadAll({fifo}));
  writer.join();
  EXPECT_THAT(rows.features, ElementsAre(ElementsAre(2, 3), ElementsAre(4, 5)));
  // libsvm would have to be read twice for its width.
  std::thread another(write, "1 1:2\n");
  const auto status = ReadAll({fifo}).status();
  another.join();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("Set the hyperparameter feature_dim")));
}

TEST(RowFilesTest, NamesComeFromHeadersAndMustAgree) {
  const TempDir dir;
  const std::string a = dir.Write("a.csv", "y,age,height\n1,2,3\n"), b = dir.Write("b.csv", "y,age,height\n0,4,5\n");
  const ContentType type{.format = DataFormat::kCsv, .header = true};
  LL_ASSERT_OK_AND_ASSIGN(const auto source, OpenRowFiles(Env::Posix(), {a, b}, type, {}));
  LL_ASSERT_OK_AND_ASSIGN(const CollectedRows rows, CollectRows(*source));
  EXPECT_THAT(rows.features, ElementsAre(ElementsAre(2, 3), ElementsAre(4, 5)));
  EXPECT_THAT(source->feature_names(), ElementsAre("age", "height"));
  const std::string c = dir.Write("c.csv", "y,height,age\n0,4,5\n");
  EXPECT_THAT(ReadAll({a, c}, type), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("c.csv")));
}

TEST(RowFilesTest, TheContentTypeSaysWhatBecomesOfMissingValues) {
  const TempDir dir;
  const std::string file = dir.Write("a.csv", "1,,3\n");
  LL_ASSERT_OK_AND_ASSIGN(CollectedRows rows,
                          ReadAll({file}, ContentType{.format = DataFormat::kCsv, .missing = Imputation::kZero}));
  EXPECT_THAT(rows.features, ElementsAre(ElementsAre(0, 3)));
  LL_ASSERT_OK_AND_ASSIGN(rows, ReadAll({file}, ContentType{.format = DataFormat::kCsv, .missing = Imputation::kMean}));
  EXPECT_THAT(rows.features, ElementsAre(ElementsAre(IsNan(), 3)));
}

TEST(RowFilesTest, RowsAreWrittenIntoTheCallersRoom) {
  const TempDir dir;
  std::string text;
  for (int i = 0; i < 1000; ++i) absl::StrAppend(&text, "1,", i, ",", i + 0.5, "\n");
  const std::string csv = dir.Write("a.csv", text);
  LL_ASSERT_OK_AND_ASSIGN(const auto source, OpenRowFiles(Env::Posix(), {csv}, std::nullopt, {.feature_dim = 2}));
  std::vector<float> room(2 * 300 + 1);
  CollectedRows rows;
  while (true) {
    LL_ASSERT_OK_AND_ASSIGN(const RowBlock block, source->NextInto(absl::MakeSpan(room)));
    if (block.rows == 0) break;
    EXPECT_EQ(block.values, room.data());
    EXPECT_LE(block.rows, 300);
    rows.Append(block);
  }
  ASSERT_EQ(rows.features.size(), 1000u);
  EXPECT_THAT(rows.features[999], ElementsAre(999, 999.5));
  // One that has no room for a row is not used.
  LL_ASSERT_OK(source->Rewind());
  LL_ASSERT_OK_AND_ASSIGN(const RowBlock block, source->NextInto(absl::MakeSpan(room).first(1)));
  EXPECT_NE(block.values, room.data());
  EXPECT_GT(block.rows, 0);
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
