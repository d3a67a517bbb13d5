// A manifest: a list of data files, as SageMaker's SDK writes one beside the files that it uploads.
//
//   [{"prefix": "s3://bucket/train/"}, "matrix_0.pbr", "matrix_1.pbr"]
//
// The list says which files are read and in what order. A prefix with a scheme ("s3://...") names the place that the
// manifest and its files came from: here it stands for the folder that the manifest lies in.
#ifndef LL_LEARNER_READERS_MANIFEST_H_
#define LL_LEARNER_READERS_MANIFEST_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ll::learner {

bool IsManifest(absl::string_view path);

// The paths, relative to the manifest's folder and inside it. INVALID_ARGUMENT with reason INVALID_CHANNEL: `text` is
// no manifest, lists nothing, or names something outside of the folder. `path` of the manifest, for errors.
absl::StatusOr<std::vector<std::string>> ParseManifest(absl::string_view text, const std::string& path);

}  // namespace ll::learner

#endif  // LL_LEARNER_READERS_MANIFEST_H_
