#include "services/registry/model_catalog.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/digest.h"
#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/memory_registry.h"
#include "tests/testing/sample_artifact.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll::catalog {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::IsOk;
using ::ll::testing::SampleArtifact;
using ::ll::testing::StatusIs;
using registry::ModelRecord;
using registry::VersionRecord;
using registry::VersionState;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

class ModelCatalogTest : public ::testing::Test {
 protected:
  absl::StatusOr<VersionRecord> Import(const std::string& model_id, const std::string& bytes,
                                       const registry::WriteOptions& write = {}, const std::string& sha256 = "") {
    VersionRecord header{.model_id = model_id, .description = "imported"};
    header.header.labels = {{"from", "test"}};
    LL_ASSIGN_OR_RETURN(const auto import, catalog_.BeginImport(header, write));
    // In two pieces.
    LL_RETURN_IF_ERROR(import->Append(absl::string_view(bytes).substr(0, bytes.size() / 2)));
    LL_RETURN_IF_ERROR(import->Append(absl::string_view(bytes).substr(bytes.size() / 2)));
    return import->Commit(sha256.empty() ? Sha256Hex(bytes) : sha256);
  }
  void AddVersions(const std::string& model_id, const std::vector<std::string>& artifacts) {
    for (const std::string& artifact : artifacts) LL_ASSERT_OK(Import(model_id, artifact).status());
  }
  void AddEndpoint(const std::string& id, const registry::VersionRef& version, int64_t observed = 0) {
    registry::EndpointRecord endpoint{.id = id, .variants = {{.name = "default", .version = version}}};
    if (observed != 0) {
      endpoint.observed = {{.name = "default", .model_id = version.model_id, .version = observed}};
    }
    LL_ASSERT_OK(
        registry_.Write({}, [&](registry::Transaction& tx) { return tx.endpoints().Insert(endpoint).status(); }));
  }
  int64_t NewestEvent() {
    int64_t newest = 0;
    LL_EXPECT_OK(registry_.Read([&](const registry::View& view) -> absl::Status {
      LL_ASSIGN_OR_RETURN(newest, view.events().Newest());
      return absl::OkStatus();
    }));
    return newest;
  }
  std::string VerbOfNewestEvent() {
    std::string verb;
    LL_EXPECT_OK(registry_.Read([&](const registry::View& view) -> absl::Status {
      LL_ASSIGN_OR_RETURN(const int64_t newest, view.events().Newest());
      LL_ASSIGN_OR_RETURN(const registry::EventRecord event, view.events().Get(newest));
      verb = event.verb;
      return absl::OkStatus();
    }));
    return verb;
  }
  bool BlobExists(const std::string& bytes) { return blobs_->Pin(Sha256Hex(bytes)).ok(); }
  std::string BlobPath(const std::string& bytes) {
    const std::string sha256 = Sha256Hex(bytes);
    return absl::StrCat(dir_.File("blobs"), "/", sha256.substr(0, 2), "/", sha256);
  }
  static absl::StatusOr<std::string> ReadAll(registry::BlobReader& reader) {
    std::string all;
    std::string buffer(100, '\0');
    while (true) {
      LL_ASSIGN_OR_RETURN(const size_t count, reader.Read(absl::MakeSpan(buffer.data(), buffer.size())));
      if (count == 0) return all;
      all.append(buffer, 0, count);
    }
  }

  testing::FakeClock clock_;
  testing::MemoryRegistry registry_{clock_};
  const testing::TempDir dir_;
  const std::unique_ptr<registry::BlobStore> blobs_ =
      registry::BlobStore::Open(Env::Posix(), dir_.File("blobs")).value();
  ModelCatalog catalog_{registry_, *blobs_};
};

