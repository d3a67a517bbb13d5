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
  };
  for (const Case& c : cases) {
    LL_ASSERT_OK_AND_ASSIGN(const ContentType type, ParseContentType(c.text));
    EXPECT_EQ(type.format, c.format) << c.text;
    EXPECT_EQ(type.label_columns, c.label_columns) << c.text;
  }
}

TEST(ContentTypeTest, WhatIsNotKnownIsRefusedListingWhatIs) {
  for (const char* text :
       {"", "application/json", "text/libsvm", "text/csv; header=present", "text/csv; label_size=2",
        "text/csv; label_size=x", "application/x-recordio-protobuf; label_size=1", "text/csv; charset=utf-16"}) {
    const auto type = ParseContentType(text);
    EXPECT_THAT(type, StatusIs(absl::StatusCode::kInvalidArgument,
                               AllOf(HasSubstr("application/x-recordio-protobuf"), HasSubstr("text/csv"))))
        << text;
    EXPECT_THAT(type, HasReason(ErrorReason::kInvalidChannel));
  }
}

TEST(ContentTypeTest, FileNamesDecideWhenNothingElseDoes) {
  EXPECT_EQ(ContentTypeOfFile("a/train.csv").format, DataFormat::kCsv);
  EXPECT_EQ(ContentTypeOfFile("TRAIN.CSV").format, DataFormat::kCsv);
  EXPECT_EQ(ContentTypeOfFile("a/matrix_0.pbr").format, DataFormat::kRecordIo);
  EXPECT_EQ(ContentTypeOfFile("part-00000").format, DataFormat::kRecordIo);
}

}  // namespace
}  // namespace ll::learner
