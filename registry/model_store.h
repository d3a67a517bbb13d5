// Models and their versions. Const calls read; the others write, append an event and set the record's times and etag.
// Used inside Registry::Read and Registry::Write, on the calling thread.
#ifndef LL_REGISTRY_MODEL_STORE_H_
#define LL_REGISTRY_MODEL_STORE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "registry/list_query.h"
#include "registry/records.h"

namespace ll::registry {

class ModelStore {
 public:
  static constexpr absl::string_view kFilterFields[] = {"name", "labels", "create_time", "update_time"};
  static constexpr absl::string_view kVersionFilterFields[] = {"name", "state", "labels", "create_time", "update_time"};

  virtual ~ModelStore() = default;

  // NOT_FOUND / MODEL_NOT_FOUND.
  virtual absl::StatusOr<ModelRecord> Get(const std::string& id) const = 0;
  // INVALID_ARGUMENT when the query does not fit; so do the other listings.
  virtual absl::StatusOr<Page<ModelRecord>> List(const ListQuery& query) const = 0;
  // NOT_FOUND / MODEL_VERSION_NOT_FOUND.
  virtual absl::StatusOr<VersionRecord> GetVersion(const std::string& model_id, int64_t number) const = 0;
  // Versions of one model, or of all models when `model_id` is "-". The order by name is by model, then by number.
  // NOT_FOUND / MODEL_NOT_FOUND.
  virtual absl::StatusOr<Page<VersionRecord>> ListVersions(const std::string& model_id,
                                                           const ListQuery& query) const = 0;

  // The version behind a reference: by its number, by an alias, or for alias "latest" the newest READY one.
  // NOT_FOUND / MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND, MODEL_ALIAS_NOT_FOUND.
  absl::StatusOr<VersionRecord> Resolve(const VersionRef& ref) const;

  // ALREADY_EXISTS; NOT_FOUND / MODEL_VERSION_NOT_FOUND when it comes with aliases, since it has no versions yet.
  virtual absl::StatusOr<ModelRecord> Insert(const ModelRecord& record) = 0;
  // Replaces description, labels, annotations and aliases. NOT_FOUND / MODEL_NOT_FOUND, or MODEL_VERSION_NOT_FOUND when
  // an alias names a missing version; ABORTED / ETAG_MISMATCH when record.header.etag is not empty and not the stored
  // one; FAILED_PRECONDITION / IN_USE when an alias that goes is followed by an endpoint (who, in the error's details).
  // `verb` names the change in the event.
  virtual absl::StatusOr<ModelRecord> Update(const ModelRecord& record, const std::string& verb = "update") = 0;
  // NOT_FOUND; FAILED_PRECONDITION / MODEL_NOT_EMPTY while it has versions. The numbers it gave are remembered.
  virtual absl::Status Delete(const std::string& id) = 0;

  // Gives the next number. NOT_FOUND when the model is missing.
  virtual absl::StatusOr<VersionRecord> InsertVersion(const VersionRecord& record) = 0;
  // Replaces description, labels, annotations, state and state_reason; everything else of a version never changes.
  // NOT_FOUND; ABORTED / ETAG_MISMATCH as in Update.
  virtual absl::StatusOr<VersionRecord> UpdateVersion(const VersionRecord& record,
                                                      const std::string& verb = "update") = 0;
  // NOT_FOUND; FAILED_PRECONDITION / IN_USE while an alias or an endpoint names it (who, in the error's details).
  virtual absl::Status DeleteVersion(const std::string& model_id, int64_t number) = 0;
};

}  // namespace ll::registry

#endif  // LL_REGISTRY_MODEL_STORE_H_
