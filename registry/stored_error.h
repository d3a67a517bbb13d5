// Errors kept on a resource: an absl::Status with the details of base/error_reason.h, as a row holds it, and back.
//
//   job.error = ToStoredError(status);          // FAILED, and why
//   return ToStatus(*job.error);                // the same code, reason, message and field violations
#ifndef LL_REGISTRY_STORED_ERROR_H_
#define LL_REGISTRY_STORED_ERROR_H_

#include "absl/status/status.h"
#include "registry/records.h"

namespace ll::registry {

// `status` must not be OK. One without details (made by a library) is kept with reason INTERNAL. Metadata is not kept.
StoredError ToStoredError(const absl::Status& status);
absl::Status ToStatus(const StoredError& error);

}  // namespace ll::registry

#endif  // LL_REGISTRY_STORED_ERROR_H_
