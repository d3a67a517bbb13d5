// The safetensors container: named arrays of numbers in one file that every language can read.
//
//   8 bytes          length of the header, little endian
//   header           JSON: {"weights": {"dtype": "F64", "shape": [1, 784], "data_offsets": [0, 6272]}, ...}
//   data             the arrays one after the other, row-major, little endian; offsets count from here
//
// Here the arrays are all F64. Writing is deterministic: names in ascending order, the header padded with spaces so
// that the data begin at a multiple of 8.
#ifndef LL_LEARNER_ARTIFACT_SAFETENSORS_H_
#define LL_LEARNER_ARTIFACT_SAFETENSORS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace ll::learner {

struct TensorView {
  std::vector<uint64_t> shape;
  absl::Span<const double> values;  // as many as the product of `shape`
};

std::string WriteSafetensors(const std::map<std::string, TensorView>& tensors);

struct Tensor {
  std::vector<uint64_t> shape;
  std::vector<double> values;
};

// INVALID_ARGUMENT with a bare sentence for the caller to put into context: a header that does not parse, another
// dtype, offsets that overlap, leave gaps or do not fit the shape.
absl::StatusOr<std::map<std::string, Tensor>> ReadSafetensors(absl::string_view bytes);

}  // namespace ll::learner

#endif  // LL_LEARNER_ARTIFACT_SAFETENSORS_H_
