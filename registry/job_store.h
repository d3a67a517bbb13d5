// Training jobs. Const calls read; the others write. Used inside Registry::Read and Registry::Write.
#ifndef LL_REGISTRY_JOB_STORE_H_
#define LL_REGISTRY_JOB_STORE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "registry/list_query.h"
#include "registry/records.h"

namespace ll::registry {

class JobStore {
 public:
  // "model" is the id of the output model.
  static constexpr absl::string_view kFilterFields[] = {"name",   "state",       "model",
                                                        "labels", "create_time", "update_time"};

  virtual ~JobStore() = default;

  // NOT_FOUND / TRAINING_JOB_NOT_FOUND.
  virtual absl::StatusOr<JobRecord> Get(const std::string& id) const = 0;
  virtual absl::StatusOr<Page<JobRecord>> List(const ListQuery& query) const = 0;
  // All jobs that are not in a terminal state, oldest first.
  virtual absl::StatusOr<std::vector<JobRecord>> ListUnfinished() const = 0;

  // ALREADY_EXISTS.
  virtual absl::StatusOr<JobRecord> Insert(const JobRecord& record) = 0;
  // Replaces everything but the id. NOT_FOUND; ABORTED / ETAG_MISMATCH as in ModelStore::Update.
  virtual absl::StatusOr<JobRecord> Update(const JobRecord& record, const std::string& verb = "update") = 0;
  // Writes progress and candidates only: no event, no new etag, no new update time. NOT_FOUND.
  virtual absl::Status UpdateProgress(const std::string& id, const JobProgress& progress,
                                      const std::vector<CandidateRecord>& candidates) = 0;
  // NOT_FOUND.
  virtual absl::Status Delete(const std::string& id) = 0;
};

}  // namespace ll::registry

#endif  // LL_REGISTRY_JOB_STORE_H_
