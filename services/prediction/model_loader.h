// How a model version comes into memory: its artifact's bytes, verified against their digest; the model in them,
// checked against what the catalogue says about it; a few rows scored, so that the first request finds everything in
// place.
//
//   LoadVersion load = MakeModelLoader(
//       {.read_artifact = [&](const std::string& sha256) { return blobs.ReadVerified(sha256); },
//        .parse_artifact = learner::ParseModel});
#ifndef LL_SERVICES_PREDICTION_MODEL_LOADER_H_
#define LL_SERVICES_PREDICTION_MODEL_LOADER_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "learner/model.h"
#include "services/prediction/model_host.h"

namespace ll::prediction {

struct ArtifactAccess {
  // All bytes of the blob, verified. Thread-safe.
  std::function<absl::StatusOr<std::string>(const std::string& sha256)> read_artifact;
  // Thread-safe.
  std::function<absl::StatusOr<learner::Model>(absl::string_view bytes)> parse_artifact;
};

// The function fails as `access` does, and with DATA_LOSS / INVALID_ARTIFACT when the model is not what the version's
// schema says.
LoadVersion MakeModelLoader(ArtifactAccess access);

}  // namespace ll::prediction

#endif  // LL_SERVICES_PREDICTION_MODEL_LOADER_H_
