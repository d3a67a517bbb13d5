// Records as JSON, for the event log, for answers that are remembered by request id and for the nested parts of rows.
//
// Keys are the field names of records.h; times are RFC 3339 with nanoseconds, states are words, numbers that are not
// finite are the texts "NaN", "Infinity" and "-Infinity". Unknown keys are ignored when reading and missing ones keep
// their default, so rows written by an older or newer release can be read. Bytes that are not UTF-8 are replaced by
// U+FFFD.
#ifndef LL_REGISTRY_RECORD_JSON_H_
#define LL_REGISTRY_RECORD_JSON_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "registry/records.h"

namespace ll::registry {

// T is a struct of records.h other than EventRecord, or the type of a member that is stored by itself: record_json.cc
// lists them at its end, and another one does not link.
template <typename T>
std::string ToJson(const T& value);

// INTERNAL when `json` is not what ToJson writes.
template <typename T>
absl::StatusOr<T> FromJson(absl::string_view json);

}  // namespace ll::registry

#endif  // LL_REGISTRY_RECORD_JSON_H_
