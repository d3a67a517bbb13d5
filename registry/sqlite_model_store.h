// Models and versions in SQLite.
#ifndef LL_REGISTRY_SQLITE_MODEL_STORE_H_
#define LL_REGISTRY_SQLITE_MODEL_STORE_H_

#include <cstdint>
#include <string>

#include "registry/endpoint_store.h"
#include "registry/model_store.h"
#include "registry/sqlite_connection.h"
#include "registry/sqlite_event_store.h"

namespace ll::registry {

class SqliteModelStore final : public ModelStore {
 public:
  SqliteModelStore(Connection& connection, SqliteEventStore& events, const EndpointStore& endpoints)
      : connection_(connection), events_(events), endpoints_(endpoints) {}

  absl::StatusOr<ModelRecord> Get(const std::string& id) const override;
  absl::StatusOr<Page<ModelRecord>> List(const ListQuery& query) const override;
  absl::StatusOr<VersionRecord> GetVersion(const std::string& model_id, int64_t number) const override;
  absl::StatusOr<Page<VersionRecord>> ListVersions(const std::string& model_id, const ListQuery& query) const override;

  absl::StatusOr<ModelRecord> Insert(const ModelRecord& record) override;
  absl::StatusOr<ModelRecord> Update(const ModelRecord& record, const std::string& verb) override;
  absl::Status Delete(const std::string& id) override;

  absl::StatusOr<VersionRecord> InsertVersion(const VersionRecord& record) override;
  absl::StatusOr<VersionRecord> UpdateVersion(const VersionRecord& record, const std::string& verb) override;
  absl::Status DeleteVersion(const std::string& model_id, int64_t number) override;

 private:
  absl::Status CheckAliases(const ModelRecord& before, const ModelRecord& after) const;
  absl::Status WriteAliases(const ModelRecord& before, const ModelRecord& after);
  absl::StatusOr<int64_t> NextNumber(const std::string& model_id);

  Connection& connection_;
  SqliteEventStore& events_;
  const EndpointStore& endpoints_;
};

}  // namespace ll::registry

#endif  // LL_REGISTRY_SQLITE_MODEL_STORE_H_
