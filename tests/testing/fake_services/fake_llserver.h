// An llserver in memory for tests of clients: real gRPC on a loopback port, every service of ll.v1 with the behaviour
// that its documentation promises, and faults when a test orders them.
//
//   FakeLlserver server;
//   server.AddVersion("churn", 2);                               // models/churn/versions/1 that takes 2 features
//   server.FailNext("CreateModel", absl::UnavailableError(""));  // the next call of that method fails
//   Client client = Client::Open({.address = server.address()}).value();
//   ...
//   EXPECT_EQ(server.calls("CreateModel"), 2);
#ifndef LL_TESTS_TESTING_FAKE_SERVICES_FAKE_LLSERVER_H_
#define LL_TESTS_TESTING_FAKE_SERVICES_FAKE_LLSERVER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "grpcpp/server.h"
#include "tests/testing/fake_services/fake_endpoint_service.h"
#include "tests/testing/fake_services/fake_event_service.h"
#include "tests/testing/fake_services/fake_model_service.h"
#include "tests/testing/fake_services/fake_object_service.h"
#include "tests/testing/fake_services/fake_state.h"
#include "tests/testing/fake_services/fake_training_service.h"

namespace ll::testing {

// Thread-safe.
class FakeLlserver {
 public:
  // Serves on a free port of 127.0.0.1 from the start.
  FakeLlserver();
  ~FakeLlserver();
  FakeLlserver(const FakeLlserver&) = delete;
  FakeLlserver& operator=(const FakeLlserver&) = delete;

  const std::string& address() const { return address_; }

  // Breaks every connection and listens no more; the state stays. Start() serves it again at the same address.
  void Stop();
  void Start();

  // Lets the next `times` calls of a method ("CreateModel") fail; those of an upload in the middle of it.
  void FailNext(const std::string& method, const absl::Status& error, int times = 1);
  int calls(const std::string& method);
  void AwaitCalls(const std::string& method, int count);
  std::vector<std::string> request_ids(const std::string& method);
  // The last request of this type that came, empty when none did.
  template <typename Request>
  Request last() {
    Request request;
    MutexLock lock(&state_.mutex);
    request.ParseFromString(state_.last_requests[request.GetTypeName()]);
    return request;
  }

  // Adds the next version of a model (created when missing) and returns its full name.
  std::string AddVersion(const std::string& model_id, int feature_dim,
                         const std::string& predictor_type = "binary_classifier", int outputs = 1);
  // Adds an endpoint that is in service.
  void AddEndpoint(const std::string& endpoint_id, const std::string& model_version);
  void AddObject(const std::string& bucket_id, const std::string& key, absl::string_view bytes);
  void AddJob(const v1::TrainingJob& job);
  void UpdateJob(const std::string& name, absl::FunctionRef<void(v1::TrainingJob&)> change);
  // Endpoints fail to load this version.
  void BreakVersion(const std::string& name, const absl::Status& error);
  void set_job_plan(std::vector<JobStep> plan);

  // Anything else: with the state locked.
  void Edit(absl::FunctionRef<void(FakeState&)> edit);

 private:
  FakeState state_;
  FakeModelService models_{state_};
  FakeObjectService objects_{state_};
  FakeTrainingService training_{state_};
  FakeEndpointService endpoints_{state_};
  FakePredictionService predictions_{state_};
  FakeEventService events_{state_};
  FakeServerService server_info_{state_};
  FakeHealthService health_{state_};
  std::string address_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace ll::testing

#endif  // LL_TESTS_TESTING_FAKE_SERVICES_FAKE_LLSERVER_H_
