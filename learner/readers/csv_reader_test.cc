#include "learner/readers/csv_reader.h"

#include <cstdlib>
#include <map>
#include <string>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "base/random.h"
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
using ::testing::IsEmpty;
using ::testing::IsNan;
using ::testing::Not;
using ::testing::Pair;

absl::StatusOr<CollectedRows> ReadCsv(const std::string& text, RowRules rules = {}, int label_columns = 1,
                                      size_t bytes_per_read = SIZE_MAX) {
  CsvReader reader(NewMemoryFile(text, bytes_per_read), "train.csv", {.label_columns = label_columns});
  return CollectRows(reader, std::move(rules));
}

TEST(CsvReaderTest, ReadsLabelFirst) {
  LL_ASSERT_OK_AND_ASSIGN(const CollectedRows rows, ReadCsv("1,2.5,-3\n0,1e-3,4\n"));
  EXPECT_THAT(rows.labels, ElementsAre(1, 0));
  EXPECT_THAT(rows.features, ElementsAre(ElementsAre(2.5f, -3.0f), ElementsAre(0.001f, 4.0f)));
}

TEST(CsvReaderTest, ReadsRowsWithoutALabel) {
  LL_ASSERT_OK_AND_ASSIGN(const CollectedRows rows, ReadCsv("1,2\n3,4\n", {.labels = false}, 0));
  EXPECT_THAT(rows.features, ElementsAre(ElementsAre(1, 2), ElementsAre(3, 4)));
  EXPECT_THAT(rows.labels, IsEmpty());
}

TEST(CsvReaderTest, SkipsALabelThatNobodyWants) {
  LL_ASSERT_OK_AND_ASSIGN(const CollectedRows rows, ReadCsv("9,1,2\n9,3,4\n", {.labels = false, .num_classes = 2}, 1));
  EXPECT_THAT(rows.features, ElementsAre(ElementsAre(1, 2), ElementsAre(3, 4)));
}

// Each of these holds the same two rows.
TEST(CsvReaderTest, AcceptsTheUsualVariations) {
  for (const char* text : {
           "1,2,3\n0,4,5\n",
           "1,2,3\n0,4,5",
           "1,2,3\r\n0,4,5\r\n",
           "1,2,3\r\n0,4,5",
           "\xef\xbb\xbf"
           "1,2,3\n0,4,5\n",
           "\n\n1,2,3\n\r\n   \n0,4,5\n\n",
           "1, 2 ,\t3\n 0,4,5 \n",
           "\"1\",\"2\",\"3\"\n\"0\", \" 4 \" ,5\n",
           "+1,+2.0,3.\n0,4e0,0.5e1\n",
           "1,2,3\n-0,0004,5.000000000000000000000001\n",
       }) {
    for (const size_t bytes_per_read : {size_t{1}, size_t{3}, SIZE_MAX}) {
      const auto rows = ReadCsv(text, {}, 1, bytes_per_read);
      LL_ASSERT_OK(rows);
      EXPECT_THAT(rows->labels, ElementsAre(1, 0)) << text;
      EXPECT_THAT(rows->features, ElementsAre(ElementsAre(2, 3), ElementsAre(4, 5))) << text;
    }
  }
}

TEST(CsvReaderTest, AnEmptyFileHasNoRows) {
  for (const char* text : {"", "\n", "\r\n\r\n", " \n\t\n", "\xef\xbb\xbf"}) {
    LL_ASSERT_OK_AND_ASSIGN(const CollectedRows rows, ReadCsv(text));
    EXPECT_THAT(rows.features, IsEmpty());
  }
}

// A number of any length and magnitude: digits, a point somewhere, sometimes an exponent.
std::string RandomNumber(SeededRandom& random) {
  std::string text = random.Below(2) == 0 ? "-" : "";
  const uint64_t digits = 1 + random.Below(12);
  const uint64_t point = 1 + random.Below(digits + 1);
  for (uint64_t d = 0; d < digits; ++d) {
    if (d == point) text += '.';
    text += static_cast<char>('0' + random.Below(10));
  }
  if (random.Below(3) == 0) absl::StrAppend(&text, "e", static_cast<int64_t>(random.Below(40)) - 20);
  return text;
}

TEST(CsvReaderTest, NumbersAreReadAsTheNearestFloat) {
  SeededRandom random(7);
  std::vector<std::string> numbers;
  for (int i = 0; i < 50000; ++i) numbers.push_back(RandomNumber(random));
  std::string text;
  for (const std::string& number : numbers) absl::StrAppend(&text, "1,", number, ",7\n");
  LL_ASSERT_OK_AND_ASSIGN(const CollectedRows rows, ReadCsv(text));
  for (size_t i = 0; i < numbers.size(); ++i) {
    EXPECT_EQ(rows.features[i][0], std::strtof(numbers[i].c_str(), nullptr)) << numbers[i];
  }
}

