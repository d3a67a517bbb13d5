// Inside MemoryRegistry: the stores, each over the state of one read or one write.
#ifndef LL_TESTS_TESTING_MEMORY_STORES_H_
#define LL_TESTS_TESTING_MEMORY_STORES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "registry/endpoint_store.h"
#include "registry/event_store.h"
#include "registry/job_store.h"
#include "registry/model_store.h"
#include "registry/object_store.h"
#include "tests/testing/memory_state.h"

namespace ll::testing {

class MemoryModelStore final : public registry::ModelStore {
 public:
  explicit MemoryModelStore(const MemoryAccess& access) : access_(access) {}

  absl::StatusOr<registry::ModelRecord> Get(const std::string& id) const override;
  absl::StatusOr<registry::Page<registry::ModelRecord>> List(const registry::ListQuery& query) const override;
  absl::StatusOr<registry::VersionRecord> GetVersion(const std::string& model_id, int64_t number) const override;
  absl::StatusOr<registry::Page<registry::VersionRecord>> ListVersions(const std::string& model_id,
                                                                       const registry::ListQuery& query) const override;
  absl::StatusOr<registry::ModelRecord> Insert(const registry::ModelRecord& record) override;
  absl::StatusOr<registry::ModelRecord> Update(const registry::ModelRecord& record, const std::string& verb) override;
  absl::Status Delete(const std::string& id) override;
  absl::StatusOr<registry::VersionRecord> InsertVersion(const registry::VersionRecord& record) override;
  absl::StatusOr<registry::VersionRecord> UpdateVersion(const registry::VersionRecord& record,
                                                        const std::string& verb) override;
  absl::Status DeleteVersion(const std::string& model_id, int64_t number) override;

 private:
  registry::ModelRecord WithLatest(registry::ModelRecord record) const;
  absl::Status CheckAliases(const registry::ModelRecord& record) const;

  const MemoryAccess& access_;
};

class MemoryJobStore final : public registry::JobStore {
 public:
  explicit MemoryJobStore(const MemoryAccess& access) : access_(access) {}

  absl::StatusOr<registry::JobRecord> Get(const std::string& id) const override;
  absl::StatusOr<registry::Page<registry::JobRecord>> List(const registry::ListQuery& query) const override;
  absl::StatusOr<std::vector<registry::JobRecord>> ListUnfinished() const override;
  absl::StatusOr<registry::JobRecord> Insert(const registry::JobRecord& record) override;
  absl::StatusOr<registry::JobRecord> Update(const registry::JobRecord& record, const std::string& verb) override;
  absl::Status UpdateProgress(const std::string& id, const registry::JobProgress& progress,
                              const std::vector<registry::CandidateRecord>& candidates) override;
  absl::Status Delete(const std::string& id) override;

 private:
  const MemoryAccess& access_;
};

class MemoryEndpointStore final : public registry::EndpointStore {
 public:
  explicit MemoryEndpointStore(const MemoryAccess& access) : access_(access) {}

  absl::StatusOr<registry::EndpointRecord> Get(const std::string& id) const override;
  absl::StatusOr<registry::Page<registry::EndpointRecord>> List(const registry::ListQuery& query) const override;
  absl::StatusOr<std::vector<registry::EndpointRecord>> ListAll() const override;
  absl::StatusOr<std::vector<std::string>> UsersOf(const std::string& model_id, int64_t number) const override;
  absl::StatusOr<std::vector<std::string>> FollowersOf(const std::string& model_id,
                                                       const std::string& alias) const override;
  absl::StatusOr<registry::EndpointRecord> Insert(const registry::EndpointRecord& record) override;
  absl::StatusOr<registry::EndpointRecord> Update(const registry::EndpointRecord& record,
                                                  const std::string& verb) override;
  absl::Status Delete(const std::string& id) override;

 private:
  absl::Status CheckVariants(const registry::EndpointRecord& record) const;

  const MemoryAccess& access_;
};

class MemoryObjectStore final : public registry::ObjectStore {
 public:
  explicit MemoryObjectStore(const MemoryAccess& access) : access_(access) {}

  absl::StatusOr<registry::BucketRecord> GetBucket(const std::string& id) const override;
  absl::StatusOr<registry::Page<registry::BucketRecord>> ListBuckets(const registry::ListQuery& query) const override;
  absl::StatusOr<registry::ObjectRecord> Get(const std::string& bucket_id, const std::string& key) const override;
  absl::StatusOr<registry::Page<registry::ObjectRecord>> List(const std::string& bucket_id, const std::string& prefix,
                                                              const registry::ListQuery& query) const override;
  absl::StatusOr<registry::BucketRecord> InsertBucket(const registry::BucketRecord& record) override;
  absl::Status DeleteBucket(const std::string& id) override;
  absl::StatusOr<registry::ObjectRecord> Put(const registry::ObjectRecord& record) override;
  absl::Status Delete(const std::string& bucket_id, const std::string& key) override;

 private:
  const MemoryAccess& access_;
};

class MemoryEventStore final : public registry::EventStore {
 public:
  explicit MemoryEventStore(const MemoryAccess& access) : access_(access) {}

  absl::StatusOr<registry::EventRecord> Get(int64_t sequence) const override;
  absl::StatusOr<registry::Page<registry::EventRecord>> List(const registry::ListQuery& query) const override;
  absl::StatusOr<std::vector<registry::EventRecord>> After(int64_t sequence, int limit) const override;
  absl::StatusOr<int64_t> Newest() const override { return access_.state.NewestEvent(); }
  absl::StatusOr<int64_t> DropBefore(absl::Time time) override;

 private:
  const MemoryAccess& access_;
};

}  // namespace ll::testing

#endif  // LL_TESTS_TESTING_MEMORY_STORES_H_
