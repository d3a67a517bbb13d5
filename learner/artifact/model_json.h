// model.json: everything about a model but its numbers, as JSON. docs/formats.md describes each field.
#ifndef LL_LEARNER_ARTIFACT_MODEL_JSON_H_
#define LL_LEARNER_ARTIFACT_MODEL_JSON_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "learner/model.h"

namespace ll::learner {

// The file that holds the numbers, and what it must be.
struct WeightsFile {
  uint64_t bytes = 0;
  std::string sha256;  // 64 lower-case hexadecimal digits
};

struct ModelDescription {
  Model::Parts parts;  // without weights and bias
  WeightsFile weights_file;
};

// The object "training" of model.json, on one line.
std::string FormatTrainingJson(const TrainingRecord& training);

// What FormatTrainingJson() wrote. INVALID_ARGUMENT with a bare sentence for the caller to put into context.
absl::Status ParseTrainingJson(absl::string_view text, TrainingRecord* training);

std::string FormatModelJson(const ModelDescription& description);

// INVALID_ARGUMENT with a bare sentence for the caller to put into context. A format newer than this release is refused
// naming the release that wrote it.
absl::StatusOr<ModelDescription> ParseModelJson(absl::string_view text);

}  // namespace ll::learner

#endif  // LL_LEARNER_ARTIFACT_MODEL_JSON_H_
