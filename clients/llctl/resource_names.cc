#include "clients/llctl/resource_names.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "clients/llctl/exit_codes.h"

namespace ll::llctl {
namespace {

constexpr absl::string_view kS3 = "s3://";
constexpr absl::string_view kObjects = "/objects/";
constexpr absl::string_view kVersions = "/versions/";

}  // namespace

absl::string_view CollectionOf(ResourceKind kind) {
  switch (kind) {
    case ResourceKind::kModel:
    case ResourceKind::kModelVersion: return "models/";
    case ResourceKind::kTrainingJob: return "trainingJobs/";
    case ResourceKind::kEndpoint: return "endpoints/";
    case ResourceKind::kBucket:
    case ResourceKind::kObject: return "buckets/";
    case ResourceKind::kEvent: return "events/";
  }
  return "";
}

std::string FullName(ResourceKind kind, absl::string_view name) {
  if (kind == ResourceKind::kBucket) name = absl::StripSuffix(absl::StripPrefix(name, kS3), "/");
  const absl::string_view collection = CollectionOf(kind);
  return absl::StartsWith(name, collection) ? std::string(name) : absl::StrCat(collection, name);
}

std::string IdOf(ResourceKind kind, absl::string_view name) {
  if (kind == ResourceKind::kBucket) name = absl::StripSuffix(absl::StripPrefix(name, kS3), "/");
  return std::string(absl::StripPrefix(name, CollectionOf(kind)));
}

std::string VersionName(absl::string_view name, absl::string_view model) {
  if (absl::StrContains(name, '/') || absl::StrContains(name, '@') || model.empty()) {
    return FullName(ResourceKind::kModelVersion, name);
  }
  const bool number = name.find_first_not_of("0123456789") == absl::string_view::npos;
  return absl::StrCat(FullName(ResourceKind::kModel, model), number ? kVersions : "@", name);
}

std::string ShortName(absl::string_view full_name) {
  const size_t objects = full_name.find(kObjects);
  if (absl::StartsWith(full_name, "buckets/") && objects != absl::string_view::npos) {
    return absl::StrCat(kS3, full_name.substr(8, objects - 8), "/", full_name.substr(objects + kObjects.size()));
  }
  return std::string(full_name.substr(full_name.find('/') + 1));
}

std::string S3Location::BucketName() const { return absl::StrCat("buckets/", bucket); }

std::string S3Location::ObjectName() const { return absl::StrCat("buckets/", bucket, kObjects, key); }

bool IsS3Uri(absl::string_view text) { return absl::StartsWith(text, kS3); }

absl::StatusOr<S3Location> ParseS3Location(absl::string_view text) {
  S3Location location;
  absl::string_view rest = text;
  if (absl::ConsumePrefix(&rest, kS3)) {
    const size_t slash = rest.find('/');
    location.bucket = std::string(rest.substr(0, slash));
    if (slash != absl::string_view::npos) location.key = std::string(rest.substr(slash + 1));
  } else if (absl::ConsumePrefix(&rest, "buckets/")) {
    const size_t objects = rest.find(kObjects);
    location.bucket = std::string(rest.substr(0, objects));
    if (objects != absl::string_view::npos) location.key = std::string(rest.substr(objects + kObjects.size()));
  }
  if (!location.bucket.empty()) return location;
  return UsageError(absl::StrCat("`", text, "` does not name a place in the object store"),
                    "Write it as s3://BUCKET/KEY.");
}

}  // namespace ll::llctl
