// A small zip archive in memory, the inner layer of SageMaker's model_algo-1.
//
// Packing is deterministic. Unpacking trusts nothing: the sum of what is unpacked is bounded, and libarchive verifies
// each member's checksum.
#ifndef LL_LEARNER_ARTIFACT_ZIP_H_
#define LL_LEARNER_ARTIFACT_ZIP_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "learner/artifact/tar_gz.h"

namespace ll::learner {

// Members are stored as they are, which is what the tar.gz around them compresses best.
absl::StatusOr<std::string> PackZip(absl::Span<const TarMember> members);

// Name -> contents, folders left out. INVALID_ARGUMENT with a bare sentence for the caller to put into context: no zip
// archive, damage, a name twice, more than `limit` bytes in all.
absl::StatusOr<std::map<std::string, std::string>> UnpackZip(absl::string_view bytes, uint64_t limit);

}  // namespace ll::learner

#endif  // LL_LEARNER_ARTIFACT_ZIP_H_
