// A JobManager over fakes, and what tests of it need: data to train on, jobs, and ways to wait for what they do.
#ifndef LL_TESTS_TESTING_TRAINING_FIXTURE_H_
#define LL_TESTS_TESTING_TRAINING_FIXTURE_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "base/mutex.h"
#include "gtest/gtest.h"
#include "registry/blob_store.h"
#include "registry/records.h"
#include "registry/registry.h"
#include "services/training/job_manager.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/fake_job_launcher.h"
#include "tests/testing/fault_env.h"
#include "tests/testing/memory_registry.h"
#include "tests/testing/temp_dir.h"

namespace ll::testing {

// Sees every change of one job that a watcher would see.
class JobWatcher {
 public:
  JobWatcher(training::JobManager& jobs, const std::string& job_id);

  // Waits until the job satisfies `predicate` and returns it.
  registry::JobRecord Await(absl::FunctionRef<bool(const registry::JobRecord&)> predicate);
  registry::JobRecord AwaitState(registry::JobState state);
  // Waits until the watcher has been woken since it last looked, waited here or dropped wakes.
  void AwaitWake();
  void DropWakes();
  // What Next() says, without waiting.
  absl::StatusOr<std::optional<registry::JobRecord>> Next() { return watch_->Next(); }

 private:
  Mutex mutex_;
  int wakes_ ABSL_GUARDED_BY(mutex_) = 0;
  int seen_wakes_ = 0;
  std::unique_ptr<training::JobWatch> watch_;
};

// The manager begins with Start(); before it, tests may put rows as an earlier server would have left them.
class TrainingTest : public ::testing::Test {
 protected:
  TrainingTest();
  ~TrainingTest() override;

  void Start();
  void Restart();  // as after a shutdown

  // An object with these bytes; the bucket is created when missing.
  void PutObject(const std::string& bucket, const std::string& key, absl::string_view bytes,
                 const std::string& content_type = "");
  void DeleteObject(const std::string& bucket, const std::string& key);

  // A valid job that trains on s3://data/train.pbr into model "digits".
  static registry::JobRecord Job(const std::string& id);
  registry::JobRecord Submit(const std::string& id);
  // Puts a row in this state.
  void InsertJob(const std::string& id, registry::JobState state, bool keep_model = false);

  registry::JobRecord AwaitState(const std::string& id, registry::JobState state);
  registry::JobRecord Get(const std::string& id);
  absl::StatusOr<registry::VersionRecord> GetVersion(const std::string& model_id, int64_t number);
  int64_t NewestEvent();
  std::string JobFile(const std::string& id, const std::string& file) const;

  TempDir dir_;
  FakeClock clock_;
  FaultEnv env_;       // of the manager
  FaultEnv blob_env_;  // of the blob store
  MemoryRegistry registry_;
  std::unique_ptr<registry::BlobStore> blobs_;
  FakeJobLauncher launcher_;
  training::JobManagerOptions options_;
  std::unique_ptr<training::JobManager> jobs_;
};

}  // namespace ll::testing

#endif  // LL_TESTS_TESTING_TRAINING_FIXTURE_H_
