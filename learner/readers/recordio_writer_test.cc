#include "learner/readers/recordio_writer.h"

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_replace.h"
#include "aialgs/record.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace ll::learner {
namespace {

using ::testing::ElementsAre;

std::string Bytes(absl::string_view hex) { return absl::HexStringToBytes(absl::StrReplaceAll(hex, {{" ", ""}})); }

TEST(RecordIoWriterTest, WritesADenseLabelledRowByteForByte) {
  std::string out;
  AppendRecord({{"values", {1.0f, 2.0f}}}, {{"values", {1.0f}}}, &out);
  EXPECT_EQ(out,
            Bytes("0a 23 d7 ce 2c 00 00 00 0a 16 0a 06 76 61 6c 75 65 73 12 0c 12 0a 0a 08 00 00 80 3f 00 00 00 40 "
                  "12 12 0a 06 76 61 6c 75 65 73 12 08 12 06 0a 04 00 00 80 3f"));
}

TEST(RecordIoWriterTest, WritesAPredictionInAscendingOrderOfNames) {
  std::string out;
  AppendRecord({}, {{"score", {0.5f}}, {"predicted_label", {1.0f}}}, &out);
  EXPECT_EQ(out, Bytes("0a 23 d7 ce 30 00 00 00 "
                       "12 1b 0a 0f 70 72 65 64 69 63 74 65 64 5f 6c 61 62 65 6c 12 08 12 06 0a 04 00 00 80 3f "
                       "12 11 0a 05 73 63 6f 72 65 12 08 12 06 0a 04 00 00 00 3f"));
}

TEST(RecordIoWriterTest, EveryLengthIsPaddedAndParsedByTheProtobufLibrary) {
  for (const size_t columns : std::vector<size_t>{1, 2, 3, 31, 32, 100, 784, 5000}) {
    for (size_t name = 1; name < 5; ++name) {  // moves the payload's length through all remainders of 4
      const std::vector<float> values(columns, 0.25f);
      const std::string key(name, 'k');
      std::string out = "kept";
      AppendRecord({{key, values}}, {}, &out);
      ASSERT_EQ(out.substr(0, 8), "kept\x0a\x23\xd7\xce");
      ASSERT_EQ(out.size() % 4, 0u);
      uint32_t length;
      memcpy(&length, out.data() + 8, sizeof length);
      ASSERT_LT(out.size() - 12 - length, 4u);
      for (size_t i = 12 + length; i < out.size(); ++i) EXPECT_EQ(out[i], '\0');
      aialgs::data::Record record;
      ASSERT_TRUE(record.ParseFromArray(out.data() + 12, static_cast<int>(length)));
      const auto& read = record.features().at(key).float32_tensor().values();
      EXPECT_EQ(std::vector<float>(read.begin(), read.end()), values);
      EXPECT_EQ(record.label_size(), 0);
    }
  }
}

}  // namespace
}  // namespace ll::learner
