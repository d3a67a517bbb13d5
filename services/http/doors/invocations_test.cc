#include "services/http/doors/invocations.h"

#include <charconv>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "learner/readers/recordio_writer.h"
#include "learner/reply_writer.h"
#include "nlohmann/json.hpp"
#include "tests/testing/prediction_doors_fixture.h"

namespace ll::http {
namespace {

using ::ll::testing::HttpPeer;
using ::ll::testing::HttpReply;
using ::testing::HasSubstr;
using Json = nlohmann::json;

constexpr char kCsv[] = "Content-Type: text/csv\r\n";
constexpr char kPath[] = "/endpoints/mnist/invocations";

// Regressor of two features that gives 2a + 3b + 0.25.
learner::Model Plane() { return ModelOf(RegressorSchema(2), {2, 3}, {0.25}); }

class InvocationsTest : public PredictionDoorsTest {
 protected:
  InvocationsTest() { source_.Serve("mnist", 7, Plane()); }

  static Json ErrorOf(const HttpReply& reply) { return Json::parse(reply.body).at("error"); }
};

TEST_F(InvocationsTest, PingSaysWhetherTheServerServes) {
  Start();
  EXPECT_EQ(Call("GET", "/ping").status, 200);
  ready_ = false;
  EXPECT_EQ(Call("GET", "/ping").status, 503);
}

TEST_F(InvocationsTest, AnswersInTheFormatThatIsAccepted) {
  Start();
  const std::pair<const char*, const char*> cases[] = {
      {"", R"({"predictions": [{"score": 8.25}, {"score": 0.25}]})"},
      {"Accept: application/jsonlines\r\n", "{\"score\": 8.25}\n{\"score\": 0.25}\n"},
      {"Accept: text/csv\r\n", "8.25\n0.25\n"},
      {"Accept: text/csv; header=present\r\n", "score\n8.25\n0.25\n"},
      {"Accept: text/html, application/json;q=0.5\r\n", R"({"predictions": [{"score": 8.25}, {"score": 0.25}]})"},
  };
  for (const auto& [accept, body] : cases) {
    const HttpReply reply = Call("POST", kPath, "1,2\n0,0\n", absl::StrCat(kCsv, accept));
    EXPECT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(reply.body, body) << accept;
    EXPECT_EQ(reply.Header("x-ll-model-version"), "models/m/versions/7");
    EXPECT_EQ(reply.Header("x-ll-variant"), "default");
  }
  EXPECT_EQ(Call("POST", kPath, "1,2\n", absl::StrCat(kCsv, "Accept: text/csv\r\n")).Header("content-type"),
            "text/csv");
}

// The documented replies, byte for byte.
TEST_F(InvocationsTest, BinaryAndMulticlassRepliesCarryLabels) {
  source_.Serve("binary", 1, ModelOf(BinarySchema(1), {0}, {0}));
  source_.Serve("classes", 1, ModelOf(MulticlassSchema(1, 4), {0, 0, 0, 0}, {0, 0, 0, 0}));
  Start();
  EXPECT_EQ(Call("POST", "/endpoints/binary/invocations", "1", kCsv).body,
            R"({"predictions": [{"score": 0.5, "predicted_label": 1}]})");
  EXPECT_EQ(Call("POST", "/endpoints/classes/invocations", "1", kCsv).body,
            R"({"predictions": [{"score": [0.25, 0.25, 0.25, 0.25], "predicted_label": 0}]})");
  const HttpReply record = Call("POST", "/endpoints/binary/invocations", "1",
                                absl::StrCat(kCsv, "Accept: application/x-recordio-protobuf\r\n"));
  EXPECT_EQ(record.body.size(), 56u);
  EXPECT_EQ(record.body.substr(0, 8), std::string("\x0a\x23\xd7\xce\x30\0\0\0", 8));
  EXPECT_EQ(record.Header("content-type"), "application/x-recordio-protobuf");
}

TEST_F(InvocationsTest, TheOnlyEndpointNeedNotBeNamed) {
  Start();
  EXPECT_EQ(Call("POST", "/invocations", "1,2", kCsv).status, 200);
  source_.Serve("other", 1, SampleModel(RegressorSchema(2)));
  const HttpReply unclear = Call("POST", "/invocations", "1,2", kCsv);
  EXPECT_EQ(unclear.status, 400);
  EXPECT_THAT(unclear.body, HasSubstr("there are 2 of them: mnist, other"));
  EXPECT_EQ(Call("POST", "/invocations", "1,2", absl::StrCat(kCsv, "X-LL-Endpoint: mnist\r\n")).status, 200);
  EXPECT_EQ(ErrorOf(Call("POST", "/invocations", "1,2", absl::StrCat(kCsv, "X-LL-Endpoint: none\r\n")))["reason"],
            "ENDPOINT_NOT_FOUND");
}

TEST_F(InvocationsTest, WithoutEndpointsThereIsNothingToInvoke) {
  source_.Remove("mnist");
  Start();
  EXPECT_EQ(Call("POST", "/invocations", "1,2", kCsv).status, 404);
}

struct Fault {
  const char* name;
  std::string path;
  std::string headers;
  std::string body;
  int status;
  const char* reason;
  const char* message;
};

TEST_F(InvocationsTest, WhatIsWrongIsSaidWhereItIs) {
  source_.Load("loading");
  Start();
  const std::string json = "Content-Type: application/json\r\n";
  const std::string record = "Content-Type: application/x-recordio-protobuf\r\n";
  std::string frame;
  learner::AppendRecord({{"values", {1, 2}}}, {}, &frame);
  const Fault faults[] = {
      {"unknown endpoint", "/endpoints/none/invocations", kCsv, "1,2", 404, "ENDPOINT_NOT_FOUND", "none"},
      {"still loading", "/endpoints/loading/invocations", kCsv, "1,2", 503, "WRONG_STATE", "loaded"},
      {"no content type", kPath, "", "1,2", 415, "UNSUPPORTED_MEDIA_TYPE", "text/csv"},
      {"wrong content type", kPath, "Content-Type: text/html\r\n", "1,2", 415, "UNSUPPORTED_MEDIA_TYPE", "text/html"},
      {"compressed", kPath, absl::StrCat(kCsv, "Content-Encoding: gzip\r\n"), "1,2", 415, "UNSUPPORTED_MEDIA_TYPE",
       "gzip"},
      {"wrong accept", kPath, absl::StrCat(kCsv, "Accept: image/png\r\n"), "1,2", 406, "NOT_ACCEPTABLE", "image/png"},
      {"no body", kPath, kCsv, "", 400, "INVALID_DATA", "no rows"},
      {"text in CSV", kPath, kCsv, "1,2\n3,x\n", 400, "INVALID_DATA", "\"x\""},
      {"NaN in CSV", kPath, kCsv, "1,2\n3,nan\n", 400, "INVALID_DATA", "nan"},
      {"narrow CSV", kPath, kCsv, "1\n", 400, "INVALID_DATA", "1"},
      {"wide CSV", kPath, kCsv, "1,2,3\n", 400, "INVALID_DATA", "3"},
      {"malformed JSON", kPath, json, R"({"instances": [{"features": [1, 2]} {)", 400, "INVALID_DATA", "expected ,"},
      {"other JSON", kPath, json, R"({"rows": [[1, 2]]})", 400, "INVALID_DATA", "instances"},
      {"infinite JSON", kPath, json, R"({"instances": [{"features": [1, 1e999]}]})", 400, "INVALID_DATA", "1e999"},
      {"empty JSON batch", kPath, json, R"({"instances": []})", 400, "INVALID_DATA", "no rows"},
      {"truncated RecordIO", kPath, record, frame.substr(0, frame.size() - 2), 400, "INVALID_DATA", "row 1"},
      {"CSV as RecordIO", kPath, record, "1,2\n", 400, "INVALID_DATA", "row 1"},
      {"wrong method", "/endpoints/mnist", kCsv, "", 404, "ROUTE_NOT_FOUND", "/endpoints/mnist"},
  };
  for (const Fault& fault : faults) {
    const HttpReply reply = Call("POST", fault.path, fault.body, fault.headers);
    EXPECT_EQ(reply.status, fault.status) << fault.name << reply.body;
    EXPECT_EQ(reply.Header("content-type"), "application/json") << fault.name;
    const Json error = ErrorOf(reply);
    EXPECT_EQ(error["reason"], fault.reason) << fault.name;
    EXPECT_THAT(error["message"].get<std::string>(), HasSubstr(fault.message)) << fault.name;
  }
  EXPECT_EQ(Call("GET", kPath).status, 405);
}

TEST_F(InvocationsTest, ErrorsHaveRowAndColumnAsNumbers) {
  Start();
  const Json error = ErrorOf(Call("POST", kPath, "1,2\n3,4\n5,six\n", kCsv));
  EXPECT_EQ(error["row"], 3);
  EXPECT_EQ(error["column"], 2);
  EXPECT_EQ(error["text"], "six");
  const Json malformed =
      ErrorOf(Call("POST", kPath, R"({"instances": [{"features": [1, 2]} {)", "Content-Type: application/json\r\n"));
  EXPECT_EQ(malformed["byte_offset"], 36);
}

TEST_F(InvocationsTest, LimitsAreToldBySetting) {
  max_message_bytes_ = 1000;
  Start();
  const HttpReply request = Call("POST", kPath, std::string(1001, '1'), kCsv);
  EXPECT_EQ(request.status, 413);
  EXPECT_EQ(ErrorOf(request)["reason"], "MESSAGE_TOO_LARGE");
  std::string rows;
  for (int i = 0; i < 100; ++i) rows += "1,2\n";
  const HttpReply answer = Call("POST", kPath, rows, kCsv);
  EXPECT_EQ(answer.status, 413);
  EXPECT_THAT(answer.body, HasSubstr("max_message_bytes"));
}

TEST_F(InvocationsTest, TooMuchInFlightIsRefusedForAWhile) {
  Start();
  const auto all = admission_.Admit(admission_.budget_bytes());
  const HttpReply reply = Call("POST", kPath, "1,2", kCsv);
  EXPECT_EQ(reply.status, 429);
  EXPECT_EQ(reply.Header("retry-after"), "1");
  EXPECT_EQ(ErrorOf(reply)["reason"], "OVERLOADED");
}

TEST_F(InvocationsTest, LargeBodiesAreScoredWhileTheyArrive) {
  options_.max_whole_body_bytes = 64 << 10;
  Start();
  std::string rows, expected;
  for (int i = 0; i < 100'000; ++i) {
    absl::StrAppend(&rows, i, ",0\n");
    absl::StrAppend(&expected, 2 * i, ".25\n");
  }
  const HttpReply reply = Call("POST", kPath, rows, absl::StrCat(kCsv, "Accept: text/csv\r\n"));
  EXPECT_EQ(reply.status, 200);
  EXPECT_TRUE(reply.body == expected);
}

// ---- All formats agree.

struct Rows {
  int columns;
  std::vector<std::vector<float>> values;
};

Rows RandomRows(int count, int columns, uint64_t seed) {
  SeededRandom random(seed);
  Rows rows{columns, {}};
  for (int i = 0; i < count; ++i) {
    std::vector<float>& row = rows.values.emplace_back();
    for (int j = 0; j < columns; ++j) {
      row.push_back(random.Below(3) == 0 ? 0.0f : static_cast<float>(random.Normal() * std::exp(random.Normal() * 5)));
    }
  }
  return rows;
}

std::string Text(float value) {
  char digits[64];
  return {digits, std::to_chars(digits, digits + sizeof digits, value).ptr};
}

std::string List(const std::vector<float>& row) {
  return absl::StrJoin(row, ",", [](std::string* out, float value) { out->append(Text(value)); });
}

// {type, body} of the same rows in every format.
std::vector<std::pair<std::string, std::string>> InEveryFormat(const Rows& rows) {
  std::string csv, json, sparse_json, lines, records, libsvm;
  for (const std::vector<float>& row : rows.values) {
    absl::StrAppend(&csv, List(row), "\n");
    absl::StrAppend(&json, json.empty() ? "" : ", ", "{\"features\": [", List(row), "]}");
    absl::StrAppend(&lines, "{\"data\": {\"features\": {\"values\": [", List(row), "]}}}\n");
    learner::AppendRecord({{"values", row}}, {}, &records);
    std::vector<std::string> keys, values;
    std::string words = "0";
    for (size_t j = 0; j < row.size(); ++j) {
      if (row[j] == 0) continue;
      keys.push_back(absl::StrCat(j));
      values.push_back(Text(row[j]));
      absl::StrAppend(&words, " ", j + 1, ":", Text(row[j]));
    }
    absl::StrAppend(&libsvm, words, "\n");
    absl::StrAppend(&sparse_json, sparse_json.empty() ? "" : ",", "{\"data\":{\"features\":{\"keys\":[",
                    absl::StrJoin(keys, ","), "],\"shape\":[", row.size(), "],\"values\":[", absl::StrJoin(values, ","),
                    "]}}}");
  }
  return {{"text/csv", csv},
          {"application/json", absl::StrCat("{\"instances\": [", json, "]}")},
          {"application/json", absl::StrCat("{\"instances\": [", sparse_json, "]}")},
          {"application/jsonlines", lines},
          {"application/x-recordio-protobuf", records},
          {"text/libsvm", libsvm}};
}

std::string OpenInferenceJson(const Rows& rows) {
  std::vector<std::string> lists;
  for (const auto& row : rows.values) lists.push_back(absl::StrCat("[", List(row), "]"));
  return absl::StrCat(R"({"inputs":[{"name":"features","datatype":"FP32","shape":[)", rows.values.size(), ",",
                      rows.columns, "],\"data\":[", absl::StrJoin(lists, ","), "]}]}");
}

std::string OpenInferenceRaw(const Rows& rows, size_t* json_bytes) {
  std::string bytes;
  for (const auto& row : rows.values)
    bytes.append(reinterpret_cast<const char*>(row.data()), row.size() * sizeof(float));
  const std::string json =
      absl::StrCat(R"({"inputs":[{"name":"features","datatype":"FP32","shape":[)", rows.values.size(), ",",
                   rows.columns, R"(],"parameters":{"binary_data_size":)", bytes.size(), "}}]}");
  *json_bytes = json.size();
  return json + bytes;
}

TEST_F(InvocationsTest, EveryFormatAndBatchSizeGivesTheModelsOwnAnswers) {
  const learner::ModelSchema schemas[] = {BinarySchema(7), MulticlassSchema(7, 5), RegressorSchema(7)};
  for (size_t m = 0; m < 3; ++m) source_.Serve(absl::StrCat("m", m), 1, SampleModel(schemas[m]));
  Start();
  HttpPeer peer(address_);
  for (size_t m = 0; m < 3; ++m) {
    const learner::Model model = SampleModel(schemas[m]);
    const std::string path = absl::StrCat("/endpoints/m", m, "/invocations");
    const std::string infer = absl::StrCat("/v2/models/m", m, "/infer");
    const Rows rows = RandomRows(200, 7, m);
    for (const char* accept :
         {"application/json", "application/jsonlines", "text/csv", "application/x-recordio-protobuf"}) {
      // What lltrain writes for them.
      learner::ReplyWriter writer(*learner::ParseReplyType(accept), model.schema());
      std::vector<float> flat;
      for (const auto& row : rows.values) flat.insert(flat.end(), row.begin(), row.end());
      learner::Scores scores;
      model.Score(flat.data(), 200, &scores);
      std::string expected;
      writer.Begin(&expected);
      writer.Append(scores, &expected);
      writer.End(&expected);
      for (const auto& [type, body] : InEveryFormat(rows)) {
        const HttpReply reply =
            peer.Call("POST", path, body, absl::StrCat("Content-Type: ", type, "\r\nAccept: ", accept, "\r\n"));
        EXPECT_EQ(reply.status, 200) << type << reply.body;
        EXPECT_TRUE(reply.body == expected) << type << " -> " << accept;
      }
    }
    // Row by row, and through the Open Inference Protocol in JSON and raw.
    for (size_t i = 0; i < 20; ++i) {
      const Rows one{7, {rows.values[i]}};
      learner::Scores scores;
      model.Score(rows.values[i].data(), 1, &scores);
      const std::string typed = OpenInferenceJson(one);
      const Json json = Json::parse(peer.Call("POST", infer, typed).body);
      EXPECT_EQ(json["outputs"][0]["data"].get<std::vector<float>>(), scores.values);
      size_t json_bytes = 0;
      const std::string raw = OpenInferenceRaw(one, &json_bytes);
      const Json answer = Json::parse(
          peer.Call("POST", infer, raw, absl::StrCat("Inference-Header-Content-Length: ", json_bytes, "\r\n")).body);
      EXPECT_EQ(answer, json);
      if (!schemas[m].has_labels()) continue;
      EXPECT_EQ(json["outputs"][1]["data"].get<std::vector<int64_t>>(), scores.labels);
    }
  }
}

}  // namespace
}  // namespace ll::http
