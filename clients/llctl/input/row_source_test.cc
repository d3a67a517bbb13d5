#include "clients/llctl/input/row_source.h"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "aialgs/record.pb.h"
#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace ll::llctl {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Gives at most `piece` bytes a read, so that every boundary is met.
class PieceFile final : public SequentialFile {
 public:
  PieceFile(std::string bytes, size_t piece) : bytes_(std::move(bytes)), piece_(piece) {}
  absl::StatusOr<size_t> Read(absl::Span<char> buffer) override {
    const size_t size = std::min({piece_, buffer.size(), bytes_.size() - at_});
    std::copy_n(bytes_.data() + at_, size, buffer.data());
    at_ += size;
    return size;
  }

 private:
  const std::string bytes_;
  const size_t piece_;
  size_t at_ = 0;
};

struct Rows {
  absl::Status status;
  std::vector<float> values;
  std::vector<int32_t> indices;  // of sparse ones
  bool sparse = false;
  int rows = 0;
  int columns = 0;
};

Rows ReadAll(const std::string& bytes, const std::string& name, const std::string& content_type = "",
             size_t piece = 1 << 20) {
  Rows rows;
  auto source = OpenRows(std::make_unique<PieceFile>(bytes, piece), name, content_type);
  rows.status = source.status();
  while (rows.status.ok()) {
    Row row;
    const absl::StatusOr<bool> more = (*source)->Next(row);
    rows.status = more.status();
    if (!more.ok() || !*more) break;
    ++rows.rows;
    rows.values.insert(rows.values.end(), row.values.begin(), row.values.end());
    rows.indices.insert(rows.indices.end(), row.indices.begin(), row.indices.end());
    rows.sparse = row.sparse;
    rows.columns = row.columns;
  }
  return rows;
}

std::string Frame(const std::string& payload, uint32_t flag = 0) {
  std::string frame("\x0a\x23\xd7\xce", 4);
  const uint32_t word = flag << 29 | static_cast<uint32_t>(payload.size());
  for (int shift = 0; shift < 32; shift += 8) frame.push_back(static_cast<char>(word >> shift & 0xff));
  frame += payload;
  frame.resize((frame.size() + 3) / 4 * 4);
  return frame;
}

std::string RecordOf(std::initializer_list<float> features) {
  aialgs::data::Record record;
  auto& tensor = *(*record.mutable_features())["values"].mutable_float32_tensor();
  for (const float value : features) tensor.add_values(value);
  (*record.mutable_label())["values"].mutable_float32_tensor()->add_values(1);
  return record.SerializeAsString();
}

void ExpectDataError(const Rows& rows, const std::string& message) {
  EXPECT_THAT(rows.status, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)));
  EXPECT_THAT(rows.status, HasReason(ErrorReason::kInvalidData));
}

TEST(CsvRowsTest, NumbersInEveryForm) {
  const std::string text = "1,-2.5,+3e2\r\n\n  \" 4 \" ,\t.5 ,1e-50\n0.1,16777217,-0";
  for (const size_t piece : {size_t{1}, size_t{3}, size_t{1000}}) {
    const Rows rows = ReadAll(text, "test.csv", "", piece);
    LL_ASSERT_OK(rows.status);
    EXPECT_EQ(rows.rows, 3);
    EXPECT_EQ(rows.columns, 3);
    EXPECT_THAT(rows.values, ElementsAre(1, -2.5f, 300, 4, 0.5f, 0, 0.1f, 16777216.0f, -0.0f));
  }
}

TEST(CsvRowsTest, AnEmptyFileHasNoRows) {
  EXPECT_EQ(ReadAll("", "test.csv").rows, 0);
  EXPECT_EQ(ReadAll("\n \r\n", "test.csv").rows, 0);
}

TEST(CsvRowsTest, RowsAreCountedByTheLinesOfTheFile) {
  ExpectDataError(ReadAll("1,2\n\n3,abc\n", "test.csv"),
                  "test.csv, row 3, column 2 (\"abc\"): it is not a finite number");
}

TEST(CsvRowsTest, WhatIsNotAFiniteNumberIsRefused) {
  for (const char* cell : {"nan", "inf", "-infinity", "1e39", "0x10", "1 2", "1.5x", "--1", "+-1", "\"1", "TRUE"}) {
    ExpectDataError(ReadAll(std::string("1,2\n1,") + cell + "\n", "test.csv"), "row 2, column 2");
  }
  ExpectDataError(ReadAll("1,2\n1,\n", "test.csv"), "row 2, column 2: it is empty");
}

TEST(CsvRowsTest, AHeaderIsRecognised) {
  ExpectDataError(
      ReadAll("pixel_0,pixel_1\n1,2\n", "test.csv"),
      "row 1, column 1 (\"pixel_0\"): it is not a finite number. If the first row is a header, take it out");
}

