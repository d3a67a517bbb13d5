// Updates that depend on what is there, such as adding one label: read, change, write with the etag that was read;
// again when somebody else was faster.
#ifndef LL_CLIENTS_LLCTL_READ_MODIFY_WRITE_H_
#define LL_CLIENTS_LLCTL_READ_MODIFY_WRITE_H_

#include "absl/status/statusor.h"

namespace ll::llctl {

// `read()` gives the resource, `write(resource)` changes its copy and sends it. Three attempts; then the last error.
template <typename Resource, typename Read, typename Write>
absl::StatusOr<Resource> ReadModifyWrite(Read read, Write write) {
  constexpr int kAttempts = 3;
  for (int attempt = 1;; ++attempt) {
    absl::StatusOr<Resource> resource = read();
    if (!resource.ok()) return resource;
    absl::StatusOr<Resource> written = write(*std::move(resource));
    if (!absl::IsAborted(written.status()) || attempt == kAttempts) return written;
  }
}

}  // namespace ll::llctl

#endif  // LL_CLIENTS_LLCTL_READ_MODIFY_WRITE_H_
