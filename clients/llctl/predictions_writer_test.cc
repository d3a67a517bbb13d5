#include "clients/llctl/predictions_writer.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "base/random.h"
#include "gtest/gtest.h"

namespace ll::llctl {
namespace {

v1::Predictions Answer(std::initializer_list<float> scores, std::initializer_list<int64_t> labels, int outputs = 1) {
  v1::Predictions predictions;
  predictions.set_outputs(outputs);
  for (const float score : scores) predictions.add_scores(score);
  for (const int64_t label : labels) predictions.add_predicted_labels(label);
  return predictions;
}

std::string Write(PredictionFormat format, std::initializer_list<v1::Predictions> answers) {
  PredictionsWriter writer(format);
  std::string text;
  for (const v1::Predictions& answer : answers) writer.Append(answer, text);
  return text;
}

TEST(PredictionsWriterTest, BinaryClassifiers) {
  EXPECT_EQ(Write(PredictionFormat::kCsv, {Answer({0.25f, 0.9f}, {0, 1}), Answer({1}, {1})}),
            "score,predicted_label\n0.25,0\n0.9,1\n1,1\n");
  EXPECT_EQ(Write(PredictionFormat::kJsonLines, {Answer({0.25f, 0.9f}, {0, 1})}),
            "{\"score\": 0.25, \"predicted_label\": 0}\n{\"score\": 0.9, \"predicted_label\": 1}\n");
}

TEST(PredictionsWriterTest, MulticlassClassifiers) {
  EXPECT_EQ(Write(PredictionFormat::kCsv, {Answer({0.5f, 0.25f, 0.25f, 0, 0, 1}, {0, 2}, 3)}),
            "score_0,score_1,score_2,predicted_label\n0.5,0.25,0.25,0\n0,0,1,2\n");
  EXPECT_EQ(Write(PredictionFormat::kJsonLines, {Answer({0.5f, 0.5f}, {1}, 2)}),
            "{\"score\": [0.5,0.5], \"predicted_label\": 1}\n");
}

TEST(PredictionsWriterTest, Regressors) {
  EXPECT_EQ(Write(PredictionFormat::kCsv, {Answer({-12.5f, 3e20f}, {})}), "score\n-12.5\n3e+20\n");
  EXPECT_EQ(Write(PredictionFormat::kJsonLines, {Answer({-12.5f}, {})}), "{\"score\": -12.5}\n");
}

TEST(PredictionsWriterTest, EveryFloatComesBack) {
  SeededRandom random(5);
  for (int i = 0; i < 2000; ++i) {
    const auto bits = static_cast<uint32_t>(random.Bits());
    float score;
    std::memcpy(&score, &bits, sizeof score);
    if (!std::isfinite(score)) continue;
    const std::string text = Write(PredictionFormat::kCsv, {Answer({score}, {})});
    float parsed = 0;
    const char* begin = text.data() + std::strlen("score\n");
    std::from_chars(begin, text.data() + text.size(), parsed);
    EXPECT_EQ(parsed, score) << text;
  }
}

}  // namespace
}  // namespace ll::llctl