TEST(CsvRowsTest, AllRowsHaveTheSameColumns) {
  ExpectDataError(ReadAll("1,2\n1,2,3\n", "test.csv"), "test.csv, row 2: it has 3 columns, the rows before have 2");
}

TEST(CsvRowsTest, LongTextsAreCut) {
  ExpectDataError(ReadAll(std::string(1000, 'x'), "test.csv"), "(\"" + std::string(40, 'x') + "...\")");
}

TEST(RecordIoRowsTest, DenseRecordsOfEveryNumberType) {
  aialgs::data::Record doubles;
  for (const double value : {0.5, 1.5}) {
    (*doubles.mutable_features())["values"].mutable_float64_tensor()->add_values(value);
  }
  aialgs::data::Record integers;
  for (const int value : {-7, 8}) (*integers.mutable_features())["values"].mutable_int32_tensor()->add_values(value);
  const std::string bytes =
      Frame(RecordOf({1, 2})) + Frame(doubles.SerializeAsString()) + Frame(integers.SerializeAsString());
  for (const size_t piece : {size_t{1}, size_t{7}, size_t{1000}}) {
    const Rows rows = ReadAll(bytes, "test.pbr", "", piece);
    LL_ASSERT_OK(rows.status);
    EXPECT_THAT(rows.values, ElementsAre(1, 2, 0.5f, 1.5f, -7, 8));
    EXPECT_EQ(rows.columns, 2);
  }
}

// A writer that never leaves the magic word inside a payload splits the record there.
TEST(RecordIoRowsTest, PartsArePutTogetherAgain) {
  const std::string magic("\x0a\x23\xd7\xce", 4);
  aialgs::data::Record record;
  record.ParseFromString(RecordOf({1, 2}));
  (*record.mutable_label())["image"].mutable_bytes()->add_value("..." + magic + "..." + magic + "...");
  const std::string payload = record.SerializeAsString();
  const size_t first = payload.find(magic);
  const size_t second = payload.find(magic, first + 4);
  ASSERT_NE(second, std::string::npos);
  const Rows rows =
      ReadAll(Frame(payload.substr(0, first), 1) + Frame(payload.substr(first + 4, second - first - 4), 2) +
                  Frame(payload.substr(second + 4), 3),
              "test.pbr");
  LL_ASSERT_OK(rows.status);
  EXPECT_THAT(rows.values, ElementsAre(1, 2));
}

TEST(RecordIoRowsTest, ATruncatedFileIsRefusedWhereverItEnds) {
  const std::string bytes = Frame(RecordOf({1, 2})) + Frame(RecordOf({3, 4}));
  const size_t first = Frame(RecordOf({1, 2})).size();
  for (size_t size = first + 1; size < bytes.size(); ++size) {
    const Rows rows = ReadAll(bytes.substr(0, size), "test.pbr");
    EXPECT_EQ(rows.rows, 1) << size;
    ExpectDataError(rows, "test.pbr, row 2: the file ends within a record");
  }
}

std::string SparseRecordOf(std::initializer_list<uint64_t> keys, std::initializer_list<float> values,
                           std::initializer_list<uint64_t> shape) {
  aialgs::data::Record record;
  auto& tensor = *(*record.mutable_features())["values"].mutable_float32_tensor();
  for (const uint64_t key : keys) tensor.add_keys(key);
  for (const float value : values) tensor.add_values(value);
  for (const uint64_t size : shape) tensor.add_shape(size);
  return record.SerializeAsString();
}

TEST(RecordIoRowsTest, SparseRecordsInAnyOrderOfKeys) {
  const Rows rows = ReadAll(Frame(SparseRecordOf({7, 3}, {2, 1}, {10})) + Frame(SparseRecordOf({}, {}, {10})) +
                                Frame(SparseRecordOf({0}, {5}, {10})),
                            "test.pbr");
  LL_ASSERT_OK(rows.status);
  EXPECT_EQ(rows.rows, 3);
  EXPECT_TRUE(rows.sparse);
  EXPECT_EQ(rows.columns, 10);
  EXPECT_THAT(rows.indices, ElementsAre(3, 7, 0));
  EXPECT_THAT(rows.values, ElementsAre(1, 2, 5));
  EXPECT_EQ(ReadAll(Frame(SparseRecordOf({7}, {2}, {})), "test.pbr").columns, 0);
}

