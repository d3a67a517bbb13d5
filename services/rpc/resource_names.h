// Names and ids of the API, parsed in one place.
//
//   models/{model}                     trainingJobs/{id}      buckets/{bucket}
//   models/{model}/versions/{number}   endpoints/{id}         buckets/{bucket}/objects/{key}
//   models/{model}@{alias}             events/{n}             models/{model}@latest
//
//   LL_ASSIGN_OR_RETURN(std::string id, ParseModelName(request.name(), "name"));
//
// Every function takes the path of the field that holds the text; errors are INVALID_ARGUMENT / INVALID_NAME with a
// violation of that field (see FieldChecks). An empty text is told to be required. The other direction, name from ids,
// is in registry/records.h. Pure and thread-safe.
#ifndef LL_SERVICES_RPC_RESOURCE_NAMES_H_
#define LL_SERVICES_RPC_RESOURCE_NAMES_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "registry/records.h"

namespace ll::rpc {

// The id of a model, training job, endpoint or variant: 1 to 63 letters, digits and hyphens, beginning and ending with
// a letter or digit. Case-sensitive.
absl::StatusOr<std::string> ParseId(absl::string_view id, absl::string_view field);
// An id that is not all digits and not "latest".
absl::StatusOr<std::string> ParseAlias(absl::string_view alias, absl::string_view field);
// S3's rules: 3 to 63 lower-case letters, digits, dots and hyphens, beginning and ending with a letter or digit, no two
// dots in a row, not formed like an IPv4 address.
absl::StatusOr<std::string> ParseBucketId(absl::string_view id, absl::string_view field);
// 1 to 1,024 bytes of UTF-8 without NUL.
absl::StatusOr<std::string> ParseObjectKey(absl::string_view key, absl::string_view field);

// These return the id.
absl::StatusOr<std::string> ParseModelName(absl::string_view name, absl::string_view field);
absl::StatusOr<std::string> ParseTrainingJobName(absl::string_view name, absl::string_view field);
absl::StatusOr<std::string> ParseEndpointName(absl::string_view name, absl::string_view field);
absl::StatusOr<std::string> ParseBucketName(absl::string_view name, absl::string_view field);
absl::StatusOr<int64_t> ParseEventName(absl::string_view name, absl::string_view field);

// The parent of a listing of versions: a model, or "models/-" for all of them (returns "-").
absl::StatusOr<std::string> ParseModelParent(absl::string_view name, absl::string_view field);

// One version by number only, for calls that change it.
absl::StatusOr<registry::VersionRef> ParseVersionName(absl::string_view name, absl::string_view field);
// One version by number, alias or "latest" (kept as the alias "latest").
absl::StatusOr<registry::VersionRef> ParseVersionReference(absl::string_view name, absl::string_view field);

struct ObjectId {
  std::string bucket_id;
  std::string key;
};
absl::StatusOr<ObjectId> ParseObjectName(absl::string_view name, absl::string_view field);

}  // namespace ll::rpc

#endif  // LL_SERVICES_RPC_RESOURCE_NAMES_H_
