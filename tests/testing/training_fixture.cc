#include "tests/testing/training_fixture.h"

#include <utility>

#include "base/env.h"
#include "base/status_macros.h"
#include "tests/testing/status_matchers.h"

namespace ll::testing {

using registry::JobRecord;
using registry::JobState;

JobWatcher::JobWatcher(training::JobManager& jobs, const std::string& job_id) {
  absl::StatusOr<std::unique_ptr<training::JobWatch>> watch = jobs.Watch(job_id, [this] {
    MutexLock lock(&mutex_);
    ++wakes_;
  });
  EXPECT_THAT(watch, IsOk());
  watch_ = *std::move(watch);
}

JobRecord JobWatcher::Await(absl::FunctionRef<bool(const JobRecord&)> predicate) {
  while (true) {
    DropWakes();
    const absl::StatusOr<std::optional<JobRecord>> next = watch_->Next();
    EXPECT_THAT(next, IsOk());
    if (!next.ok()) return {};
    if (next->has_value() && predicate(**next)) return **next;
    if (!next->has_value()) AwaitWake();
  }
}

void JobWatcher::AwaitWake() {
  MutexLock lock(&mutex_);
  mutex_.Await([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return wakes_ > seen_wakes_; });
  seen_wakes_ = wakes_;
}

void JobWatcher::DropWakes() {
  MutexLock lock(&mutex_);
  seen_wakes_ = wakes_;
}

JobRecord JobWatcher::AwaitState(JobState state) {
  return Await([&](const JobRecord& job) { return job.state == state; });
}

TrainingTest::TrainingTest() : registry_(clock_) {
  blobs_ = *registry::BlobStore::Open(blob_env_, dir_.File("blobs"));
  options_.run.jobs_directory = dir_.File("jobs");
  PutObject("data", "train.pbr", "rows to train on");
}

TrainingTest::~TrainingTest() {
  // Runs that ignore a stop would be waited for until time moves.
  launcher_.set_on_stop(FakeJobLauncher::OnStop::kEnd);
  launcher_.KillAll();
}

void TrainingTest::Start() {
  absl::StatusOr<std::unique_ptr<training::JobManager>> jobs =
      training::JobManager::Open({registry_, *blobs_, env_, clock_, launcher_}, options_);
  ASSERT_THAT(jobs, IsOk());
  jobs_ = *std::move(jobs);
  jobs_->Start();
}

void TrainingTest::Restart() {
  jobs_.reset();
  Start();
}

void TrainingTest::PutObject(const std::string& bucket, const std::string& key, absl::string_view bytes,
                             const std::string& content_type) {
  absl::StatusOr<registry::PinnedBlob> blob = blobs_->Put(bytes);
  ASSERT_THAT(blob, IsOk());
  ASSERT_THAT(registry_.Write({},
                              [&](registry::Transaction& tx) -> absl::Status {
                                if (!tx.objects().GetBucket(bucket).ok()) {
                                  LL_RETURN_IF_ERROR(tx.objects().InsertBucket({.id = bucket}).status());
                                }
                                return tx.objects()
                                    .Put({.bucket_id = bucket,
                                          .key = key,
                                          .sha256 = blob->sha256(),
                                          .md5 = blob->md5(),
                                          .size_bytes = blob->size_bytes(),
                                          .content_type = content_type})
                                    .status();
                              }),
              IsOk());
}

void TrainingTest::DeleteObject(const std::string& bucket, const std::string& key) {
  ASSERT_THAT(registry_.Write({}, [&](registry::Transaction& tx) { return tx.objects().Delete(bucket, key); }), IsOk());
}

JobRecord TrainingTest::Job(const std::string& id) {
  return {.id = id,
          .spec = {.algorithm = "linear-learner",
                   .hyperparameters = {{"predictor_type", "binary_classifier"}},
                   .channels = {{.name = "train", .uri = "s3://data/train.pbr"}},
                   .model_id = "digits"}};
}

JobRecord TrainingTest::Submit(const std::string& id) {
  const absl::StatusOr<JobRecord> job = jobs_->Submit(Job(id), {});
  EXPECT_THAT(job, IsOk());
  return job.value_or(JobRecord{});
}

void TrainingTest::InsertJob(const std::string& id, JobState state, bool keep_model) {
  JobRecord job = Job(id);
  job.state = state;
  job.keep_model = keep_model;
  ASSERT_THAT(registry_.Write({}, [&](registry::Transaction& tx) { return tx.jobs().Insert(job).status(); }), IsOk());
}

JobRecord TrainingTest::AwaitState(const std::string& id, JobState state) {
  return JobWatcher(*jobs_, id).AwaitState(state);
}

JobRecord TrainingTest::Get(const std::string& id) {
  const absl::StatusOr<JobRecord> job = jobs_->Get(id);
  EXPECT_THAT(job, IsOk());
  return job.value_or(JobRecord{});
}

absl::StatusOr<registry::VersionRecord> TrainingTest::GetVersion(const std::string& model_id, int64_t number) {
  absl::StatusOr<registry::VersionRecord> version;
  LL_RETURN_IF_ERROR(registry_.Read([&](const registry::View& view) {
    version = view.models().GetVersion(model_id, number);
    return absl::OkStatus();
  }));
  return version;
}

int64_t TrainingTest::NewestEvent() {
  int64_t newest = 0;
  EXPECT_THAT(registry_.Read([&](const registry::View& view) -> absl::Status {
    LL_ASSIGN_OR_RETURN(newest, view.events().Newest());
    return absl::OkStatus();
  }),
              IsOk());
  return newest;
}

std::string TrainingTest::JobFile(const std::string& id, const std::string& file) const {
  return JoinPath(JoinPath(options_.run.jobs_directory, id), file);
}

}  // namespace ll::testing
