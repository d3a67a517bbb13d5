// A small .tar.gz in memory: a list of named files.
//
// Packing is deterministic: equal members give equal bytes (no times, owners or names of machines). Unpacking trusts
// nothing: the caller bounds each member before it is unpacked, and the gzip checksum is verified.
//
//   LL_ASSIGN_OR_RETURN(std::string bytes, PackTarGz({{"model.json", json}, {"weights.safetensors", weights}}));
//   TarGzReader reader(bytes);
//   LL_ASSIGN_OR_RETURN(auto member, reader.Next());              // nullopt at the end
//   LL_ASSIGN_OR_RETURN(std::string json, reader.Contents(1 << 20));
#ifndef LL_LEARNER_ARTIFACT_TAR_GZ_H_
#define LL_LEARNER_ARTIFACT_TAR_GZ_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace ll::learner {

struct TarMember {
  absl::string_view name;
  absl::string_view contents;
};

absl::StatusOr<std::string> PackTarGz(absl::Span<const TarMember> members);

// Not thread-safe. Errors are INVALID_ARGUMENT with a bare sentence ("it is cut short") for the caller to put into
// context; after one, the reader is of no further use.
class TarGzReader final {
 public:
  // Keeps a view of `bytes`.
  explicit TarGzReader(absl::string_view bytes);
  ~TarGzReader();
  TarGzReader(const TarGzReader&) = delete;
  TarGzReader& operator=(const TarGzReader&) = delete;

  struct Member {
    std::string name;
    uint64_t size = 0;  // unpacked, as the archive claims
  };

  // The next member; nullopt at the end, once the whole archive has been verified. Anything but a regular file is an
  // error.
  absl::StatusOr<std::optional<Member>> Next();

  // Unpacks the member that Next() gave; an error when it is longer than `limit` bytes.
  absl::StatusOr<std::string> Contents(uint64_t limit);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ll::learner

#endif  // LL_LEARNER_ARTIFACT_TAR_GZ_H_
