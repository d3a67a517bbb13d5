// The stores over one connection. On the writer it is a Transaction; on a reader only its const View is used.
#ifndef LL_REGISTRY_SQLITE_TRANSACTION_H_
#define LL_REGISTRY_SQLITE_TRANSACTION_H_

#include <memory>
#include <string>
#include <utility>

#include "registry/registry.h"
#include "registry/sqlite_connection.h"
#include "registry/sqlite_endpoint_store.h"
#include "registry/sqlite_event_store.h"
#include "registry/sqlite_job_store.h"
#include "registry/sqlite_model_store.h"
#include "registry/sqlite_object_store.h"

namespace ll::registry {

// Lives as long as its connection, through many transactions. Not thread-safe.
class SqliteTransaction final : public Transaction {
 public:
  explicit SqliteTransaction(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}

  const ModelStore& models() const override { return models_; }
  const JobStore& jobs() const override { return jobs_; }
  const EndpointStore& endpoints() const override { return endpoints_; }
  const ObjectStore& objects() const override { return objects_; }
  const SqliteEventStore& events() const override { return events_; }
  ModelStore& models() override { return models_; }
  JobStore& jobs() override { return jobs_; }
  EndpointStore& endpoints() override { return endpoints_; }
  ObjectStore& objects() override { return objects_; }
  SqliteEventStore& events() override { return events_; }

  absl::StatusOr<bool> IsBlobNamed(const std::string& sha256) const override;
  absl::StatusOr<RememberedAnswer> FindAnswer(const std::string& request_id) const override;
  absl::Status RememberAnswer(const std::string& request_id, const RememberedAnswer& answer) override;

  Connection& connection() { return *connection_; }

 private:
  const std::unique_ptr<Connection> connection_;
  SqliteEventStore events_{*connection_};
  SqliteJobStore jobs_{*connection_, events_};
  SqliteEndpointStore endpoints_{*connection_, events_};
  SqliteObjectStore objects_{*connection_, events_};
  SqliteModelStore models_{*connection_, events_, endpoints_};
};

}  // namespace ll::registry

#endif  // LL_REGISTRY_SQLITE_TRANSACTION_H_
