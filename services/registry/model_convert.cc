#include "services/registry/model_convert.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "services/rpc/field_checks.h"
#include "services/rpc/field_masks.h"
#include "services/rpc/proto_values.h"
#include "services/rpc/resource_names.h"

namespace ll::catalog {
namespace {

using registry::ModelRecord;
using registry::VersionRecord;
using rpc::FieldChecks;
using rpc::FieldSet;

constexpr absl::string_view kUpdatable[] = {"description", "labels", "annotations"};

// What an update of a model or version says beside its name. `field` is "model" or "model_version".
template <typename Resource>
ResourceUpdate UpdateOf(const Resource& resource, const google::protobuf::FieldMask& mask, absl::string_view field,
                        FieldChecks* checks) {
  const FieldSet fields = checks->Take(rpc::ParseUpdateMask(mask, resource, kUpdatable));
  registry::RecordHeader header = rpc::HeaderOf(resource, field, checks);
  rpc::CheckDescription(resource.description(), absl::StrCat(field, ".description"), checks);
  ResourceUpdate update{.etag = resource.etag()};
  if (fields.contains("description")) update.description = resource.description();
  if (fields.contains("labels")) update.labels = std::move(header.labels);
  if (fields.contains("annotations")) update.annotations = std::move(header.annotations);
  return update;
}

v1::FeatureSchema ToProto(const registry::FeatureSchema& record) {
  v1::FeatureSchema schema;
  schema.set_predictor_type(record.predictor_type);
  schema.set_loss(record.loss);
  schema.set_feature_dim(record.feature_dim);
  schema.set_outputs(record.outputs);
  v1::ScoreKind kind = v1::SCORE_KIND_UNSPECIFIED;
  v1::ScoreKind_Parse(record.score_kind, &kind);
  schema.set_score_kind(kind);
  return schema;
}

v1::ModelVersion::Lineage LineageOf(const VersionRecord& record) {
  v1::ModelVersion::Lineage lineage;
  if (!record.training_job.empty()) lineage.set_training_job(registry::JobName(record.training_job));
  for (const registry::LineageInput& input : record.lineage) {
    auto* const added = lineage.add_inputs();
    added->set_channel(input.channel);
    added->set_object(input.object);
    added->set_sha256(input.sha256);
  }
  return lineage;
}

}  // namespace

absl::StatusOr<ModelRecord> FromProto(const v1::CreateModelRequest& request) {
  FieldChecks checks;
  ModelRecord record;
  record.id = checks.Take(rpc::ParseId(request.model_id(), "model_id"));
  record.header = rpc::HeaderOf(request.model(), "model", &checks);
  record.description = request.model().description();
  rpc::CheckDescription(record.description, "model.description", &checks);
  if (absl::Status status = checks.status(); !status.ok()) return status;
  return record;
}

absl::StatusOr<VersionRecord> FromProto(const v1::ImportModelVersionRequest::Header& header) {
  FieldChecks checks;
  VersionRecord record;
  record.model_id = checks.Take(rpc::ParseModelName(header.parent(), "header.parent"));
  record.header = rpc::HeaderOf(header.model_version(), "header.model_version", &checks);
  record.description = header.model_version().description();
  rpc::CheckDescription(record.description, "header.model_version.description", &checks);
  if (absl::Status status = checks.status(); !status.ok()) return status;
  return record;
}

absl::StatusOr<AliasChange> FromProto(const v1::SetModelAliasRequest& request) {
  FieldChecks checks;
  AliasChange change;
  change.model_id = checks.Take(rpc::ParseModelName(request.name(), "name"));
  change.alias = checks.Take(rpc::ParseAlias(request.alias(), "alias"));
  change.version = checks.Take(rpc::ParseVersionReference(request.model_version(), "model_version"));
  change.allow_schema_change = request.allow_schema_change();
  change.etag = request.etag();
  if (absl::Status status = checks.status(); !status.ok()) return status;
  if (change.version.model_id != change.model_id) {
    return rpc::InvalidField("model_version", "is a version of another model; an alias points at versions of its own");
  }
  return change;
}

absl::StatusOr<ModelUpdate> FromProto(const v1::UpdateModelRequest& request) {
  FieldChecks checks;
  ModelUpdate update;
  update.model_id = checks.Take(rpc::ParseModelName(request.model().name(), "model.name"));
  update.update = UpdateOf(request.model(), request.update_mask(), "model", &checks);
  if (absl::Status status = checks.status(); !status.ok()) return status;
  return update;
}

absl::StatusOr<VersionUpdate> FromProto(const v1::UpdateModelVersionRequest& request) {
  FieldChecks checks;
  VersionUpdate update;
  const registry::VersionRef ref =
      checks.Take(rpc::ParseVersionName(request.model_version().name(), "model_version.name"));
  update.model_id = ref.model_id;
  update.number = ref.number;
  update.update = UpdateOf(request.model_version(), request.update_mask(), "model_version", &checks);
  if (absl::Status status = checks.status(); !status.ok()) return status;
  return update;
}

v1::Model ToProto(const ModelRecord& record) {
  v1::Model model;
  model.set_name(registry::ModelName(record.id));
  model.set_description(record.description);
  rpc::SetHeader(record.header, &model);
  rpc::SetMap(record.aliases, model.mutable_aliases());
  if (record.latest_version != 0) model.set_latest_version(registry::VersionName(record.id, record.latest_version));
  return model;
}

v1::ModelVersion ToProto(const VersionRecord& record) {
  v1::ModelVersion version;
  version.set_name(registry::VersionName(record.model_id, record.number));
  v1::ModelVersion::State state = v1::ModelVersion::STATE_UNSPECIFIED;
  v1::ModelVersion::State_Parse(std::string(StateName(record.state)), &state);
  version.set_state(state);
  version.set_state_reason(record.state_reason);
  version.set_description(record.description);
  rpc::SetHeader(record.header, &version);
  version.set_artifact_sha256(record.artifact_sha256);
  version.set_artifact_size_bytes(record.artifact_bytes);
  version.set_algorithm(record.algorithm);
  rpc::SetMap(record.hyperparameters, version.mutable_hyperparameters());
  *version.mutable_schema() = ToProto(record.schema);
  rpc::SetMap(record.metrics, version.mutable_metrics());
  *version.mutable_lineage() = LineageOf(record);
  return version;
}

v1::OutputCoefficients ToProto(const OutputCoefficients& output) {
  v1::OutputCoefficients proto;
  if (output.label.has_value()) proto.set_label(*output.label);
  proto.set_class_name(output.class_name);
  proto.set_bias(output.bias);
  for (const CoefficientRecord& record : output.coefficients) {
    v1::OutputCoefficients::Coefficient* const added = proto.add_coefficients();
    added->set_feature(record.feature);
    added->set_feature_name(record.feature_name);
    added->set_weight(record.weight);
    if (record.standardised.has_value()) added->set_standardized_weight(*record.standardised);
  }
  return proto;
}

}  // namespace ll::catalog
