#include "learner/readers/content_type.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace ll::learner {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(ContentTypeTest, NamesAliasesAndParameters) {
  struct Case {
    const char* text;
    DataFormat format;
    std::optional<int> label_columns;
  };
  const Case cases[] = {
      {"application/x-recordio-protobuf", DataFormat::kRecordIo, std::nullopt},
      {"application/x-labeled-vector-protobuf", DataFormat::kRecordIo, std::nullopt},
      {"protobuf", DataFormat::kRecordIo, std::nullopt},
      {"text/csv", DataFormat::kCsv, std::nullopt},
      {"csv", DataFormat::kCsv, std::nullopt},
      {" Text/CSV ", DataFormat::kCsv, std::nullopt},
      {"text/csv;label_size=1", DataFormat::kCsv, 1},
      {"text/csv; label_size=0", DataFormat::kCsv, 0},
      {"text/csv; charset=utf-8; label_size=1", DataFormat::kCsv, 1},
      {"text/csv; charset=\"UTF-8\";", DataFormat::kCsv, std::nullopt},
      {"text/libsvm", DataFormat::kLibsvm, std::nullopt},
      {"text/x-libsvm", DataFormat::kLibsvm, std::nullopt},
      {"application/jsonlines", DataFormat::kJsonLines, std::nullopt},
      {"application/x-ndjson; charset=utf-8", DataFormat::kJsonLines, std::nullopt},
      {"application/json", DataFormat::kJson, std::nullopt},
  };
  for (const Case& c : cases) {
    LL_ASSERT_OK_AND_ASSIGN(const ContentType type, ParseContentType(c.text));
    EXPECT_EQ(type.format, c.format) << c.text;
    EXPECT_EQ(type.label_columns, c.label_columns) << c.text;
  }
}

TEST(ContentTypeTest, ParametersOfEachFormat) {
  EXPECT_FALSE(ParseContentType("text/csv")->header);
  EXPECT_TRUE(ParseContentType("text/csv; header=present")->header);
  EXPECT_FALSE(ParseContentType("text/csv; header=absent")->header);
  EXPECT_EQ(ParseContentType("text/libsvm")->index_base, 1);
  EXPECT_EQ(ParseContentType("text/libsvm; index_base=0")->index_base, 0);
  EXPECT_EQ(ParseContentType("application/jsonlines")->missing, Imputation::kNone);
  EXPECT_EQ(ParseContentType("application/jsonlines; missing=error")->missing, Imputation::kNone);
  EXPECT_EQ(ParseContentType("text/csv; Missing=ZERO")->missing, Imputation::kZero);
  EXPECT_EQ(ParseContentType("application/x-recordio-protobuf; missing=mean")->missing, Imputation::kMean);
}

TEST(ContentTypeTest, FormattedItParsesToTheSame) {
  for (const char* text : {"application/x-recordio-protobuf", "text/csv; label_size=0; header=present",
                           "text/libsvm; index_base=0; missing=zero", "application/jsonlines; missing=mean",
                           "application/json", "text/csv; label_size=1"}) {
    EXPECT_EQ(FormatContentType(ParseContentType(text).value()), text);
  }
  EXPECT_EQ(FormatContentType(ParseContentType("CSV; charset=utf-8; header=absent; missing=error").value()),
            "text/csv");
}

TEST(ContentTypeTest, WhatIsNotKnownIsRefusedListingWhatIs) {
  for (const char* text :
       {"", "application/xml", "text/csv; header=maybe", "text/csv; label_size=2", "text/csv; label_size=x",
        "application/x-recordio-protobuf; label_size=1", "application/jsonlines; header=present",
        "text/csv; index_base=0", "text/csv; missing=median", "text/csv; charset=utf-16"}) {
    const auto type = ParseContentType(text);
    EXPECT_THAT(type, StatusIs(absl::StatusCode::kInvalidArgument,
                               AllOf(HasSubstr("application/x-recordio-protobuf"), HasSubstr("text/csv"),
                                     HasSubstr("text/libsvm"), HasSubstr("application/jsonlines"))))
        << text;
    EXPECT_THAT(type, HasReason(ErrorReason::kInvalidChannel));
  }
}

TEST(ContentTypeTest, NamesOfFiles) {
  const std::pair<const char*, DataFormat> cases[] = {
      {"a/train.csv", DataFormat::kCsv},      {"TRAIN.CSV", DataFormat::kCsv},
      {"a/train.csv.gz", DataFormat::kCsv},   {"a/matrix_0.pbr", DataFormat::kRecordIo},
      {"a.libsvm", DataFormat::kLibsvm},      {"a.svm.gz", DataFormat::kLibsvm},
      {"rows.jsonl", DataFormat::kJsonLines}, {"rows.ndjson", DataFormat::kJsonLines},
      {"request.json", DataFormat::kJson},
  };
  for (const auto& [name, format] : cases) {
    ASSERT_TRUE(ContentTypeOfFile(name).has_value()) << name;
    EXPECT_EQ(ContentTypeOfFile(name)->format, format) << name;
  }
  EXPECT_FALSE(ContentTypeOfFile("part-00000").has_value());
  EXPECT_FALSE(ContentTypeOfFile("data.gz").has_value());
}

TEST(ContentTypeTest, FirstBytesOfFiles) {
  const std::pair<absl::string_view, DataFormat> cases[] = {
      {absl::string_view("\x0a\x23\xd7\xce\x2c\0\0\0", 8), DataFormat::kRecordIo},
      {"{\"features\": [1, 2]}\n", DataFormat::kJsonLines},
      {"[1, 2]\n", DataFormat::kJsonLines},
      {" {\n  \"instances\": [", DataFormat::kJson},
      {"1 3:0.5 7:1\n", DataFormat::kLibsvm},
      {"\n-1 1:-3\n", DataFormat::kLibsvm},
      {"3:1 4:1\n", DataFormat::kLibsvm},
      {"1,2,3\n", DataFormat::kCsv},
      {"\xef\xbb\xbf\"1\",2\n", DataFormat::kCsv},
      {"label,age\n", DataFormat::kCsv},
      {"1,2:3\n", DataFormat::kCsv},
      {"1\n2\n", DataFormat::kCsv},
  };
  for (const auto& [bytes, format] : cases) {
    ASSERT_TRUE(ContentTypeOfBytes(bytes).has_value()) << bytes;
    EXPECT_EQ(ContentTypeOfBytes(bytes)->format, format) << bytes;
  }
  for (const absl::string_view bytes : {"", " \n\n", "PAR1", "hello world\n", "\x01\x02,\x03"}) {
    EXPECT_FALSE(ContentTypeOfBytes(bytes).has_value()) << bytes;
  }
}

}  // namespace
}  // namespace ll::learner
