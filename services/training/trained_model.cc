#include "services/training/trained_model.h"

#include <utility>

#include "base/error_reason.h"
#include "base/status_macros.h"
#include "learner/artifact.h"
#include "services/registry/describe_model.h"

namespace ll::training {

absl::StatusOr<TrainedModel> StoreTrainedModel(Env& env, registry::BlobStore& blobs, const std::string& path) {
  const absl::StatusOr<std::string> bytes = env.ReadFile(path);
  if (absl::IsNotFound(bytes.status())) {
    return MakeError(absl::StatusCode::kDataLoss, ErrorReason::kInvalidArtifact,
                     {.what = "cannot register the model", .why = "the trainer ended well and left no artifact"});
  }
  if (!bytes.ok()) return Annotate(bytes.status(), "cannot register the model");
  const absl::StatusOr<learner::Model> model = learner::ParseModel(*bytes);
  if (!model.ok()) return Annotate(model.status(), "cannot register the model");
  absl::StatusOr<registry::PinnedBlob> blob = blobs.Put(*bytes);
  if (!blob.ok()) return Annotate(blob.status(), "cannot store the model");
  registry::VersionRecord version = catalog::DescribeModel(*model);
  version.artifact_sha256 = blob->sha256();
  version.artifact_bytes = blob->size_bytes();
  return TrainedModel{*std::move(blob), std::move(version), catalog::CandidatesOf(*model)};
}

}  // namespace ll::training
