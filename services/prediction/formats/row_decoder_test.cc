#include "services/prediction/formats/row_decoder.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "learner/readers/recordio_writer.h"
#include "services/prediction/formats/content_negotiation.h"
#include "tests/testing/memory_file.h"
#include "tests/testing/status_matchers.h"

namespace ll::prediction {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::NewMemoryFile;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

absl::StatusOr<std::vector<float>> Decode(const char* content_type, std::string body, int feature_dim = 2) {
  RowDecoder decoder(*RequestTypeOf(content_type), NewMemoryFile(std::move(body), /*most=*/7), feature_dim);
  std::vector<float> values;
  while (true) {
    LL_ASSIGN_OR_RETURN(const learner::RowBlock block, decoder.Next());
    if (block.rows == 0) return values;
    EXPECT_EQ(block.columns, feature_dim);
    values.insert(values.end(), block.values, block.values + block.rows * block.columns);
  }
}

std::string ErrorOf(const char* content_type, const std::string& body) {
  const absl::Status status = Decode(content_type, body).status();
  EXPECT_THAT(status, HasReason(ErrorReason::kInvalidData)) << body;
  return std::string(status.message());
}

TEST(RowDecoderTest, EveryFormatGivesTheSameRows) {
  const auto rows = ElementsAre(1.5f, 2, 0, 4);
  EXPECT_THAT(*Decode("text/csv", "1.5,2\n0,4\n"), rows);
  EXPECT_THAT(*Decode("text/csv; header=present", "a,b\r\n1.5,2\r\n0,4"), rows);
  EXPECT_THAT(*Decode("text/csv; label_size=1", "9,1.5,2\n9,0,4\n"), rows);
  EXPECT_THAT(*Decode("text/csv; missing=zero", "1.5,2\n,4\n"), rows);
  EXPECT_THAT(*Decode("application/json", R"({"instances": [{"features": [1.5, 2]}, {"features": [0, 4]}]})"), rows);
  EXPECT_THAT(*Decode("application/json", R"({"instances": [{"data": {"features": {"values": [1.5, 2]}}},
                      {"data": {"features": {"keys": [1], "shape": [2], "values": [4]}}}]})"),
              rows);
  EXPECT_THAT(*Decode("application/jsonlines", "{\"features\": [1.5, 2]}\n{\"data\": [0, 4], \"configuration\": {}}\n"),
              rows);
  EXPECT_THAT(*Decode("text/libsvm", "0 1:1.5 2:2\n0 2:4\n"), rows);
  std::string records;
  learner::AppendRecord({{"values", {1.5f, 2}}}, {}, &records);
  learner::AppendRecord({{"values", {0, 4}}}, {}, &records);
  EXPECT_THAT(*Decode("application/x-recordio-protobuf", records), rows);
}

TEST(RowDecoderTest, LargeBodiesComeInBlocks) {
  std::string csv;
  for (int i = 0; i < 50'000; ++i) absl::StrAppend(&csv, i, ",", -i, "\n");
  RowDecoder decoder(*RequestTypeOf("text/csv"), NewMemoryFile(csv), 2);
  int64_t rows = 0, blocks = 0;
  while (true) {
    LL_ASSERT_OK_AND_ASSIGN(const learner::RowBlock block, decoder.Next());
    if (block.rows == 0) break;
    EXPECT_EQ(block.values[0], static_cast<float>(rows));
    rows += block.rows;
    ++blocks;
  }
  EXPECT_EQ(rows, 50'000);
  EXPECT_GT(blocks, 1);
}

TEST(RowDecoderTest, ErrorsNameRowAndColumnOrByte) {
  EXPECT_THAT(ErrorOf("text/csv", "1,2\n3,x\n"), HasSubstr("row 2, column 2 of the request's body: \"x\""));
  EXPECT_THAT(ErrorOf("text/csv", "1,2,3\n"), HasSubstr("2"));
  EXPECT_THAT(ErrorOf("text/csv", "1,nan\n"), HasSubstr("row 1, column 2"));
  EXPECT_THAT(ErrorOf("application/json", R"({"instances": [{"features": [1, "x"]}]})"), HasSubstr("row 1, column 2"));
  EXPECT_THAT(ErrorOf("application/json", R"({"instances": [{"features": [1, 2]} {)"), HasSubstr("byte 36"));
  EXPECT_THAT(ErrorOf("application/jsonlines", "{\"features\": [1, 2]}\n{\"features\": [1]}\n"), HasSubstr("row 2"));
  std::string records;
  learner::AppendRecord({{"values", {1, 2}}}, {}, &records);
  EXPECT_THAT(ErrorOf("application/x-recordio-protobuf", records.substr(0, records.size() - 3)), HasSubstr("row 1"));
}

TEST(RowDecoderTest, AtLeastOneRowIsNeeded) {
  for (const char* type :
       {"text/csv", "application/jsonlines", "application/x-recordio-protobuf", "application/json"}) {
    EXPECT_THAT(ErrorOf(type, ""), HasSubstr("no rows")) << type;
  }
  EXPECT_THAT(ErrorOf("application/json", R"({"instances": []})"), HasSubstr("no rows"));
  EXPECT_THAT(ErrorOf("text/csv", "\n\n"), HasSubstr("no rows"));
}

class BrokenFile final : public SequentialFile {
 public:
  absl::StatusOr<size_t> Read(absl::Span<char>) override { return absl::CancelledError("the client has gone away"); }
};

TEST(RowDecoderTest, ErrorsOfTheBodyComeAsTheyAre) {
  RowDecoder decoder(*RequestTypeOf("text/csv"), std::make_unique<BrokenFile>(), 2);
  EXPECT_THAT(decoder.Next(), ::ll::testing::StatusIs(absl::StatusCode::kCancelled));
}

}  // namespace
}  // namespace ll::prediction
