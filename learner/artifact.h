// The model artifact: one file, model.tar.gz, in an open format that needs nothing of ours to read.
//
//   model.json           format version, schema, threshold, training record, and the SHA-256 of every other member
//   weights.safetensors  F64 tensors "weights" [outputs, feature_dim] and "bias" [outputs], and, where it is known,
//                        "feature_deviations" [feature_dim]
//
// docs/formats.md describes every field. Files of every format version ever written must load for ever: tests/golden
// holds one of each. Saving is deterministic: equal models give equal bytes.
#ifndef LL_LEARNER_ARTIFACT_H_
#define LL_LEARNER_ARTIFACT_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/env.h"
#include "learner/model.h"

namespace ll::learner {

inline constexpr char kArtifactFileName[] = "model.tar.gz";
inline constexpr int kArtifactFormatVersion = 1;
// A larger artifact, packed or unpacked, is refused: a small file must not unpack into all memory.
inline constexpr uint64_t kMaxArtifactBytes = uint64_t{4} << 30;

// The artifact's bytes.
absl::StatusOr<std::string> SerializeModel(const Model& model);

// Reads SageMaker's own artifacts, too (artifact/reference_artifact.h).
// INVALID_ARGUMENT with reason INVALID_ARTIFACT: not an archive, a member missing or with another digest, a field
// missing or out of range, a format newer than this release (says which release writes it).
absl::StatusOr<Model> ParseModel(absl::string_view bytes);

// Through the file system; Save is atomic.
absl::Status SaveModel(const Model& model, Env& env, const std::string& path);
absl::StatusOr<Model> LoadModel(Env& env, const std::string& path);

}  // namespace ll::learner

#endif  // LL_LEARNER_ARTIFACT_H_
