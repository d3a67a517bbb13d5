// Names as people type them, short (`churn`) or full (`models/churn`), and the other way round for tables. Nothing is
// validated here: the server does that, and says what is wrong.
#ifndef LL_CLIENTS_LLCTL_RESOURCE_NAMES_H_
#define LL_CLIENTS_LLCTL_RESOURCE_NAMES_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ll::llctl {

enum class ResourceKind { kModel, kModelVersion, kTrainingJob, kEndpoint, kBucket, kObject, kEvent };

// "models/", "trainingJobs/", "endpoints/", "buckets/", "events/".
absl::string_view CollectionOf(ResourceKind kind);

// "churn" and "models/churn" -> "models/churn". For objects s3://bucket/key, too.
std::string FullName(ResourceKind kind, absl::string_view name);

// The id for a Create request: "churn" and "models/churn" -> "churn".
std::string IdOf(ResourceKind kind, absl::string_view name);

// A version of `model` (empty: none is implied): "models/m/versions/3", "m/versions/3", "models/m@champion",
// "m@latest"; with a model also "3" and "champion".
std::string VersionName(absl::string_view name, absl::string_view model = "");

// "models/churn/versions/3" -> "churn/versions/3"; "buckets/b/objects/a/b.csv" -> "s3://b/a/b.csv".
std::string ShortName(absl::string_view full_name);

struct S3Location {
  std::string bucket;
  std::string key;                 // may be empty: the whole bucket
  std::string BucketName() const;  // "buckets/{bucket}"
  std::string ObjectName() const;  // "buckets/{bucket}/objects/{key}"
};

bool IsS3Uri(absl::string_view text);

// "s3://bucket/key", or the full name of an object or bucket. Usage error for anything else.
absl::StatusOr<S3Location> ParseS3Location(absl::string_view text);

}  // namespace ll::llctl

#endif  // LL_CLIENTS_LLCTL_RESOURCE_NAMES_H_
