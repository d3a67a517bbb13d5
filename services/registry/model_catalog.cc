#include "services/registry/model_catalog.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "base/error_reason.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "learner/artifact.h"
#include "registry/store_errors.h"
#include "services/registry/describe_model.h"
#include "services/registry/follower_rules.h"
#include "services/registry/registry_reads.h"

namespace ll::catalog {
namespace {

constexpr int64_t kMaxInspectedBytes = int64_t{256} << 20;

using registry::ListQuery;
using registry::ModelRecord;
using registry::NoRecord;
using registry::Page;
using registry::Transaction;
using registry::VersionRecord;
using registry::VersionRef;
using registry::VersionState;
using registry::View;
using registry::WriteOptions;

// Reads an artifact and, when its bytes are not what they were, says so in the catalogue.
class ArtifactReader final : public registry::BlobReader {
 public:
  ArtifactReader(ModelCatalog& catalog, const VersionRecord& version, std::unique_ptr<registry::BlobReader> reader)
      : catalog_(catalog), model_id_(version.model_id), number_(version.number), reader_(std::move(reader)) {}

  absl::StatusOr<size_t> Read(absl::Span<char> buffer) override {
    absl::StatusOr<size_t> count = reader_->Read(buffer);
    if (absl::IsDataLoss(count.status())) {
      catalog_.MarkCorrupt(model_id_, number_, count.status().message()).IgnoreError();
    }
    return count;
  }
  int64_t size_bytes() const override { return reader_->size_bytes(); }

