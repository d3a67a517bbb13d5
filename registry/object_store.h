// Buckets and objects: names for blobs. Const calls read; the others write. Used inside Registry::Read and Write.
#ifndef LL_REGISTRY_OBJECT_STORE_H_
#define LL_REGISTRY_OBJECT_STORE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "registry/list_query.h"
#include "registry/records.h"

namespace ll::registry {

class ObjectStore {
 public:
  // Of buckets and of objects.
  static constexpr absl::string_view kFilterFields[] = {"name", "labels", "create_time", "update_time"};

  virtual ~ObjectStore() = default;

  // NOT_FOUND / BUCKET_NOT_FOUND.
  virtual absl::StatusOr<BucketRecord> GetBucket(const std::string& id) const = 0;
  virtual absl::StatusOr<Page<BucketRecord>> ListBuckets(const ListQuery& query) const = 0;
  // NOT_FOUND / BUCKET_NOT_FOUND or OBJECT_NOT_FOUND.
  virtual absl::StatusOr<ObjectRecord> Get(const std::string& bucket_id, const std::string& key) const = 0;
  // Objects whose key begins with `prefix`, in bytewise key order when query.order is kName. NOT_FOUND /
  // BUCKET_NOT_FOUND.
  virtual absl::StatusOr<Page<ObjectRecord>> List(const std::string& bucket_id, const std::string& prefix,
                                                  const ListQuery& query) const = 0;

  // ALREADY_EXISTS.
  virtual absl::StatusOr<BucketRecord> InsertBucket(const BucketRecord& record) = 0;
  // NOT_FOUND; FAILED_PRECONDITION / BUCKET_NOT_EMPTY.
  virtual absl::Status DeleteBucket(const std::string& id) = 0;
  // Creates or replaces, whatever the etag: the last writer wins, as in S3. A replaced object keeps its create time.
  // NOT_FOUND / BUCKET_NOT_FOUND.
  virtual absl::StatusOr<ObjectRecord> Put(const ObjectRecord& record) = 0;
  // NOT_FOUND / BUCKET_NOT_FOUND or OBJECT_NOT_FOUND.
  virtual absl::Status Delete(const std::string& bucket_id, const std::string& key) = 0;
};

}  // namespace ll::registry

#endif  // LL_REGISTRY_OBJECT_STORE_H_