TEST_F(ModelCatalogTest, CreatesGetsAndLists) {
  LL_ASSERT_OK_AND_ASSIGN(const ModelRecord created, catalog_.CreateModel({.id = "b", .description = "d"}, {}));
  LL_ASSERT_OK(catalog_.CreateModel({.id = "a"}, {}).status());
  LL_ASSERT_OK_AND_ASSIGN(const ModelRecord got, catalog_.GetModel("b"));
  EXPECT_EQ(got, created);
  LL_ASSERT_OK_AND_ASSIGN(const registry::Page<ModelRecord> page, catalog_.ListModels({}));
  ASSERT_EQ(page.records.size(), 2u);
  EXPECT_EQ(page.records[0].id, "a");
  EXPECT_THAT(catalog_.CreateModel({.id = "a"}, {}), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(catalog_.GetModel("x"), HasReason(ErrorReason::kModelNotFound));
}

TEST_F(ModelCatalogTest, ARepeatedRequestReturnsTheFirstAnswer) {
  const registry::WriteOptions write{.request_id = "r", .fingerprint = "f"};
  LL_ASSERT_OK_AND_ASSIGN(const ModelRecord first, catalog_.CreateModel({.id = "a"}, write));
  LL_ASSERT_OK_AND_ASSIGN(const ModelRecord again, catalog_.CreateModel({.id = "a"}, write));
  EXPECT_EQ(again, first);
  EXPECT_THAT(catalog_.CreateModel({.id = "b"}, {.request_id = "r", .fingerprint = "g"}),
              HasReason(ErrorReason::kRequestIdReused));
}

TEST_F(ModelCatalogTest, AnUpdateChangesWhatIsSet) {
  LL_ASSERT_OK_AND_ASSIGN(const ModelRecord created, catalog_.CreateModel({.id = "a", .description = "old"}, {}));
  LL_ASSERT_OK_AND_ASSIGN(const ModelRecord labelled,
                          catalog_.UpdateModel("a", {.labels = registry::StringMap{{"k", "v"}}}, {}));
  EXPECT_EQ(labelled.description, "old");
  EXPECT_THAT(labelled.header.labels, ElementsAre(Pair("k", "v")));
  LL_ASSERT_OK_AND_ASSIGN(
      const ModelRecord described,
      catalog_.UpdateModel("a", {.etag = labelled.header.etag, .description = "", .annotations = {{{"n", "t"}}}}, {}));
  EXPECT_EQ(described.description, "");
  EXPECT_THAT(described.header.annotations, ElementsAre(Pair("n", "t")));
  EXPECT_THAT(described.header.labels, ElementsAre(Pair("k", "v")));
  EXPECT_THAT(catalog_.UpdateModel("a", {.etag = created.header.etag, .description = "x"}, {}),
              HasReason(ErrorReason::kEtagMismatch));
  EXPECT_THAT(catalog_.UpdateModel("x", {}, {}), HasReason(ErrorReason::kModelNotFound));
}

TEST_F(ModelCatalogTest, AnUpdateThatChangesNothingLeavesNoEvent) {
  LL_ASSERT_OK_AND_ASSIGN(const ModelRecord created, catalog_.CreateModel({.id = "a", .description = "d"}, {}));
  const int64_t newest = NewestEvent();
  LL_ASSERT_OK_AND_ASSIGN(const ModelRecord same, catalog_.UpdateModel("a", {.description = "d"}, {}));
  EXPECT_EQ(same, created);
  EXPECT_EQ(NewestEvent(), newest);
  EXPECT_THAT(catalog_.UpdateModel("a", {.etag = "other", .description = "d"}, {}),
              HasReason(ErrorReason::kEtagMismatch));
}

TEST_F(ModelCatalogTest, AnImportDescribesTheArtifactAndMakesItsModel) {
  const std::string artifact = SampleArtifact(3);
  LL_ASSERT_OK_AND_ASSIGN(const VersionRecord version, Import("m", artifact));
  EXPECT_EQ(version.model_id, "m");
  EXPECT_EQ(version.number, 1);
  EXPECT_EQ(version.state, VersionState::kReady);
  EXPECT_EQ(version.description, "imported");
  EXPECT_THAT(version.header.labels, ElementsAre(Pair("from", "test")));
  EXPECT_EQ(version.artifact_sha256, Sha256Hex(artifact));
  EXPECT_EQ(version.artifact_bytes, static_cast<int64_t>(artifact.size()));
  EXPECT_EQ(version.algorithm, "linear-learner");
  EXPECT_EQ(version.schema.feature_dim, 3);
  EXPECT_EQ(version.schema.outputs, 1);
  EXPECT_EQ(version.schema.predictor_type, "binary_classifier");
  EXPECT_THAT(version.metrics, ElementsAre(Pair("train:objective_loss", 0.125)));
  EXPECT_EQ(version.training_job, "");
  LL_ASSERT_OK_AND_ASSIGN(const ModelRecord model, catalog_.GetModel("m"));
  EXPECT_EQ(model.latest_version, 1);
  LL_ASSERT_OK_AND_ASSIGN(const VersionRecord second, Import("m", SampleArtifact(3, 1.5)));
  EXPECT_EQ(second.number, 2);
}

TEST_F(ModelCatalogTest, ABadImportLeavesNothingBehind) {
  const std::string artifact = SampleArtifact();
  EXPECT_THAT(Import("m", artifact, {}, std::string(64, '0')), HasReason(ErrorReason::kDigestMismatch));
  EXPECT_THAT(Import("m", "not an artifact"), HasReason(ErrorReason::kInvalidArtifact));
  EXPECT_THAT(Import("m", artifact, {.validate_only = true}), IsOk());
  registry_.FailWrites(absl::ResourceExhaustedError("disk full"));
  EXPECT_THAT(Import("m", artifact), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(catalog_.GetModel("m"), HasReason(ErrorReason::kModelNotFound));
  EXPECT_FALSE(BlobExists(artifact));
  EXPECT_FALSE(BlobExists("not an artifact"));
}

TEST_F(ModelCatalogTest, ARepeatedImportIsOneVersion) {
  const registry::WriteOptions write{.request_id = "r", .fingerprint = "header"};
  LL_ASSERT_OK_AND_ASSIGN(const VersionRecord first, Import("m", SampleArtifact(), write));
  LL_ASSERT_OK_AND_ASSIGN(const VersionRecord again, Import("m", SampleArtifact(), write));
  EXPECT_EQ(again, first);
  EXPECT_THAT(Import("m", SampleArtifact(5), write), HasReason(ErrorReason::kRequestIdReused));
}

TEST_F(ModelCatalogTest, VersionsByEveryReference) {
  AddVersions("m", {SampleArtifact(2, 1), SampleArtifact(2, 2)});
  LL_ASSERT_OK(
      catalog_.SetAlias({.model_id = "m", .alias = "best", .version = {.model_id = "m", .number = 1}}, {}).status());
  EXPECT_EQ(catalog_.GetVersion({.model_id = "m", .number = 2})->number, 2);
  EXPECT_EQ(catalog_.GetVersion({.model_id = "m", .alias = "best"})->number, 1);
  EXPECT_EQ(catalog_.GetVersion({.model_id = "m", .alias = "latest"})->number, 2);
  EXPECT_THAT(catalog_.GetVersion({.model_id = "m", .number = 3}), HasReason(ErrorReason::kModelVersionNotFound));
  EXPECT_THAT(catalog_.GetVersion({.model_id = "m", .alias = "x"}), HasReason(ErrorReason::kModelAliasNotFound));
  EXPECT_EQ(catalog_.ListVersions("m", {})->records.size(), 2u);
  EXPECT_EQ(catalog_.ListVersions("-", {})->records.size(), 2u);
}

TEST_F(ModelCatalogTest, AVersionsWordsCanBeUpdated) {
  AddVersions("m", {SampleArtifact()});
  LL_ASSERT_OK_AND_ASSIGN(const VersionRecord updated, catalog_.UpdateVersion("m", 1, {.description = "new"}, {}));
  EXPECT_EQ(updated.description, "new");
  EXPECT_THAT(updated.header.labels, ElementsAre(Pair("from", "test")));
  EXPECT_THAT(catalog_.UpdateVersion("m", 1, {.etag = "old", .description = "x"}, {}),
              HasReason(ErrorReason::kEtagMismatch));
  EXPECT_THAT(catalog_.UpdateVersion("m", 2, {}, {}), HasReason(ErrorReason::kModelVersionNotFound));
}

TEST_F(ModelCatalogTest, DeletingAVersionRemovesItsBytesWithTheLastName) {
  const std::string artifact = SampleArtifact();
  AddVersions("m", {artifact, artifact});
  EXPECT_THAT(catalog_.DeleteVersion("m", 1, "old", {}), HasReason(ErrorReason::kEtagMismatch));
  LL_ASSERT_OK(catalog_.DeleteVersion("m", 1, "", {}));
  EXPECT_TRUE(BlobExists(artifact));
  LL_ASSERT_OK(catalog_.DeleteVersion("m", 2, "", {.validate_only = true}));
  EXPECT_TRUE(BlobExists(artifact));
  LL_ASSERT_OK(catalog_.DeleteVersion("m", 2, "", {}));
  EXPECT_FALSE(BlobExists(artifact));
  EXPECT_THAT(catalog_.DeleteVersion("m", 2, "", {}), HasReason(ErrorReason::kModelVersionNotFound));
}

TEST_F(ModelCatalogTest, AVersionInUseStays) {
  AddVersions("m", {SampleArtifact(2, 1), SampleArtifact(2, 2)});
  AddEndpoint("e", {.model_id = "m", .number = 1});
  const absl::Status refused = catalog_.DeleteVersion("m", 1, "", {});
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("endpoints/e")));
  EXPECT_THAT(refused, HasReason(ErrorReason::kInUse));
  LL_ASSERT_OK(
      catalog_.SetAlias({.model_id = "m", .alias = "a", .version = {.model_id = "m", .number = 2}}, {}).status());
  EXPECT_THAT(catalog_.DeleteVersion("m", 2, "", {}), HasReason(ErrorReason::kInUse));
}

