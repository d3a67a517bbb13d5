// What users may do with endpoints: write what they desire, read where it stands, watch it change. Every call returns
// as soon as the desired state is stored and known to the host; EndpointManager does the rest.
//
//   LL_ASSIGN_OR_RETURN(EndpointRecord created, catalog.Create({.id = "mnist", .variants = {{"", ref}}}, write));
//   // created.state is CREATING; Watch() shows it become IN_SERVICE or FAILED.
//
// In this release an endpoint has exactly one variant. A variant names a version by number; by an alias, which it then
// follows; or as the alias "latest", which is resolved when it is written and kept as a number.
#ifndef LL_SERVICES_ENDPOINTS_ENDPOINT_CATALOG_H_
#define LL_SERVICES_ENDPOINTS_ENDPOINT_CATALOG_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "registry/registry.h"
#include "services/endpoints/endpoint_manager.h"

namespace ll::endpoints {

// The name of a variant that was given none.
inline constexpr char kDefaultVariant[] = "default";

struct EndpointUpdate {
  std::string id = {};
  std::string etag = {};  // when given, must be the current one
  std::optional<std::vector<registry::VariantSpec>> variants = {};
  std::optional<registry::StringMap> labels = {};
  std::optional<registry::StringMap> annotations = {};
  bool allow_schema_change = false;  // to a version with another feature count or output width than what is served
};

// The newest state of one endpoint. Not thread-safe.
class EndpointWatch final {
 public:
  struct Change {
    registry::EndpointRecord endpoint = {};
    bool deleted = false;  // it is gone; `endpoint` is as it last was, and nothing follows
  };

  // The endpoint as it is now, the first time and whenever that differs from what was returned last; nullopt: no news.
  // NOT_FOUND when it was not there the first time.
  absl::StatusOr<std::optional<Change>> Next();

 private:
  friend class EndpointCatalog;
  EndpointWatch(registry::Registry& registry, std::string id, std::function<void()> wake);

  registry::Registry& registry_;
  const std::string id_;
  std::optional<registry::EndpointRecord> last_;  // what was returned
  bool ended_ = false;
  std::unique_ptr<registry::Registry::Subscription> commits_;
};

// Thread-safe. Mutations honour the request id, fingerprint and validate_only of their WriteOptions.
class EndpointCatalog final {
 public:
  // Both must outlive this object.
  EndpointCatalog(registry::Registry& registry, EndpointManager& manager) : registry_(registry), manager_(manager) {}

  // Takes id, labels, annotations and variants of `record`. ALREADY_EXISTS; INVALID_ARGUMENT unless there is exactly
  // one variant; NOT_FOUND when it names no version; FAILED_PRECONDITION / WRONG_STATE when that version is not READY.
  absl::StatusOr<registry::EndpointRecord> Create(const registry::EndpointRecord& record,
                                                  const registry::WriteOptions& write);

  absl::StatusOr<registry::EndpointRecord> Get(const std::string& id);
  absl::StatusOr<registry::Page<registry::EndpointRecord>> List(const registry::ListQuery& query);

  // The version that the endpoint has already is a success that changes nothing, unless the last attempt to serve it
  // failed: then it is tried again. NOT_FOUND and INVALID_ARGUMENT as in Create; ABORTED / ETAG_MISMATCH;
  // FAILED_PRECONDITION with WRONG_STATE when the version is not READY or the endpoint is being deleted, with
  // SCHEMA_MISMATCH when the version has another shape than what is served.
  absl::StatusOr<registry::EndpointRecord> Update(const EndpointUpdate& update, const registry::WriteOptions& write);

  // The endpoint on its way out: requests for it are NOT_FOUND from the return on. Again is the same. NOT_FOUND;
  // ABORTED / ETAG_MISMATCH when `etag` is given and not the current one.
  absl::StatusOr<registry::EndpointRecord> Delete(const std::string& id, const std::string& etag,
                                                  const registry::WriteOptions& write);

  // `wake` is called, quickly and from any thread, when Next() may have news; not after the watch is destroyed.
  std::unique_ptr<EndpointWatch> Watch(const std::string& id, std::function<void()> wake);

 private:
  absl::StatusOr<registry::EndpointRecord> Commit(
      const registry::WriteOptions& write,
      absl::FunctionRef<absl::StatusOr<registry::EndpointRecord>(registry::Transaction&)> body);

  registry::Registry& registry_;
  EndpointManager& manager_;
};

}  // namespace ll::endpoints

#endif  // LL_SERVICES_ENDPOINTS_ENDPOINT_CATALOG_H_