 private:
  ModelCatalog& catalog_;
  const std::string model_id_;
  const int64_t number_;
  const std::unique_ptr<registry::BlobReader> reader_;
};

template <typename Record>
Record Updated(Record record, const ResourceUpdate& update) {
  if (update.description.has_value()) record.description = *update.description;
  if (update.labels.has_value()) record.header.labels = *update.labels;
  if (update.annotations.has_value()) record.header.annotations = *update.annotations;
  return record;
}

absl::Status CheckEtag(const std::string& given, const std::string& stored, const std::string& name) {
  return given.empty() || given == stored ? absl::OkStatus() : registry::EtagMismatch(name);
}

std::vector<std::string> EndpointNames(const std::vector<std::string>& ids) {
  std::vector<std::string> names;
  for (const std::string& id : ids) names.push_back(registry::EndpointName(id));
  return names;
}

// Takes all versions and aliases out of a model; returns the digests they named.
absl::StatusOr<std::vector<std::string>> Empty(Transaction& tx, ModelRecord model) {
  LL_ASSIGN_OR_RETURN(const std::vector<std::string> users, tx.endpoints().UsersOf(model.id, 0));
  if (!users.empty()) return registry::InUse(registry::ModelName(model.id), EndpointNames(users));
  if (!model.aliases.empty()) {
    model.aliases.clear();
    LL_RETURN_IF_ERROR(tx.models().Update(model).status());
  }
  std::vector<std::string> digests;
  ListQuery query{.page_size = 1000};
  bool more = true;
  while (more) {
    LL_ASSIGN_OR_RETURN(const Page<VersionRecord> page, tx.models().ListVersions(model.id, query));
    for (const VersionRecord& version : page.records) {
      LL_RETURN_IF_ERROR(tx.models().DeleteVersion(model.id, version.number));
      digests.push_back(version.artifact_sha256);
    }
    more = page.more;
    query.after = page.next;
  }
  return digests;
}

absl::Status ModelOfImport(Transaction& tx, const std::string& model_id) {
  const absl::Status found = tx.models().Get(model_id).status();
  return absl::IsNotFound(found) ? tx.models().Insert({.id = model_id}).status() : found;
}

}  // namespace

absl::StatusOr<ModelRecord> ModelCatalog::CreateModel(const ModelRecord& model, const WriteOptions& write) {
  return registry_.Mutate<ModelRecord>(write, [&](Transaction& tx) { return tx.models().Insert(model); });
}

absl::StatusOr<ModelRecord> ModelCatalog::GetModel(const std::string& id) {
  return ReadFrom(registry_, [&](const View& view) { return view.models().Get(id); });
}

absl::StatusOr<Page<ModelRecord>> ModelCatalog::ListModels(const ListQuery& query) {
  return ReadFrom(registry_, [&](const View& view) { return view.models().List(query); });
}

absl::StatusOr<ModelRecord> ModelCatalog::UpdateModel(const std::string& id, const ResourceUpdate& update,
                                                      const WriteOptions& write) {
  return registry_.Mutate<ModelRecord>(write, [&](Transaction& tx) -> absl::StatusOr<ModelRecord> {
    LL_ASSIGN_OR_RETURN(const ModelRecord model, tx.models().Get(id));
    LL_RETURN_IF_ERROR(CheckEtag(update.etag, model.header.etag, registry::ModelName(id)));
    const ModelRecord updated = Updated(model, update);
    return updated == model ? model : tx.models().Update(updated);
  });
}

absl::Status ModelCatalog::DeleteModel(const std::string& id, const std::string& etag, bool force,
                                       const WriteOptions& write) {
  std::vector<std::string> digests;
  const auto deleted = registry_.Mutate<NoRecord>(write, [&](Transaction& tx) -> absl::StatusOr<NoRecord> {
    LL_ASSIGN_OR_RETURN(const ModelRecord model, tx.models().Get(id));
    LL_RETURN_IF_ERROR(CheckEtag(etag, model.header.etag, registry::ModelName(id)));
    if (force) {
      LL_ASSIGN_OR_RETURN(digests, Empty(tx, model));
    }
    LL_RETURN_IF_ERROR(tx.models().Delete(id));
    return NoRecord{};
  });
  LL_RETURN_IF_ERROR(deleted.status());
  for (const std::string& digest : digests) RemoveUnnamedBlob(registry_, blobs_, digest);
  return absl::OkStatus();
}

absl::StatusOr<VersionRecord> ModelCatalog::GetVersion(const VersionRef& ref) {
  return ReadFrom(registry_, [&](const View& view) { return view.models().Resolve(ref); });
}

absl::StatusOr<Page<VersionRecord>> ModelCatalog::ListVersions(const std::string& model_id, const ListQuery& query) {
  return ReadFrom(registry_, [&](const View& view) { return view.models().ListVersions(model_id, query); });
}

absl::StatusOr<VersionRecord> ModelCatalog::UpdateVersion(const std::string& model_id, int64_t number,
                                                          const ResourceUpdate& update, const WriteOptions& write) {
  return registry_.Mutate<VersionRecord>(write, [&](Transaction& tx) -> absl::StatusOr<VersionRecord> {
    LL_ASSIGN_OR_RETURN(const VersionRecord version, tx.models().GetVersion(model_id, number));
    LL_RETURN_IF_ERROR(CheckEtag(update.etag, version.header.etag, registry::VersionName(model_id, number)));
    const VersionRecord updated = Updated(version, update);
    return updated == version ? version : tx.models().UpdateVersion(updated);
  });
}

absl::Status ModelCatalog::DeleteVersion(const std::string& model_id, int64_t number, const std::string& etag,
                                         const WriteOptions& write) {
  std::string digest;
  const auto deleted = registry_.Mutate<NoRecord>(write, [&](Transaction& tx) -> absl::StatusOr<NoRecord> {
    LL_ASSIGN_OR_RETURN(const VersionRecord version, tx.models().GetVersion(model_id, number));
    LL_RETURN_IF_ERROR(CheckEtag(etag, version.header.etag, registry::VersionName(model_id, number)));
    LL_RETURN_IF_ERROR(tx.models().DeleteVersion(model_id, number));
    digest = version.artifact_sha256;
    return NoRecord{};
  });
  LL_RETURN_IF_ERROR(deleted.status());
  if (!digest.empty()) RemoveUnnamedBlob(registry_, blobs_, digest);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<VersionImport>> ModelCatalog::BeginImport(const VersionRecord& version,
                                                                         const WriteOptions& write) {
  LL_ASSIGN_OR_RETURN(std::unique_ptr<BlobUpload> upload, BlobUpload::Begin(registry_, blobs_));
  return std::make_unique<VersionImport>(registry_, blobs_, std::move(upload), version, write);
}

absl::StatusOr<OpenedVersion> ModelCatalog::OpenVersion(const VersionRef& ref) {
  LL_ASSIGN_OR_RETURN(VersionRecord version, GetVersion(ref));
  absl::StatusOr<std::unique_ptr<registry::BlobReader>> reader = blobs_.NewReader(version.artifact_sha256);
  if (absl::IsNotFound(reader.status())) {
    // Deleted with its version just now, or lost.
    LL_RETURN_IF_ERROR(GetVersion({.model_id = version.model_id, .number = version.number}).status());
    MarkCorrupt(version.model_id, version.number, reader.status().message()).IgnoreError();
    return LostBlob(registry::VersionName(version.model_id, version.number), version.artifact_sha256);
  }
  LL_RETURN_IF_ERROR(reader.status());
  auto artifact = std::make_unique<ArtifactReader>(*this, version, *std::move(reader));
  return OpenedVersion{std::move(version), std::move(artifact)};
}

absl::StatusOr<std::vector<OutputCoefficients>> ModelCatalog::Coefficients(const VersionRef& ref, int64_t count) {
  LL_ASSIGN_OR_RETURN(const OpenedVersion opened, OpenVersion(ref));
  const std::string name = registry::VersionName(opened.record.model_id, opened.record.number);
  if (opened.record.artifact_bytes > kMaxInspectedBytes) {
    return MakeError(absl::StatusCode::kResourceExhausted, ErrorReason::kMessageTooLarge,
                     {.what = absl::StrCat("cannot list the coefficients of ", name),
                      .why = absl::StrCat("its artifact has ", opened.record.artifact_bytes, " bytes, and at most ",
                                          kMaxInspectedBytes, " are looked into"),
                      .remedy = "Export it with `llctl model-version export`, and use `lltrain inspect`."});
  }
  std::string bytes(static_cast<size_t>(opened.record.artifact_bytes), '\0');
  size_t filled = 0;
  while (true) {
    // At the end a reader says 0, after it has checked the digest.
    char beyond = 0;
    const absl::Span<char> room =
        filled < bytes.size() ? absl::MakeSpan(bytes).subspan(filled) : absl::MakeSpan(&beyond, 1);
    LL_ASSIGN_OR_RETURN(const size_t read, opened.artifact->Read(room));
    if (read == 0) break;
    filled += read;
  }
  const absl::StatusOr<learner::Model> model = learner::ParseModel(bytes);
  if (!model.ok()) return Annotate(model.status(), name);
  return CoefficientsOf(*model, count);
}

absl::Status ModelCatalog::MarkCorrupt(const std::string& model_id, int64_t number, absl::string_view why) {
  bool marked = false;
  LL_RETURN_IF_ERROR(registry_.Write({}, [&](Transaction& tx) -> absl::Status {
    absl::StatusOr<VersionRecord> version = tx.models().GetVersion(model_id, number);
    if (absl::IsNotFound(version.status())) return absl::OkStatus();
    LL_RETURN_IF_ERROR(version.status());
    if (version->state != VersionState::kReady) return absl::OkStatus();
    version->state = VersionState::kCorrupt;
    version->state_reason = std::string(why);
    marked = true;
    return tx.models().UpdateVersion(*version, "state").status();
  }));
  if (marked) {
    LogError("model version is corrupt",
             {{"version", registry::VersionName(model_id, number)}, {"error", std::string(why)}});
  }
  return absl::OkStatus();
}

absl::StatusOr<ModelRecord> ModelCatalog::SetAlias(const AliasChange& change, const WriteOptions& write) {
  return registry_.Mutate<ModelRecord>(write, [&](Transaction& tx) -> absl::StatusOr<ModelRecord> {
    LL_ASSIGN_OR_RETURN(ModelRecord model, tx.models().Get(change.model_id));
    LL_RETURN_IF_ERROR(CheckEtag(change.etag, model.header.etag, registry::ModelName(model.id)));
    LL_ASSIGN_OR_RETURN(const VersionRecord version, tx.models().Resolve(change.version));
    const auto current = model.aliases.find(change.alias);
    if (current != model.aliases.end() && current->second == version.number) return model;
    LL_RETURN_IF_ERROR(CheckAliasTarget(tx, change.alias, version, change.allow_schema_change));
    model.aliases[change.alias] = version.number;
    return tx.models().Update(model, "set-alias");
  });
}

absl::StatusOr<ModelRecord> ModelCatalog::DeleteAlias(const std::string& model_id, const std::string& alias,
                                                      const std::string& etag, const WriteOptions& write) {
  return registry_.Mutate<ModelRecord>(write, [&](Transaction& tx) -> absl::StatusOr<ModelRecord> {
    LL_ASSIGN_OR_RETURN(ModelRecord model, tx.models().Get(model_id));
    LL_RETURN_IF_ERROR(CheckEtag(etag, model.header.etag, registry::ModelName(model_id)));
    if (model.aliases.erase(alias) == 0) return registry::AliasNotFound({.model_id = model_id, .alias = alias});
    return tx.models().Update(model, "delete-alias");
  });
}

absl::Status VersionImport::Append(absl::string_view chunk) {
  if (static_cast<uint64_t>(upload_->size_bytes()) + chunk.size() > learner::kMaxArtifactBytes) {
    return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidArtifact,
                     {.what = absl::StrCat("cannot import into ", registry::ModelName(version_.model_id)),
                      .why = absl::StrCat("the artifact has more than ", learner::kMaxArtifactBytes, " bytes"),
                      .remedy = "Send a model.tar.gz as lltrain or a download writes it."});
  }
  return upload_->Append(chunk);
}

absl::StatusOr<VersionRecord> VersionImport::Commit(const std::string& expected_sha256) {
  LL_ASSIGN_OR_RETURN(const registry::PinnedBlob* blob, upload_->Finish(expected_sha256));
  // A repeat of the request is one of the same header and the same bytes.
  write_.fingerprint += blob->sha256();
  LL_ASSIGN_OR_RETURN(const std::string bytes, blobs_.ReadVerified(blob->sha256()));
  LL_ASSIGN_OR_RETURN(const learner::Model model, learner::ParseModel(bytes));
  VersionRecord described = DescribeModel(model);
  described.model_id = version_.model_id;
  described.header = version_.header;
  described.description = version_.description;
  described.artifact_sha256 = blob->sha256();
  described.artifact_bytes = blob->size_bytes();
  return registry_.Mutate<VersionRecord>(write_, [&](Transaction& tx) -> absl::StatusOr<VersionRecord> {
    LL_RETURN_IF_ERROR(ModelOfImport(tx, described.model_id));
    return tx.models().InsertVersion(described);
  });
}

}  // namespace ll::catalog
