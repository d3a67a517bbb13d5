// The numbers of Open Inference tensors, as bytes and as JSON, into float32.
//
//   values.resize(count);
//   auto problem = DecodeRawTensor(Datatype::kInt16, bytes, absl::MakeSpan(values));
//
// Every datatype is read whose numbers float32 can hold. Where it cannot hold all of them (INT32, INT64, UINT32,
// UINT64, FP64), each number must be one that it can: nothing is rounded behind the client's back. A JSON number of an
// FP32 tensor is the float32 nearest to it.
#ifndef LL_SERVICES_PREDICTION_FORMATS_TENSOR_H_
#define LL_SERVICES_PREDICTION_FORMATS_TENSOR_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace ll::prediction {

enum class Datatype {
  kBool,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kUint8,
  kUint16,
  kUint32,
  kUint64,
  kFp16,
  kBf16,
  kFp32,
  kFp64,
};

// "FP32" and the like; nullopt for BYTES and names that are none.
std::optional<Datatype> ParseDatatype(absl::string_view name);
// "BOOL, INT8, ...".
std::string DatatypeNames();
size_t SizeOf(Datatype type);  // in bytes

struct TensorProblem {
  std::string why;
  std::optional<size_t> index = {};   // of the number, where it is one's fault
  std::optional<size_t> offset = {};  // of the byte in the text
};

// `bytes` are `values.size()` little-endian numbers of `type`.
std::optional<TensorProblem> DecodeRawTensor(Datatype type, absl::string_view bytes, absl::Span<float> values);

// Appends the numbers of `text`, a JSON array of numbers or of rows of `columns` numbers each. `text` must be followed
// by kTensorPadding bytes that may be read. FP16 and BF16 have no form in JSON.
inline constexpr size_t kTensorPadding = 64;
std::optional<TensorProblem> ReadJsonTensor(Datatype type, absl::string_view text, size_t columns,
                                            std::vector<float>* values);

}  // namespace ll::prediction

#endif  // LL_SERVICES_PREDICTION_FORMATS_TENSOR_H_
