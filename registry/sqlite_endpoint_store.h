// Endpoints in SQLite. Their variants, desired and observed, are rows of their own, so that foreign keys keep what they
// name.
#ifndef LL_REGISTRY_SQLITE_ENDPOINT_STORE_H_
#define LL_REGISTRY_SQLITE_ENDPOINT_STORE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "registry/endpoint_store.h"
#include "registry/sqlite_connection.h"
#include "registry/sqlite_event_store.h"

namespace ll::registry {

class SqliteEndpointStore final : public EndpointStore {
 public:
  SqliteEndpointStore(Connection& connection, SqliteEventStore& events) : connection_(connection), events_(events) {}

  absl::StatusOr<EndpointRecord> Get(const std::string& id) const override;
  absl::StatusOr<Page<EndpointRecord>> List(const ListQuery& query) const override;
  absl::StatusOr<std::vector<EndpointRecord>> ListAll() const override;
  absl::StatusOr<std::vector<std::string>> UsersOf(const std::string& model_id, int64_t number) const override;
  absl::StatusOr<std::vector<std::string>> FollowersOf(const std::string& model_id,
                                                       const std::string& alias) const override;

  absl::StatusOr<EndpointRecord> Insert(const EndpointRecord& record) override;
  absl::StatusOr<EndpointRecord> Update(const EndpointRecord& record, const std::string& verb) override;
  absl::Status Delete(const std::string& id) override;

 private:
  absl::Status ReadVariants(EndpointRecord* record) const;
  absl::Status CheckVariants(const EndpointRecord& record) const;
  absl::StatusOr<bool> HasVersion(const std::string& model_id, int64_t number) const;
  absl::StatusOr<bool> HasAlias(const std::string& model_id, const std::string& alias) const;
  absl::Status WriteVariants(const EndpointRecord& record);
  absl::Status WriteObserved(const EndpointRecord& record);

  Connection& connection_;
  SqliteEventStore& events_;
};

}  // namespace ll::registry

#endif  // LL_REGISTRY_SQLITE_ENDPOINT_STORE_H_
