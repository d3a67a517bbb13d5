// ModelService on the wire.
#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/digest.h"
#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "tests/contract/catalog_doors.h"
#include "tests/testing/sample_artifact.h"
#include "tests/testing/status_matchers.h"

namespace ll::catalog {
namespace {

using grpc::StatusCode;
using ::ll::testing::DetailOf;
using ::ll::testing::FieldsOf;
using ::ll::testing::GrpcIsOk;
using ::ll::testing::GrpcStatusIs;
using ::ll::testing::NewContext;
using ::ll::testing::SampleArtifact;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::StartsWith;

class ModelDoors : public CatalogDoors {
 protected:
  grpc::Status Create(const std::string& id, v1::Model* model, const std::string& request_id = "",
                      bool validate_only = false) {
    v1::CreateModelRequest request;
    request.set_model_id(id);
    request.set_request_id(request_id);
    request.set_validate_only(validate_only);
    return models_->CreateModel(NewContext().get(), request, model);
  }
  v1::Model MustCreate(const std::string& id) {
    v1::Model model;
    EXPECT_THAT(Create(id, &model), GrpcIsOk());
    return model;
  }
  grpc::Status Get(const std::string& name, v1::Model* model) {
    v1::GetModelRequest request;
    request.set_name(name);
    return models_->GetModel(NewContext().get(), request, model);
  }
  grpc::Status Update(const v1::Model& model, std::vector<std::string> mask, v1::Model* updated) {
    v1::UpdateModelRequest request;
    *request.mutable_model() = model;
    for (const std::string& path : mask) request.mutable_update_mask()->add_paths(path);
    return models_->UpdateModel(NewContext().get(), request, updated);
  }
  grpc::Status Delete(const std::string& name, bool force = false, const std::string& etag = "",
                      const std::string& request_id = "") {
    v1::DeleteModelRequest request;
    request.set_name(name);
    request.set_force(force);
    request.set_etag(etag);
    request.set_request_id(request_id);
    google::protobuf::Empty empty;
    return models_->DeleteModel(NewContext().get(), request, &empty);
  }
  grpc::Status GetVersion(const std::string& name, v1::ModelVersion* version) {
    v1::GetModelVersionRequest request;
    request.set_name(name);
    return models_->GetModelVersion(NewContext().get(), request, version);
  }
  grpc::Status DeleteVersion(const std::string& name, const std::string& etag = "") {
    v1::DeleteModelVersionRequest request;
    request.set_name(name);
    request.set_etag(etag);
    google::protobuf::Empty empty;
    return models_->DeleteModelVersion(NewContext().get(), request, &empty);
  }
  grpc::Status SetAlias(const std::string& alias, const std::string& version, v1::Model* model,
                        const std::string& etag = "", bool allow_schema_change = false) {
    v1::SetModelAliasRequest request;
    request.set_name("models/m");
    request.set_alias(alias);
    request.set_model_version(version);
    request.set_etag(etag);
    request.set_allow_schema_change(allow_schema_change);
    return models_->SetModelAlias(NewContext().get(), request, model);
  }
  grpc::Status DeleteAlias(const std::string& alias, v1::Model* model, const std::string& etag = "") {
    v1::DeleteModelAliasRequest request;
    request.set_name("models/m");
    request.set_alias(alias);
    request.set_etag(etag);
    return models_->DeleteModelAlias(NewContext().get(), request, model);
  }
  grpc::Status Download(const std::string& name, std::string* bytes, v1::ModelVersion* header) {
    const auto context = NewContext();
    v1::DownloadModelVersionRequest request;
    request.set_name(name);
    const auto reader = models_->DownloadModelVersion(context.get(), request);
    v1::DownloadModelVersionResponse response;
    bytes->clear();
    for (bool first = true; reader->Read(&response); first = false) {
      if (first) *header = response.header();
      bytes->append(response.chunk());
    }
    return reader->Finish();
  }
  void AddFollower(const std::string& id) {
    Write([&](registry::Transaction& tx) {
      return tx.endpoints()
          .Insert({.id = id, .variants = {{.name = "default", .version = {.model_id = "m", .alias = "a"}}}})
          .status();
    });
  }
};

TEST_P(ModelDoors, AModelFromItsCreationToItsEnd) {
  v1::CreateModelRequest request;
  request.set_model_id("churn");
  request.mutable_model()->set_description("Who leaves?");
  (*request.mutable_model()->mutable_labels())["team"] = "fraud";
  v1::Model created;
  ASSERT_THAT(models_->CreateModel(NewContext().get(), request, &created), GrpcIsOk());
  EXPECT_EQ(created.name(), "models/churn");
  EXPECT_EQ(created.description(), "Who leaves?");
  EXPECT_NE(created.etag(), "");
  EXPECT_EQ(created.create_time().seconds(), absl::ToUnixSeconds(clock_.Now()));

  v1::Model got;
  ASSERT_THAT(Get("models/churn", &got), GrpcIsOk());
  EXPECT_EQ(got.SerializeAsString(), created.SerializeAsString());

  v1::Model change;
  change.set_name("models/churn");
  change.set_etag(created.etag());
  change.set_description("Who stays?");
  v1::Model updated;
  ASSERT_THAT(Update(change, {}, &updated), GrpcIsOk());
  EXPECT_EQ(updated.description(), "Who stays?");
  EXPECT_THAT(updated.labels(), ElementsAre(Pair("team", "fraud")));
  EXPECT_NE(updated.etag(), created.etag());

  EXPECT_THAT(Delete("models/churn", false, updated.etag()), GrpcIsOk());
  EXPECT_THAT(Get("models/churn", &got), GrpcStatusIs(StatusCode::NOT_FOUND, ErrorReason::kModelNotFound));
}

TEST_P(ModelDoors, RefusalsOfModels) {
  v1::Model model;
  MustCreate("m");
  const grpc::Status exists = Create("m", &model);
  EXPECT_THAT(exists, GrpcStatusIs(StatusCode::ALREADY_EXISTS, ErrorReason::kAlreadyExists));
  EXPECT_THAT(exists.error_message(), HasSubstr("models/m"));
  const grpc::Status invalid = Create("a b", &model);
  EXPECT_THAT(invalid, GrpcStatusIs(StatusCode::INVALID_ARGUMENT, ErrorReason::kInvalidName));
  EXPECT_THAT(FieldsOf(invalid), ElementsAre("model_id"));
  EXPECT_THAT(Get("models/x", &model), GrpcStatusIs(StatusCode::NOT_FOUND, ErrorReason::kModelNotFound));
  EXPECT_THAT(Get("x", &model), GrpcStatusIs(StatusCode::INVALID_ARGUMENT, ErrorReason::kInvalidName));
  EXPECT_THAT(Delete("models/x"), GrpcStatusIs(StatusCode::NOT_FOUND, ErrorReason::kModelNotFound));
  EXPECT_THAT(Delete("models/m", false, "old"), GrpcStatusIs(StatusCode::ABORTED, ErrorReason::kEtagMismatch));

  v1::Model change;
  change.set_name("models/x");
  EXPECT_THAT(Update(change, {"labels"}, &model), GrpcStatusIs(StatusCode::NOT_FOUND, ErrorReason::kModelNotFound));
  change.set_name("models/m");
  EXPECT_THAT(Update(change, {"aliases"}, &model),
              GrpcStatusIs(StatusCode::INVALID_ARGUMENT, ErrorReason::kInvalidUpdateMask));
  change.set_etag("old");
  EXPECT_THAT(Update(change, {"labels"}, &model), GrpcStatusIs(StatusCode::ABORTED, ErrorReason::kEtagMismatch));
}

TEST_P(ModelDoors, ARepeatOfARequestReturnsTheFirstAnswer) {
  v1::Model first;
  ASSERT_THAT(Create("m", &first, "r1"), GrpcIsOk());
  v1::Model again;
  ASSERT_THAT(Create("m", &again, "r1"), GrpcIsOk());
  EXPECT_EQ(again.SerializeAsString(), first.SerializeAsString());
  Restart();
  ASSERT_THAT(Create("m", &again, "r1"), GrpcIsOk());
  EXPECT_EQ(again.SerializeAsString(), first.SerializeAsString());

  const grpc::Status reused = Create("other", &again, "r1");
  EXPECT_THAT(reused, GrpcStatusIs(StatusCode::INVALID_ARGUMENT, ErrorReason::kRequestIdReused));
  EXPECT_THAT(FieldsOf(reused), ElementsAre("request_id"));
  EXPECT_THAT(Delete("models/m", false, "", "r1"),
              GrpcStatusIs(StatusCode::INVALID_ARGUMENT, ErrorReason::kRequestIdReused));

  EXPECT_THAT(Delete("models/m", false, "", "r2"), GrpcIsOk());
  EXPECT_THAT(Delete("models/m", false, "", "r2"), GrpcIsOk());
  EXPECT_THAT(Delete("models/m", false, "", "r3"), GrpcStatusIs(StatusCode::NOT_FOUND, ErrorReason::kModelNotFound));
}

TEST_P(ModelDoors, ValidateOnlyAnswersAndChangesNothing) {
  v1::Model model;
  EXPECT_THAT(Create("m", &model, "r1", true), GrpcIsOk());
  EXPECT_EQ(model.name(), "models/m");
  EXPECT_THAT(Get("models/m", &model), GrpcStatusIs(StatusCode::NOT_FOUND, ErrorReason::kModelNotFound));
  EXPECT_THAT(Create("m", &model, "r1"), GrpcIsOk());
  EXPECT_THAT(Create("m", &model, "", true), GrpcStatusIs(StatusCode::ALREADY_EXISTS, ErrorReason::kAlreadyExists));
}

TEST_P(ModelDoors, AThousandModelsByPages) {
  Write([](registry::Transaction& tx) -> absl::Status {
    for (int i = 0; i < 1000; ++i) {
      registry::ModelRecord model{.id = absl::StrCat("m", 1000 + i)};
      model.header.labels = {{"parity", i % 2 == 0 ? "even" : "odd"}};
      LL_RETURN_IF_ERROR(tx.models().Insert(model).status());
    }
    return absl::OkStatus();
  });
  for (const char* order : {"", "name desc", "create_time", "update_time desc"}) {
    v1::ListModelsRequest request;
    request.set_page_size(77);
    request.set_order_by(order);
    std::vector<std::string> names;
    do {
      v1::ListModelsResponse page;
      ASSERT_THAT(models_->ListModels(NewContext().get(), request, &page), GrpcIsOk());
      ASSERT_LE(page.models_size(), 77);
      for (const v1::Model& model : page.models()) names.push_back(model.name());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    EXPECT_EQ(names.size(), 1000u) << order;
    EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), 1000u) << order;
  }

