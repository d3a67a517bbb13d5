// Training jobs in SQLite.
#ifndef LL_REGISTRY_SQLITE_JOB_STORE_H_
#define LL_REGISTRY_SQLITE_JOB_STORE_H_

#include <string>
#include <vector>

#include "registry/job_store.h"
#include "registry/sqlite_connection.h"
#include "registry/sqlite_event_store.h"

namespace ll::registry {

class SqliteJobStore final : public JobStore {
 public:
  SqliteJobStore(Connection& connection, SqliteEventStore& events) : connection_(connection), events_(events) {}

  absl::StatusOr<JobRecord> Get(const std::string& id) const override;
  absl::StatusOr<Page<JobRecord>> List(const ListQuery& query) const override;
  absl::StatusOr<std::vector<JobRecord>> ListUnfinished() const override;

  absl::StatusOr<JobRecord> Insert(const JobRecord& record) override;
  absl::StatusOr<JobRecord> Update(const JobRecord& record, const std::string& verb) override;
  absl::Status UpdateProgress(const std::string& id, const JobProgress& progress,
                              const std::vector<CandidateRecord>& candidates) override;
  absl::Status Delete(const std::string& id) override;

 private:
  Connection& connection_;
  SqliteEventStore& events_;
};

}  // namespace ll::registry

#endif  // LL_REGISTRY_SQLITE_JOB_STORE_H_
