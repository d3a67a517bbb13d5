#include "services/registry/model_convert.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "registry/record_json.h"
#include "tests/testing/proto_fields.h"
#include "tests/testing/sample_records.h"
#include "tests/testing/status_matchers.h"

namespace ll::catalog {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::HeededOutputFields;
using ::ll::testing::IgnoredFields;
using ::ll::testing::SampleModel;
using ::ll::testing::SampleVersion;
using ::ll::testing::StatusIs;
using ::ll::testing::UnsetFields;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;
using ::testing::Pair;

template <typename Record>
std::string Outcome(const absl::StatusOr<Record>& record) {
  return record.ok() ? registry::ToJson(*record) : record.status().ToString();
}

std::string Describe(const ResourceUpdate& update) {
  const auto map = [](const std::optional<registry::StringMap>& map) {
    return map.has_value() ? absl::StrCat("{", absl::StrJoin(*map, ",", absl::PairFormatter("=")), "}") : "-";
  };
  return absl::StrCat(update.etag, " ", update.description.value_or("-"), " ", map(update.labels), " ",
                      map(update.annotations));
}
std::string Outcome(const absl::StatusOr<ModelUpdate>& update) {
  return update.ok() ? absl::StrCat(update->model_id, " ", Describe(update->update)) : update.status().ToString();
}
std::string Outcome(const absl::StatusOr<VersionUpdate>& update) {
  return update.ok() ? absl::StrCat(update->model_id, " ", update->number, " ", Describe(update->update))
                     : update.status().ToString();
}
std::string Outcome(const absl::StatusOr<AliasChange>& change) {
  if (!change.ok()) return change.status().ToString();
  return absl::StrCat(change->model_id, " ", change->alias, " ", registry::VersionRefName(change->version), " ",
                      change->allow_schema_change, " ", change->etag);
}
// FromProto as a function of the request, for the walk over its fields.
template <typename Request>
std::string Convert(const Request& request) {
  return Outcome(FromProto(request));
}

template <typename T>
std::vector<std::string> Fields(const absl::StatusOr<T>& result) {
  std::vector<std::string> fields;
  for (const auto& violation : GetErrorDetails(result.status()).value_or(ErrorDetails{}).field_violations) {
    fields.push_back(violation.field);
  }
  return fields;
}

v1::CreateModelRequest SampleCreate() {
  v1::CreateModelRequest request;
  request.set_model_id("m");
  return request;
}
v1::ImportModelVersionRequest::Header SampleImport() {
  v1::ImportModelVersionRequest::Header header;
  header.set_parent("models/m");
  return header;
}
v1::UpdateModelRequest SampleUpdate() {
  v1::UpdateModelRequest request;
  request.mutable_model()->set_name("models/m");
  request.mutable_update_mask()->add_paths("*");
  return request;
}
v1::UpdateModelVersionRequest SampleVersionUpdate() {
  v1::UpdateModelVersionRequest request;
  request.mutable_model_version()->set_name("models/m/versions/3");
  request.mutable_update_mask()->add_paths("*");
  return request;
}
v1::SetModelAliasRequest SampleAlias() {
  v1::SetModelAliasRequest request;
  request.set_name("models/m");
  request.set_alias("a");
  request.set_model_version("models/m/versions/3");
  return request;
}

TEST(ModelConvertTest, NoFieldOfAModelIsForgotten) { EXPECT_THAT(UnsetFields(ToProto(SampleModel())), IsEmpty()); }

// Coefficients come from the artifact, where they are asked for.
TEST(ModelConvertTest, NoFieldOfAVersionIsForgotten) {
  EXPECT_THAT(UnsetFields(ToProto(SampleVersion())), ElementsAre("coefficients"));
  const OutputCoefficients output{
      .label = 1,
      .class_name = "yes",
      .bias = 0.5,
      .coefficients = {{.feature = 3, .feature_name = "age", .weight = 2, .standardised = 0.25}}};
  EXPECT_THAT(UnsetFields(ToProto(output)), IsEmpty());
  EXPECT_FALSE(ToProto(OutputCoefficients{}).has_label());
}

TEST(ModelConvertTest, NoFieldOfARequestIsForgotten) {
  EXPECT_THAT(IgnoredFields<v1::CreateModelRequest>(SampleCreate(), Convert<v1::CreateModelRequest>),
              ElementsAre("model.name", "model.etag"));
  EXPECT_THAT(IgnoredFields<v1::ImportModelVersionRequest::Header>(SampleImport(),
                                                                   Convert<v1::ImportModelVersionRequest::Header>),
              ElementsAre("model_version.name", "model_version.etag"));
  EXPECT_THAT(IgnoredFields<v1::UpdateModelRequest>(SampleUpdate(), Convert<v1::UpdateModelRequest>), IsEmpty());
  EXPECT_THAT(
      IgnoredFields<v1::UpdateModelVersionRequest>(SampleVersionUpdate(), Convert<v1::UpdateModelVersionRequest>),
      IsEmpty());
  EXPECT_THAT(IgnoredFields<v1::SetModelAliasRequest>(SampleAlias(), Convert<v1::SetModelAliasRequest>), IsEmpty());
}

TEST(ModelConvertTest, OutputOnlyFieldsOfARequestAreIgnored) {
  EXPECT_THAT(HeededOutputFields<v1::CreateModelRequest>(SampleCreate(), Convert<v1::CreateModelRequest>), IsEmpty());
  EXPECT_THAT(HeededOutputFields<v1::ImportModelVersionRequest::Header>(SampleImport(),
                                                                        Convert<v1::ImportModelVersionRequest::Header>),
              IsEmpty());
  EXPECT_THAT(HeededOutputFields<v1::UpdateModelRequest>(SampleUpdate(), Convert<v1::UpdateModelRequest>), IsEmpty());
  EXPECT_THAT(
      HeededOutputFields<v1::UpdateModelVersionRequest>(SampleVersionUpdate(), Convert<v1::UpdateModelVersionRequest>),
      IsEmpty());
}

TEST(ModelConvertTest, AVersionSaysWhatTheRecordSays) {
  const v1::ModelVersion version = ToProto(SampleVersion());
  EXPECT_EQ(version.name(), "models/churn/versions/3");
  EXPECT_EQ(version.state(), v1::ModelVersion::CORRUPT);
  EXPECT_EQ(version.schema().score_kind(), v1::PROBABILITY);
  EXPECT_EQ(version.lineage().training_job(), "trainingJobs/churn-2026-11-24");
  EXPECT_EQ(version.lineage().inputs(0).object(), "buckets/b/objects/train.pbr");
  registry::VersionRecord imported = SampleVersion();
  imported.training_job.clear();
  EXPECT_EQ(ToProto(imported).lineage().training_job(), "");
}

TEST(ModelConvertTest, AModelWithoutVersionsHasNoLatest) {
  EXPECT_EQ(ToProto(SampleModel()).latest_version(), "models/churn/versions/4");
  EXPECT_EQ(ToProto(registry::ModelRecord{.id = "m"}).latest_version(), "");
}

TEST(ModelConvertTest, EveryViolationIsToldAtOnce) {
  v1::CreateModelRequest create;
  create.set_model_id("a b");
  create.mutable_model()->set_description(std::string(4097, 'd'));
  (*create.mutable_model()->mutable_labels())["two words"] = "v";
  EXPECT_THAT(Fields(FromProto(create)), ElementsAre("model_id", "model.labels[\"two words\"]", "model.description"));

  v1::ImportModelVersionRequest::Header import;
  import.set_parent("m");
  (*import.mutable_model_version()->mutable_annotations())[""] = "v";
  EXPECT_THAT(Fields(FromProto(import)), ElementsAre("header.parent", "header.model_version.annotations"));

  v1::UpdateModelVersionRequest update;
  update.mutable_model_version()->set_name("models/m@champion");
  update.mutable_update_mask()->add_paths("colour");
  EXPECT_THAT(Fields(FromProto(update)), ElementsAre("model_version.name", "update_mask"));

  v1::SetModelAliasRequest alias;
  alias.set_alias("latest");
  EXPECT_THAT(Fields(FromProto(alias)), ElementsAre("name", "alias", "model_version"));
  EXPECT_THAT(FromProto(alias), HasReason(ErrorReason::kInvalidName));
}

TEST(ModelConvertTest, AnUpdateTakesWhatItsMaskNames) {
  v1::UpdateModelRequest request;
  request.mutable_model()->set_name("models/m");
  request.mutable_model()->set_description("new");
  request.mutable_model()->set_etag("7");
  (*request.mutable_model()->mutable_labels())["k"] = "v";
  LL_ASSERT_OK_AND_ASSIGN(const ModelUpdate populated, FromProto(request));
  EXPECT_EQ(populated.model_id, "m");
  EXPECT_EQ(populated.update.etag, "7");
  EXPECT_THAT(populated.update.description, Optional(std::string("new")));
  EXPECT_THAT(populated.update.labels, Optional(ElementsAre(Pair("k", "v"))));
  EXPECT_EQ(populated.update.annotations, std::nullopt);
  request.mutable_update_mask()->add_paths("annotations");
  LL_ASSERT_OK_AND_ASSIGN(const ModelUpdate masked, FromProto(request));
  EXPECT_EQ(masked.update.description, std::nullopt);
  EXPECT_EQ(masked.update.labels, std::nullopt);
  EXPECT_THAT(masked.update.annotations, Optional(IsEmpty()));
}

TEST(ModelConvertTest, AnAliasPointsIntoItsOwnModel) {
  v1::SetModelAliasRequest request = SampleAlias();
  request.set_model_version("models/other@latest");
  EXPECT_THAT(Fields(FromProto(request)), ElementsAre("model_version"));
}

}  // namespace
}  // namespace ll::catalog
