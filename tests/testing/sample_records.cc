#include "tests/testing/sample_records.h"

#include <string>

#include "absl/time/time.h"

namespace ll::testing {
namespace {

using namespace ll::registry;  // NOLINT: this file only builds its structs

absl::Time SampleTime(int64_t seconds) { return absl::FromUnixSeconds(1'790'000'000 + seconds) + absl::Nanoseconds(7); }

}  // namespace

RecordHeader SampleHeader() {
  return {.labels = {{"team", "fraud"}, {"tier", "gold"}},
          .annotations = {{"note", "quotes \" and \\, a line\nbreak, snow \xE2\x98\x83"}},
          .create_time = SampleTime(1),
          .update_time = SampleTime(2),
          .etag = "17"};
}

ModelRecord SampleModel() {
  return {.id = "churn",
          .header = SampleHeader(),
          .description = "Who leaves?",
          .aliases = {{"champion", 3}, {"challenger", 4}},
          .latest_version = 4};
}

VersionRecord SampleVersion() {
  return {.model_id = "churn",
          .number = 3,
          .header = SampleHeader(),
          .state = VersionState::kCorrupt,
          .state_reason = "the digest does not match",
          .description = "third attempt",
          .artifact_sha256 = std::string(64, 'a'),
          .artifact_bytes = 31'415,
          .algorithm = "linear-learner",
          .hyperparameters = {{"epochs", "15"}, {"feature_dim", "784"}},
          .schema = {.predictor_type = "binary_classifier",
                     .loss = "logistic",
                     .score_kind = "PROBABILITY",
                     .feature_dim = 784,
                     .outputs = 1},
          .metrics = {{"accuracy", 0.9907}, {"loss", 1e-300}},
          .training_job = "churn-2026-11-24",
          .lineage = {{.channel = "train", .object = "buckets/b/objects/train.pbr", .sha256 = std::string(64, 'b')}}};
}

JobRecord SampleJob() {
  JobRecord job{.id = "churn-2026-11-24", .header = SampleHeader()};
  job.spec = {.algorithm = "linear-learner",
              .hyperparameters = {{"predictor_type", "binary_classifier"}},
              .channels = {{.name = "train",
                            .uri = "s3://b/train.pbr",
                            .content_type = "text/csv",
                            .shuffle_seed = UINT64_MAX}},
              .model_id = "churn",
              .seed = UINT64_MAX,
              .threads = 2,
              .max_runtime = absl::Hours(1) + absl::Milliseconds(1),
              .warm_start = VersionRef{.model_id = "churn", .number = 2},
              .feature_names = {"age", "tenure"},
              .class_names = {"stays", "goes"}};
  job.state = JobState::kFailed;
  job.keep_model = true;
  job.progress = {.epoch = 3, .epochs = 15, .best_loss = 0.25, .best_candidate = 9, .rows_per_second = 1.5e6};
  job.candidates = {{.index = 1,
                     .hyperparameters = {{"learning_rate", "0.1"}},
                     .train_loss = 0.5,
                     .validation_loss = 0.75,
                     .diverged = true}};
  job.metrics = {{"validation:loss", 0.75}};
  job.warnings = {"mini_batch_size was clamped to 100"};
  job.error = {{.code = 3,
                .reason = "INVALID_DATA",
                .message = "row 17, column 3: \"abc\" is not a number",
                .field_violations = {{"channels[0]", "bad data"}}}};
  job.produced_version = 4;
  job.start_time = SampleTime(3);
  job.end_time = SampleTime(4);
  return job;
}

EndpointRecord SampleEndpoint() {
  return {.id = "churn-live",
          .header = SampleHeader(),
          .variants = {{.name = "main", .version = {.model_id = "churn", .alias = "champion"}},
                       {.name = "next", .version = {.model_id = "churn", .number = 4}}},
          .generation = 5,
          .deleted = true,
          .state = EndpointState::kRollingBack,
          .observed_generation = 4,
          .observed = {{.name = "main", .model_id = "churn", .version = 3, .ready_time = SampleTime(5)}},
          .error = {{.code = 15, .reason = "CORRUPT_BLOB", .message = "no", .field_violations = {{"a", "b"}}}}};
}

BucketRecord SampleBucket() { return {.id = "datasets", .header = SampleHeader()}; }

ObjectRecord SampleObject() {
  return {.bucket_id = "datasets",
          .key = "2026/train.pbr",
          .header = SampleHeader(),
          .sha256 = std::string(64, 'c'),
          .md5 = std::string(32, 'd'),
          .size_bytes = 159'000'000,
          .content_type = "application/x-recordio-protobuf",
          .content_encoding = "gzip",
          .metadata = {{"uploaded-by", "me"}}};
}

}  // namespace ll::testing
