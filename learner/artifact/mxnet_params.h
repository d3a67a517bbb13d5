// The .params file of Apache MXNet: named arrays, little endian.
//
//   u64 0x112, u64 0, u64 count
//   count times   u32 0xF993FAC9 (version 2; 0xF993FAC8 and 0xF993FACA are versions 1 and 3)
//                 i32 storage type, 0: dense (versions 2 and 3 only)
//                 u32 dimensions (version 3: i32), i64 extent of each
//                 i32 device type, i32 device id
//                 i32 type of the numbers: 0 float32, 1 float64, 2 float16, 3 uint8, 4 int32, 5 int8, 6 int64
//                 the numbers, row-major
//   u64 count     of names, then of each u64 length and the bytes: "arg:fc0_weight", "aux:..."
#ifndef LL_LEARNER_ARTIFACT_MXNET_PARAMS_H_
#define LL_LEARNER_ARTIFACT_MXNET_PARAMS_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "learner/artifact/safetensors.h"

namespace ll::learner {

// Every array, by its name without "arg:". Floating-point numbers only (types 0 to 2); INVALID_ARGUMENT with a bare
// sentence for the caller to put into context otherwise, and for whatever is no such file.
absl::StatusOr<std::map<std::string, Tensor>> ReadMxnetParams(absl::string_view bytes);

// As version 2 with float32 numbers, the names in ascending order and "arg:" before each.
std::string WriteMxnetParams(const std::map<std::string, TensorView>& tensors);

}  // namespace ll::learner

#endif  // LL_LEARNER_ARTIFACT_MXNET_PARAMS_H_
