#include "learner/reply_writer.h"

#include <cmath>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace ll::learner {
namespace {

using ::ll::testing::HasReason;

constexpr ModelSchema kBinary{.feature_dim = 1};
constexpr ModelSchema kThree{
    .predictor_type = PredictorType::kMulticlassClassifier, .loss = Loss::kSoftmax, .feature_dim = 1, .outputs = 3};
constexpr ModelSchema kRegressor{.predictor_type = PredictorType::kRegressor, .loss = Loss::kSquared, .feature_dim = 1};

std::string Body(const std::string& type, const ModelSchema& schema, const Scores& scores) {
  const absl::StatusOr<ReplyType> parsed = ParseReplyType(type);
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  ReplyWriter writer(*parsed, schema);
  std::string body;
  writer.Begin(&body);
  writer.Append(scores, &body);
  writer.End(&body);
  return body;
}

const Scores kTwoRows{.values = {0.25f, 0.75f}, .labels = {0, 1}};
const Scores kThreeScores{.values = {0.125f, 0.25f, 0.625f}, .labels = {2}};
const Scores kValue{.values = {11.719074249267578f}, .labels = {}};

TEST(ReplyWriterTest, JsonHasTheShapesOfTheOriginal) {
  EXPECT_EQ(Body("application/json", kBinary, kTwoRows),
            R"({"predictions": [{"score": 0.25, "predicted_label": 0}, {"score": 0.75, "predicted_label": 1}]})");
  EXPECT_EQ(Body("", kThree, kThreeScores),
            R"({"predictions": [{"score": [0.125, 0.25, 0.625], "predicted_label": 2}]})");
  EXPECT_EQ(Body("*/*", kRegressor, kValue), R"({"predictions": [{"score": 11.719074249267578}]})");
  EXPECT_EQ(Body("json", kBinary, {}), R"({"predictions": []})");
}

TEST(ReplyWriterTest, JsonNumbersArePythons) {
  const std::pair<float, const char*> cases[] = {
      {0.4f, "0.4000000059604645"},
      {0, "0.0"},
      {-0.0f, "-0.0"},
      {100000, "100000.0"},
      {1e-4f, "9.999999747378752e-05"},
      {0.0001220703125f, "0.0001220703125"},
      {3.402823466e38f, "3.4028234663852886e+38"},
      {std::numeric_limits<float>::infinity(), "null"},
      {std::numeric_limits<float>::denorm_min(), "1.401298464324817e-45"},
  };
  for (const auto& [value, text] : cases) {
    EXPECT_EQ(Body("jsonlines", kRegressor, {.values = {value}, .labels = {}}),
              absl::StrCat("{\"score\": ", text, "}\n"));
  }
}

TEST(ReplyWriterTest, LinesOfJsonAndCsv) {
  EXPECT_EQ(Body("application/jsonlines", kBinary, kTwoRows),
            "{\"score\": 0.25, \"predicted_label\": 0}\n{\"score\": 0.75, \"predicted_label\": 1}\n");
  EXPECT_EQ(Body("text/csv", kBinary, kTwoRows), "0.25,0\n0.75,1\n");
  EXPECT_EQ(Body("text/csv", kThree, kThreeScores), "0.125,0.25,0.625,2\n");
  EXPECT_EQ(Body("text/csv", kRegressor, {.values = {0.4f}, .labels = {}}), "0.4\n");
  EXPECT_EQ(Body("text/csv; header=present", kBinary, kTwoRows), "score,predicted_label\n0.25,0\n0.75,1\n");
  EXPECT_EQ(Body("text/csv; header=present", kThree, {}), "score_0,score_1,score_2,predicted_label\n");
  EXPECT_EQ(Body("text/csv; header=present", kRegressor, {}), "score\n");
}

// The vector of docs/formats.md; maps are written in the order of their names.
TEST(ReplyWriterTest, Records) {
  const std::string bytes = Body("application/x-recordio-protobuf", kBinary, {.values = {0.5f}, .labels = {1}});
  EXPECT_EQ(bytes, std::string("\x0a\x23\xd7\xce\x30\0\0\0"
                               "\x12\x1b\x0a\x0fpredicted_label\x12\x08\x12\x06\x0a\x04\0\0\x80\x3f"
                               "\x12\x11\x0a\x05score\x12\x08\x12\x06\x0a\x04\0\0\0\x3f",
                               56));
  EXPECT_EQ(Body("recordio", kRegressor, {.values = {0.5f}, .labels = {}}).size(), 8u + 20);
}

TEST(ReplyWriterTest, BlocksMakeOneBody) {
  ReplyWriter writer({}, kBinary);
  std::string body;
  writer.Begin(&body);
  for (const float score : {0.25f, 0.75f}) {
    writer.Append({.values = {score}, .labels = {score > 0.5f}}, &body);
  }
  writer.End(&body);
  EXPECT_EQ(body, Body("", kBinary, kTwoRows));
}

TEST(ReplyWriterTest, OtherTypesAreRefused) {
  for (const char* type : {"text/libsvm", "text/html", "text/csv; label_size=1", "application/json; missing=zero"}) {
    EXPECT_THAT(ParseReplyType(type), HasReason(ErrorReason::kInvalidArgument)) << type;
  }
}

}  // namespace
}  // namespace ll::learner
