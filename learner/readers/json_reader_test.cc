#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "learner/readers/collected_rows_for_test.h"
#include "learner/readers/json_lines_reader.h"
#include "learner/readers/json_reader.h"
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

const RowRules kUnlabelled{.labels = false};

absl::StatusOr<CollectedRows> ReadLines(const std::string& text, RowRules rules = {},
                                        RowLayout layout = RowLayout::kDense, size_t bytes_per_read = SIZE_MAX) {
  JsonLinesReader reader(NewMemoryFile(text, bytes_per_read), "a.jsonl");
  return CollectRows(reader, std::move(rules), layout);
}

absl::StatusOr<CollectedRows> ReadDocument(const std::string& text, RowRules rules = {},
                                           RowLayout layout = RowLayout::kDense, size_t bytes_per_read = SIZE_MAX) {
  JsonReader reader(NewMemoryFile(text, bytes_per_read), "a.json");
  return CollectRows(reader, std::move(rules), layout);
}

// Every shape of the row [1.5, 0, -3] with label 1.
constexpr const char* kShapes[] = {
    R"({"features": [1.5, 0, -3], "label": 1})",
    R"({"label": [1], "features": {"values": [1.5, 0.0, -3e0]}})",
    R"({"data": {"features": {"values": [1.5, 0, -3]}}, "label": {"values": [1]}})",
    R"({"data": {"features": {"keys": [0, 2], "shape": [3], "values": [1.5, -3]}}, "label": 1.0})",
    R"({"features": {"values": [-3, 1.5], "shape": [3], "keys": [2, 0]}, "label": 1})",
    R"({"features": {"values": [1.5, 0, -3], "shape": [3]}, "label": 1})",
    R"({"data": {"features": [1.5, 0, -3], "label": 1}, "configuration": {"a": [{}]}})",
    R"({"data": [1.5, 0, -3], "label": 1})",
    R"(  {"data":[1.5,0,-3],"label":1}  )",
};

TEST(JsonLinesReaderTest, EveryShapeIsTheSameRow) {
  for (const char* shape : kShapes) {
    for (const RowLayout layout : {RowLayout::kDense, RowLayout::kSparse}) {
      LL_ASSERT_OK_AND_ASSIGN(const CollectedRows rows, ReadLines(shape, {.num_classes = 2}, layout));
      EXPECT_THAT(rows.features, ElementsAre(ElementsAre(1.5f, 0, -3))) << shape;
      EXPECT_THAT(rows.labels, ElementsAre(1)) << shape;
    }
  }
}

TEST(JsonLinesReaderTest, LinesAreRows) {
  const std::string text = absl::StrCat("\xef\xbb\xbf", kShapes[0], "\n\r\n", kShapes[3], "\r\n  \n", kShapes[7]);
  for (const size_t bytes_per_read : {size_t{1}, SIZE_MAX}) {
    LL_ASSERT_OK_AND_ASSIGN(const CollectedRows rows, ReadLines(text, {}, RowLayout::kDense, bytes_per_read));
    EXPECT_EQ(rows.features.size(), 3u);
  }
  LL_ASSERT_OK_AND_ASSIGN(const CollectedRows none, ReadLines("\n\n"));
  EXPECT_THAT(none.features, IsEmpty());
}

TEST(JsonLinesReaderTest, WithoutLabelsTheyAreSkipped) {
  LL_ASSERT_OK_AND_ASSIGN(
      const CollectedRows rows,
      ReadLines("{\"label\": \"cat\", \"features\": [1]}\n[2]\n{\"features\": [3]}\n", kUnlabelled));
  EXPECT_THAT(rows.features, ElementsAre(ElementsAre(1), ElementsAre(2), ElementsAre(3)));
  EXPECT_THAT(rows.labels, IsEmpty());
}

