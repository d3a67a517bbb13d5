#include "services/endpoints/observed_writer.h"

#include <utility>

#include "base/log.h"
#include "base/status_macros.h"
#include "registry/stored_error.h"

namespace ll::endpoints {
namespace {

using registry::EndpointRecord;
using registry::ObservedVariant;
using registry::Transaction;
using registry::VersionRecord;
using registry::VersionState;

constexpr char kStateVerb[] = "state";

// Since when the variant serves: unbroken, as far as clients can tell, when the row names the same version already.
ObservedVariant Observe(const EndpointChange& change, const EndpointRecord& record) {
  ObservedVariant now{.name = change.serving->variant,
                      .model_id = change.serving->model_id,
                      .version = change.serving->number,
                      .ready_time = change.ready_time};
  for (const ObservedVariant& before : record.observed) {
    if (before.name == now.name && before.model_id == now.model_id && before.version == now.version) return before;
  }
  return now;
}

// NOT_FOUND or OK tell whether the version is there; other errors are the registry's.
absl::Status CheckServed(const Transaction& transaction, const EndpointChange& change) {
  if (!change.serving.has_value()) return absl::OkStatus();
  return transaction.models().GetVersion(change.serving->model_id, change.serving->number).status();
}

// Whether it was written.
absl::StatusOr<bool> WriteEndpoint(Transaction& transaction, const EndpointChange& change) {
  absl::StatusOr<EndpointRecord> record = transaction.endpoints().Get(change.id);
  if (absl::IsNotFound(record.status())) return false;
  LL_RETURN_IF_ERROR(record.status());
  if (record->generation != change.generation || record->deleted != change.deleted) return false;
  if (change.kind == EndpointChange::Kind::kRemove) {
    LL_RETURN_IF_ERROR(transaction.endpoints().Delete(change.id));
    return true;
  }

  const absl::Status served = CheckServed(transaction, change);
  if (absl::IsNotFound(served)) return false;
  LL_RETURN_IF_ERROR(served);
  record->header.etag.clear();
  record->state = change.state;
  record->error.reset();
  if (!change.error.ok()) record->error = registry::ToStoredError(change.error);
  if (change.kind == EndpointChange::Kind::kSettle) {
    record->observed_generation = change.generation;
    std::vector<ObservedVariant> observed;
    if (change.serving.has_value()) observed.push_back(Observe(change, *record));
    record->observed = std::move(observed);
  }
  LL_RETURN_IF_ERROR(transaction.endpoints().Update(*record, kStateVerb).status());
  return true;
}

// Whether it was written.
absl::StatusOr<bool> WriteMark(Transaction& transaction, const VersionMark& mark) {
  absl::StatusOr<VersionRecord> version = transaction.models().GetVersion(mark.model_id, mark.number);
  if (absl::IsNotFound(version.status())) return false;
  LL_RETURN_IF_ERROR(version.status());
  if (version->state != (mark.corrupt ? VersionState::kReady : VersionState::kCorrupt)) return false;
  version->header.etag.clear();
  version->state = mark.corrupt ? VersionState::kCorrupt : VersionState::kReady;
  version->state_reason = mark.reason;
  LL_RETURN_IF_ERROR(transaction.models().UpdateVersion(*version, kStateVerb).status());
  return true;
}

void LogEndpoint(const EndpointChange& change) {
  if (change.kind == EndpointChange::Kind::kRemove) return LogInfo("endpoint removed", {{"endpoint", change.id}});
  LogLevel level = change.error.ok() ? LogLevel::kInfo : LogLevel::kWarning;
  if (change.state == registry::EndpointState::kFailed) level = LogLevel::kError;
  const std::string serves =
      change.serving.has_value() ? registry::VersionName(change.serving->model_id, change.serving->number) : "";
  Log(level, "endpoint",
      {{"endpoint", change.id},
       {"state", std::string(registry::StateName(change.state))},
       {"serves", serves},
       {"error", std::string(change.error.message())}});
}

void LogMark(const VersionMark& mark) {
  Log(mark.corrupt ? LogLevel::kError : LogLevel::kInfo, "model version",
      {{"version", registry::VersionName(mark.model_id, mark.number)},
       {"state", mark.corrupt ? "CORRUPT" : "READY"},
       {"error", mark.reason}});
}

}  // namespace

absl::Status WriteObserved(registry::Registry& registry, const std::vector<EndpointChange>& endpoints,
                           const std::vector<VersionMark>& versions) {
  std::vector<const VersionMark*> marked;
  std::vector<const EndpointChange*> changed;
  LL_RETURN_IF_ERROR(registry.Write({}, [&](Transaction& transaction) -> absl::Status {
    for (const VersionMark& mark : versions) {
      LL_ASSIGN_OR_RETURN(const bool written, WriteMark(transaction, mark));
      if (written) marked.push_back(&mark);
    }
    for (const EndpointChange& change : endpoints) {
      LL_ASSIGN_OR_RETURN(const bool written, WriteEndpoint(transaction, change));
      if (written) changed.push_back(&change);
    }
    return absl::OkStatus();
  }));
  for (const VersionMark* mark : marked) LogMark(*mark);
  for (const EndpointChange* change : changed) LogEndpoint(*change);
  return absl::OkStatus();
}

}  // namespace ll::endpoints
