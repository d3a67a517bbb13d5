// Buckets and objects in SQLite.
#ifndef LL_REGISTRY_SQLITE_OBJECT_STORE_H_
#define LL_REGISTRY_SQLITE_OBJECT_STORE_H_

#include <string>

#include "registry/object_store.h"
#include "registry/sqlite_connection.h"
#include "registry/sqlite_event_store.h"

namespace ll::registry {

class SqliteObjectStore final : public ObjectStore {
 public:
  SqliteObjectStore(Connection& connection, SqliteEventStore& events) : connection_(connection), events_(events) {}

  absl::StatusOr<BucketRecord> GetBucket(const std::string& id) const override;
  absl::StatusOr<Page<BucketRecord>> ListBuckets(const ListQuery& query) const override;
  absl::StatusOr<ObjectRecord> Get(const std::string& bucket_id, const std::string& key) const override;
  absl::StatusOr<Page<ObjectRecord>> List(const std::string& bucket_id, const std::string& prefix,
                                          const ListQuery& query) const override;

  absl::StatusOr<BucketRecord> InsertBucket(const BucketRecord& record) override;
  absl::Status DeleteBucket(const std::string& id) override;
  absl::StatusOr<ObjectRecord> Put(const ObjectRecord& record) override;
  absl::Status Delete(const std::string& bucket_id, const std::string& key) override;

 private:
  Connection& connection_;
  SqliteEventStore& events_;
};

}  // namespace ll::registry

#endif  // LL_REGISTRY_SQLITE_OBJECT_STORE_H_