TEST(RecordIoRowsTest, WrongSparseRecordsAreRefused) {
  const auto error = [](const std::string& bytes, const std::string& message) {
    ExpectDataError(ReadAll(bytes, "a.pbr"), message);
  };
  error(Frame(SparseRecordOf({1, 2}, {1}, {10})), "a.pbr, row 1: it has 2 keys and 1 values");
  error(Frame(SparseRecordOf({10}, {1}, {10})), "its key 10 is not below 10");
  error(Frame(SparseRecordOf({uint64_t{1} << 40}, {1}, {})), "is not below 2147483647");
  error(Frame(SparseRecordOf({4, 4}, {1, 2}, {10})), "its key 4 is there twice");
  error(Frame(SparseRecordOf({4}, {1}, {2, 5})), "its shape is not the number");
  error(Frame(SparseRecordOf({4}, {std::numeric_limits<float>::infinity()}, {10})), "row 1, column 5 (\"inf\")");
  error(Frame(RecordOf({1})) + Frame(SparseRecordOf({0}, {1}, {1})), "row 2: it is sparse, the rows before are not");
  error(Frame(SparseRecordOf({0}, {1}, {1})) + Frame(SparseRecordOf({0}, {1}, {2})),
        "row 2: it has 2 features, the rows before have 1");
}

TEST(LibsvmRowsTest, LabelsAndCommentsAreNotLookedAt) {
  const Rows rows = ReadAll("1 3:0.5 17:-2 # a comment\n\n# nothing\n0\n2:+1e-3\r\n", "test.svm");
  LL_ASSERT_OK(rows.status);
  EXPECT_EQ(rows.rows, 3);
  EXPECT_TRUE(rows.sparse);
  EXPECT_EQ(rows.columns, 0);
  EXPECT_THAT(rows.indices, ElementsAre(2, 16, 1));
  EXPECT_THAT(rows.values, ElementsAre(0.5f, -2, 1e-3f));
  EXPECT_THAT(ReadAll("1 0:4\n", "a", "text/libsvm; index_base=0").indices, ElementsAre(0));
}

TEST(LibsvmRowsTest, WhatIsNoEntryIsRefused) {
  ExpectDataError(ReadAll("1 3:0.5\n1 x:1\n", "a.svm"), "a.svm, row 2, column 2 (\"x:1\"): it is not index:value");
  ExpectDataError(ReadAll("1 3\n", "a.svm"), "it is not index:value");
  ExpectDataError(ReadAll("1 -3:1\n", "a.svm"), "it is not index:value");
  ExpectDataError(ReadAll("1 99999999999:1\n", "a.svm"), "it is not index:value");
  ExpectDataError(ReadAll("1 3:nan\n", "a.svm"), "its value is not a finite number");
  ExpectDataError(ReadAll("1 3:\n", "a.svm"), "its value is not a finite number");
  ExpectDataError(ReadAll("1 0:1\n", "a.svm"), "index_base=0");
  ExpectDataError(ReadAll("1 3:1 3:2\n", "a.svm"), "column 3 (\"3:2\"): its index is not above the one before");
}

TEST(RecordIoRowsTest, WhatIsNoRowIsRefused) {
  aialgs::data::Record image;
  (*image.mutable_features())["values"].mutable_bytes()->add_value("png");
  ExpectDataError(ReadAll(Frame(image.SerializeAsString()), "a.pbr"), "not a tensor of numbers");
  ExpectDataError(ReadAll(Frame(aialgs::data::Record().SerializeAsString()), "a.pbr"), "no feature tensor");
  ExpectDataError(ReadAll(Frame(RecordOf({})), "a.pbr"), "it has no features");
  ExpectDataError(ReadAll(Frame("\xff\xff"), "a.pbr"), "not an aialgs.data.Record");
  ExpectDataError(ReadAll("1,2,3,4\n", "a.pbr"), "there is no RecordIO record here");
  ExpectDataError(ReadAll(Frame(RecordOf({1}), 2), "a.pbr"), "the later part of a record");
  ExpectDataError(ReadAll(Frame(RecordOf({1}), 1) + Frame(RecordOf({1})), "a.pbr"), "the last part");
  ExpectDataError(ReadAll(Frame(RecordOf({1, std::numeric_limits<float>::quiet_NaN()})), "a.pbr"),
                  "a.pbr, row 1, column 2 (\"nan\"): it is not a finite number");
  ExpectDataError(ReadAll(Frame(RecordOf({1})) + Frame(RecordOf({1, 2})), "a.pbr"),
                  "row 2: it has 2 features, the rows before have 1");
}

TEST(OpenRowsTest, TheTypeComesFromTheFlagTheNameOrTheBytes) {
  const std::string records = Frame(RecordOf({1, 2}));
  EXPECT_EQ(ReadAll(records, "rows.csv", "application/x-recordio-protobuf").rows, 1);
  EXPECT_EQ(ReadAll("1,2\n", "rows.pbr", "text/csv; label_size=0").rows, 1);
  EXPECT_EQ(ReadAll("1,2\n", "ROWS.CSV").rows, 1);
  EXPECT_EQ(ReadAll(records, "standard input").rows, 1);
  EXPECT_EQ(ReadAll("1,2\n", "standard input").rows, 1);
  EXPECT_THAT(ReadAll("", "a", "application/json").status,
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("there is no reader for the content type")));
}

}  // namespace
}  // namespace ll::llctl
