#include "services/registry/object_catalog.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "registry/store_errors.h"
#include "services/registry/registry_reads.h"

namespace ll::catalog {
namespace {

using registry::BucketRecord;
using registry::ListQuery;
using registry::NoRecord;
using registry::ObjectRecord;
using registry::Page;
using registry::Transaction;
using registry::View;
using registry::WriteOptions;

}  // namespace

absl::StatusOr<ObjectUri> ParseObjectUri(absl::string_view uri) {
  absl::string_view rest = uri;
  const bool has_scheme = absl::ConsumePrefix(&rest, "s3://");
  const size_t slash = rest.find('/');
  ObjectUri parsed;
  parsed.bucket_id = std::string(rest.substr(0, slash));
  if (slash != absl::string_view::npos) parsed.key = std::string(rest.substr(slash + 1));
  if (has_scheme && !parsed.bucket_id.empty()) return parsed;
  return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidName,
                   {.what = absl::StrCat("cannot use \"", uri, "\""),
                    .why = "it does not name objects of this server",
                    .remedy = "Use s3://bucket/key or s3://bucket/prefix."},
                   {.metadata = {{"uri", std::string(uri)}}});
}

absl::StatusOr<BucketRecord> ObjectCatalog::CreateBucket(const BucketRecord& bucket, const WriteOptions& write) {
  return registry_.Mutate<BucketRecord>(write, [&](Transaction& tx) { return tx.objects().InsertBucket(bucket); });
}

absl::StatusOr<BucketRecord> ObjectCatalog::GetBucket(const std::string& id) {
  return ReadFrom(registry_, [&](const View& view) { return view.objects().GetBucket(id); });
}

absl::StatusOr<Page<BucketRecord>> ObjectCatalog::ListBuckets(const ListQuery& query) {
  return ReadFrom(registry_, [&](const View& view) { return view.objects().ListBuckets(query); });
}

absl::Status ObjectCatalog::DeleteBucket(const std::string& id, const std::string& etag, const WriteOptions& write) {
  const auto deleted = registry_.Mutate<NoRecord>(write, [&](Transaction& tx) -> absl::StatusOr<NoRecord> {
    LL_ASSIGN_OR_RETURN(const BucketRecord bucket, tx.objects().GetBucket(id));
    if (!etag.empty() && etag != bucket.header.etag) return registry::EtagMismatch(registry::BucketName(id));
    LL_RETURN_IF_ERROR(tx.objects().DeleteBucket(id));
    return NoRecord{};
  });
  return deleted.status();
}

absl::StatusOr<std::unique_ptr<ObjectWrite>> ObjectCatalog::BeginWrite(const ObjectRecord& object,
                                                                       const WriteOptions& write) {
  LL_RETURN_IF_ERROR(GetBucket(object.bucket_id).status());
  LL_ASSIGN_OR_RETURN(std::unique_ptr<BlobUpload> upload, BlobUpload::Begin(registry_, blobs_));
  return std::make_unique<ObjectWrite>(registry_, blobs_, std::move(upload), object, write);
}

absl::StatusOr<OpenedObject> ObjectCatalog::OpenObject(const std::string& bucket_id, const std::string& key) {
  std::string missing;
  while (true) {
    LL_ASSIGN_OR_RETURN(ObjectRecord object, GetObject(bucket_id, key));
    absl::StatusOr<std::unique_ptr<registry::BlobReader>> reader = blobs_.NewReader(object.sha256);
    if (reader.ok()) return OpenedObject{std::move(object), *std::move(reader)};
    if (!absl::IsNotFound(reader.status())) return reader.status();
    // Replaced between the two steps, and its old bytes removed: then the row has others now.
    if (object.sha256 == missing) return LostBlob(registry::ObjectName(bucket_id, key), missing);
    missing = object.sha256;
  }
}

absl::StatusOr<ObjectRecord> ObjectCatalog::GetObject(const std::string& bucket_id, const std::string& key) {
  return ReadFrom(registry_, [&](const View& view) { return view.objects().Get(bucket_id, key); });
}

absl::StatusOr<Page<ObjectRecord>> ObjectCatalog::ListObjects(const std::string& bucket_id, const std::string& prefix,
                                                              const ListQuery& query) {
  return ReadFrom(registry_, [&](const View& view) { return view.objects().List(bucket_id, prefix, query); });
}

absl::Status ObjectCatalog::DeleteObject(const std::string& bucket_id, const std::string& key, const std::string& etag,
                                         const WriteOptions& write) {
  std::string digest;
  const auto deleted = registry_.Mutate<NoRecord>(write, [&](Transaction& tx) -> absl::StatusOr<NoRecord> {
    LL_ASSIGN_OR_RETURN(const ObjectRecord object, tx.objects().Get(bucket_id, key));
    if (!etag.empty() && etag != object.header.etag) {
      return registry::EtagMismatch(registry::ObjectName(bucket_id, key));
    }
    LL_RETURN_IF_ERROR(tx.objects().Delete(bucket_id, key));
    digest = object.sha256;
    return NoRecord{};
  });
  LL_RETURN_IF_ERROR(deleted.status());
  if (!digest.empty()) RemoveUnnamedBlob(registry_, blobs_, digest);
  return absl::OkStatus();
}

absl::StatusOr<ObjectRecord> ObjectWrite::Commit(const std::string& expected_sha256) {
  LL_ASSIGN_OR_RETURN(const registry::PinnedBlob* blob, upload_->Finish(expected_sha256));
  object_.sha256 = blob->sha256();
  object_.md5 = blob->md5();
  object_.size_bytes = blob->size_bytes();
  // A repeat of the request is one of the same header and the same bytes.
  write_.fingerprint += blob->sha256();
  std::string replaced;
  absl::StatusOr<ObjectRecord> written =
      registry_.Mutate<ObjectRecord>(write_, [&](Transaction& tx) -> absl::StatusOr<ObjectRecord> {
        const absl::StatusOr<ObjectRecord> before = tx.objects().Get(object_.bucket_id, object_.key);
        if (before.ok()) replaced = before->sha256;
        return tx.objects().Put(object_);
      });
  if (written.ok() && !replaced.empty()) RemoveUnnamedBlob(registry_, blobs_, replaced);
  return written;
}

}  // namespace ll::catalog
