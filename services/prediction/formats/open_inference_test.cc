#include "services/prediction/formats/open_inference.h"

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/testing/status_matchers.h"

namespace ll::prediction {
namespace {

using ::ll::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Json = nlohmann::json;

const learner::ModelSchema kBinary = {.feature_dim = 2, .outputs = 1};
const learner::ModelSchema kThree = {.predictor_type = learner::PredictorType::kMulticlassClassifier,
                                     .loss = learner::Loss::kSoftmax,
                                     .feature_dim = 2,
                                     .outputs = 3};
const learner::ModelSchema kRegressor = {.predictor_type = learner::PredictorType::kRegressor,
                                         .loss = learner::Loss::kSquared,
                                         .feature_dim = 2,
                                         .outputs = 1};

absl::StatusOr<InferRequest> Parse(std::string body, std::optional<size_t> json_bytes = std::nullopt,
                                   const learner::ModelSchema& schema = kBinary) {
  const size_t size = body.size();
  body.resize(size + kInferPadding);
  return ParseInferRequest({body.data(), size}, json_bytes, schema);
}

// A request with this tensor, as its members.
std::string WithTensor(const std::string& members) { return absl::StrCat(R"({"inputs": [{)", members, "}]}"); }

constexpr char kGood[] = R"("name": "features", "datatype": "FP32", "shape": [2, 2], "data": [1, 2, 3, 4.5])";

std::string Floats(const std::vector<float>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(float)};
}

TEST(OpenInferenceTest, ReadsATensorInJson) {
  LL_ASSERT_OK_AND_ASSIGN(const InferRequest request,
                          Parse(absl::StrCat(R"({"id": "a-1", "parameters": {"priority": 1}, "inputs": [{)", kGood,
                                             R"(}], "unknown": {"a": []}})")));
  EXPECT_EQ(request.id, "a-1");
  EXPECT_THAT(request.values, ElementsAre(1, 2, 3, 4.5f));
  EXPECT_EQ(request.columns, 2);
  ASSERT_EQ(request.outputs.size(), 2u);
  EXPECT_FALSE(request.outputs[0].label || request.outputs[0].binary);
  EXPECT_TRUE(request.outputs[1].label);
}

TEST(OpenInferenceTest, MembersMayComeInAnyOrder) {
  LL_ASSERT_OK_AND_ASSIGN(
      const InferRequest request,
      Parse(WithTensor(R"("data": [[1, 2]], "shape": [1, 2], "datatype": "INT64", "name": "features")")));
  EXPECT_THAT(request.values, ElementsAre(1, 2));
}

TEST(OpenInferenceTest, ReadsATensorBehindTheJson) {
  const std::string json =
      WithTensor(R"("name": "features", "datatype": "FP32", "shape": [1, 2], "parameters": {"binary_data_size": 8})");
  LL_ASSERT_OK_AND_ASSIGN(const InferRequest request, Parse(json + Floats({0.5f, -1}), json.size()));
  EXPECT_THAT(request.values, ElementsAre(0.5f, -1));
}

TEST(OpenInferenceTest, TheBodyMayBeTheTensorAlone) {
  LL_ASSERT_OK_AND_ASSIGN(const InferRequest request, Parse(Floats({1, 2, 3, 4}), 0));
  EXPECT_THAT(request.values, ElementsAre(1, 2, 3, 4));
  EXPECT_TRUE(request.outputs[0].binary && request.outputs[1].binary);
  EXPECT_THAT(Parse(Floats({1, 2, 3}), 0), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("12 bytes")));
  EXPECT_THAT(Parse("", 0), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("whole rows")));
}

TEST(OpenInferenceTest, OutputsAreWhatIsAskedFor) {
  const auto outputs = [](const std::string& more, const learner::ModelSchema& schema = kBinary) {
    const auto request = Parse(absl::StrCat("{\"inputs\": [{", kGood, "}], ", more, "}"), std::nullopt, schema);
    EXPECT_TRUE(request.ok()) << request.status();
    std::string text;
    for (const auto& output : request->outputs) {
      absl::StrAppend(&text, output.label ? "label" : "score", output.binary ? "(binary) " : " ");
    }
    return text;
  };
  EXPECT_EQ(outputs(R"("outputs": [{"name": "predicted_label"}])"), "label ");
  EXPECT_EQ(
      outputs(R"("outputs": [{"name": "score", "parameters": {"binary_data": true}}, {"name": "predicted_label"}])"),
      "score(binary) label ");
  EXPECT_EQ(outputs(R"("parameters": {"binary_data_output": true})"), "score(binary) label(binary) ");
  EXPECT_EQ(outputs(R"("parameters": {"binary_data_output": true},
                       "outputs": [{"name": "score", "parameters": {"binary_data": false}}])"),
            "score ");
  EXPECT_EQ(outputs(R"("parameters": {})", kRegressor), "score ");
}

