// Buckets and objects: the platform's own object store, addressed by users as s3://bucket/key. Without gRPC or protos.
//
//   ObjectCatalog catalog(registry, blobs);
//   LL_ASSIGN_OR_RETURN(auto upload, catalog.BeginWrite({.bucket_id = "data", .key = "train.csv"}, write));
//   LL_RETURN_IF_ERROR(upload->Append(chunk));
//   LL_ASSIGN_OR_RETURN(registry::ObjectRecord object, upload->Commit(""));
#ifndef LL_SERVICES_REGISTRY_OBJECT_CATALOG_H_
#define LL_SERVICES_REGISTRY_OBJECT_CATALOG_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "registry/blob_store.h"
#include "registry/registry.h"
#include "services/registry/blob_upload.h"

namespace ll::catalog {

// s3://bucket/key, or s3://bucket/prefix.
struct ObjectUri {
  std::string bucket_id = {};
  std::string key = {};  // may be empty: the bucket as a whole
  friend bool operator==(const ObjectUri&, const ObjectUri&) = default;
};
// INVALID_ARGUMENT / INVALID_NAME. Whether the bucket exists is not asked.
absl::StatusOr<ObjectUri> ParseObjectUri(absl::string_view uri);

// An object's row and its bytes, verified while they are read.
struct OpenedObject {
  registry::ObjectRecord record;
  std::unique_ptr<registry::BlobReader> bytes;
};

class ObjectWrite;

// Thread-safe. Registry and store must outlive it.
class ObjectCatalog {
 public:
  ObjectCatalog(registry::Registry& registry, registry::BlobStore& blobs) : registry_(registry), blobs_(blobs) {}

  // ALREADY_EXISTS.
  absl::StatusOr<registry::BucketRecord> CreateBucket(const registry::BucketRecord& bucket,
                                                      const registry::WriteOptions& write);
  // NOT_FOUND / BUCKET_NOT_FOUND.
  absl::StatusOr<registry::BucketRecord> GetBucket(const std::string& id);
  absl::StatusOr<registry::Page<registry::BucketRecord>> ListBuckets(const registry::ListQuery& query);
  // NOT_FOUND; ABORTED / ETAG_MISMATCH; FAILED_PRECONDITION / BUCKET_NOT_EMPTY.
  absl::Status DeleteBucket(const std::string& id, const std::string& etag, const registry::WriteOptions& write);

  // Begins to take the bytes of an object that is created or replaced when they are all there. Labels, annotations,
  // content type and encoding, and metadata come from `object`. NOT_FOUND / BUCKET_NOT_FOUND, before any byte is taken.
  absl::StatusOr<std::unique_ptr<ObjectWrite>> BeginWrite(const registry::ObjectRecord& object,
                                                          const registry::WriteOptions& write);
  // NOT_FOUND / BUCKET_NOT_FOUND, OBJECT_NOT_FOUND; DATA_LOSS / CORRUPT_BLOB when the bytes are gone. An object that is
  // replaced meanwhile is read as it was.
  absl::StatusOr<OpenedObject> OpenObject(const std::string& bucket_id, const std::string& key);
  // NOT_FOUND / BUCKET_NOT_FOUND, OBJECT_NOT_FOUND.
  absl::StatusOr<registry::ObjectRecord> GetObject(const std::string& bucket_id, const std::string& key);
  // Objects whose key begins with `prefix`. NOT_FOUND / BUCKET_NOT_FOUND.
  absl::StatusOr<registry::Page<registry::ObjectRecord>> ListObjects(const std::string& bucket_id,
                                                                     const std::string& prefix,
                                                                     const registry::ListQuery& query);
  // NOT_FOUND; ABORTED / ETAG_MISMATCH. The bytes go, too, when nothing else names them.
  absl::Status DeleteObject(const std::string& bucket_id, const std::string& key, const std::string& etag,
                            const registry::WriteOptions& write);

 private:
  registry::Registry& registry_;
  registry::BlobStore& blobs_;
};

// One write. Destroying it before Commit() leaves the old object and nothing else. Not thread-safe; the catalogue must
// outlive it.
class ObjectWrite {
 public:
  ObjectWrite(registry::Registry& registry, registry::BlobStore& blobs, std::unique_ptr<BlobUpload> upload,
              registry::ObjectRecord object, registry::WriteOptions write)
      : registry_(registry),
        blobs_(blobs),
        upload_(std::move(upload)),
        object_(std::move(object)),
        write_(std::move(write)) {}

  absl::Status Append(absl::string_view chunk) { return upload_->Append(chunk); }
  // Call once. INVALID_ARGUMENT / DIGEST_MISMATCH when `expected_sha256` is neither empty nor the digest.
  absl::StatusOr<registry::ObjectRecord> Commit(const std::string& expected_sha256);

 private:
  registry::Registry& registry_;
  registry::BlobStore& blobs_;
  const std::unique_ptr<BlobUpload> upload_;
  registry::ObjectRecord object_;
  registry::WriteOptions write_;
};

}  // namespace ll::catalog

#endif  // LL_SERVICES_REGISTRY_OBJECT_CATALOG_H_
