#include "learner/artifact/safetensors.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace ll::learner {
namespace {

using ::ll::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string File(const std::string& header, size_t data_bytes) {
  const uint64_t length = header.size();
  return std::string(reinterpret_cast<const char*>(&length), sizeof length) + header + std::string(data_bytes, '\0');
}

TEST(SafetensorsTest, ReadsWhatItWrote) {
  const std::vector<double> weights = {1, -2, 3.5, 1e-300, 0, 6};
  const std::vector<double> bias = {0.25, 7};
  const std::string bytes = WriteSafetensors({{"weights", {{2, 3}, weights}}, {"bias", {{2}, bias}}});
  LL_ASSERT_OK_AND_ASSIGN(const auto tensors, ReadSafetensors(bytes));
  ASSERT_EQ(tensors.size(), 2u);
  EXPECT_EQ(tensors.at("weights").values, weights);
  EXPECT_THAT(tensors.at("weights").shape, ElementsAre(2, 3));
  EXPECT_EQ(tensors.at("bias").values, bias);
  EXPECT_THAT(tensors.at("bias").shape, ElementsAre(2));
}

TEST(SafetensorsTest, TheLayoutIsTheDocumentedOne) {
  const std::vector<double> one = {1.0};
  const std::string bytes = WriteSafetensors({{"b", {{1}, one}}});
  const std::string header = R"({"b":{"data_offsets":[0,8],"dtype":"F64","shape":[1]}})";
  EXPECT_EQ(bytes, std::string("\x38\0\0\0\0\0\0\0", 8) + header + "  " + std::string("\0\0\0\0\0\0\xf0\x3f", 8));
}

TEST(SafetensorsTest, MetadataOfOtherWritersIsPassedOver) {
  const auto tensors = ReadSafetensors(
      File(R"({"__metadata__":{"format":"pt"},"b":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}})", 8));
  LL_ASSERT_OK(tensors);
  EXPECT_EQ(tensors->size(), 1u);
}

TEST(SafetensorsTest, WhatIsWrongIsRefused) {
  const auto entry = [](const char* dtype, const char* shape, const char* offsets) {
    return absl::StrCat(R"({"dtype":")", dtype, R"(","shape":)", shape, R"(,"data_offsets":)", offsets, "}");
  };
  const std::pair<std::string, const char*> cases[] = {
      {"", "shorter than its own header"},
      {"1234567", "shorter than its own header"},
      {File("{}", 0).substr(0, 9), "shorter than its own header"},
      {std::string(8, '\xff'), "shorter than its own header"},
      {File("[]", 0), "not a JSON object"},
      {File("{\"a\":", 0), "not a JSON object"},
      {File("{}", 8), "describes 0 bytes of data, and there are 8"},
      {File(R"({"a":1})", 0), "not described by an object"},
      {File(R"({"a":{}})", 0), "not of dtype F64"},
      {File(absl::StrCat(R"({"a":)", entry("F32", "[2]", "[0,8]"), "}"), 8), "not of dtype F64"},
      {File(absl::StrCat(R"({"a":)", entry("F64", "[2]", "[0,8]"), "}"), 8), "do not fit its shape"},
      {File(absl::StrCat(R"({"a":)", entry("F64", "[1]", "[8,0]"), "}"), 8), "no range"},
      {File(absl::StrCat(R"({"a":)", entry("F64", "[1]", "[0]"), "}"), 8), "no range"},
      {File(absl::StrCat(R"({"a":)", entry("F64", "[-1]", "[0,8]"), "}"), 8), "no counts"},
      {File(absl::StrCat(R"({"a":)", entry("F64", "[1.5]", "[0,8]"), "}"), 8), "no counts"},
      {File(absl::StrCat(R"({"a":)", entry("F64", "1", "[0,8]"), "}"), 8), "has no shape"},
      {File(absl::StrCat(R"({"a":)", entry("F64", "[9223372036854775808,9223372036854775808]", "[0,0]"), "}"), 0),
       "too large to be true"},
      {File(absl::StrCat(R"({"a":)", entry("F64", "[0]", "[0,0]"), "}"), 0), "is empty"},
      {File(absl::StrCat(R"({"a":)", entry("F64", "[1]", "[0,8]"), R"(,"b":)", entry("F64", "[1]", "[0,8]"), "}"), 8),
       "overlaps another one"},
      {File(absl::StrCat(R"({"a":)", entry("F64", "[2]", "[0,16]"), R"(,"b":)", entry("F64", "[1]", "[8,16]"), "}"),
            16),
       "overlaps another one"},
      {File(absl::StrCat(R"({"a":)", entry("F64", "[1]", "[8,16]"), "}"), 16), "leaves a gap"},
      {File(absl::StrCat(R"({"a":)", entry("F64", "[1]", "[0,8]"), "}"), 16), "describes 8 bytes of data"},
      {File(absl::StrCat(R"({"a":)", entry("F64", "[1]", "[0,8]"), "}"), 0), "describes 8 bytes of data"},
  };
  for (const auto& [bytes, message] : cases) {
    EXPECT_THAT(ReadSafetensors(bytes), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message))) << message;
  }
}

}  // namespace
}  // namespace ll::learner
