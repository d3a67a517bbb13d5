#include "tests/testing/fake_services/sample_messages.h"

#include <string>

#include "tests/testing/fake_services/fake_state.h"

namespace ll::testing {
namespace {

google::protobuf::Timestamp After(int64_t seconds) {
  google::protobuf::Timestamp time = FakeTime();
  time.set_seconds(time.seconds() + seconds);
  return time;
}

void AddCandidate(v1::TrainingJob& job, int index, double train_loss, double validation_loss, bool diverged) {
  v1::TrainingJob::Candidate& candidate = *job.add_candidates();
  candidate.set_index(index);
  candidate.set_train_loss(train_loss);
  candidate.set_validation_loss(validation_loss);
  candidate.set_diverged(diverged);
  (*candidate.mutable_hyperparameters())["learning_rate"] = index % 2 == 0 ? "0.005" : "0.1";
  (*candidate.mutable_hyperparameters())["l1"] = index < 4 ? "0" : "1e-05";
}

}  // namespace

v1::Model SampleModelMessage() {
  v1::Model model;
  model.set_name("models/digits");
  model.set_description("Is this digit a zero?");
  (*model.mutable_labels())["team"] = "vision";
  (*model.mutable_labels())["tier"] = "gold";
  (*model.mutable_annotations())["note"] = "first model of the tour";
  (*model.mutable_aliases())["champion"] = 3;
  (*model.mutable_aliases())["canary"] = 4;
  model.set_latest_version("models/digits/versions/4");
  *model.mutable_create_time() = FakeTime();
  *model.mutable_update_time() = After(60);
  model.set_etag("etag-7");
  return model;
}

v1::ModelVersion SampleVersionMessage() {
  v1::ModelVersion version;
  version.set_name("models/digits/versions/3");
  version.set_state(v1::ModelVersion::READY);
  version.set_description("trained on half of the data");
  (*version.mutable_labels())["reviewed"] = "yes";
  version.set_artifact_sha256("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  version.set_artifact_size_bytes(3721);
  version.set_algorithm("linear-learner");
  (*version.mutable_hyperparameters())["feature_dim"] = "784";
  (*version.mutable_hyperparameters())["predictor_type"] = "binary_classifier";
  version.mutable_schema()->set_predictor_type("binary_classifier");
  version.mutable_schema()->set_loss("logistic");
  version.mutable_schema()->set_feature_dim(784);
  version.mutable_schema()->set_outputs(1);
  version.mutable_schema()->set_score_kind(v1::PROBABILITY);
  (*version.mutable_metrics())["train:objective_loss"] = 0.0215;
  (*version.mutable_metrics())["validation:binary_classification_accuracy"] = 0.9923;
  version.mutable_lineage()->set_training_job("trainingJobs/digits");
  auto& input = *version.mutable_lineage()->add_inputs();
  input.set_channel("train");
  input.set_object("buckets/datasets/objects/digits/train.pbr");
  input.set_sha256("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  *version.mutable_create_time() = FakeTime();
  *version.mutable_update_time() = After(60);
  version.set_etag("etag-9");
  return version;
}

v1::TrainingJob SampleTrainingJobMessage() {
  v1::TrainingJob job;
  job.set_name("trainingJobs/digits");
  (*job.mutable_labels())["team"] = "vision";
  v1::TrainingJob::Spec& spec = *job.mutable_spec();
  spec.set_algorithm("linear-learner");
  (*spec.mutable_hyperparameters())["feature_dim"] = "784";
  (*spec.mutable_hyperparameters())["predictor_type"] = "binary_classifier";
  auto& train = *spec.add_channels();
  train.set_name("train");
  train.set_uri("s3://datasets/digits/train.pbr");
  auto& validation = *spec.add_channels();
  validation.set_name("validation");
  validation.set_uri("s3://datasets/digits/check/");
  validation.set_content_type("text/csv");
  spec.set_output_model("models/digits");
  spec.mutable_resources()->set_threads(2);
  spec.mutable_stopping_condition()->mutable_max_runtime()->set_seconds(1800);
  spec.set_seed(17);
  job.set_state(v1::TrainingJob::SUCCEEDED);
  job.mutable_progress()->set_epoch(15);
  job.mutable_progress()->set_epochs(15);
  job.mutable_progress()->set_best_loss(0.0215);
  job.mutable_progress()->set_best_candidate(2);
  job.mutable_progress()->set_rows_per_second(1'234'567);
  AddCandidate(job, 0, 0.031, 0.033, false);
  AddCandidate(job, 1, 1e30, 1e30, true);
  AddCandidate(job, 2, 0.0211, 0.0215, false);
  for (int i = 3; i < 7; ++i) AddCandidate(job, i, 0.1 * i, 0.1 * i + 0.01, false);
  (*job.mutable_metrics())["train:objective_loss"] = 0.0211;
  (*job.mutable_metrics())["validation:objective_loss"] = 0.0215;
  job.add_warnings("mini_batch_size 1000 is more than the 500 rows; 500 was used");
  job.set_model_version("models/digits/versions/3");
  *job.mutable_create_time() = FakeTime();
  *job.mutable_start_time() = After(1);
  *job.mutable_end_time() = After(13);
  *job.mutable_update_time() = After(13);
  job.set_etag("etag-5");
  return job;
}

v1::Endpoint SampleEndpointMessage() {
  v1::Endpoint endpoint;
  endpoint.set_name("endpoints/digits");
  (*endpoint.mutable_labels())["tier"] = "gold";
  auto& variant = *endpoint.add_variants();
  variant.set_name("default");
  variant.set_model_version("models/digits@champion");
  endpoint.set_state(v1::Endpoint::IN_SERVICE);
  endpoint.mutable_error()->set_code(15);
  endpoint.mutable_error()->set_message("cannot load models/digits/versions/4: its bytes do not match their digest");
  auto& observed = *endpoint.add_observed_variants();
  observed.set_name("default");
  observed.set_model_version("models/digits/versions/3");
  *observed.mutable_ready_time() = After(2);
  *endpoint.mutable_create_time() = FakeTime();
  *endpoint.mutable_update_time() = After(120);
  endpoint.set_etag("etag-11");
  return endpoint;
}

v1::Object SampleObjectMessage() {
  v1::Object object;
  object.set_name("buckets/datasets/objects/digits/train.pbr");
  object.set_size_bytes(156'800'000);
  object.set_sha256("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  object.set_md5("d41d8cd98f00b204e9800998ecf8427e");
  object.set_content_type("application/x-recordio-protobuf");
  (*object.mutable_metadata())["uploaded-by"] = "somebody";
  *object.mutable_create_time() = FakeTime();
  *object.mutable_update_time() = FakeTime();
  object.set_etag("etag-3");
  return object;
}

}  // namespace ll::testing
