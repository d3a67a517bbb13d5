// A model loader that does as it is told and remembers what happened: loads that fail or hang, how many models are
// alive, and on which thread each of them died.
//
//   FakeModelLoader loader;
//   loader.Fail("models/m/versions/2", absl::DataLossError("bad bytes"));
//   loader.Block("models/m/versions/3");
//   ModelHost host(loader.function(), clock, {});
//   ... loader.AwaitBlocked("models/m/versions/3"); loader.Unblock("models/m/versions/3"); ...
//
// A loaded model scores every row with the number of its version, so an answer tells who gave it.
#ifndef LL_TESTS_TESTING_FAKE_MODEL_LOADER_H_
#define LL_TESTS_TESTING_FAKE_MODEL_LOADER_H_

#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "base/mutex.h"
#include "services/prediction/model_host.h"

namespace ll::testing {

// Thread-safe. Versions are named in full, "models/m/versions/3". Must outlive the models it has loaded.
class FakeModelLoader final {
 public:
  prediction::LoadVersion function() {
    return [this](const prediction::HostedVersion& version) { return Load(version); };
  }

  // Loads of the version fail from now on; an OK status lets them succeed again.
  void Fail(const std::string& version, const absl::Status& error);
  // Loads of the version wait from now on, until Unblock().
  void Block(const std::string& version);
  void Unblock(const std::string& version);
  // Returns once a load of the version waits.
  void AwaitBlocked(const std::string& version);

  int loads(const std::string& version) const;  // begun so far
  int most_at_once() const;                     // loads that ran at the same time, at most
  int live() const;                             // models that exist now
  void AwaitLive(int count);
  // Where models were destroyed.
  std::set<std::thread::id> graves() const;

 private:
  class Model;

  absl::StatusOr<std::unique_ptr<const prediction::Predictor>> Load(const prediction::HostedVersion& version);
  void OnDeath();

  mutable Mutex mutex_;
  std::map<std::string, absl::Status> failures_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> blocked_ ABSL_GUARDED_BY(mutex_);
  std::multiset<std::string> waiting_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int> loads_ ABSL_GUARDED_BY(mutex_);
  int running_ ABSL_GUARDED_BY(mutex_) = 0;
  int most_at_once_ ABSL_GUARDED_BY(mutex_) = 0;
  int live_ ABSL_GUARDED_BY(mutex_) = 0;
  std::set<std::thread::id> graves_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ll::testing

#endif  // LL_TESTS_TESTING_FAKE_MODEL_LOADER_H_