TEST(OpenInferenceTest, WhatIsWrongIsSaid) {
  const std::string good = kGood;
  const auto with = [&good](absl::string_view from, absl::string_view to) {
    return WithTensor(absl::StrReplaceAll(good, {{from, to}}));
  };
  const std::pair<std::string, const char*> cases[] = {
      {"", "not JSON"},
      {"[]", "not the JSON of the protocol"},
      {"{", "not the JSON"},
      {R"({"inputs": [})", "not the JSON"},
      {WithTensor(good) + "x", "not the JSON"},
      {"{}", "no inputs"},
      {R"({"inputs": []})", "no inputs"},
      {R"({"inputs": {}})", "not the JSON"},
      {with("\"features\"", "\"pixels\""), "\"pixels\""},
      {absl::StrCat("{\"inputs\": [{", good, "}, {", good, "}]}"), "twice"},
      {with("FP32", "BYTES"), "\"BYTES\""},
      {with("FP32", "FP33"), "\"FP33\""},
      {with("[2, 2]", "[2, 3]"), "[2, 3]"},
      {with("[2, 2]", "[4]"), "[4]"},
      {with("[2, 2]", "[0, 2]"), "[0, 2]"},
      {with("[2, 2]", "[-1, 2]"), "[-1, 2]"},
      {with("[2, 2]", "[3, 2]"), "holds 4 numbers"},
      {with("[2, 2]", "[9223372036854775807, 2]"), "holds 4 numbers"},
      {with("[2, 2]", "[\"2\", 2]"), "not the JSON"},
      {with("4.5", "\"4.5\""), "row 2, column 2: byte 88"},
      {with("4.5", "NaN"), "no FP32"},
      {with("\"data\": [1, 2, 3, 4.5]", "\"parameters\": {}"), "neither"},
      {with("\"data\"", "\"parameters\": {\"shared_memory_region\": \"r\"}, \"data\""), "shared memory"},
      {with("\"data\"", "\"parameters\": {\"binary_data_size\": 8}, \"data\""), "8 bytes"},
      {absl::StrCat("{\"inputs\": [{", good, R"(}], "outputs": [{"name": "x"}]})"), "output \"x\""},
      {absl::StrCat("{\"inputs\": [{", good,
                    R"(}], "outputs": [{"name": "score", "parameters": {"classification": 2}}]})"),
       "classification"},
  };
  for (const auto& [body, message] : cases) {
    EXPECT_THAT(Parse(body), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message))) << body;
  }
  const std::string json =
      WithTensor(R"("name": "features", "datatype": "FP32", "shape": [1, 2], "parameters": {"binary_data_size": 8})");
  EXPECT_THAT(Parse(json + "1234", json.size()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("8 bytes of binary data, and 4 came")));
  EXPECT_THAT(Parse(json + std::string(9, 'x'), json.size()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("1 bytes follow")));
  EXPECT_THAT(Parse(json, json.size() + 1), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("the body has")));
  EXPECT_THAT(Parse(absl::StrReplaceAll(json, {{": 8}", ": 7}"}}) + "1234567", json.size()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("does not have 7 bytes")));
  EXPECT_THAT(Parse(R"({"inputs": [{"name": "features"}], "outputs": [{"name": "predicted_label"}]})", std::nullopt,
                    kRegressor),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(OpenInferenceTest, RepliesInJson) {
  InferRequest request{.id = "x\"y", .values = {1, 2, 3, 4}, .columns = 2, .outputs = {{}, {.label = true}}};
  const InferReply reply =
      WriteInferReply(request, {"mnist", "7"}, kBinary, {.values = {0.1f, 1e-9f}, .labels = {0, 1}});
  EXPECT_FALSE(reply.json_bytes.has_value());
  EXPECT_EQ(reply.body, R"({"model_name":"mnist","model_version":"7","id":"x\"y","outputs":[)"
                        R"({"name":"score","datatype":"FP32","shape":[2,1],"data":[0.1,1e-09]},)"
                        R"({"name":"predicted_label","datatype":"INT64","shape":[2],"data":[0,1]}]})");
}

TEST(OpenInferenceTest, RepliesInBinary) {
  InferRequest request{.values = {1, 2}, .columns = 2, .outputs = {{.label = true, .binary = true}, {.binary = true}}};
  const InferReply reply =
      WriteInferReply(request, {"m", "1"}, kThree, {.values = {0.25f, 0.5f, 0.25f}, .labels = {1}});
  ASSERT_TRUE(reply.json_bytes.has_value());
  const Json json = Json::parse(reply.body.substr(0, *reply.json_bytes));
  EXPECT_EQ(json["outputs"][0]["parameters"]["binary_data_size"], 8);
  EXPECT_EQ(json["outputs"][1]["shape"], (Json{1, 3}));
  EXPECT_EQ(reply.body.substr(*reply.json_bytes), std::string("\1\0\0\0\0\0\0\0", 8) + Floats({0.25f, 0.5f, 0.25f}));
}

TEST(OpenInferenceTest, DescribesTheModel) {
  EXPECT_EQ(Json::parse(ModelMetadata({"mnist", "7"}, kThree)), Json::parse(R"({
      "name": "mnist", "versions": ["7"], "platform": "linear_learner",
      "inputs": [{"name": "features", "datatype": "FP32", "shape": [-1, 2]}],
      "outputs": [{"name": "score", "datatype": "FP32", "shape": [-1, 3]},
                  {"name": "predicted_label", "datatype": "INT64", "shape": [-1]}]})"));
  EXPECT_EQ(Json::parse(ModelMetadata({"m", "1"}, kRegressor))["outputs"].size(), 1u);
}

}  // namespace
}  // namespace ll::prediction
