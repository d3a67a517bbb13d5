#include "services/endpoints/endpoint_snapshot.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/error_reason.h"
#include "base/status_macros.h"

namespace ll::endpoints {
namespace {

using registry::EndpointRecord;
using registry::EventRecord;
using registry::VersionRecord;
using registry::View;

// More than this at once, and reading everything is cheaper.
constexpr int kMaxEvents = 1000;

ResolvedVersion ToResolved(const std::string& variant, const VersionRecord& version) {
  return {.hosted = {.variant = variant,
                     .model_id = version.model_id,
                     .number = version.number,
                     .artifact_sha256 = version.artifact_sha256,
                     .schema = version.schema},
          .corrupt = version.state == registry::VersionState::kCorrupt};
}

absl::StatusOr<ResolvedEndpoint> ResolveEndpoint(const View& view, EndpointRecord record) {
  ResolvedEndpoint endpoint;
  if (!record.variants.empty()) {
    const registry::VariantSpec& variant = record.variants.front();
    const absl::StatusOr<VersionRecord> version = view.models().Resolve(variant.version);
    if (version.ok()) {
      endpoint.target = ToResolved(variant.name, *version);
    } else if (absl::IsNotFound(version.status())) {
      endpoint.target_error = version.status();
    } else {
      return version.status();
    }
  }
  if (!record.observed.empty()) {
    const registry::ObservedVariant& served = record.observed.front();
    const absl::StatusOr<VersionRecord> version = view.models().GetVersion(served.model_id, served.version);
    if (version.ok()) {
      endpoint.last_served = ToResolved(served.name, *version);
    } else if (!absl::IsNotFound(version.status())) {
      return version.status();
    }
  }
  endpoint.record = std::move(record);
  return endpoint;
}

bool Names(const EndpointRecord& record, const std::set<std::string>& models) {
  for (const registry::VariantSpec& variant : record.variants) {
    if (models.count(variant.version.model_id) > 0) return true;
  }
  for (const registry::ObservedVariant& served : record.observed) {
    if (models.count(served.model_id) > 0) return true;
  }
  return false;
}

}  // namespace

absl::Status EndpointSnapshot::Refresh(registry::Registry& registry) {
  int64_t newest = 0;
  const absl::Status read = registry.Read([&](const View& view) -> absl::Status {
    LL_ASSIGN_OR_RETURN(newest, view.events().Newest());
    if (!sequence_.has_value()) return ReadAll(view);
    if (newest == *sequence_) return absl::OkStatus();
    const absl::StatusOr<std::vector<EventRecord>> events = view.events().After(*sequence_, kMaxEvents);
    if (HasReason(events.status(), ErrorReason::kEventsExpired)) return ReadAll(view);
    LL_RETURN_IF_ERROR(events.status());
    return events->size() == kMaxEvents ? ReadAll(view) : ReadChanged(view, *events);
  });
  sequence_ = read.ok() ? std::optional(newest) : std::nullopt;
  return read;
}

absl::Status EndpointSnapshot::ReadAll(const View& view) {
  std::map<std::string, ResolvedEndpoint> all;
  LL_ASSIGN_OR_RETURN(std::vector<EndpointRecord> records, view.endpoints().ListAll());
  for (EndpointRecord& record : records) {
    const std::string id = record.id;
    LL_ASSIGN_OR_RETURN(all[id], ResolveEndpoint(view, std::move(record)));
  }
  endpoints_ = std::move(all);
  return absl::OkStatus();
}

absl::Status EndpointSnapshot::ReadChanged(const View& view, const std::vector<EventRecord>& events) {
  std::map<std::string, std::optional<ResolvedEndpoint>> changed;
  for (const std::string& id : ConcernedBy(events)) {
    absl::StatusOr<EndpointRecord> record = view.endpoints().Get(id);
    if (record.ok()) {
      LL_ASSIGN_OR_RETURN(changed[id], ResolveEndpoint(view, *std::move(record)));
    } else if (absl::IsNotFound(record.status())) {
      changed[id] = std::nullopt;
    } else {
      return record.status();
    }
  }
  for (auto& [id, endpoint] : changed) {
    if (endpoint.has_value()) {
      endpoints_[id] = *std::move(endpoint);
    } else {
      endpoints_.erase(id);
    }
  }
  return absl::OkStatus();
}

std::set<std::string> EndpointSnapshot::ConcernedBy(const std::vector<EventRecord>& events) const {
  std::set<std::string> ids;
  std::set<std::string> models;
  for (const EventRecord& event : events) {
    absl::string_view rest = event.resource;
    if (absl::ConsumePrefix(&rest, "endpoints/")) {
      ids.emplace(rest);
    } else if (absl::ConsumePrefix(&rest, "models/")) {
      models.emplace(rest.substr(0, rest.find('/')));
    }
  }
  for (const auto& [id, endpoint] : endpoints_) {
    if (Names(endpoint.record, models)) ids.insert(id);
  }
  return ids;
}

}  // namespace ll::endpoints
