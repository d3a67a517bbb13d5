// The event log in SQLite: reading it, and the one place that appends to it.
#ifndef LL_REGISTRY_SQLITE_EVENT_STORE_H_
#define LL_REGISTRY_SQLITE_EVENT_STORE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "registry/event_store.h"
#include "registry/registry.h"
#include "registry/sqlite_connection.h"

namespace ll::registry {

class SqliteEventStore final : public EventStore {
 public:
  explicit SqliteEventStore(Connection& connection) : connection_(connection) {}

  absl::StatusOr<EventRecord> Get(int64_t sequence) const override;
  absl::StatusOr<Page<EventRecord>> List(const ListQuery& query) const override;
  absl::StatusOr<std::vector<EventRecord>> After(int64_t sequence, int limit) const override;
  absl::StatusOr<int64_t> Newest() const override;
  absl::StatusOr<int64_t> DropBefore(absl::Time time) override;

  // For the other stores, between BeginWrite and the end of the transaction.

  // Whose transaction it is, and when.
  absl::Status BeginWrite(const WriteOptions& options, absl::Time now);
  absl::Time now() const { return now_; }
  // The header of a record that is about to be written. Its etag is the sequence of the event that comes next: so it is
  // new with every change and never used twice, also not by a record of the same name that is made later.
  RecordHeader Stamp(const RecordHeader& given, absl::Time create_time) const;
  absl::Status Append(const std::string& verb, const std::string& resource, const std::string& before_json,
                      const std::string& after_json);
  // The newest sequence of the transaction so far, and whether the transaction has appended any.
  int64_t newest() const { return newest_; }
  bool has_appended() const { return has_appended_; }

 private:
  Connection& connection_;
  std::string actor_;
  std::string request_id_;
  absl::Time now_;
  int64_t newest_ = 0;
  bool has_appended_ = false;
};

}  // namespace ll::registry

#endif  // LL_REGISTRY_SQLITE_EVENT_STORE_H_
