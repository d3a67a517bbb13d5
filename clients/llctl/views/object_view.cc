#include <string>

#include "absl/strings/str_cat.h"
#include "clients/llctl/human_units.h"
#include "clients/llctl/resource_names.h"
#include "clients/llctl/views/resource_view.h"

namespace ll::llctl {
namespace {

void FillBucket(const v1::Bucket& bucket, absl::Time now, bool wide, Details& details) {
  details.Field("Name", bucket.name());
  details.Field("Created", TimeAndAge(bucket.create_time(), now));
  if (wide) details.Field("Etag", bucket.etag());
  details.Block("Labels", Sorted(bucket.labels()));
  details.Block("Annotations", Sorted(bucket.annotations()));
}

void FillObject(const v1::Object& object, absl::Time now, bool wide, Details& details) {
  details.Field("Name", object.name());
  details.Field("URI", ShortName(object.name()));
  details.Field("Size", absl::StrCat(HumanBytes(object.size_bytes()), " (", object.size_bytes(), " bytes)"));
  details.Field("Content type", object.content_type());
  details.Field("Content encoding", object.content_encoding());
  details.Field("SHA-256", object.sha256());
  details.Field("MD5", object.md5());
  details.Field("Created", TimeAndAge(object.create_time(), now));
  if (wide) details.Field("Etag", object.etag());
  details.Block("Metadata", Sorted(object.metadata()));
  details.Block("Labels", Sorted(object.labels()));
  details.Block("Annotations", Sorted(object.annotations()));
}

}  // namespace

template <>
ResourceView<v1::Bucket> ViewOf() {
  using Bucket = v1::Bucket;
  return {
      "bucket",
      "buckets",
      {{"NAME", false, [](const Bucket& bucket, absl::Time) { return Cell{ShortName(bucket.name())}; }},
       {"LABELS", true, [](const Bucket& bucket, absl::Time) { return Cell{JoinEntries(Sorted(bucket.labels()))}; }},
       {"UPDATED", true, [](const Bucket& bucket, absl::Time) { return Cell{UtcText(bucket.update_time())}; }},
       {"AGE", false, [](const Bucket& bucket, absl::Time now) { return Cell{AgeOf(bucket.create_time(), now)}; }}},
      FillBucket};
}

template <>
ResourceView<v1::Object> ViewOf() {
  using Object = v1::Object;
  return {
      "object",
      "objects",
      {{"NAME", false, [](const Object& object, absl::Time) { return Cell{ShortName(object.name())}; }},
       {"SIZE", false, [](const Object& object, absl::Time) { return Cell{HumanBytes(object.size_bytes(), "")}; }},
       {"CONTENT-TYPE", false, [](const Object& object, absl::Time) { return Cell{object.content_type()}; }},
       {"SHA-256", true, [](const Object& object, absl::Time) { return Cell{object.sha256().substr(0, 12)}; }},
       {"MD5", true, [](const Object& object, absl::Time) { return Cell{object.md5()}; }},
       {"LABELS", true, [](const Object& object, absl::Time) { return Cell{JoinEntries(Sorted(object.labels()))}; }},
       {"AGE", false, [](const Object& object, absl::Time now) { return Cell{AgeOf(object.create_time(), now)}; }}},
      FillObject};
}

}  // namespace ll::llctl
