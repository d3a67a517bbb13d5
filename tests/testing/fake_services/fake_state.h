// What the fake services share: the resources, in memory, as the messages that clients see; the calls they received;
// and the faults a test has ordered. Guarded by one mutex, which is held for a whole unary call.
#ifndef LL_TESTS_TESTING_FAKE_SERVICES_FAKE_STATE_H_
#define LL_TESTS_TESTING_FAKE_SERVICES_FAKE_STATE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/error_reason.h"
#include "base/mutex.h"
#include "google/protobuf/message.h"
#include "google/protobuf/timestamp.pb.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/status.h"
#include "ll/v1/endpoint.pb.h"
#include "ll/v1/event.pb.h"
#include "ll/v1/model.pb.h"
#include "ll/v1/object.pb.h"
#include "ll/v1/server_service.pb.h"
#include "ll/v1/training_job.pb.h"

namespace ll::testing {

// One change of a training job that a watcher sees; applied each time a watcher asks for what comes next.
using JobStep = std::function<void(v1::TrainingJob& job)>;

struct FakeState {
  Mutex mutex;

  std::map<std::string, v1::Model> models ABSL_GUARDED_BY(mutex);  // all maps: by full name
  std::map<std::string, v1::ModelVersion> versions ABSL_GUARDED_BY(mutex);
  std::map<std::string, std::string> artifacts ABSL_GUARDED_BY(mutex);  // by name of the version
  std::map<std::string, v1::Bucket> buckets ABSL_GUARDED_BY(mutex);
  std::map<std::string, v1::Object> objects ABSL_GUARDED_BY(mutex);
  std::map<std::string, std::string> contents ABSL_GUARDED_BY(mutex);  // by name of the object
  std::map<std::string, v1::TrainingJob> jobs ABSL_GUARDED_BY(mutex);
  std::map<std::string, std::vector<std::string>> logs ABSL_GUARDED_BY(mutex);  // by name of the job
  std::map<std::string, size_t> job_positions ABSL_GUARDED_BY(mutex);           // steps taken of the plan
  std::vector<JobStep> job_plan ABSL_GUARDED_BY(mutex);                         // of every job
  std::map<std::string, v1::Endpoint> endpoints ABSL_GUARDED_BY(mutex);
  std::map<std::string, absl::Status> broken_versions ABSL_GUARDED_BY(mutex);  // endpoints fail to load them
  bool endpoints_stay ABSL_GUARDED_BY(mutex) = false;  // endpoints do not move from the state they are in
  std::vector<v1::Event> events ABSL_GUARDED_BY(mutex);
  v1::ServerInfo server_info ABSL_GUARDED_BY(mutex);
  bool serving ABSL_GUARDED_BY(mutex) = true;
  bool corrupt_downloads ABSL_GUARDED_BY(mutex) = false;  // the last byte of every download is changed

  std::map<std::string, int> calls ABSL_GUARDED_BY(mutex);  // by method
  std::map<std::string, std::vector<std::string>> request_ids ABSL_GUARDED_BY(mutex);
  std::map<std::string, std::string> last_requests ABSL_GUARDED_BY(mutex);         // serialised, by message type
  std::map<std::string, std::vector<absl::Status>> faults ABSL_GUARDED_BY(mutex);  // by method, first one first
  bool stopping ABSL_GUARDED_BY(mutex) = false;                                    // watches end with UNAVAILABLE
  int64_t changes ABSL_GUARDED_BY(mutex) = 0;

  // Notes the call of the method whose request `request` is; the fault that was ordered for it, or OK.
  absl::Status Enter(const google::protobuf::Message& request) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);

  // Appends an event and wakes the watchers.
  void Changed(const std::string& verb, const std::string& resource) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
  std::string NextEtag() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);

  // Waits a little for `changes` to pass `seen`; false when the watch must end with `*status`.
  bool AwaitChange(int64_t seen, grpc::ServerContext* context, grpc::Status* status)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
};

// When everything in the fakes happens: 2026-01-01T00:00:00Z, the start of a FakeClock.
google::protobuf::Timestamp FakeTime();

// The same error as the real server sends it.
grpc::Status ToGrpc(const absl::Status& status);
absl::Status NotFound(const std::string& name, ErrorReason reason);
absl::Status Exists(const std::string& name);

// "models/a/versions/3" -> "models/a".
std::string ParentOf(const std::string& name);

// One page of the values of `map` that `match` accepts. Page tokens are the name to start at.
template <typename Request, typename Resource, typename Match>
std::string FillPage(const Request& request, const std::map<std::string, Resource>& map, Match match,
                     google::protobuf::RepeatedPtrField<Resource>* page) {
  const int size = request.page_size() == 0 ? 50 : request.page_size();
  for (auto it = map.lower_bound(request.page_token()); it != map.end(); ++it) {
    if (!match(it->second)) continue;
    if (page->size() == size) return it->first;
    *page->Add() = it->second;
  }
  return "";
}

}  // namespace ll::testing

#endif  // LL_TESTS_TESTING_FAKE_SERVICES_FAKE_STATE_H_
