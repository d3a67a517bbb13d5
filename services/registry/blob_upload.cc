#include "services/registry/blob_upload.h"

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "services/registry/registry_reads.h"

namespace ll::catalog {

absl::StatusOr<std::unique_ptr<BlobUpload>> BlobUpload::Begin(registry::Registry& registry,
                                                              registry::BlobStore& blobs) {
  LL_ASSIGN_OR_RETURN(std::unique_ptr<registry::BlobWriter> writer, blobs.NewWriter());
  return std::unique_ptr<BlobUpload>(new BlobUpload(registry, blobs, std::move(writer)));
}

BlobUpload::~BlobUpload() {
  if (!blob_.has_value()) return;
  const std::string sha256 = blob_->sha256();
  blob_.reset();
  RemoveUnnamedBlob(registry_, blobs_, sha256);
}

absl::StatusOr<const registry::PinnedBlob*> BlobUpload::Finish(const std::string& expected_sha256) {
  LL_ASSIGN_OR_RETURN(blob_, writer_->Finish());
  if (!expected_sha256.empty() && blob_->sha256() != expected_sha256) {
    return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kDigestMismatch,
                     {.what = absl::StrCat("cannot keep the ", blob_->size_bytes(), " bytes that were sent"),
                      .why = absl::StrCat("their SHA-256 is ", blob_->sha256(), ", not ", expected_sha256),
                      .remedy = "Send them again; if it happens again, check the digest."},
                     {.metadata = {{"sha256", blob_->sha256()}, {"expected_sha256", expected_sha256}}});
  }
  return &*blob_;
}

void RemoveUnnamedBlob(registry::Registry& registry, registry::BlobStore& blobs, const std::string& sha256) {
  const auto is_named = [&registry](const std::string& digest) { return IsBlobNamed(registry, digest); };
  const absl::Status removed = blobs.SweepOne(sha256, is_named);
  if (!removed.ok()) LogWarning("unused blob stays", {{"sha256", sha256}, {"error", std::string(removed.message())}});
}

}  // namespace ll::catalog