TEST_F(ModelCatalogTest, AModelWithVersionsIsDeletedByForceOnly) {
  const std::string first = SampleArtifact(2, 1);
  const std::string second = SampleArtifact(2, 2);
  AddVersions("m", {first, second});
  LL_ASSERT_OK(
      catalog_.SetAlias({.model_id = "m", .alias = "a", .version = {.model_id = "m", .number = 1}}, {}).status());
  EXPECT_THAT(catalog_.DeleteModel("m", "", false, {}), HasReason(ErrorReason::kModelNotEmpty));
  EXPECT_THAT(catalog_.DeleteModel("m", "old", true, {}), HasReason(ErrorReason::kEtagMismatch));
  AddEndpoint("e", {.model_id = "m", .alias = "a"});
  EXPECT_THAT(catalog_.DeleteModel("m", "", true, {}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("endpoints/e")));
  LL_ASSERT_OK(registry_.Write({}, [](registry::Transaction& tx) { return tx.endpoints().Delete("e"); }));
  EXPECT_TRUE(BlobExists(first) && BlobExists(second));
  LL_ASSERT_OK(catalog_.DeleteModel("m", "", true, {}));
  EXPECT_THAT(catalog_.GetModel("m"), HasReason(ErrorReason::kModelNotFound));
  EXPECT_FALSE(BlobExists(first) || BlobExists(second));
  // Numbers are never used again.
  EXPECT_EQ(Import("m", first)->number, 3);
}

