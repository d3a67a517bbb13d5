#include "services/prediction/formats/tensor.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace ll::prediction {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

template <typename T>
std::string Bytes(std::vector<T> numbers) {
  std::string bytes(numbers.size() * sizeof(T), '\0');
  std::memcpy(bytes.data(), numbers.data(), bytes.size());
  return bytes;
}

std::vector<float> Raw(Datatype type, const std::string& bytes) {
  std::vector<float> values(bytes.size() / SizeOf(type));
  const auto problem = DecodeRawTensor(type, bytes, absl::MakeSpan(values));
  EXPECT_FALSE(problem.has_value()) << problem->why;
  return values;
}

template <typename T>
void ExpectRefused(Datatype type, T number) {
  std::vector<float> values(2);
  const auto problem = DecodeRawTensor(type, Bytes<T>({T{1}, number}), absl::MakeSpan(values));
  ASSERT_TRUE(problem.has_value()) << number;
  EXPECT_EQ(problem->index, 1u);
  EXPECT_THAT(problem->why, HasSubstr("no float32"));
}

std::vector<float> Json(Datatype type, std::string text, size_t columns = 2) {
  const size_t size = text.size();
  text.resize(size + kTensorPadding);
  std::vector<float> values;
  const auto problem = ReadJsonTensor(type, {text.data(), size}, columns, &values);
  EXPECT_FALSE(problem.has_value()) << text << problem->why;
  return values;
}

TensorProblem JsonProblem(Datatype type, std::string text, size_t columns = 2) {
  const size_t size = text.size();
  text.resize(size + kTensorPadding);
  std::vector<float> values;
  const auto problem = ReadJsonTensor(type, {text.data(), size}, columns, &values);
  EXPECT_TRUE(problem.has_value()) << text;
  return problem.value_or(TensorProblem{});
}

TEST(TensorTest, NamesAndSizes) {
  EXPECT_EQ(ParseDatatype("FP32"), Datatype::kFp32);
  EXPECT_EQ(ParseDatatype("BF16"), Datatype::kBf16);
  EXPECT_EQ(ParseDatatype("BYTES"), std::nullopt);
  EXPECT_EQ(ParseDatatype("fp32"), std::nullopt);
  EXPECT_EQ(SizeOf(Datatype::kUint64), 8u);
  EXPECT_THAT(DatatypeNames(), HasSubstr("FP16, BF16, FP32, FP64"));
}

TEST(TensorTest, RawNumbersOfEveryType) {
  EXPECT_THAT(Raw(Datatype::kBool, std::string("\0\1", 2)), ElementsAre(0, 1));
  EXPECT_THAT(Raw(Datatype::kInt8, Bytes<int8_t>({-128, 127})), ElementsAre(-128, 127));
  EXPECT_THAT(Raw(Datatype::kUint8, Bytes<uint8_t>({0, 255})), ElementsAre(0, 255));
  EXPECT_THAT(Raw(Datatype::kInt16, Bytes<int16_t>({-32768, 32767})), ElementsAre(-32768, 32767));
  EXPECT_THAT(Raw(Datatype::kUint16, Bytes<uint16_t>({1, 65535})), ElementsAre(1, 65535));
  EXPECT_THAT(Raw(Datatype::kInt32, Bytes<int32_t>({-16777216, 1 << 30})), ElementsAre(-16777216, 1 << 30));
  EXPECT_THAT(Raw(Datatype::kUint32, Bytes<uint32_t>({1u << 31})), ElementsAre(2147483648.0f));
  EXPECT_THAT(Raw(Datatype::kInt64, Bytes<int64_t>({std::numeric_limits<int64_t>::min()})), ElementsAre(-0x1p63f));
  EXPECT_THAT(Raw(Datatype::kUint64, Bytes<uint64_t>({uint64_t{1} << 63})), ElementsAre(0x1p63f));
  EXPECT_THAT(Raw(Datatype::kFp32, Bytes<float>({0.1f, -0.0f})), ElementsAre(0.1f, -0.0f));
  EXPECT_THAT(Raw(Datatype::kFp64, Bytes<double>({0.5, 0x1p-149})), ElementsAre(0.5f, 0x1p-149f));
  // One, a third, the smallest subnormal, the largest number, minus two.
  EXPECT_THAT(Raw(Datatype::kFp16, Bytes<uint16_t>({0x3c00, 0x3555, 0x0001, 0x7bff, 0xc000})),
              ElementsAre(1, 0.333251953125f, 0x1p-24f, 65504, -2));
  EXPECT_THAT(Raw(Datatype::kBf16, Bytes<uint16_t>({0x3f80, 0xc000, 0x0001})), ElementsAre(1, -2, 0x1p-133f));
}

TEST(TensorTest, NumbersThatAreNoneStayWhatTheyAre) {
  EXPECT_TRUE(std::isnan(Raw(Datatype::kFp64, Bytes<double>({std::nan("")}))[0]));
  EXPECT_TRUE(std::isnan(Raw(Datatype::kFp16, Bytes<uint16_t>({0x7e00}))[0]));
  EXPECT_EQ(Raw(Datatype::kFp16, Bytes<uint16_t>({0xfc00}))[0], -std::numeric_limits<float>::infinity());
}