TEST(JsonLinesReaderTest, NullIsAMissingValue) {
  const char* const text = R"({"features": [null, 2], "label": 0})";
  LL_ASSERT_OK_AND_ASSIGN(CollectedRows rows, ReadLines(text, {.missing = MissingValues::kZero}));
  EXPECT_THAT(rows.features, ElementsAre(ElementsAre(0, 2)));
  LL_ASSERT_OK_AND_ASSIGN(rows, ReadLines(text, {.missing = MissingValues::kKeep}));
  EXPECT_THAT(rows.features, ElementsAre(ElementsAre(IsNan(), 2)));
  EXPECT_THAT(ReadLines(text), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("row 1, column 1")));
}

// Decimal numbers whose nearest double lies half-way between two floats, where rounding twice goes wrong, and others.
TEST(JsonLinesReaderTest, NumbersAreReadAsTheNearestFloat) {
  std::vector<std::string> numbers = {"1.00000017881393432617187499", "1.00000017881393421514957253748434595763683319",
                                      "1.401298464324817e-45",        "7.006492321624086e-46",
                                      "3.4028235677973365e38",        "1.17549429e-38"};
  SeededRandom random(11);
  for (int i = 0; i < 20000; ++i) {
    numbers.push_back(absl::StrCat(random.Uniform(1, 10), "e", static_cast<int64_t>(random.Below(60)) - 30));
  }
  std::string text;
  for (const std::string& number : numbers) absl::StrAppend(&text, "[", number, "]\n");
  LL_ASSERT_OK_AND_ASSIGN(const CollectedRows rows, ReadLines(text, kUnlabelled));
  for (size_t i = 0; i < numbers.size(); ++i) {
    EXPECT_EQ(rows.features[i][0], std::strtof(numbers[i].c_str(), nullptr)) << numbers[i];
  }
}

struct BadInstance {
  const char* name;
  const char* text;
  int column;
  const char* message;
};

class BadInstanceTest : public ::testing::TestWithParam<BadInstance> {};

