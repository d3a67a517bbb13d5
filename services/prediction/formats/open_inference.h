// The Open Inference Protocol, version 2, in JSON, with its binary tensor extension.
//
// A model is one tensor in and one or two out:
//
//   features         FP32 [-1, d]   any datatype that float32 can hold (tensor.h)
//   score            FP32 [-1, k]
//   predicted_label  INT64 [-1]     classifiers
//
//   LL_ASSIGN_OR_RETURN(InferRequest request, ParseInferRequest(body, header_length, schema));
//   ...score request.rows()...
//   InferReply reply = WriteInferReply(request, {"mnist", "7"}, schema, scores);
#ifndef LL_SERVICES_PREDICTION_FORMATS_OPEN_INFERENCE_H_
#define LL_SERVICES_PREDICTION_FORMATS_OPEN_INFERENCE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "learner/model.h"
#include "services/prediction/batch.h"

namespace ll::prediction {

struct InferRequest {
  struct Output {
    bool label = false;   // predicted_label; otherwise score
    bool binary = false;  // behind the JSON
  };

  std::string id = {};             // empty: none was given
  std::vector<float> values = {};  // row-major
  int64_t columns = 0;
  std::vector<Output> outputs = {};  // in the order asked for

  DenseRows rows() const { return {.values = values, .columns = columns}; }
};

// Bytes behind a body that may be read.
inline constexpr size_t kInferPadding = 64;

// `body` must be followed by kInferPadding bytes that may be read. `json_bytes` is the header
// Inference-Header-Content-Length: how much of it is JSON; nullopt: all; 0: none, the body is the one tensor as FP32.
// INVALID_ARGUMENT says what was expected and what came, with the byte, or row and column from 1, as metadata. Numbers
// may still be infinite or NaN: CheckRows() sees to that.
absl::StatusOr<InferRequest> ParseInferRequest(absl::string_view body, std::optional<size_t> json_bytes,
                                               const learner::ModelSchema& schema);

// What a reply says about who answered.
struct ModelName {
  std::string name;
  std::string version;
};

struct InferReply {
  std::string body;
  std::optional<size_t> json_bytes = {};  // set when tensors follow the JSON
};

// `scores` of all rows of the request.
InferReply WriteInferReply(const InferRequest& request, const ModelName& model, const learner::ModelSchema& schema,
                           const learner::Scores& scores);

// The answer to a request for the model's metadata.
std::string ModelMetadata(const ModelName& model, const learner::ModelSchema& schema);

}  // namespace ll::prediction

#endif  // LL_SERVICES_PREDICTION_FORMATS_OPEN_INFERENCE_H_
