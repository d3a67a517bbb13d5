// Formats of others keep numbers as 32-bit floats.
#ifndef LL_LEARNER_ARTIFACT_WEIGHTS_AS_FLOATS_H_
#define LL_LEARNER_ARTIFACT_WEIGHTS_AS_FLOATS_H_

#include <cmath>
#include <limits>

#include "absl/status/status.h"
#include "base/error_reason.h"
#include "learner/model.h"

namespace ll::learner {

// FAILED_PRECONDITION with reason INVALID_ARTIFACT when a weight or bias is too large for one.
inline absl::Status CheckWeightsAreFloats(const Model& model) {
  for (const absl::Span<const double> numbers : {model.weights(), model.bias()}) {
    for (const double number : numbers) {
      if (std::abs(number) <= double{std::numeric_limits<float>::max()}) continue;
      return MakeError(absl::StatusCode::kFailedPrecondition, ErrorReason::kInvalidArtifact,
                       {.what = "cannot export the model",
                        .why = "one of its weights does not fit into the format's 32-bit floats",
                        .remedy = "Export it as json, which keeps 64 bits, or scale the feature up."});
    }
  }
  return absl::OkStatus();
}

}  // namespace ll::learner

#endif  // LL_LEARNER_ARTIFACT_WEIGHTS_AS_FLOATS_H_
