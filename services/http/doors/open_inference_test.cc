#include "services/http/doors/open_inference.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/version.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/testing/prediction_doors_fixture.h"

namespace ll::http {
namespace {

using ::ll::testing::HttpReply;
using ::testing::HasSubstr;
using Json = nlohmann::json;

constexpr char kTensor[] = R"({"id": "1", "inputs": [{"name": "features", "datatype": "FP32", "shape": [1, 2],
                              "data": [1, 2]}]})";

class OpenInferenceDoorTest : public PredictionDoorsTest {
 protected:
  OpenInferenceDoorTest() {
    source_.Serve("plane", 7, ModelOf(RegressorSchema(2), {2, 3}, {0.25}));
    source_.Load("loading");
  }
};

TEST_F(OpenInferenceDoorTest, DescribesTheServerAndItsModels) {
  Start();
  const Json server = Json::parse(Call("GET", "/v2").body);
  EXPECT_EQ(server["version"], std::string(ReleaseVersion()));
  EXPECT_EQ(server["extensions"], (Json{"binary_tensor_data"}));
  EXPECT_EQ(Json::parse(Call("GET", "/v2/models").body), Json::parse(R"({"models": ["loading", "plane"]})"));
  for (const char* path : {"/v2/models/plane", "/v2/models/plane/versions/7"}) {
    const Json model = Json::parse(Call("GET", path).body);
    EXPECT_EQ(model["name"], "plane");
    EXPECT_EQ(model["versions"], (Json{"7"}));
    EXPECT_EQ(model["inputs"][0]["shape"], (Json{-1, 2}));
  }
}

TEST_F(OpenInferenceDoorTest, HealthIsStatusAndBody) {
  Start();
  EXPECT_EQ(Call("GET", "/v2/health/live").body, R"({"live":true})");
  EXPECT_EQ(Call("GET", "/v2/health/ready").body, R"({"ready":true})");
  ready_ = false;
  EXPECT_EQ(Call("GET", "/v2/health/live").status, 200);
  const HttpReply reply = Call("GET", "/v2/health/ready");
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.body, R"({"ready":false})");
}

TEST_F(OpenInferenceDoorTest, ReadinessOfModels) {
  Start();
  EXPECT_EQ(Call("GET", "/v2/models/plane/ready").status, 200);
  EXPECT_EQ(Call("GET", "/v2/models/plane/versions/7/ready").status, 200);
  EXPECT_EQ(Call("GET", "/v2/models/plane/versions/6/ready").status, 404);
  EXPECT_EQ(Call("GET", "/v2/models/loading/ready").status, 503);
  EXPECT_EQ(Call("GET", "/v2/models/none/ready").status, 404);
}

TEST_F(OpenInferenceDoorTest, Infers) {
  Start();
  for (const char* path : {"/v2/models/plane/infer", "/v2/models/plane/versions/7/infer"}) {
    const HttpReply reply = Call("POST", path, kTensor);
    EXPECT_EQ(reply.body, R"({"model_name":"plane","model_version":"7","id":"1","outputs":[)"
                          R"({"name":"score","datatype":"FP32","shape":[1,1],"data":[8.25]}]})");
    EXPECT_EQ(reply.Header("content-type"), "application/json");
    EXPECT_EQ(reply.Header("x-ll-model-version"), "models/m/versions/7");
  }
}

TEST_F(OpenInferenceDoorTest, InfersInBinary) {
  Start();
  const std::string json = R"({"inputs":[{"name":"features","datatype":"FP32","shape":[1,2],)"
                           R"("parameters":{"binary_data_size":8}}],"parameters":{"binary_data_output":true}})";
  const float row[] = {1, 2};
  const HttpReply reply =
      Call("POST", "/v2/models/plane/infer", json + std::string(reinterpret_cast<const char*>(row), sizeof row),
           absl::StrCat("Inference-Header-Content-Length: ", json.size(), "\r\n"));
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.Header("content-type"), "application/octet-stream");
  const std::string length = reply.Header("inference-header-content-length");
  const float score = 8.25f;
  EXPECT_EQ(reply.body.substr(std::stoul(length)), std::string(reinterpret_cast<const char*>(&score), sizeof score));
}

TEST_F(OpenInferenceDoorTest, ErrorsAreOneMember) {
  Start();
  const struct {
    const char* path;
    std::string body;
    const char* headers;
    int status;
    const char* message;
  } cases[] = {
      {"/v2/models/none/infer", kTensor, "", 404, "none"},
      {"/v2/models/loading/infer", kTensor, "", 503, "loaded"},
      {"/v2/models/plane/versions/8/infer", kTensor, "", 404, "version 7"},
      {"/v2/models/plane/infer", "{", "", 400, "JSON"},
      {"/v2/models/plane/infer", kTensor, "Inference-Header-Content-Length: x\r\n", 400, "\"x\""},
      {"/v2/models/plane/infer", kTensor, "Inference-Header-Content-Length: 1\r\n", 400, "JSON"},
      {"/v2/models/plane/infer", kTensor, "Content-Encoding: gzip\r\n", 415, "gzip"},
      {"/v2/models/plane/infer", std::string("\0\0\xc0\x7f\0\0\0\0", 8), "Inference-Header-Content-Length: 0\r\n", 400,
       "row 1, column 1 is nan"},
      {"/v2/models/plane/generate", kTensor, "", 404, "generate"},
  };
  for (const auto& each : cases) {
    const HttpReply reply = Call("POST", each.path, each.body, each.headers);
    EXPECT_EQ(reply.status, each.status) << each.path << reply.body;
    const Json error = Json::parse(reply.body);
    EXPECT_EQ(error.size(), 1u);
    EXPECT_THAT(error.at("error").get<std::string>(), HasSubstr(each.message)) << each.path;
  }
  EXPECT_EQ(Call("GET", "/v2/models/plane/infer").status, 405);
}

TEST_F(OpenInferenceDoorTest, LargeRequestsAreReadByTheHandler) {
  options_.max_whole_body_bytes = 1000;
  Start();
  std::string data = "1,2";
  for (int i = 1; i < 10'000; ++i) data += ",1,2";
  const HttpReply reply =
      Call("POST", "/v2/models/plane/infer",
           absl::StrCat(R"({"inputs":[{"name":"features","datatype":"FP32","shape":[10000,2],"data":[)", data, "]}]}"));
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(Json::parse(reply.body)["outputs"][0]["data"].size(), 10'000u);
}

}  // namespace
}  // namespace ll::http