TEST_P(BadInstanceTest, NamesFileAndRow) {
  const BadInstance& bad = GetParam();
  const std::string good = R"({"features": [1, 2], "label": 1})";
  for (const bool lines : {true, false}) {
    const auto rows =
        lines ? ReadLines(absl::StrCat(good, "\n", bad.text), {.num_classes = 2})
              : ReadDocument(absl::StrCat("{\"instances\": [", good, ", ", bad.text, "]}"), {.num_classes = 2});
    ASSERT_THAT(rows, StatusIs(absl::StatusCode::kInvalidArgument, AllOf(HasSubstr("row 2"), HasSubstr(bad.message))));
    EXPECT_THAT(rows, HasReason(ErrorReason::kInvalidData));
    const std::map<std::string, std::string> metadata = GetErrorDetails(rows.status())->metadata;
    EXPECT_EQ(metadata.count("column") > 0 ? metadata.at("column") : "0", absl::StrCat(bad.column));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadInstanceTest,
    ::testing::Values(
        BadInstance{"NoFeatures", R"({"label": 1})", 0, "it has no features"},
        BadInstance{"NoLabel", R"({"features": [1, 2]})", 0, "it has no label"},
        BadInstance{"UnknownMember", R"({"feature": [1, 2]})", 0, "an unknown member \"feature\""},
        BadInstance{"UnknownInData", R"({"data": {"configuration": {}}})", 0, "an unknown member \"configuration\""},
        BadInstance{"UnknownInTensor", R"({"features": {"value": [1]}})", 0, "an unknown member \"value\""},
        BadInstance{"TwoFeatures", R"({"features": [1, 2], "data": [1, 2], "label": 1})", 0, "\"features\" twice"},
        BadInstance{"TwoLabels", R"({"features": [1, 2], "label": 1, "label": 1})", 0, "\"label\" twice"},
        BadInstance{"TwoValues", R"({"features": {"values": [1, 2], "values": [1, 2]}})", 0, "\"values\" twice"},
        BadInstance{"Text", R"({"features": [1, "2"], "label": 1})", 2, "is not a finite number"},
        BadInstance{"Null", R"({"features": [1, null], "label": 1})", 2, "\"nan\" is not a finite number"},
        BadInstance{"NotANumber", R"({"features": [NaN, 1], "label": 1})", 1, "is not a finite number"},
        BadInstance{"TooLarge", R"({"features": [1e39, 1], "label": 1})", 1, "is not a finite number"},
        BadInstance{"FarTooLarge", R"({"features": [1e999, 1], "label": 1})", 1, "is not a finite number"},
        BadInstance{"LeadingZero", R"({"features": [01, 1], "label": 1})", 1, "is not a finite number"},
        BadInstance{"Nested", R"({"features": [[1], 1], "label": 1})", 1, "is not a finite number"},
        BadInstance{"LabelText", R"({"features": [1, 2], "label": "1"})", 0, "\"label\" is not a number"},
        BadInstance{"LabelNull", R"({"features": [1, 2], "label": [null]})", 0,
                    "the label \"nan\" is not a finite number"},
        BadInstance{"LabelPair", R"({"features": [1, 2], "label": [1, 0]})", 0, "its label holds 2 numbers"},
        BadInstance{"LabelRange", R"({"features": [1, 2], "label": 2})", 0, "labels are 0 or 1"},
        BadInstance{"Width", R"({"features": [1, 2, 3], "label": 1})", 0, "expected 2 features (by row 1 of a.json"},
        BadInstance{"Empty", R"({"features": [], "label": 1})", 0, "expected 2 features"},
        BadInstance{"FeaturesText", R"({"features": "1,2"})", 0, "\"features\" is not an array or an object"},
        BadInstance{"DataNumber", R"({"data": 7})", 0, "\"data\" is not an object or an array"},
        BadInstance{"NoShape", R"({"features": {"keys": [1], "values": [1]}})", 0, "sparse and has no \"shape\""},
        BadInstance{"TwoDimensions", R"({"features": {"keys": [1], "values": [1], "shape": [1, 2]}})", 0,
                    "has 2 numbers"},
        BadInstance{"KeysAndValues", R"({"features": {"keys": [1, 0], "values": [1], "shape": [2]}})", 0,
                    "2 keys and 1 values"},
        BadInstance{"WrongShape", R"({"features": {"values": [1, 2], "shape": [3]}})", 0,
                    "says 3 features and it holds 2"},
        BadInstance{"NegativeKey", R"({"features": {"keys": [-1], "values": [1], "shape": [2]}})", 0,
                    "is not a list of counts"},
        BadInstance{"FractionalKey", R"({"features": {"keys": [0.5], "values": [1], "shape": [2]}})", 0,
                    "is not a list of counts"},
        BadInstance{"KeyBeyond", R"({"features": {"keys": [2], "values": [1], "shape": [2]}, "label": 1})", 0,
                    "index 2"},
        BadInstance{"KeyTwice", R"({"features": {"keys": [1, 1], "values": [1, 2], "shape": [2]}, "label": 1})", 0,
                    "twice"},
        BadInstance{"Unclosed", R"({"features": [1, 2}})", 3, ""},
        BadInstance{"NoComma", R"({"features": [1 2], "label": 1})", 2, ""}),
    [](const auto& info) { return info.param.name; });

TEST(JsonLinesReaderTest, WhatIsNoInstanceIsRefused) {
  const std::pair<const char*, const char*> cases[] = {
      {"7\n", "is not an object or an array"},
      {"\"text\"\n", "is not an object or an array"},
      {"{\"features\": [1]} {\"features\": [1]}\n", "not well-formed JSON"},
      {"{\"features\": [1]\n", "not well-formed JSON"},
      {"{\"features\": [1\n", "not well-formed JSON"},
      {"1,2,3\n", "is not an object or an array"},
      {"{\"features\": [\"\xff\"]}\n", "not well-formed JSON"},
  };
  for (const auto& [text, message] : cases) {
    EXPECT_THAT(ReadLines(text, kUnlabelled), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message))) << text;
  }
}