TEST_F(ModelCatalogTest, AnAliasMovesAndGoes) {
  AddVersions("m", {SampleArtifact(2, 1), SampleArtifact(2, 2)});
  LL_ASSERT_OK_AND_ASSIGN(
      const ModelRecord set,
      catalog_.SetAlias({.model_id = "m", .alias = "a", .version = {.model_id = "m", .number = 1}}, {}));
  EXPECT_THAT(set.aliases, ElementsAre(Pair("a", 1)));
  EXPECT_EQ(VerbOfNewestEvent(), "set-alias");
  const int64_t newest = NewestEvent();
  LL_ASSERT_OK_AND_ASSIGN(
      const ModelRecord same,
      catalog_.SetAlias({.model_id = "m", .alias = "a", .version = {.model_id = "m", .number = 1}}, {}));
  EXPECT_EQ(same, set);
  EXPECT_EQ(NewestEvent(), newest);
  LL_ASSERT_OK_AND_ASSIGN(
      const ModelRecord moved,
      catalog_.SetAlias(
          {.model_id = "m", .alias = "a", .version = {.model_id = "m", .alias = "latest"}, .etag = same.header.etag},
          {}));
  EXPECT_THAT(moved.aliases, ElementsAre(Pair("a", 2)));
  EXPECT_THAT(
      catalog_.SetAlias(
          {.model_id = "m", .alias = "a", .version = {.model_id = "m", .number = 1}, .etag = same.header.etag}, {}),
      HasReason(ErrorReason::kEtagMismatch));
  EXPECT_THAT(catalog_.SetAlias({.model_id = "m", .alias = "a", .version = {.model_id = "m", .number = 9}}, {}),
              HasReason(ErrorReason::kModelVersionNotFound));
  EXPECT_THAT(catalog_.DeleteAlias("m", "x", "", {}), HasReason(ErrorReason::kModelAliasNotFound));
  EXPECT_THAT(catalog_.DeleteAlias("m", "a", "old", {}), HasReason(ErrorReason::kEtagMismatch));
  LL_ASSERT_OK_AND_ASSIGN(const ModelRecord gone, catalog_.DeleteAlias("m", "a", "", {}));
  EXPECT_THAT(gone.aliases, IsEmpty());
  EXPECT_EQ(VerbOfNewestEvent(), "delete-alias");
}

