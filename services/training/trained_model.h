// The artifact that a run left, on its way into the registry: checked, stored as a blob, described as a version.
#ifndef LL_SERVICES_TRAINING_TRAINED_MODEL_H_
#define LL_SERVICES_TRAINING_TRAINED_MODEL_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/env.h"
#include "registry/blob_store.h"
#include "registry/records.h"

namespace ll::training {

struct TrainedModel {
  registry::PinnedBlob blob;        // hold it until the version is committed
  registry::VersionRecord version;  // without what the registry sets, and without lineage
  std::vector<registry::CandidateRecord> candidates;
};

// Reads the artifact at `path` as a deployment would, then stores its bytes. INVALID_ARTIFACT when the trainer did not
// leave a whole model; STORAGE_FULL or STORAGE_FAILED when the disk refuses.
absl::StatusOr<TrainedModel> StoreTrainedModel(Env& env, registry::BlobStore& blobs, const std::string& path);

}  // namespace ll::training

#endif  // LL_SERVICES_TRAINING_TRAINED_MODEL_H_