TEST(TensorTest, NothingIsRoundedBehindTheClientsBack) {
  ExpectRefused<int32_t>(Datatype::kInt32, 16777217);
  ExpectRefused<uint32_t>(Datatype::kUint32, 4294967295);
  ExpectRefused<int64_t>(Datatype::kInt64, std::numeric_limits<int64_t>::max());
  ExpectRefused<uint64_t>(Datatype::kUint64, std::numeric_limits<uint64_t>::max());
  ExpectRefused<double>(Datatype::kFp64, 0.1);
  ExpectRefused<double>(Datatype::kFp64, 1e300);
  std::vector<float> values(1);
  EXPECT_THAT(DecodeRawTensor(Datatype::kBool, "\2", absl::MakeSpan(values))->why, HasSubstr("BOOL"));
}

TEST(TensorTest, JsonIsFlatOrInRows) {
  EXPECT_THAT(Json(Datatype::kFp32, "[1,2.5,-3,4e2]"), ElementsAre(1, 2.5f, -3, 400));
  EXPECT_THAT(Json(Datatype::kFp32, " [ [1, 2.0] ,\n[ 3,0.25]\t] "), ElementsAre(1, 2, 3, 0.25f));
  EXPECT_THAT(Json(Datatype::kFp32, "[]"), ElementsAre());
  EXPECT_THAT(Json(Datatype::kFp32, "[0,-0,0.0,1234567,12345678,0.00,10.01]"),
              ElementsAre(0, -0.0f, 0, 1234567, 12345678, 0, 10.01f));
  EXPECT_TRUE(std::signbit(Json(Datatype::kFp32, "[-0]")[0]));
  EXPECT_THAT(Json(Datatype::kBool, "[true,false,1,0]"), ElementsAre(1, 0, 1, 0));
  EXPECT_THAT(Json(Datatype::kInt8, "[-128,127]"), ElementsAre(-128, 127));
  EXPECT_THAT(Json(Datatype::kInt64, "[-9223372036854775808]"), ElementsAre(-0x1p63f));
  EXPECT_THAT(Json(Datatype::kFp64, "[0.5,1e3]"), ElementsAre(0.5f, 1000));
}

// The text of any float32, in each of its usual forms, is that float32 again.
TEST(TensorTest, JsonNumbersAreTheNearestFloat) {
  SeededRandom random(5);
  for (int i = 0; i < 20'000; ++i) {
    const auto bits = static_cast<uint32_t>(random.Bits());
    float value;
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value)) continue;
    char shortest[64], widened[64], fixed[400];
    const std::string forms[] = {
        std::string(shortest, std::to_chars(shortest, shortest + 64, value).ptr),
        std::string(widened, std::to_chars(widened, widened + 64, static_cast<double>(value)).ptr),
        std::string(fixed, std::to_chars(fixed, fixed + 400, value, std::chars_format::fixed).ptr)};
    for (const std::string& form : forms) {
      if (form.find('.') == std::string::npos && form.find('e') != std::string::npos && form.size() > 60) continue;
      EXPECT_THAT(Json(Datatype::kFp32, absl::StrCat("[", form, "]")), ElementsAre(value)) << form;
    }
  }
}

TEST(TensorTest, WhatIsNoNumberIsPointedAt) {
  for (const char* text : {"[1,x]", "[1,\"2\"]", "[1,null]", "[1,+2]", "[1,02]", "[1,2.]", "[1,.5]", "[1,NaN]",
                           "[1,Infinity]", "[1,1e400]", "[1,-]", "[1,0x1]", "[1,{}]", "[1,true]", "[1,]"}) {
    const TensorProblem problem = JsonProblem(Datatype::kFp32, text);
    EXPECT_EQ(problem.index.value_or(1), 1u) << text;
    EXPECT_GE(problem.offset.value_or(0), 3u) << text;
  }
  EXPECT_THAT(JsonProblem(Datatype::kInt8, "[128]").why, HasSubstr("\"128\" is no INT8"));
  EXPECT_THAT(JsonProblem(Datatype::kUint8, "[-1]").why, HasSubstr("UINT8"));
  EXPECT_THAT(JsonProblem(Datatype::kInt32, "[1.5]").why, HasSubstr("INT32"));
  EXPECT_THAT(JsonProblem(Datatype::kInt32, "[01]").why, HasSubstr("INT32"));
  EXPECT_THAT(JsonProblem(Datatype::kInt32, "[16777217]").why, HasSubstr("16777217 is no float32"));
  EXPECT_THAT(JsonProblem(Datatype::kFp64, "[1,0.1]").why, HasSubstr("0.1 is no float32"));
  EXPECT_THAT(JsonProblem(Datatype::kBool, "[2]").why, HasSubstr("BOOL"));
  EXPECT_THAT(JsonProblem(Datatype::kFp16, "[1]").why, HasSubstr("binary"));
}

TEST(TensorTest, ShapesOfTheTextAreChecked) {
  EXPECT_THAT(JsonProblem(Datatype::kFp32, "[[1,2],[3]]").why, HasSubstr("1 numbers instead of 2"));
  EXPECT_EQ(JsonProblem(Datatype::kFp32, "[[1,2],[3]]").index, 2u);
  EXPECT_THAT(JsonProblem(Datatype::kFp32, "[1,[2,3]]").why, HasSubstr("mixes"));
  EXPECT_THAT(JsonProblem(Datatype::kFp32, "[[[1,2]]]").why, HasSubstr("deeper"));
  EXPECT_THAT(JsonProblem(Datatype::kFp32, "[1 2]").why, HasSubstr("comma"));
  EXPECT_THAT(JsonProblem(Datatype::kFp32, "[1").why, HasSubstr("missing"));
  EXPECT_THAT(JsonProblem(Datatype::kFp32, "[1] 2").why, HasSubstr("behind"));
  EXPECT_THAT(JsonProblem(Datatype::kFp32, "7").why, HasSubstr("array"));
}

}  // namespace
}  // namespace ll::prediction
