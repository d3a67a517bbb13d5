// Inference requests in JSON with binary tensors. The first byte says how much of the rest is JSON: 255 all, 254 none,
// otherwise that many 256ths.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "services/prediction/formats/open_inference.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  std::string body(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::optional<size_t> json_bytes;
  if (data[0] == 254) json_bytes = 0;
  if (data[0] < 254) json_bytes = body.size() * data[0] / 256;
  const size_t body_size = body.size();
  body.resize(body_size + ll::prediction::kInferPadding);
  const ll::learner::ModelSchema schema = {.feature_dim = 3, .outputs = 1};
  const auto request = ll::prediction::ParseInferRequest({body.data(), body_size}, json_bytes, schema);
  if (!request.ok()) {
    ll::testing::Require(absl::IsInvalidArgument(request.status()), "what is refused is the client's error");
    return 0;
  }
  ll::testing::Require(request->columns == 3 && !request->values.empty() && request->values.size() % 3 == 0,
                       "rows are whole");
  ll::testing::Require(!request->outputs.empty(), "something is asked for");
  const size_t rows = request->values.size() / 3;
  const ll::learner::Scores scores{.values = std::vector<float>(rows), .labels = std::vector<int64_t>(rows)};
  ll::testing::Require(!WriteInferReply(*request, {"m", "1"}, schema, scores).body.empty(), "a request has a reply");
  return 0;
}
