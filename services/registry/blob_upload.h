// Bytes on their way into the catalogue: written to the blob store as they come, kept only if a row names them in the
// end.
//
//   LL_ASSIGN_OR_RETURN(auto upload, BlobUpload::Begin(registry, blobs));
//   LL_RETURN_IF_ERROR(upload->Append(chunk));
//   LL_ASSIGN_OR_RETURN(const registry::PinnedBlob* blob, upload->Finish(sha256));
//   ... registry.Mutate: a row names blob->sha256() ...
//   // Destroying the upload unpins the blob, and removes it when no row names it.
#ifndef LL_SERVICES_REGISTRY_BLOB_UPLOAD_H_
#define LL_SERVICES_REGISTRY_BLOB_UPLOAD_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "registry/blob_store.h"
#include "registry/registry.h"

namespace ll::catalog {

// Not thread-safe. Registry and store must outlive it.
class BlobUpload {
 public:
  static absl::StatusOr<std::unique_ptr<BlobUpload>> Begin(registry::Registry& registry, registry::BlobStore& blobs);
  ~BlobUpload();
  BlobUpload(const BlobUpload&) = delete;
  BlobUpload& operator=(const BlobUpload&) = delete;

  // RESOURCE_EXHAUSTED / STORAGE_FULL and the like.
  absl::Status Append(absl::string_view chunk) { return writer_->Append(chunk); }
  int64_t size_bytes() const { return writer_->size_bytes(); }

  // The blob, on disk and pinned as long as this object lives. Call once. INVALID_ARGUMENT / DIGEST_MISMATCH when
  // `expected_sha256` is neither empty nor the digest of what was appended.
  absl::StatusOr<const registry::PinnedBlob*> Finish(const std::string& expected_sha256);

 private:
  BlobUpload(registry::Registry& registry, registry::BlobStore& blobs, std::unique_ptr<registry::BlobWriter> writer)
      : registry_(registry), blobs_(blobs), writer_(std::move(writer)) {}

  registry::Registry& registry_;
  registry::BlobStore& blobs_;
  const std::unique_ptr<registry::BlobWriter> writer_;
  std::optional<registry::PinnedBlob> blob_;
};

// Removes a blob that no row names any more. What cannot be removed now stays for the next sweep.
void RemoveUnnamedBlob(registry::Registry& registry, registry::BlobStore& blobs, const std::string& sha256);

}  // namespace ll::catalog

#endif  // LL_SERVICES_REGISTRY_BLOB_UPLOAD_H_
