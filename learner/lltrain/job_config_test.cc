#include "learner/lltrain/job_config.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace ll::lltrain {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

TEST(HyperparametersJsonTest, ValuesAreTextsNumbersOrBooleans) {
  LL_ASSERT_OK_AND_ASSIGN(
      const auto values,
      ParseHyperparametersJson(
          R"({"epochs": "15", "mini_batch_size": 200, "wd": 1e-3, "use_bias": true, "l1": "auto"})"));
  EXPECT_THAT(values, UnorderedElementsAre(Pair("epochs", "15"), Pair("mini_batch_size", "200"), Pair("wd", "0.001"),
                                           Pair("use_bias", "true"), Pair("l1", "auto")));
  LL_ASSERT_OK_AND_ASSIGN(const auto none, ParseHyperparametersJson("{}"));
  EXPECT_THAT(none, IsEmpty());
}

TEST(HyperparametersJsonTest, OtherKindsAreRefusedAllAtOnce) {
  const auto values = ParseHyperparametersJson(R"({"epochs": null, "wd": [1], "l1": {"a": 1}, "use_bias": true})");
  ASSERT_THAT(values, AllOf(StatusIs(absl::StatusCode::kInvalidArgument,
                                     AllOf(HasSubstr("epochs is null"), HasSubstr("wd is array"), HasSubstr("l1"))),
                            HasReason(ErrorReason::kInvalidHyperparameter)));
  EXPECT_EQ(GetErrorDetails(values.status())->field_violations.size(), 3u);
  for (const char* text : {"", "[]", "{", "epochs=15", "{\"a\": 1} x"}) {
    EXPECT_THAT(ParseHyperparametersJson(text), HasReason(ErrorReason::kInvalidHyperparameter)) << text;
  }
}

TEST(InputDataConfigTest, ReadsContentTypesOfChannels) {
  LL_ASSERT_OK_AND_ASSIGN(const auto channels, ParseInputDataConfigJson(R"({
    "train": {"ContentType": "text/csv; label_size=1", "TrainingInputMode": "File", "RecordWrapperType": "None",
              "S3DistributionType": "ShardedByS3Key", "CompressionType": "None"},
    "validation": {"ContentType": "application/x-recordio-protobuf", "TrainingInputMode": "FastFile"},
    "test": {"ContentType": null, "CompressionType": ""}})"));
  ASSERT_EQ(channels.size(), 3u);
  EXPECT_EQ(channels.at("train").content_type->format, learner::DataFormat::kCsv);
  EXPECT_EQ(channels.at("train").content_type->label_columns, 1);
  EXPECT_EQ(channels.at("validation").content_type->format, learner::DataFormat::kRecordIo);
  EXPECT_EQ(channels.at("test").content_type, std::nullopt);
}

TEST(InputDataConfigTest, ReadsModesAndSeeds) {
  LL_ASSERT_OK_AND_ASSIGN(const auto channels, ParseInputDataConfigJson(R"({
    "train": {"TrainingInputMode": "Pipe", "RecordWrapperType": "RecordIO", "CompressionType": "Gzip",
              "ShuffleConfig": {"Seed": 18446744073709551615}},
    "test": {"TrainingInputMode": "file"}})"));
  EXPECT_TRUE(channels.at("train").pipe);
  EXPECT_EQ(channels.at("train").shuffle_seed, UINT64_MAX);
  EXPECT_FALSE(channels.at("test").pipe);
  EXPECT_EQ(channels.at("test").shuffle_seed, std::nullopt);
}

TEST(InputDataConfigTest, WhatIsNotServedIsRefusedByName) {
  const std::pair<const char*, const char*> cases[] = {
      {"[]", "not a JSON object"},
      {R"({"train": "text/csv"})", "'train': its configuration is not an object"},
      {R"({"train": {"ContentType": 3}})", "ContentType is not a text"},
      {R"({"train": {"ContentType": "text/plain"}})", "data channel 'train': cannot read content type \"text/plain\""},
      {R"({"train": {"TrainingInputMode": "Stream"}})", "TrainingInputMode is \"Stream\", and there is no such one"},
      {R"({"train": {"CompressionType": "Zstd"}})", "CompressionType is \"Zstd\""},
      {R"({"train": {"RecordWrapperType": "RecordIO"}})", "RecordWrapperType is \"RecordIO\""},
      {R"({"train": {"RecordWrapperType": "RecordIO", "TrainingInputMode": "Pipe", "ContentType": "text/csv"}})",
       "for protobuf records in Pipe mode"},
      {R"({"train": {"ShuffleConfig": 7}})", "ShuffleConfig is not an object"},
      {R"({"train": {"ShuffleConfig": {"Seed": -1}}})", "ShuffleConfig is not an object"},
      {R"({"train": {"ShuffleConfig": {"seed": 1}}})", "ShuffleConfig is not an object"},
      {R"({"train": {"ShuffleConfig": {"Seed": 1, "Rows": 2}}})", "ShuffleConfig is not an object"},
      {R"({"train": {"S3DistributionType": "Halves"}})", "S3DistributionType is \"Halves\""},
      {R"({"train": {"contenttype": "text/csv"}})", "Did you mean ContentType?"},
      {R"({"train": {"Shuffle": "yes"}})", "there is no setting Shuffle"},
  };
  for (const auto& [text, message] : cases) {
    EXPECT_THAT(ParseInputDataConfigJson(text), AllOf(StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)),
                                                      HasReason(ErrorReason::kInvalidChannel)))
        << text;
  }
}

TEST(ResourceConfigTest, OneHostIsServed) {
  LL_ASSERT_OK_AND_ASSIGN(std::string host, ParseResourceConfigJson("{}"));
  EXPECT_EQ(host, "algo-1");
  LL_ASSERT_OK_AND_ASSIGN(
      host,
      ParseResourceConfigJson(R"({"current_host": "node", "hosts": ["node"], "network_interface_name": "eth0"})"));
  EXPECT_EQ(host, "node");
}

TEST(ResourceConfigTest, SeveralHostsAreRefused) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"current_host": "a", "hosts": ["a", "b"]})", "spread over 2 hosts, and this release trains on one"},
      {R"({"hosts": "a"})", "hosts is not a list"},
      {R"({"current_host": 1})", "current_host is not a text"},
      {"null", "not a JSON object"},
  };
  for (const auto& [text, message] : cases) {
    EXPECT_THAT(ParseResourceConfigJson(text), AllOf(StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)),
                                                     HasReason(ErrorReason::kConfigInvalid)));
  }
}

TEST(NamesTest, FeaturesAndClassesMayBeNamed) {
  LL_ASSERT_OK_AND_ASSIGN(const ModelNames names, ParseNamesJson(R"({"features": ["age", "height"], "classes": []})"));
  EXPECT_THAT(names.features, ::testing::ElementsAre("age", "height"));
  EXPECT_THAT(names.classes, ::testing::IsEmpty());
  for (const char* bad : {"", "[]", R"({"features": "age"})", R"({"features": [1]})", R"({"feature": []})"}) {
    EXPECT_THAT(ParseNamesJson(bad), HasReason(ErrorReason::kConfigInvalid)) << bad;
  }
}

}  // namespace
}  // namespace ll::lltrain
