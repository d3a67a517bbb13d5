#include "services/endpoints/endpoint_catalog.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "registry/store_errors.h"

namespace ll::endpoints {
namespace {

using registry::EndpointName;
using registry::EndpointRecord;
using registry::EndpointState;
using registry::FeatureSchema;
using registry::Transaction;
using registry::VariantSpec;
using registry::VersionRecord;
using registry::VersionState;

absl::Status CheckVariantCount(const std::vector<VariantSpec>& variants) {
  if (variants.size() == 1) return absl::OkStatus();
  const std::string why = absl::StrCat("it has ", variants.size(), " variants, and an endpoint has exactly one");
  return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidArgument,
                   {.what = "cannot write the endpoint", .why = why, .remedy = "Name one model version to serve."},
                   {.field_violations = {{"endpoint.variants", why}}});
}

// The version that the variant shall serve, which must be READY. Gives the variant its name, and "latest" its number.
absl::StatusOr<VersionRecord> Resolve(const Transaction& transaction, VariantSpec* variant) {
  if (variant->name.empty()) variant->name = kDefaultVariant;
  LL_ASSIGN_OR_RETURN(VersionRecord version, transaction.models().Resolve(variant->version));
  if (variant->version.alias == "latest") {
    variant->version = {.model_id = version.model_id, .number = version.number};
  }
  if (version.state == VersionState::kReady) return version;
  const std::string name = registry::VersionName(version.model_id, version.number);
  const std::string state(registry::StateName(version.state));
  return MakeError(
      absl::StatusCode::kFailedPrecondition, ErrorReason::kWrongState,
      {.what = absl::StrCat("cannot serve ", name),
       .why = absl::StrCat("it is ", state, version.state_reason.empty() ? "" : ": ", version.state_reason),
       .remedy = "Choose a version that is READY."},
      {.metadata = {{"model_version", name}, {"state", state}},
       .precondition_violations = {
           {.type = "WRONG_STATE", .subject = name, .description = absl::StrCat("is ", state)}}});
}

std::string Shape(const FeatureSchema& schema) {
  return absl::StrCat(schema.feature_dim, " features and ", schema.outputs, " outputs");
}

absl::Status CheckShape(const Transaction& transaction, const EndpointRecord& endpoint, const VersionRecord& next) {
  if (endpoint.observed.empty()) return absl::OkStatus();
  const registry::ObservedVariant& served = endpoint.observed.front();
  LL_ASSIGN_OR_RETURN(const VersionRecord now, transaction.models().GetVersion(served.model_id, served.version));
  if (Shape(now.schema) == Shape(next.schema)) return absl::OkStatus();
  const std::string next_name = registry::VersionName(next.model_id, next.number);
  return MakeError(
      absl::StatusCode::kFailedPrecondition, ErrorReason::kSchemaMismatch,
      {.what = absl::StrCat("cannot update ", EndpointName(endpoint.id), " to ", next_name),
       .why = absl::StrCat("it has ", Shape(next.schema), ", and ", registry::VersionName(now.model_id, now.number),
                           ", which is served, has ", Shape(now.schema)),
       .remedy =
           "Choose a version of the same shape, or set `allow_schema_change` if the clients are prepared for it."},
      {.metadata = {{"endpoint", EndpointName(endpoint.id)}, {"model_version", next_name}}});
}

absl::Status BeingDeleted(const std::string& id) {
  const std::string name = EndpointName(id);
  return MakeError(
      absl::StatusCode::kFailedPrecondition, ErrorReason::kWrongState,
      {.what = absl::StrCat("cannot update ", name),
       .why = "it is being deleted",
       .remedy = "Wait until it is gone, then create it again."},
      {.metadata = {{"endpoint", name}, {"state", std::string(registry::StateName(EndpointState::kDeleting))}}});
}

// A copy for a caller who may insist on an etag.
absl::StatusOr<EndpointRecord> GetChecked(const Transaction& transaction, const std::string& id,
                                          const std::string& etag) {
  LL_ASSIGN_OR_RETURN(EndpointRecord record, transaction.endpoints().Get(id));
  if (!etag.empty() && etag != record.header.etag) return registry::EtagMismatch(EndpointName(id));
  return record;
}

// Makes the manager look at the endpoint anew.
void Desire(EndpointRecord* record) {
  ++record->generation;
  record->error.reset();
  record->state = record->observed.empty() ? EndpointState::kCreating : EndpointState::kUpdating;
}

absl::Status UpdateVariants(const Transaction& transaction, std::vector<VariantSpec> variants, bool allow_schema_change,
                            EndpointRecord* record) {
  LL_RETURN_IF_ERROR(CheckVariantCount(variants));
  LL_ASSIGN_OR_RETURN(const VersionRecord version, Resolve(transaction, &variants.front()));
  if (!allow_schema_change) LL_RETURN_IF_ERROR(CheckShape(transaction, *record, version));
  if (variants == record->variants && !record->error.has_value()) return absl::OkStatus();
  record->variants = std::move(variants);
  Desire(record);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<EndpointRecord> EndpointCatalog::Commit(
    const registry::WriteOptions& write, absl::FunctionRef<absl::StatusOr<EndpointRecord>(Transaction&)> body) {
  LL_ASSIGN_OR_RETURN(EndpointRecord record, registry_.Mutate<EndpointRecord>(write, body));
  manager_.AwaitApplied();
  return record;
}

absl::StatusOr<EndpointRecord> EndpointCatalog::Create(const EndpointRecord& record,
                                                       const registry::WriteOptions& write) {
  LL_RETURN_IF_ERROR(CheckVariantCount(record.variants));
  return Commit(write, [&](Transaction& transaction) -> absl::StatusOr<EndpointRecord> {
    EndpointRecord created{.id = record.id, .variants = record.variants};
    created.header.labels = record.header.labels;
    created.header.annotations = record.header.annotations;
    LL_RETURN_IF_ERROR(Resolve(transaction, &created.variants.front()).status());
    return transaction.endpoints().Insert(created);
  });
}

absl::StatusOr<EndpointRecord> EndpointCatalog::Get(const std::string& id) {
  EndpointRecord record;
  LL_RETURN_IF_ERROR(registry_.Read([&](const registry::View& view) -> absl::Status {
    LL_ASSIGN_OR_RETURN(record, view.endpoints().Get(id));
    return absl::OkStatus();
  }));
  return record;
}

absl::StatusOr<registry::Page<EndpointRecord>> EndpointCatalog::List(const registry::ListQuery& query) {
  registry::Page<EndpointRecord> page;
  LL_RETURN_IF_ERROR(registry_.Read([&](const registry::View& view) -> absl::Status {
    LL_ASSIGN_OR_RETURN(page, view.endpoints().List(query));
    return absl::OkStatus();
  }));
  return page;
}

absl::StatusOr<EndpointRecord> EndpointCatalog::Update(const EndpointUpdate& update,
                                                       const registry::WriteOptions& write) {
  return Commit(write, [&](Transaction& transaction) -> absl::StatusOr<EndpointRecord> {
    LL_ASSIGN_OR_RETURN(const EndpointRecord before, GetChecked(transaction, update.id, update.etag));
    if (before.deleted) return BeingDeleted(update.id);
    EndpointRecord after = before;
    if (update.labels.has_value()) after.header.labels = *update.labels;
    if (update.annotations.has_value()) after.header.annotations = *update.annotations;
    if (update.variants.has_value()) {
      LL_RETURN_IF_ERROR(UpdateVariants(transaction, *update.variants, update.allow_schema_change, &after));
    }
    if (after == before) return before;
    return transaction.endpoints().Update(after);
  });
}

absl::StatusOr<EndpointRecord> EndpointCatalog::Delete(const std::string& id, const std::string& etag,
                                                       const registry::WriteOptions& write) {
  return Commit(write, [&](Transaction& transaction) -> absl::StatusOr<EndpointRecord> {
    LL_ASSIGN_OR_RETURN(EndpointRecord record, GetChecked(transaction, id, etag));
    if (record.deleted) return record;
    record.deleted = true;
    record.state = EndpointState::kDeleting;
    return transaction.endpoints().Update(record, "request-delete");
  });
}

std::unique_ptr<EndpointWatch> EndpointCatalog::Watch(const std::string& id, std::function<void()> wake) {
  return absl::WrapUnique(new EndpointWatch(registry_, id, std::move(wake)));
}

EndpointWatch::EndpointWatch(registry::Registry& registry, std::string id, std::function<void()> wake)
    : registry_(registry),
      id_(std::move(id)),
      commits_(registry.OnCommit([wake = std::move(wake)](int64_t /*newest_sequence*/) { wake(); })) {}

absl::StatusOr<std::optional<EndpointWatch::Change>> EndpointWatch::Next() {
  if (ended_) return std::nullopt;
  absl::StatusOr<EndpointRecord> now = absl::UnknownError("not read");
  const absl::Status read = registry_.Read([&](const registry::View& view) {
    now = view.endpoints().Get(id_);
    return absl::IsNotFound(now.status()) ? absl::OkStatus() : now.status();
  });
  if (!read.ok()) return read;
  // An endpoint of the same id that was created after it is another one.
  const bool gone = !now.ok() || (last_.has_value() && last_->header.create_time != now->header.create_time);
  if (gone && !last_.has_value()) return now.status();
  if (gone) {
    ended_ = true;
    last_->state = EndpointState::kDeleting;  // also when the watcher was too slow to see it
    return Change{.endpoint = *last_, .deleted = true};
  }
  if (last_ == *now) return std::nullopt;
  last_ = *now;
  return Change{.endpoint = *std::move(now)};
}

}  // namespace ll::endpoints