TEST_F(ModelCatalogTest, AnAliasPointsAtReadyVersionsOnly) {
  AddVersions("m", {SampleArtifact()});
  LL_ASSERT_OK(catalog_.MarkCorrupt("m", 1, "flipped bits"));
  const auto refused =
      catalog_.SetAlias({.model_id = "m", .alias = "a", .version = {.model_id = "m", .number = 1}}, {});
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("it is CORRUPT")));
  EXPECT_THAT(refused, HasReason(ErrorReason::kWrongState));
}

TEST_F(ModelCatalogTest, AFollowerKeepsItsSchema) {
  AddVersions("m", {SampleArtifact(2, 1), SampleArtifact(2, 2), SampleArtifact(7)});
  const auto move_to = [&](int64_t number, bool allow) {
    return catalog_
        .SetAlias({.model_id = "m",
                   .alias = "a",
                   .version = {.model_id = "m", .number = number},
                   .allow_schema_change = allow},
                  {})
        .status();
  };
  LL_ASSERT_OK(move_to(3, false));  // nobody follows
  LL_ASSERT_OK(move_to(1, false));
  AddEndpoint("by-alias", {.model_id = "m", .alias = "a"});
  AddEndpoint("by-number", {.model_id = "m", .number = 1});
  LL_EXPECT_OK(move_to(2, false));
  const absl::Status refused = move_to(3, false);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("7 features and 1 output, unlike")));
  EXPECT_THAT(refused, HasReason(ErrorReason::kSchemaMismatch));
  const auto violations = GetErrorDetails(refused)->precondition_violations;
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].subject, "endpoints/by-alias");
  LL_EXPECT_OK(move_to(3, true));
}

TEST_F(ModelCatalogTest, WhatAFollowerServesCountsNotWhatItShallServe) {
  AddVersions("m", {SampleArtifact(2), SampleArtifact(7)});
  LL_ASSERT_OK(
      catalog_.SetAlias({.model_id = "m", .alias = "a", .version = {.model_id = "m", .number = 2}}, {}).status());
  // On its way from version 1, which its clients still send rows for.
  AddEndpoint("e", {.model_id = "m", .alias = "a"}, 1);
  LL_EXPECT_OK(
      catalog_.SetAlias({.model_id = "m", .alias = "a", .version = {.model_id = "m", .number = 1}}, {}).status());
}

TEST_F(ModelCatalogTest, AFollowedAliasStays) {
  AddVersions("m", {SampleArtifact()});
  LL_ASSERT_OK(
      catalog_.SetAlias({.model_id = "m", .alias = "a", .version = {.model_id = "m", .number = 1}}, {}).status());
  AddEndpoint("e", {.model_id = "m", .alias = "a"});
  EXPECT_THAT(catalog_.DeleteAlias("m", "a", "", {}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("endpoints/e")));
}