TEST(JsonReaderTest, ReadsEveryInstance) {
  const std::string compact = absl::StrCat("{\"instances\":[", absl::StrJoin(kShapes, ","), "]}");
  const std::string wide =
      absl::StrCat("\xef\xbb\xbf\n{ \"instances\" :\n[ ", absl::StrJoin(kShapes, "\n ,\t"), "\r\n] }\n\n");
  for (const std::string& text : {compact, wide}) {
    for (const size_t bytes_per_read : {size_t{1}, SIZE_MAX}) {
      LL_ASSERT_OK_AND_ASSIGN(const CollectedRows rows, ReadDocument(text, {}, RowLayout::kDense, bytes_per_read));
      EXPECT_EQ(rows.features.size(), std::size(kShapes));
      for (const auto& row : rows.features) EXPECT_THAT(row, ElementsAre(1.5f, 0, -3));
    }
  }
}

TEST(JsonReaderTest, AnEmptyListHasNoRows) {
  for (const char* text : {"{\"instances\": []}", "{\"instances\":[\n]\n}\n", "", " \n"}) {
    LL_ASSERT_OK_AND_ASSIGN(const CollectedRows rows, ReadDocument(text));
    EXPECT_THAT(rows.features, IsEmpty()) << text;
  }
}

TEST(JsonReaderTest, BracketsInTextsAreText) {
  LL_ASSERT_OK_AND_ASSIGN(
      const CollectedRows rows,
      ReadDocument(R"({"instances": [{"features": [1], "configuration": {"a": "]}\"{\\"}}, {"features": [2]}]})",
                   kUnlabelled));
  EXPECT_THAT(rows.features, ElementsAre(ElementsAre(1), ElementsAre(2)));
}

TEST(JsonReaderTest, ALargeDocumentPassesThroughASmallWindow) {
  std::string text = "{\"instances\": [";
  constexpr int kRows = 100000;
  for (int i = 0; i < kRows; ++i) absl::StrAppend(&text, i == 0 ? "" : ", ", "{\"features\": [", i, ", 2.5]}");
  text += "]}";
  LL_ASSERT_OK_AND_ASSIGN(const CollectedRows rows, ReadDocument(text, kUnlabelled));
  ASSERT_EQ(rows.features.size(), static_cast<size_t>(kRows));
  EXPECT_THAT(rows.features[kRows - 1], ElementsAre(kRows - 1, 2.5));
}

TEST(JsonReaderTest, DocumentsOfAnotherShapeAreRefused) {
  const std::pair<const char*, const char*> cases[] = {
      {"[1, 2]", "expected {"},
      {"{}", "expected \"instances\""},
      {"{\"features\": [1]}", "expected \"instances\""},
      {"{\"instances\": {}}", "expected ["},
      {"{\"instances\": [", "expected an object or an array, and here is the end of the file"},
      {"{\"instances\": [{\"features\": [1]}", "expected ,, and here is the end of the file"},
      {"{\"instances\": [{\"features\": [1]", "the file ends inside an instance"},
      {"{\"instances\": [{\"features\": [1]},]}", "expected an object or an array"},
      {"{\"instances\": [{\"features\": [1]} {\"features\": [1]}]}", "expected ,"},
      {"{\"instances\": [7]}", "expected an object or an array, and here is \"7]}\""},
      {"{\"instances\": []", "expected }"},
      {"{\"instances\": []} x", "text after the document"},
      {"{\"instances\": [], \"more\": 1}", "expected }"},
  };
  for (const auto& [text, message] : cases) {
    for (const size_t bytes_per_read : {size_t{1}, SIZE_MAX}) {
      const auto rows = ReadDocument(text, kUnlabelled, RowLayout::kDense, bytes_per_read);
      EXPECT_THAT(rows, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message))) << text;
      EXPECT_THAT(rows, HasReason(ErrorReason::kInvalidData));
    }
  }
}

}  // namespace
}  // namespace ll::learner