  v1::ListModelsRequest odd;
  odd.set_page_size(5000);
  odd.set_filter("labels.parity = odd AND name != m1001");
  v1::ListModelsResponse page;
  ASSERT_THAT(models_->ListModels(NewContext().get(), odd, &page), GrpcIsOk());
  EXPECT_EQ(page.models_size(), 499);
  EXPECT_EQ(page.next_page_token(), "");
  v1::ListModelsResponse default_page;
  ASSERT_THAT(models_->ListModels(NewContext().get(), {}, &default_page), GrpcIsOk());
  EXPECT_EQ(default_page.models_size(), 50);
}

TEST_P(ModelDoors, RefusalsOfListings) {
  MustCreate("a");
  MustCreate("b");
  v1::ListModelsRequest request;
  v1::ListModelsResponse page;
  request.set_page_size(1);
  ASSERT_THAT(models_->ListModels(NewContext().get(), request, &page), GrpcIsOk());
  request.set_page_token(page.next_page_token());
  request.set_filter("name != c");
  EXPECT_THAT(models_->ListModels(NewContext().get(), request, &page),
              GrpcStatusIs(StatusCode::INVALID_ARGUMENT, ErrorReason::kInvalidPageToken));
  request.set_page_token("");
  request.set_filter("colour = red");
  EXPECT_THAT(models_->ListModels(NewContext().get(), request, &page),
              GrpcStatusIs(StatusCode::INVALID_ARGUMENT, ErrorReason::kInvalidFilter));
  request.set_filter("");
  request.set_order_by("colour");
  EXPECT_THAT(models_->ListModels(NewContext().get(), request, &page),
              GrpcStatusIs(StatusCode::INVALID_ARGUMENT, ErrorReason::kInvalidFilter));
  request.set_order_by("");
  request.set_page_size(-1);
  EXPECT_THAT(models_->ListModels(NewContext().get(), request, &page),
              GrpcStatusIs(StatusCode::INVALID_ARGUMENT, ErrorReason::kInvalidArgument));
  v1::ListModelVersionsRequest versions;
  v1::ListModelVersionsResponse version_page;
  versions.set_parent("models/x");
  EXPECT_THAT(models_->ListModelVersions(NewContext().get(), versions, &version_page),
              GrpcStatusIs(StatusCode::NOT_FOUND, ErrorReason::kModelNotFound));
}

TEST_P(ModelDoors, ConcurrentUpdatesWithEtagsLoseNothing) {
  MustCreate("m");
  constexpr int kThreads = 4;
  constexpr int kEach = 10;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([this] {
      for (int done = 0; done < kEach;) {
        v1::Model model;
        ASSERT_THAT(Get("models/m", &model), GrpcIsOk());
        int count = 0;
        (void)absl::SimpleAtoi(model.description(), &count);
        model.set_description(absl::StrCat(count + 1));
        const grpc::Status status = Update(model, {"description"}, &model);
        if (status.ok()) {
          ++done;
        } else {
          ASSERT_THAT(status, GrpcStatusIs(StatusCode::ABORTED, ErrorReason::kEtagMismatch));
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  v1::Model model;
  ASSERT_THAT(Get("models/m", &model), GrpcIsOk());
  EXPECT_EQ(model.description(), absl::StrCat(kThreads * kEach));
}

TEST_P(ModelDoors, AnImportedVersionByEveryNameItHas) {
  const std::string artifact = SampleArtifact(3);
  v1::ModelVersion version;
  ASSERT_THAT(ImportVersion("m", artifact, &version), GrpcIsOk());
  EXPECT_EQ(version.name(), "models/m/versions/1");
  EXPECT_EQ(version.state(), v1::ModelVersion::READY);
  EXPECT_EQ(version.artifact_sha256(), Sha256Hex(artifact));
  EXPECT_EQ(version.artifact_size_bytes(), static_cast<int64_t>(artifact.size()));
  EXPECT_EQ(version.schema().feature_dim(), 3);
  EXPECT_EQ(version.schema().score_kind(), v1::PROBABILITY);
  v1::Model model;
  ASSERT_THAT(SetAlias("champion", "models/m@latest", &model), GrpcIsOk());
  EXPECT_EQ(model.latest_version(), "models/m/versions/1");
  for (const char* name : {"models/m/versions/1", "models/m@latest", "models/m@champion"}) {
    v1::ModelVersion got;
    ASSERT_THAT(GetVersion(name, &got), GrpcIsOk());
    EXPECT_EQ(got.name(), "models/m/versions/1");
    std::string bytes;
    v1::ModelVersion header;
    ASSERT_THAT(Download(name, &bytes, &header), GrpcIsOk());
    EXPECT_EQ(bytes, artifact);
    EXPECT_EQ(header.name(), "models/m/versions/1");
  }
  v1::ListModelVersionsRequest request;
  request.set_parent("models/-");
  request.set_filter("state = READY");
  v1::ListModelVersionsResponse page;
  ASSERT_THAT(models_->ListModelVersions(NewContext().get(), request, &page), GrpcIsOk());
  EXPECT_EQ(page.model_versions_size(), 1);
}

TEST_P(ModelDoors, RefusalsOfVersions) {
  AddVersion("m");
  v1::ModelVersion version;
  EXPECT_THAT(GetVersion("models/x/versions/1", &version).error_code(), StatusCode::NOT_FOUND);
  EXPECT_THAT(GetVersion("models/m/versions/2", &version),
              GrpcStatusIs(StatusCode::NOT_FOUND, ErrorReason::kModelVersionNotFound));
  EXPECT_THAT(GetVersion("models/m@x", &version),
              GrpcStatusIs(StatusCode::NOT_FOUND, ErrorReason::kModelAliasNotFound));
  EXPECT_THAT(GetVersion("models/m", &version), GrpcStatusIs(StatusCode::INVALID_ARGUMENT, ErrorReason::kInvalidName));
  EXPECT_THAT(DeleteVersion("models/m/versions/2"),
              GrpcStatusIs(StatusCode::NOT_FOUND, ErrorReason::kModelVersionNotFound));
  EXPECT_THAT(DeleteVersion("models/m@latest"), GrpcStatusIs(StatusCode::INVALID_ARGUMENT, ErrorReason::kInvalidName));
  EXPECT_THAT(DeleteVersion("models/m/versions/1", "old"),
              GrpcStatusIs(StatusCode::ABORTED, ErrorReason::kEtagMismatch));

  v1::UpdateModelVersionRequest update;
  update.mutable_model_version()->set_name("models/m/versions/1");
  update.mutable_model_version()->set_description("new");
  ASSERT_THAT(models_->UpdateModelVersion(NewContext().get(), update, &version), GrpcIsOk());
  EXPECT_EQ(version.description(), "new");
  update.mutable_model_version()->set_etag("old");
  EXPECT_THAT(models_->UpdateModelVersion(NewContext().get(), update, &version),
              GrpcStatusIs(StatusCode::ABORTED, ErrorReason::kEtagMismatch));
  update.mutable_model_version()->set_name("models/m/versions/2");
  EXPECT_THAT(models_->UpdateModelVersion(NewContext().get(), update, &version),
              GrpcStatusIs(StatusCode::NOT_FOUND, ErrorReason::kModelVersionNotFound));

  std::string bytes;
  EXPECT_THAT(Download("models/m/versions/2", &bytes, &version),
              GrpcStatusIs(StatusCode::NOT_FOUND, ErrorReason::kModelVersionNotFound));
}

TEST_P(ModelDoors, ABadImportLeavesNothing) {
  v1::ModelVersion version;
  EXPECT_THAT(ImportVersion("m", "not an artifact", &version),
              GrpcStatusIs(StatusCode::INVALID_ARGUMENT, ErrorReason::kInvalidArtifact));
  EXPECT_THAT(ImportVersion("m", SampleArtifact(), &version, "", true), GrpcIsOk());
  for (const char* sha256 : {"", "abc", "0000000000000000000000000000000000000000000000000000000000000000"}) {
    const auto context = NewContext();
    const auto writer = models_->ImportModelVersion(context.get(), &version);
    v1::ImportModelVersionRequest message;
    message.mutable_header()->set_parent("models/m");
    writer->Write(message);
    message.set_chunk(SampleArtifact());
    writer->Write(message);
    message.mutable_trailer()->set_sha256(sha256);
    writer->Write(message);
    writer->WritesDone();
    const grpc::Status status = writer->Finish();
    EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT) << sha256;
  }
  v1::Model model;
  EXPECT_THAT(Get("models/m", &model), GrpcStatusIs(StatusCode::NOT_FOUND, ErrorReason::kModelNotFound));
  EXPECT_EQ(BlobCount(), 0);
}

TEST_P(ModelDoors, AnImportThatBreaksOffLeavesNothing) {
  const auto context = NewContext();
  v1::ModelVersion version;
  auto writer = models_->ImportModelVersion(context.get(), &version);
  v1::ImportModelVersionRequest message;
  message.mutable_header()->set_parent("models/m");
  writer->Write(message);
  message.set_chunk(SampleArtifact());
  writer->Write(message);
  context->TryCancel();
  EXPECT_EQ(writer->Finish().error_code(), StatusCode::CANCELLED);
  Restart();  // waits for whatever was going on
  v1::Model model;
  EXPECT_THAT(Get("models/m", &model), GrpcStatusIs(StatusCode::NOT_FOUND, ErrorReason::kModelNotFound));
  EXPECT_EQ(BlobCount(), 0);
}

TEST_P(ModelDoors, ARepeatedImportIsOneVersion) {
  v1::ModelVersion first;
  ASSERT_THAT(ImportVersion("m", SampleArtifact(), &first, "r1"), GrpcIsOk());
  v1::ModelVersion again;
  ASSERT_THAT(ImportVersion("m", SampleArtifact(), &again, "r1"), GrpcIsOk());
  EXPECT_EQ(again.name(), first.name());
  EXPECT_THAT(ImportVersion("m", SampleArtifact(9), &again, "r1"),
              GrpcStatusIs(StatusCode::INVALID_ARGUMENT, ErrorReason::kRequestIdReused));
  EXPECT_EQ(BlobCount(), 1);
}

TEST_P(ModelDoors, ACorruptArtifactIsTold) {
  const v1::ModelVersion version = AddVersion("m");
  FlipByte(version.artifact_sha256());
  std::string bytes;
  v1::ModelVersion header;
  EXPECT_THAT(Download("models/m/versions/1", &bytes, &header),
              GrpcStatusIs(StatusCode::DATA_LOSS, ErrorReason::kCorruptBlob));
  v1::ModelVersion corrupt;
  ASSERT_THAT(GetVersion("models/m/versions/1", &corrupt), GrpcIsOk());
  EXPECT_EQ(corrupt.state(), v1::ModelVersion::CORRUPT);
  EXPECT_THAT(corrupt.state_reason(), HasSubstr("digest"));
  v1::Model model;
  EXPECT_THAT(SetAlias("a", "models/m/versions/1", &model),
              GrpcStatusIs(StatusCode::FAILED_PRECONDITION, ErrorReason::kWrongState));
}

TEST_P(ModelDoors, AliasesAndTheirFollowers) {
  AddVersion("m", 2, 1);
  AddVersion("m", 2, 2);
  AddVersion("m", 7);
  v1::Model model;
  ASSERT_THAT(SetAlias("a", "models/m/versions/1", &model), GrpcIsOk());
  EXPECT_THAT(model.aliases(), ElementsAre(Pair("a", 1)));
  AddFollower("e");
  ASSERT_THAT(SetAlias("a", "models/m/versions/2", &model, model.etag()), GrpcIsOk());

  const grpc::Status mismatch = SetAlias("a", "models/m/versions/3", &model);
  EXPECT_THAT(mismatch, GrpcStatusIs(StatusCode::FAILED_PRECONDITION, ErrorReason::kSchemaMismatch));
  EXPECT_EQ(DetailOf<google::rpc::PreconditionFailure>(mismatch)->violations(0).subject(), "endpoints/e");
  EXPECT_THAT(SetAlias("a", "models/m/versions/9", &model),
              GrpcStatusIs(StatusCode::NOT_FOUND, ErrorReason::kModelVersionNotFound));
  EXPECT_THAT(SetAlias("a", "models/m/versions/1", &model, "old"),
              GrpcStatusIs(StatusCode::ABORTED, ErrorReason::kEtagMismatch));
  EXPECT_THAT(SetAlias("7", "models/m/versions/1", &model),
              GrpcStatusIs(StatusCode::INVALID_ARGUMENT, ErrorReason::kInvalidName));

  const grpc::Status in_use = DeleteVersion("models/m/versions/2");
  EXPECT_THAT(in_use, GrpcStatusIs(StatusCode::FAILED_PRECONDITION, ErrorReason::kInUse));
  EXPECT_THAT(in_use.error_message(), HasSubstr("endpoints/e"));
  EXPECT_THAT(DeleteAlias("a", &model), GrpcStatusIs(StatusCode::FAILED_PRECONDITION, ErrorReason::kInUse));
  EXPECT_THAT(Delete("models/m"), GrpcStatusIs(StatusCode::FAILED_PRECONDITION, ErrorReason::kModelNotEmpty));
  EXPECT_THAT(Delete("models/m", true), GrpcStatusIs(StatusCode::FAILED_PRECONDITION, ErrorReason::kInUse));

  Write([](registry::Transaction& tx) { return tx.endpoints().Delete("e"); });
  EXPECT_THAT(DeleteAlias("x", &model), GrpcStatusIs(StatusCode::NOT_FOUND, ErrorReason::kModelAliasNotFound));
  EXPECT_THAT(DeleteAlias("a", &model, "old"), GrpcStatusIs(StatusCode::ABORTED, ErrorReason::kEtagMismatch));
  ASSERT_THAT(DeleteAlias("a", &model), GrpcIsOk());
  EXPECT_EQ(model.aliases_size(), 0);
  EXPECT_THAT(DeleteVersion("models/m/versions/2"), GrpcIsOk());
  EXPECT_EQ(BlobCount(), 2);
  EXPECT_THAT(Delete("models/m", true), GrpcIsOk());
  EXPECT_EQ(BlobCount(), 0);
}

INSTANTIATE_TEST_SUITE_P(Registries, ModelDoors, ::testing::ValuesIn(registry::AllRegistries()), registry::NameOfKind);

}  // namespace
}  // namespace ll::catalog