TEST_F(ModelCatalogTest, OpensTheBytesOfAVersion) {
  const std::string artifact = SampleArtifact();
  AddVersions("m", {artifact});
  LL_ASSERT_OK_AND_ASSIGN(const OpenedVersion opened, catalog_.OpenVersion({.model_id = "m", .alias = "latest"}));
  EXPECT_EQ(opened.record.number, 1);
  EXPECT_EQ(opened.artifact->size_bytes(), static_cast<int64_t>(artifact.size()));
  LL_ASSERT_OK_AND_ASSIGN(const std::string bytes, ReadAll(*opened.artifact));
  EXPECT_EQ(bytes, artifact);
  EXPECT_THAT(catalog_.OpenVersion({.model_id = "m", .number = 2}).status(),
              HasReason(ErrorReason::kModelVersionNotFound));
}

TEST_F(ModelCatalogTest, CoefficientsComeFromTheBytesOfAVersion) {
  const std::string artifact = SampleArtifact();
  AddVersions("m", {artifact});
  LL_ASSERT_OK_AND_ASSIGN(const learner::Model model, learner::ParseModel(artifact));
  LL_ASSERT_OK_AND_ASSIGN(const auto outputs, catalog_.Coefficients({.model_id = "m", .number = 1}, 1));
  ASSERT_EQ(outputs.size(), 1u);
  EXPECT_EQ(outputs[0].label, 1);
  EXPECT_EQ(outputs[0].bias, model.bias()[0]);
  ASSERT_EQ(outputs[0].coefficients.size(), 1u);
  const auto feature = static_cast<size_t>(outputs[0].coefficients[0].feature);
  EXPECT_EQ(outputs[0].coefficients[0].weight, model.weights()[feature]);
  std::filesystem::permissions(BlobPath(artifact), std::filesystem::perms::owner_all);
  std::ofstream(BlobPath(artifact), std::ios::binary | std::ios::app) << "!";
  EXPECT_THAT(catalog_.Coefficients({.model_id = "m", .number = 1}, 1), HasReason(ErrorReason::kCorruptBlob));
}

TEST_F(ModelCatalogTest, BytesThatChangedMakeTheVersionCorrupt) {
  const std::string artifact = SampleArtifact();
  AddVersions("m", {artifact});
  std::filesystem::permissions(BlobPath(artifact), std::filesystem::perms::owner_all);
  std::ofstream(BlobPath(artifact), std::ios::binary | std::ios::app) << "!";
  LL_ASSERT_OK_AND_ASSIGN(const OpenedVersion opened, catalog_.OpenVersion({.model_id = "m", .number = 1}));
  const absl::StatusOr<std::string> bytes = ReadAll(*opened.artifact);
  EXPECT_THAT(bytes, StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(bytes, HasReason(ErrorReason::kCorruptBlob));
  LL_ASSERT_OK_AND_ASSIGN(const VersionRecord version, catalog_.GetVersion({.model_id = "m", .number = 1}));
  EXPECT_EQ(version.state, VersionState::kCorrupt);
  EXPECT_THAT(version.state_reason, HasSubstr("digest"));
  EXPECT_EQ(VerbOfNewestEvent(), "state");
  EXPECT_EQ(catalog_.GetModel("m")->latest_version, 0);
}

TEST_F(ModelCatalogTest, BytesThatAreGoneMakeTheVersionCorrupt) {
  const std::string artifact = SampleArtifact();
  AddVersions("m", {artifact});
  std::filesystem::remove(BlobPath(artifact));
  const auto opened = catalog_.OpenVersion({.model_id = "m", .number = 1}).status();
  EXPECT_THAT(opened, StatusIs(absl::StatusCode::kDataLoss, HasSubstr("models/m/versions/1")));
  EXPECT_THAT(opened, HasReason(ErrorReason::kCorruptBlob));
  EXPECT_EQ(catalog_.GetVersion({.model_id = "m", .number = 1})->state, VersionState::kCorrupt);
  const int64_t newest = NewestEvent();
  LL_EXPECT_OK(catalog_.MarkCorrupt("m", 1, "again"));
  LL_EXPECT_OK(catalog_.MarkCorrupt("m", 2, "never there"));
  EXPECT_EQ(NewestEvent(), newest);
}

}  // namespace
}  // namespace ll::catalog