TEST(CsvReaderTest, ManyRowsCrossEveryBuffer) {
  std::string text;
  constexpr int kRows = 200000;
  for (int i = 0; i < kRows; ++i) absl::StrAppend(&text, i % 2, ",", i, ",", i, ".5\n");
  LL_ASSERT_OK_AND_ASSIGN(const CollectedRows rows, ReadCsv(text));
  ASSERT_EQ(rows.features.size(), static_cast<size_t>(kRows));
  for (int i = 0; i < kRows; ++i) {
    const std::vector<float> expected = {static_cast<float>(i), static_cast<float>(i + 0.5)};
    ASSERT_EQ(rows.features[static_cast<size_t>(i)], expected);
  }
}

TEST(CsvReaderTest, ALineLongerThanTheBufferIsRead) {
  std::string text = "1";
  constexpr int kColumns = 300000;
  for (int i = 0; i < kColumns; ++i) absl::StrAppend(&text, ",", i % 1000);
  LL_ASSERT_OK_AND_ASSIGN(const CollectedRows rows, ReadCsv(absl::StrCat(text, "\n", text)));
  ASSERT_EQ(rows.features.size(), 2u);
  EXPECT_EQ(rows.features[1].size(), static_cast<size_t>(kColumns));
  EXPECT_EQ(rows.features[1].back(), 999);
}

struct BadCsv {
  const char* name;
  const char* text;
  int row;
  int column;         // 0: none
  const char* found;  // the text in the error's metadata
  const char* message;
};

class BadCsvTest : public ::testing::TestWithParam<BadCsv> {};

