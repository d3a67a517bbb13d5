// What a request says about itself over HTTP: method, path, host, origin, formats; and then its body in that format.
//
// One header a line, in this order: method, path, Host, Origin, Content-Type, Accept; the rest is the body.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "services/http/error_response.h"
#include "services/http/host_policy.h"
#include "services/http/router.h"
#include "services/prediction/formats/content_negotiation.h"
#include "services/prediction/formats/row_decoder.h"
#include "tests/fuzz/require.h"
#include "tests/testing/memory_file.h"

namespace {

using ll::testing::Require;

constexpr int kFeatures = 3;

const ll::http::Router& Routes() {
  static const auto* const router = [] {
    auto* made = new ll::http::Router();
    for (const char* path : {"/ping", "/endpoints/{endpoint}/invocations", "/v2/models/{model}/versions/{version}"}) {
      made->Add({.method = "POST", .path = path}, [](const ll::http::Request&) { return ll::http::Response{}; });
    }
    return made;
  }();
  return *router;
}

void CheckError(const absl::Status& error) {
  if (error.ok()) return;
  const ll::http::Response response = ll::http::ErrorResponse(error, {.id = "fuzz"});
  Require(response.status >= 400 && response.status < 500, "what a client sends is the client's error");
  Require(!response.body.empty(), "an error says something");
}

void ReadRows(const std::string& content_type, const std::string& body) {
  const auto type = ll::prediction::RequestTypeOf(content_type);
  CheckError(type.status());
  if (!type.ok()) return;
  ll::prediction::RowDecoder decoder(*type, ll::testing::NewMemoryFile(body), kFeatures);
  while (true) {
    const auto block = decoder.Next();
    CheckError(block.status());
    if (!block.ok() || block->rows == 0) return;
    Require(block->columns == kFeatures, "rows are as wide as the model");
    for (int64_t i = 0; i < block->rows * kFeatures; ++i) {
      Require(block->values[i] - block->values[i] == 0, "rows are finite");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::vector<std::string> lines = absl::StrSplit(text, absl::MaxSplits('\n', 6));
  lines.resize(7);
  const auto match = Routes().Find(lines[0], lines[1]);
  CheckError(match.status());
  if (match.ok()) Require(match->parameters.size() <= 2, "a path has the parameters of its template");
  CheckError(ll::http::HostPolicy{.loopback = true, .names = {"ml.example.org"}}.Check(lines[2], lines[3]));
  CheckError(ll::http::HostPolicy{.loopback = false}.Check(lines[2], lines[3]));
  const auto reply = ll::prediction::NegotiateReply(lines[5]);
  CheckError(reply.status());
  if (reply.ok()) {
    const std::string name = ll::prediction::MediaTypeOf(*reply);
    Require(ll::prediction::MediaTypeOf(*ll::prediction::NegotiateReply(name)) == name, "a reply's type names itself");
  }
  ReadRows(lines[4], lines[6]);
  return 0;
}
