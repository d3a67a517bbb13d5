#include "tests/testing/platform_user.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/random.h"
#include "gtest/gtest.h"
#include "tests/testing/memory_file.h"
#include "tests/testing/status_matchers.h"

namespace ll::testing {
namespace {

std::string JobName(const std::string& id) { return absl::StrCat("trainingJobs/", id); }

// The value, or an empty one and a failed test.
template <typename T>
T Expect(absl::StatusOr<T> result) {
  EXPECT_THAT(result, IsOk());
  return result.ok() ? *std::move(result) : T{};
}

}  // namespace

std::string SampleCsv() {
  SeededRandom random(1);
  std::string text;
  for (int i = 0; i < 500; ++i) {
    const double a = random.Uniform(-1, 1), b = random.Uniform(-1, 1), c = random.Uniform(-1, 1);
    absl::StrAppend(&text, a + b + c > 0 ? 1 : 0, ",", a, ",", b, ",", c, "\n");
  }
  return text;
}

PlatformUser::PlatformUser(const std::string& address) : client_(*client::Client::Open({.address = address})) {}

void PlatformUser::Upload(const std::string& key, const std::string& bytes) {
  v1::CreateBucketRequest bucket;
  bucket.set_bucket_id("data");
  const absl::Status created = client_.objects().CreateBucket(bucket).status();
  EXPECT_TRUE(created.ok() || absl::IsAlreadyExists(created)) << created;
  v1::WriteObjectRequest::Header header;
  header.mutable_object()->set_name(absl::StrCat("buckets/data/objects/", key));
  MemoryFile file(bytes);
  Expect(client_.objects().WriteObject(header, file));
}

v1::CreateTrainingJobRequest PlatformUser::Job(const std::string& id) {
  v1::CreateTrainingJobRequest request;
  request.set_training_job_id(id);
  v1::TrainingJob::Spec& spec = *request.mutable_training_job()->mutable_spec();
  auto& hyperparameters = *spec.mutable_hyperparameters();
  hyperparameters["predictor_type"] = "binary_classifier";
  hyperparameters["mini_batch_size"] = "100";
  hyperparameters["epochs"] = "3";
  hyperparameters["num_models"] = "2";
  v1::TrainingJob::Channel& channel = *spec.add_channels();
  channel.set_name("train");
  channel.set_uri("s3://data/train.csv");
  spec.set_output_model("models/digits");
  spec.mutable_resources()->set_threads(1);
  return request;
}

v1::CreateTrainingJobRequest PlatformUser::EndlessJob(const std::string& id) {
  v1::CreateTrainingJobRequest request = Job(id);
  auto& hyperparameters = *request.mutable_training_job()->mutable_spec()->mutable_hyperparameters();
  hyperparameters["epochs"] = hyperparameters["early_stopping_patience"] = "1000000000";
  return request;
}

v1::TrainingJob PlatformUser::Create(const v1::CreateTrainingJobRequest& request) {
  return Expect(client_.training().CreateTrainingJob(request));
}

v1::TrainingJob PlatformUser::Get(const std::string& id) {
  return Expect(client_.training().GetTrainingJob(JobName(id)));
}

v1::TrainingJob PlatformUser::Cancel(const std::string& id, bool keep_model) {
  v1::CancelTrainingJobRequest request;
  request.set_name(JobName(id));
  request.set_keep_model(keep_model);
  return Expect(client_.training().CancelTrainingJob(request));
}

v1::TrainingJob PlatformUser::Await(const std::string& id,
                                    const std::function<bool(const v1::TrainingJob&)>& condition) {
  v1::TrainingJob last;
  bool met = false;
  EXPECT_THAT(client_.training().WatchTrainingJob(JobName(id),
                                                  [&](const v1::TrainingJob& job) {
                                                    last = job;
                                                    met = condition(job);
                                                    return !met;
                                                  }),
              IsOk());
  EXPECT_TRUE(met) << "ended as " << last.ShortDebugString();
  return last;
}

v1::TrainingJob PlatformUser::AwaitState(const std::string& id, v1::TrainingJob::State state) {
  return Await(id, [&](const v1::TrainingJob& job) { return job.state() == state; });
}

v1::TrainingJob PlatformUser::AwaitEpoch(const std::string& id, int epoch) {
  return Await(id, [&](const v1::TrainingJob& job) { return job.progress().epoch() >= epoch; });
}

v1::TrainingJob PlatformUser::AwaitEnd(const std::string& id) { return Await(id, client::HasEnded); }

std::vector<std::string> PlatformUser::Log(const std::string& id) {
  v1::ReadTrainingJobLogsRequest request;
  request.set_name(JobName(id));
  std::vector<std::string> lines;
  EXPECT_THAT(
      client_.training().ReadTrainingJobLogs(request, [&](absl::string_view line) { lines.emplace_back(line); }),
      IsOk());
  return lines;
}

std::vector<std::string> PlatformUser::Versions(const std::string& model) {
  v1::ListModelVersionsRequest request;
  request.set_parent(absl::StrCat("models/", model));
  std::vector<std::string> names;
  for (const absl::StatusOr<v1::ModelVersion>& version : client_.models().ListModelVersions(request)) {
    if (HasReason(version.status(), ErrorReason::kModelNotFound)) break;
    names.push_back(Expect(version).name());
  }
  return names;
}

std::string PlatformUser::Download(const std::string& version) {
  std::string bytes;
  Expect(client_.models().DownloadModelVersion(version, [&](absl::string_view part) {
    bytes.append(part.data(), part.size());
    return absl::OkStatus();
  }));
  return bytes;
}

}  // namespace ll::testing