TEST_P(BadCsvTest, NamesFileRowColumnAndText) {
  const BadCsv& bad = GetParam();
  for (const size_t bytes_per_read : {size_t{1}, SIZE_MAX}) {
    const auto rows = ReadCsv(bad.text, {.num_classes = 2}, 1, bytes_per_read);
    ASSERT_THAT(rows,
                StatusIs(absl::StatusCode::kInvalidArgument, AllOf(HasSubstr("train.csv"), HasSubstr(bad.message))));
    EXPECT_THAT(rows, HasReason(ErrorReason::kInvalidData));
    const std::map<std::string, std::string> metadata = GetErrorDetails(rows.status())->metadata;
    EXPECT_EQ(metadata.at("file"), "train.csv");
    EXPECT_EQ(metadata.at("row"), absl::StrCat(bad.row));
    EXPECT_EQ(metadata.count("column") > 0 ? metadata.at("column") : "0", absl::StrCat(bad.column));
    EXPECT_EQ(metadata.count("text") > 0 ? metadata.at("text") : "", bad.found);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadCsvTest,
    ::testing::Values(
        BadCsv{"Text", "1,2,3\n0,abc,5\n", 2, 2, "abc", "row 2, column 2 of train.csv: \"abc\" is not a number"},
        BadCsv{"TextInTheLastCell", "1,2,3\n0,4,x", 2, 3, "x", "is not a number"},
        BadCsv{"TextLabel", "1,2,3\nyes,4,5\n", 2, 1, "yes", "is not a number"},
        BadCsv{"BlankLinesCount", "\n\n1,2,3\n\n0,abc,5\n", 5, 2, "abc", "row 5"},
        BadCsv{"Nan", "1,2,nan\n", 1, 3, "nan", "\"nan\" is not a finite number"},
        BadCsv{"NanLabel", "NaN,2,3\n", 1, 1, "NaN", "is not a finite number"},
        BadCsv{"Infinity", "1,2,3\n1,-inf,3\n", 2, 2, "-inf", "is not a finite number"},
        BadCsv{"TooLarge", "1,2,1e39\n", 1, 3, "1e39", "\"1e39\" is too large"},
        BadCsv{"Empty", "1,2,3\n1,,3\n", 2, 2, "",
               "the cell is empty. Remove the row or fill the value in; missing=zero"},
        BadCsv{"EmptyAtTheEnd", "1,2,3\n1,2,\n", 2, 3, "", "the cell is empty"},
        BadCsv{"EmptyQuoted", "1,2,3\n1,\"\",3\n", 2, 2, "", "the cell is empty"},
        BadCsv{"CommaInQuotes", "1,2,3\n1,\"2,5\",3\n", 2, 2, "2,5", "is not a number"},
        BadCsv{"OpenQuote", "1,2,3\n1,\"2,3\n", 2, 2, "\\\"2,3", "is not a number"},
        BadCsv{"Hexadecimal", "1,0x10,3\n", 1, 2, "0x10", "is not a number"},
        BadCsv{"TwoSigns", "1,+-2,3\n", 1, 2, "+-2", "is not a number"},
        BadCsv{"TwoNumbers", "1,2 3,3\n", 1, 2, "2 3", "separated by commas"},
        BadCsv{"Semicolons", "1;2;3\n", 1, 1, "1;2;3", "separated by commas"},
        BadCsv{"Sparse", "1 3:1 7:2,5\n", 1, 1, "1 3:1 7:2", "sparse row"},
        BadCsv{"Header", "label,a,b\n1,2,3\n", 1, 0, "label,a,b", "looks like a header"},
        BadCsv{"QuotedHeader", "\n\"label\",\"a\"\n1,2\n", 2, 0, "\\\"label\\\",\\\"a\\\"", "looks like a header"},
        BadCsv{"ShortHeader", "label\n1,2\n", 1, 0, "label", "looks like a header"},
        BadCsv{"TextInTheFirstRowOnly", "1,a,b\n1,2,3\n", 1, 2, "a", "is not a number"},
        BadCsv{"RecordIo", "\x0a\x23\xd7\xce,1,2\n", 2, 1, "#\xd7\xce", "is not a number"},
        BadCsv{"TooFewColumns", "1,2,3\n1,2\n", 2, 0, "",
               "expected 2 features (by row 1 of train.csv), got 1, 2 columns with the label"},
        BadCsv{"TooManyColumns", "1,2,3\n1,2,3,4\n", 2, 0, "", "expected 2 features (by row 1 of train.csv), got 3"},
        BadCsv{"TrailingComma", "1,2,3\n1,2,3,\n", 2, 0, "", "got 3"},
        BadCsv{"LabelOnly", "1\n", 1, 0, "", "a label and no features"},
        BadCsv{"LabelOutOfRange", "1,2,3\n2,2,3\n", 2, 1, "2", "the label is 2, and labels are 0 or 1"},
        BadCsv{"NegativeLabel", "-1,2,3\n", 1, 1, "-1", "labels are 0 or 1"},
        BadCsv{"FractionalLabel", "0.5,2,3\n", 1, 1, "0.5", "labels are 0 or 1"},
        BadCsv{"ControlCharacters", "1,2,3\n1,\x01\x02,3\n", 2, 2, "\\001\\002", "is not a number"}),
    [](const auto& info) { return info.param.name; });

TEST(CsvReaderTest, AGivenWidthIsCheckedFromTheFirstRow) {
  const auto rows = ReadCsv("1,2,3\n", {.feature_dim = 784, .feature_dim_source = "the hyperparameter feature_dim"});
  EXPECT_THAT(rows, StatusIs(absl::StatusCode::kInvalidArgument,
                             HasSubstr("row 1 of train.csv: expected 784 features (by the hyperparameter feature_dim), "
                                       "got 2")));
  const std::map<std::string, std::string> metadata = GetErrorDetails(rows.status())->metadata;
  EXPECT_EQ(metadata.at("expected"), "784");
  EXPECT_EQ(metadata.at("got"), "2");
}

// ---- Headers.

absl::StatusOr<CollectedRows> ReadWithHeader(const std::string& text, RowBuffer* buffer, int label_columns = 1) {
  CsvReader reader(NewMemoryFile(text), "b.csv", {.label_columns = label_columns, .header = true});
  CollectedRows rows;
  buffer->Clear();
  LL_RETURN_IF_ERROR(reader.Read(*buffer).status());
  rows.Append(buffer->block());
  return rows;
}

TEST(CsvReaderTest, AHeaderNamesTheFeatures) {
  RowBuffer buffer(RowRules{});
  LL_ASSERT_OK_AND_ASSIGN(CollectedRows rows,
                          ReadWithHeader("\nclass, age ,\"height, in \"\"cm\"\"\"\r\n1,2,3\r\n", &buffer));
  EXPECT_THAT(rows.features, ElementsAre(ElementsAre(2, 3)));
  EXPECT_THAT(buffer.feature_names(), ElementsAre("age", "height, in \"cm\""));
  LL_ASSERT_OK_AND_ASSIGN(rows, ReadWithHeader("y,age,\"height, in \"\"cm\"\"\"\n0,4,5\n", &buffer));
  EXPECT_THAT(rows.features, ElementsAre(ElementsAre(4, 5)));
}

TEST(CsvReaderTest, WithoutALabelEveryNameIsAFeatures) {
  RowBuffer buffer(RowRules{.labels = false});
  LL_ASSERT_OK(ReadWithHeader("age,height\n2,3\n", &buffer, 0));
  EXPECT_THAT(buffer.feature_names(), ElementsAre("age", "height"));
}

TEST(CsvReaderTest, HeadersThatDoNotFitAreRefused) {
  const std::tuple<const char*, const char*, const char*> cases[] = {
      {"y,a,b\n1,2,3\n", "y,b,a\n1,2,3\n",
       "row 1, column 2 of b.csv: the column is called \"b\", and \"a\" in the header"},
      {"y,a,b\n1,2,3\n", "y,a\n1,2\n", "expected 2 features (by the header of b.csv), got 1"},
      {"y,a,b\n1,2,3\n", "1,2,3\n", "the first line holds numbers"},
      {"y,a,b\n1,2\n", "", "row 2 of b.csv: expected 2 features (by the header of b.csv), got 1"},
      {"y,a,a\n1,2,3\n", "", "column 3 of b.csv: the header has the name \"a\" twice"},
      {"y,a,\n1,2,3\n", "", "the header has no name here"},
      {"y\n1\n", "", "a label and no features"},
  };
  for (const auto& [first, second, message] : cases) {
    RowBuffer buffer(RowRules{});
    absl::Status status = ReadWithHeader(first, &buffer).status();
    if (status.ok()) status = ReadWithHeader(second, &buffer).status();
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)));
    EXPECT_THAT(status, HasReason(ErrorReason::kInvalidData));
  }
}

