// `llctl predict` against a server in memory, whose score is the mean of the features.
#include <string>

#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_services/fake_llserver.h"
#include "tests/testing/llctl_runner.h"
#include "tests/testing/temp_dir.h"

namespace ll::llctl {
namespace {

using ::ll::testing::FakeLlserver;
using ::ll::testing::LlctlResult;
using ::ll::testing::LlctlRunner;
using ::ll::testing::TempDir;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class PredictTest : public ::testing::Test {
 protected:
  PredictTest() { server_.AddEndpoint("live", server_.AddVersion("churn", 2)); }

  FakeLlserver server_;
  LlctlRunner llctl_{server_.address()};
  const TempDir dir_;
};

TEST_F(PredictTest, CsvInAndCsvOut) {
  const std::string csv = dir_.Write("test.csv", "0.25,0.25\n1,0.5\n0,0\n");
  const LlctlResult result = llctl_.Run({"predict", "live", "--input", csv});
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.out, "score,predicted_label\n0.25,0\n0.75,1\n0,0\n");
  EXPECT_EQ(result.err, "");
}

TEST_F(PredictTest, TheAnswerDoesNotDependOnTheBatchSize) {
  std::string csv;
  std::string expected = "score,predicted_label\n";
  for (int i = 0; i < 64; ++i) {
    const float value = static_cast<float>(i) / 64;
    csv += std::to_string(value) + "," + std::to_string(value) + "\n";
    std::string text = std::to_string(value);
    text.erase(text.find_last_not_of('0') + 1);
    expected += (i == 0 ? "0" : text) + (value >= 0.5f ? ",1\n" : ",0\n");
  }
  dir_.Write("test.csv", csv);
  for (const char* size : {"1", "3", "64", "1000"}) {
    EXPECT_EQ(llctl_.Run({"predict", "live", "--input", dir_.File("test.csv"), "--batch-size", size}).out, expected);
  }
}

TEST_F(PredictTest, JsonLinesFromStandardInput) {
  EXPECT_EQ(llctl_.Run({"predict", "live", "--input", "-", "-o", "json"}, "0.25,0.25\n1,0.5\n").out,
            "{\"score\": 0.25, \"predicted_label\": 0}\n{\"score\": 0.75, \"predicted_label\": 1}\n");
}

TEST_F(PredictTest, SeveralOutputsAndNoLabels) {
  server_.AddEndpoint("classes", server_.AddVersion("classes", 2, "multiclass_classifier", 3));
  EXPECT_EQ(llctl_.Run({"predict", "classes", "--input", "-"}, "0.5,1\n").out,
            "score_0,score_1,score_2,predicted_label\n0.75,0.375,0.25,1\n");
  server_.AddEndpoint("value", server_.AddVersion("value", 2, "regressor"));
  EXPECT_EQ(llctl_.Run({"predict", "endpoints/value", "--input", "-"}, "0.5,1\n").out, "score\n0.75\n");
}

TEST_F(PredictTest, ToAFileThatAppearsOnlyWhenItIsWhole) {
  const std::string file = dir_.File("predictions.csv");
  EXPECT_EQ(llctl_.Run({"predict", "live", "--input", "-", "--output", file}, "0.25,0.25\n").out, "");
  EXPECT_EQ(Env::Posix().ReadFile(file).value(), "score,predicted_label\n0.25,0\n");
  EXPECT_EQ(llctl_.Run({"predict", "live", "--input", "-", "--output", file, "--batch-size", "1"}, "1,1\nx,1\n").code,
            1);
  EXPECT_EQ(Env::Posix().ReadFile(file).value(), "score,predicted_label\n0.25,0\n");
  EXPECT_EQ(Env::Posix().List(dir_.path())->size(), 1u);
}

TEST_F(PredictTest, ATerminalGetsASummary) {
  llctl_.UseTerminal(80);
  const LlctlResult result =
      llctl_.Run({"predict", "live", "--input", "-", "--output", dir_.File("p.csv")}, "0.25,0.25\n1,1\n");
  EXPECT_THAT(result.err, HasSubstr("2 rows by models/churn/versions/1 in 0.0s\n"));
  EXPECT_THAT(llctl_.Run({"predict", "live", "--input", "-", "-q"}, "0.25,0.25\n").err, IsEmpty());
}

TEST_F(PredictTest, ABadRowNamesFileRowAndColumn) {
  const LlctlResult result = llctl_.Run({"predict", "live", "--input", dir_.Write("test.csv", "1,2\n\n1,abc\n")});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("test.csv, row 3, column 2 (\"abc\"): it is not a finite number [INVALID_DATA]"));
}

TEST_F(PredictTest, ARefusedBatchNamesItsRows) {
  const LlctlResult result =
      llctl_.Run({"predict", "live", "--input", "-", "--batch-size", "2"}, "1,2,3\n1,2,3\n1,2,3\n");
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("rows 1 to 2: cannot score rows on endpoints/live: they have 3 columns"));
}

TEST_F(PredictTest, WhatCannotBeAnsweredIsTold) {
  EXPECT_EQ(llctl_.Run({"predict", "none", "--input", "-"}, "1,2\n").code, 3);
  EXPECT_THAT(llctl_.Run({"predict", "live", "--input", "-"}, "").err, HasSubstr("it holds no rows"));
  EXPECT_EQ(llctl_.Run({"predict", "live", "--input", dir_.File("nothing")}).code, 1);
  EXPECT_EQ(llctl_.Run({"predict", "live", "--input", "-", "--content-type", "application/json"}, "1").code, 1);
  EXPECT_EQ(llctl_.Run({"predict", "live", "--input", "-", "--batch-size", "0"}).code, 2);
  EXPECT_EQ(llctl_.Run({"predict", "live"}).code, 2);
}

TEST_F(PredictTest, AServerThatIsGoneIsUnavailable) {
  server_.Stop();
  EXPECT_EQ(llctl_.Run({"predict", "live", "--input", "-"}, "1,2\n").code, 7);
}

}  // namespace
}  // namespace ll::llctl
