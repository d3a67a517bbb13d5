// Predictions over HTTP on loopback, with client and server in one process: four connections, each with one request of
// 100 rows of 784 at a time. Beside each stands the limit of the same run: a POST of the same body that is read and
// answered by nothing.
#include <benchmark/benchmark.h>

#include <charconv>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/allocator.h"
#include "base/random.h"
#include "tests/testing/prediction_doors_fixture.h"

namespace ll::http {
namespace {

constexpr int kFeatures = 784;
constexpr int kRows = 100;
constexpr int kConnections = 4;

class Server {
 public:
  Server() {
    KeepFreedMemory();
    source_.Serve("mnist", 1, SampleModel(BinarySchema(kFeatures)));
    const PredictionBackend backend{.predictors = source_,
                                    .admission = admission_,
                                    .endpoints = [this] { return source_.Ids(); },
                                    .ready = [] { return true; },
                                    .max_message_bytes = 256 << 20};
    AddInvocations(backend, &router_);
    AddOpenInference(backend, &router_);
    router_.Add({.method = "POST", .path = "/nothing", .max_body_bytes = 256 << 20},
                [](const Request& request) -> absl::StatusOr<Response> {
                  std::vector<char> buffer(256 << 10);
                  while (request.body->Read(absl::MakeSpan(buffer)).value_or(0) > 0) continue;
                  return Response{};
                });
    server_ = std::make_unique<HttpServer>(
        router_, ServerOptions{.listen = {.host = "127.0.0.1", .port = 0, .unix_path = ""}, .workers = 2});
    address_ = server_->Start().value();
  }
  const std::string& address() const { return address_; }

 private:
  FixedSource source_;
  prediction::Admission admission_{int64_t{1} << 30};
  Router router_;
  std::unique_ptr<HttpServer> server_;
  std::string address_;
};

// Pixels as they are (0 to 255, four of five of them 0), or scaled to [0, 1).
enum class Values { kPixels, kScaled };

std::string Text(float value, bool point) {
  char digits[64];
  std::string text(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
  if (point && text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::vector<float> MakeValues(Values kind) {
  SeededRandom random(6);
  std::vector<float> values;
  for (int i = 0; i < kRows * kFeatures; ++i) {
    const auto pixel = static_cast<float>(random.Below(100) < 19 ? 1 + random.Below(255) : 0);
    values.push_back(kind == Values::kPixels ? pixel : pixel / 256);
  }
  return values;
}

struct Call {
  std::string path;
  std::string headers;
  std::string body;
};

Call CsvCall(Values kind) {
  const std::vector<float> values = MakeValues(kind);
  std::string csv;
  for (size_t i = 0; i < values.size(); ++i) {
    absl::StrAppend(&csv, Text(values[i], /*point=*/false), (i + 1) % kFeatures == 0 ? "\n" : ",");
  }
  return {"/invocations", "Content-Type: text/csv\r\nAccept: text/csv\r\n", std::move(csv)};
}

// As Python writes lists of floats.
Call JsonInferCall(Values kind) {
  std::string data;
  for (const float value : MakeValues(kind)) {
    absl::StrAppend(&data, data.empty() ? "" : ", ", Text(value, /*point=*/true));
  }
  return {"/v2/models/mnist/infer", "",
          absl::StrCat(R"({"inputs": [{"name": "features", "datatype": "FP32", "shape": [)", kRows, ", ", kFeatures,
                       R"(], "data": [)", data, "]}]}")};
}

Call RawInferCall(Values kind) {
  const std::vector<float> values = MakeValues(kind);
  const std::string bytes(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
  return {"/v2/models/mnist/infer", "Inference-Header-Content-Length: 0\r\n", bytes};
}

Call InstancesCall(Values kind) {
  const std::vector<float> values = MakeValues(kind);
  std::string rows;
  for (size_t i = 0; i < values.size(); ++i) {
    const bool first = i % kFeatures == 0, last = (i + 1) % kFeatures == 0;
    absl::StrAppend(&rows, first ? (i == 0 ? "" : ", ") : ", ", first ? "{\"features\": [" : "",
                    Text(values[i], /*point=*/true), last ? "]}" : "");
  }
  return {"/invocations", "Content-Type: application/json\r\n", absl::StrCat("{\"instances\": [", rows, "]}")};
}

void Post(benchmark::State& state, const Call& call) {
  static const auto* const server = new Server();  // shared by the threads, for as long as the program runs
  testing::HttpPeer peer(server->address());
  for (auto _ : state) {
    const testing::HttpReply reply = peer.Call("POST", call.path, call.body, call.headers);
    if (reply.status != 200) state.SkipWithError(reply.body.c_str());
  }
  state.SetItemsProcessed(state.iterations() * kRows);
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(call.body.size()));
}

void BM_Predict(benchmark::State& state, const Call& call) { Post(state, call); }

void BM_Limit(benchmark::State& state, const Call& call) { Post(state, {"/nothing", "", call.body}); }

void Register(const char* name, const Call& call) {
  for (const auto& [what, run] : {std::pair("predict/", &BM_Predict), std::pair("limit/", &BM_Limit)}) {
    benchmark::RegisterBenchmark(absl::StrCat(what, name).c_str(), run, call)->Threads(kConnections)->UseRealTime();
  }
}

const bool registered = [] {
  Register("csv_pixels", CsvCall(Values::kPixels));
  Register("csv_scaled", CsvCall(Values::kScaled));
  Register("json_infer_pixels", JsonInferCall(Values::kPixels));
  Register("json_infer_scaled", JsonInferCall(Values::kScaled));
  Register("raw_infer", RawInferCall(Values::kPixels));
  Register("json_instances_pixels", InstancesCall(Values::kPixels));
  return true;
}();

}  // namespace
}  // namespace ll::http