// ---- Missing values.

TEST(CsvReaderTest, MissingCellsAreZeroOrNanWhereThatIsAllowed) {
  const std::string text = "1,,3\n0,NaN,\n1,\"\",na\n0, NULL ,7\n";
  LL_ASSERT_OK_AND_ASSIGN(CollectedRows rows, ReadCsv(text, {.missing = MissingValues::kZero}));
  EXPECT_THAT(rows.features, ElementsAre(ElementsAre(0, 3), ElementsAre(0, 0), ElementsAre(0, 0), ElementsAre(0, 7)));
  LL_ASSERT_OK_AND_ASSIGN(rows, ReadCsv(text, {.missing = MissingValues::kKeep}));
  EXPECT_THAT(rows.features[0], ElementsAre(IsNan(), 3));
  EXPECT_THAT(rows.features[3], ElementsAre(IsNan(), 7));
}

TEST(CsvReaderTest, LabelsAndOtherTextAreNeverMissing) {
  for (const char* text : {",2,3\n", "nan,2,3\n", "1,x,3\n", "1,inf,3\n", "1,2\n1,\n1,2,\n"}) {
    EXPECT_THAT(ReadCsv(text, {.missing = MissingValues::kZero}), StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  }
}

TEST(CsvReaderTest, RowFortyThousandIsNamed) {
  std::string text;
  for (int i = 1; i <= 40000; ++i) absl::StrAppend(&text, i == 40000 ? "1,2\n" : "1,2,3\n");
  EXPECT_THAT(ReadCsv(text), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("row 40000 of train.csv")));
}

TEST(CsvReaderTest, FilesOfOtherFormatsAreRecognised) {
  const std::pair<std::string, const char*> cases[] = {
      {std::string("\x1f\x8b\x08\0\0", 5), "compressed with gzip twice"},
      {std::string("PK\x03\x04zip"), "zip archive"},
      {std::string("PAR1\x15\x04"), "Parquet"},
      {std::string("{\"instances\": []}"), "JSON"},
  };
  for (const auto& [bytes, meaning] : cases) {
    EXPECT_THAT(ReadCsv(bytes), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(meaning)));
  }
}

TEST(CsvReaderTest, LongTextsAreCutInErrors) {
  const auto rows = ReadCsv(absl::StrCat("1,", std::string(5000, 'x'), "\n1,2\n"));
  ASSERT_THAT(rows, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_LT(rows.status().message().size(), 300u);
  EXPECT_THAT(std::string(rows.status().message()), HasSubstr("xxx..."));
}

TEST(CsvReaderTest, ALineWithoutEndIsRefusedAtTheLimit) {
  const std::string text(kMaxRowBytes + 1, '1');
  EXPECT_THAT(ReadCsv(text), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("longer than the limit")));
}

}  // namespace
}  // namespace ll::learner
