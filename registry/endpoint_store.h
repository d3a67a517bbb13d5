// Endpoints: desired and observed state. Const calls read; the others write. Used inside Registry::Read and Write.
#ifndef LL_REGISTRY_ENDPOINT_STORE_H_
#define LL_REGISTRY_ENDPOINT_STORE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "registry/list_query.h"
#include "registry/records.h"

namespace ll::registry {

class EndpointStore {
 public:
  // "model" is the id of a model that a desired variant serves.
  static constexpr absl::string_view kFilterFields[] = {"name",   "state",       "model",
                                                        "labels", "create_time", "update_time"};

  virtual ~EndpointStore() = default;

  // NOT_FOUND / ENDPOINT_NOT_FOUND.
  virtual absl::StatusOr<EndpointRecord> Get(const std::string& id) const = 0;
  virtual absl::StatusOr<Page<EndpointRecord>> List(const ListQuery& query) const = 0;
  // In the order of their ids.
  virtual absl::StatusOr<std::vector<EndpointRecord>> ListAll() const = 0;
  // Ids of the endpoints whose desired or observed variants name version `number` of the model (`number` 0: any
  // version of it), by number or through an alias that points there.
  virtual absl::StatusOr<std::vector<std::string>> UsersOf(const std::string& model_id, int64_t number) const = 0;
  // Ids of the endpoints that follow the alias.
  virtual absl::StatusOr<std::vector<std::string>> FollowersOf(const std::string& model_id,
                                                               const std::string& alias) const = 0;

  // ALREADY_EXISTS; NOT_FOUND / MODEL_VERSION_NOT_FOUND or MODEL_ALIAS_NOT_FOUND when a variant, desired or observed,
  // names what is not there; INVALID_ARGUMENT / INVALID_NAME when a desired one has not exactly one of number and
  // alias, or follows "latest". Versions and aliases that a variant names cannot be deleted any more.
  virtual absl::StatusOr<EndpointRecord> Insert(const EndpointRecord& record) = 0;
  // Replaces everything but the id. NOT_FOUND, also as in Insert; ABORTED / ETAG_MISMATCH as in ModelStore::Update.
  virtual absl::StatusOr<EndpointRecord> Update(const EndpointRecord& record, const std::string& verb = "update") = 0;
  // Removes the row. NOT_FOUND.
  virtual absl::Status Delete(const std::string& id) = 0;
};

}  // namespace ll::registry

#endif  // LL_REGISTRY_ENDPOINT_STORE_H_
