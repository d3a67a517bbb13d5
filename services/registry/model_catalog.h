// Models, their versions and aliases: what may be done with them and what it brings about. Without gRPC or protos;
// doors convert to and from the plain structs here and in registry/records.h.
//
//   ModelCatalog catalog(registry, blobs);
//   LL_ASSIGN_OR_RETURN(registry::ModelRecord model, catalog.CreateModel({.id = "churn"}, write));
//   LL_ASSIGN_OR_RETURN(auto import, catalog.BeginImport({.model_id = "churn"}, write));
//   LL_RETURN_IF_ERROR(import->Append(chunk));
//   LL_ASSIGN_OR_RETURN(registry::VersionRecord version, import->Commit(sha256));
//
// Every change goes through registry::WriteOptions: who, repeats by request id, validate_only.
#ifndef LL_SERVICES_REGISTRY_MODEL_CATALOG_H_
#define LL_SERVICES_REGISTRY_MODEL_CATALOG_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "registry/blob_store.h"
#include "registry/registry.h"
#include "services/registry/blob_upload.h"
#include "services/registry/describe_model.h"

namespace ll::catalog {

// What an update changes: the members that are set. With an etag it fails with ABORTED unless that is the current one.
// An update that changes nothing succeeds and leaves no event.
struct ResourceUpdate {
  std::string etag = {};
  std::optional<std::string> description = {};
  std::optional<registry::StringMap> labels = {};
  std::optional<registry::StringMap> annotations = {};
};

struct AliasChange {
  std::string model_id = {};
  std::string alias = {};
  registry::VersionRef version = {};  // of the same model
  bool allow_schema_change = false;
  std::string etag = {};
};

// A version's row and its bytes, verified while they are read.
struct OpenedVersion {
  registry::VersionRecord record;
  std::unique_ptr<registry::BlobReader> artifact;
};

class VersionImport;

// Thread-safe. Registry and store must outlive it.
class ModelCatalog {
 public:
  ModelCatalog(registry::Registry& registry, registry::BlobStore& blobs) : registry_(registry), blobs_(blobs) {}

  // ALREADY_EXISTS.
  absl::StatusOr<registry::ModelRecord> CreateModel(const registry::ModelRecord& model,
                                                    const registry::WriteOptions& write);
  // NOT_FOUND / MODEL_NOT_FOUND.
  absl::StatusOr<registry::ModelRecord> GetModel(const std::string& id);
  absl::StatusOr<registry::Page<registry::ModelRecord>> ListModels(const registry::ListQuery& query);
  // NOT_FOUND; ABORTED / ETAG_MISMATCH.
  absl::StatusOr<registry::ModelRecord> UpdateModel(const std::string& id, const ResourceUpdate& update,
                                                    const registry::WriteOptions& write);
  // NOT_FOUND; ABORTED / ETAG_MISMATCH; FAILED_PRECONDITION / MODEL_NOT_EMPTY while it has versions, unless `force`,
  // and / IN_USE when an endpoint names one of them. The bytes of its versions go, too, when nothing else names them.
  absl::Status DeleteModel(const std::string& id, const std::string& etag, bool force,
                           const registry::WriteOptions& write);

  // NOT_FOUND / MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND, MODEL_ALIAS_NOT_FOUND.
  absl::StatusOr<registry::VersionRecord> GetVersion(const registry::VersionRef& ref);
  // `model_id` "-": of all models.
  absl::StatusOr<registry::Page<registry::VersionRecord>> ListVersions(const std::string& model_id,
                                                                       const registry::ListQuery& query);
  // NOT_FOUND; ABORTED / ETAG_MISMATCH.
  absl::StatusOr<registry::VersionRecord> UpdateVersion(const std::string& model_id, int64_t number,
                                                        const ResourceUpdate& update,
                                                        const registry::WriteOptions& write);
  // NOT_FOUND; ABORTED / ETAG_MISMATCH; FAILED_PRECONDITION / IN_USE while an alias or endpoint names it.
  absl::Status DeleteVersion(const std::string& model_id, int64_t number, const std::string& etag,
                             const registry::WriteOptions& write);

  // Begins to take an artifact for the next version of `version.model_id`, which is created when missing. Labels,
  // annotations and description are taken from `version`; all else comes from the artifact.
  absl::StatusOr<std::unique_ptr<VersionImport>> BeginImport(const registry::VersionRecord& version,
                                                             const registry::WriteOptions& write);
  // NOT_FOUND; DATA_LOSS / CORRUPT_BLOB when the bytes are gone. Bytes that turn out to be others than they were make
  // the version CORRUPT.
  absl::StatusOr<OpenedVersion> OpenVersion(const registry::VersionRef& ref);
  // The `count` largest coefficients of each output. As OpenVersion(); RESOURCE_EXHAUSTED when the artifact is larger
  // than 256 MiB.
  absl::StatusOr<std::vector<OutputCoefficients>> Coefficients(const registry::VersionRef& ref, int64_t count);
  // Writes down that a version's bytes are not what they were: it cannot be deployed any more. A version that is not
  // READY, or gone, is left as it is.
  absl::Status MarkCorrupt(const std::string& model_id, int64_t number, absl::string_view why);

  // Points an alias at a version; pointing it where it points changes nothing. NOT_FOUND; ABORTED / ETAG_MISMATCH;
  // FAILED_PRECONDITION / WRONG_STATE when the version is not READY, / SCHEMA_MISMATCH when an endpoint that follows
  // the alias serves another feature count or output width, unless that is allowed.
  absl::StatusOr<registry::ModelRecord> SetAlias(const AliasChange& change, const registry::WriteOptions& write);
  // NOT_FOUND / MODEL_NOT_FOUND, MODEL_ALIAS_NOT_FOUND; ABORTED / ETAG_MISMATCH; FAILED_PRECONDITION / IN_USE while an
  // endpoint follows it.
  absl::StatusOr<registry::ModelRecord> DeleteAlias(const std::string& model_id, const std::string& alias,
                                                    const std::string& etag, const registry::WriteOptions& write);

 private:
  registry::Registry& registry_;
  registry::BlobStore& blobs_;
};

// One import. Destroying it before Commit() leaves nothing behind. Not thread-safe; the catalogue must outlive it.
class VersionImport {
 public:
  VersionImport(registry::Registry& registry, registry::BlobStore& blobs, std::unique_ptr<BlobUpload> upload,
                registry::VersionRecord version, registry::WriteOptions write)
      : registry_(registry),
        blobs_(blobs),
        upload_(std::move(upload)),
        version_(std::move(version)),
        write_(std::move(write)) {}

  // INVALID_ARGUMENT / INVALID_ARTIFACT when it gets larger than any artifact.
  absl::Status Append(absl::string_view chunk);
  // Registers the version. Call once. INVALID_ARGUMENT / DIGEST_MISMATCH or INVALID_ARTIFACT.
  absl::StatusOr<registry::VersionRecord> Commit(const std::string& expected_sha256);

 private:
  registry::Registry& registry_;
  registry::BlobStore& blobs_;
  const std::unique_ptr<BlobUpload> upload_;
  registry::VersionRecord version_;
  registry::WriteOptions write_;
};

}  // namespace ll::catalog

#endif  // LL_SERVICES_REGISTRY_MODEL_CATALOG_H_
