// Records as JSON, for the event log and for answers that are remembered by request id. Keys are the field names of
// records.h in snake_case; times are RFC 3339 with nanoseconds. Unknown keys are ignored when reading and missing ones
// keep their default, so rows written by an older or newer release can be read.
#ifndef LL_REGISTRY_RECORD_JSON_H_
#define LL_REGISTRY_RECORD_JSON_H_

#include <string>

#include "absl/status/statusor.h"
#include "registry/records.h"

namespace ll::registry {

std::string ToJson(const ModelRecord& record);
std::string ToJson(const VersionRecord& record);
std::string ToJson(const JobRecord& record);
std::string ToJson(const EndpointRecord& record);
std::string ToJson(const BucketRecord& record);
std::string ToJson(const ObjectRecord& record);

// Record is one of the six above. INTERNAL when `json` is not what ToJson writes.
template <typename Record>
absl::StatusOr<Record> FromJson(const std::string& json);

}  // namespace ll::registry

#endif  // LL_REGISTRY_RECORD_JSON_H_
