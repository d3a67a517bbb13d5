#include "services/training/convert.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "services/rpc/field_checks.h"
#include "services/rpc/proto_values.h"
#include "services/rpc/resource_names.h"
#include "services/rpc/status.h"
#include "services/training/job_check.h"

namespace ll::training {
namespace {

using registry::JobRecord;
using registry::JobSpec;
using rpc::FieldChecks;

JobSpec ToSpec(const v1::TrainingJob::Spec& spec, FieldChecks* checks) {
  JobSpec record;
  record.algorithm = spec.algorithm().empty() ? std::string(kAlgorithm) : spec.algorithm();
  record.hyperparameters = rpc::ToMap(spec.hyperparameters());
  for (const v1::TrainingJob::Channel& channel : spec.channels()) {
    record.channels.push_back({.name = channel.name(), .uri = channel.uri(), .content_type = channel.content_type()});
    if (channel.has_shuffle_seed()) record.channels.back().shuffle_seed = channel.shuffle_seed();
  }
  record.model_id = checks->Take(rpc::ParseModelName(spec.output_model(), "training_job.spec.output_model"));
  record.threads = spec.resources().threads();
  if (spec.stopping_condition().has_max_runtime()) {
    record.max_runtime = rpc::FromProto(spec.stopping_condition().max_runtime());
  }
  if (spec.has_seed()) record.seed = spec.seed();
  if (!spec.warm_start().empty()) {
    record.warm_start = checks->Take(rpc::ParseVersionReference(spec.warm_start(), "training_job.spec.warm_start"));
  }
  record.feature_names = {spec.feature_names().begin(), spec.feature_names().end()};
  record.class_names = {spec.class_names().begin(), spec.class_names().end()};
  checks->Add(UnderTrainingJob(CheckSpec(record, nullptr)));
  return record;
}

v1::TrainingJob::Spec ToProto(const JobSpec& record) {
  v1::TrainingJob::Spec spec;
  spec.set_algorithm(record.algorithm);
  rpc::SetMap(record.hyperparameters, spec.mutable_hyperparameters());
  for (const registry::ChannelSpec& channel : record.channels) {
    v1::TrainingJob::Channel* const added = spec.add_channels();
    added->set_name(channel.name);
    added->set_uri(channel.uri);
    added->set_content_type(channel.content_type);
    if (channel.shuffle_seed.has_value()) added->set_shuffle_seed(*channel.shuffle_seed);
  }
  spec.set_output_model(registry::ModelName(record.model_id));
  spec.mutable_resources()->set_threads(static_cast<int32_t>(record.threads));
  if (record.max_runtime.has_value()) {
    *spec.mutable_stopping_condition()->mutable_max_runtime() = rpc::ToProto(*record.max_runtime);
  }
  if (record.seed.has_value()) spec.set_seed(*record.seed);
  if (record.warm_start.has_value()) spec.set_warm_start(registry::VersionRefName(*record.warm_start));
  for (const std::string& name : record.feature_names) spec.add_feature_names(name);
  for (const std::string& name : record.class_names) spec.add_class_names(name);
  return spec;
}

v1::TrainingJob::Progress ToProto(const registry::JobProgress& record) {
  v1::TrainingJob::Progress progress;
  progress.set_epoch(static_cast<int32_t>(record.epoch));
  progress.set_epochs(static_cast<int32_t>(record.epochs));
  progress.set_best_loss(record.best_loss);
  progress.set_best_candidate(static_cast<int32_t>(record.best_candidate));
  progress.set_rows_per_second(record.rows_per_second);
  return progress;
}

v1::TrainingJob::Candidate ToProto(const registry::CandidateRecord& record) {
  v1::TrainingJob::Candidate candidate;
  candidate.set_index(static_cast<int32_t>(record.index));
  rpc::SetMap(record.hyperparameters, candidate.mutable_hyperparameters());
  candidate.set_train_loss(record.train_loss);
  if (record.validation_loss.has_value()) candidate.set_validation_loss(*record.validation_loss);
  candidate.set_diverged(record.diverged);
  return candidate;
}

}  // namespace

absl::StatusOr<JobRecord> FromProto(const v1::CreateTrainingJobRequest& request) {
  FieldChecks checks;
  JobRecord record;
  record.id = checks.Take(rpc::ParseId(request.training_job_id(), "training_job_id"));
  record.header = rpc::HeaderOf(request.training_job(), "training_job", &checks);
  record.spec = ToSpec(request.training_job().spec(), &checks);
  if (absl::Status status = checks.status(); !status.ok()) return status;
  return record;
}

v1::TrainingJob ToProto(const JobRecord& record) {
  v1::TrainingJob job;
  job.set_name(registry::JobName(record.id));
  rpc::SetHeader(record.header, &job);
  *job.mutable_spec() = ToProto(record.spec);
  v1::TrainingJob::State state = v1::TrainingJob::STATE_UNSPECIFIED;
  v1::TrainingJob::State_Parse(std::string(registry::StateName(record.state)), &state);
  job.set_state(state);
  *job.mutable_progress() = ToProto(record.progress);
  for (const registry::CandidateRecord& candidate : record.candidates) *job.add_candidates() = ToProto(candidate);
  rpc::SetMap(record.metrics, job.mutable_metrics());
  for (const std::string& warning : record.warnings) job.add_warnings(warning);
  if (record.error.has_value()) *job.mutable_error() = rpc::ToRpcStatus(*record.error);
  if (record.produced_version != 0) {
    job.set_model_version(registry::VersionName(record.spec.model_id, record.produced_version));
  }
  if (record.start_time.has_value()) *job.mutable_start_time() = rpc::ToProto(*record.start_time);
  if (record.end_time.has_value()) *job.mutable_end_time() = rpc::ToProto(*record.end_time);
  return job;
}

absl::Status UnderTrainingJob(const absl::Status& status) {
  std::optional<ErrorDetails> details = GetErrorDetails(status);
  if (!details.has_value()) return status;
  for (FieldViolation& violation : details->field_violations) {
    if (absl::StartsWith(violation.field, "spec.")) violation.field = absl::StrCat("training_job.", violation.field);
  }
  return WithErrorDetails(status, *details);
}

}  // namespace ll::training
