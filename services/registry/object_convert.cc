#include "services/registry/object_convert.h"

#include "services/rpc/field_checks.h"
#include "services/rpc/proto_values.h"
#include "services/rpc/resource_names.h"

namespace ll::catalog {
namespace {

using registry::BucketRecord;
using registry::ObjectRecord;
using rpc::FieldChecks;

constexpr size_t kMaxContentTypeBytes = 255;
constexpr size_t kMaxMetadataBytes = 2048;

}  // namespace

absl::StatusOr<BucketRecord> FromProto(const v1::CreateBucketRequest& request) {
  FieldChecks checks;
  BucketRecord record;
  record.id = checks.Take(rpc::ParseBucketId(request.bucket_id(), "bucket_id"));
  record.header = rpc::HeaderOf(request.bucket(), "bucket", &checks);
  if (absl::Status status = checks.status(); !status.ok()) return status;
  return record;
}

absl::StatusOr<ObjectRecord> FromProto(const v1::WriteObjectRequest::Header& header) {
  FieldChecks checks;
  const v1::Object& object = header.object();
  const rpc::ObjectId id = checks.Take(rpc::ParseObjectName(object.name(), "header.object.name"));
  ObjectRecord record{.bucket_id = id.bucket_id,
                      .key = id.key,
                      .header = rpc::HeaderOf(object, "header.object", &checks),
                      .content_type = object.content_type(),
                      .content_encoding = object.content_encoding(),
                      .metadata = rpc::ToMap(object.metadata())};
  rpc::CheckLength(record.content_type, kMaxContentTypeBytes, "header.object.content_type", &checks);
  rpc::CheckLength(record.content_encoding, kMaxContentTypeBytes, "header.object.content_encoding", &checks);
  rpc::CheckMapBytes(record.metadata, kMaxMetadataBytes, "header.object.metadata", &checks);
  if (absl::Status status = checks.status(); !status.ok()) return status;
  return record;
}

v1::Bucket ToProto(const BucketRecord& record) {
  v1::Bucket bucket;
  bucket.set_name(registry::BucketName(record.id));
  rpc::SetHeader(record.header, &bucket);
  return bucket;
}

v1::Object ToProto(const ObjectRecord& record) {
  v1::Object object;
  object.set_name(registry::ObjectName(record.bucket_id, record.key));
  rpc::SetHeader(record.header, &object);
  object.set_size_bytes(record.size_bytes);
  object.set_sha256(record.sha256);
  object.set_md5(record.md5);
  object.set_content_type(record.content_type);
  object.set_content_encoding(record.content_encoding);
  rpc::SetMap(record.metadata, object.mutable_metadata());
  return object;
}

}  // namespace ll::catalog
