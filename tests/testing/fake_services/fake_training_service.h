// TrainingService in memory. A job takes one step of the plan each time a watcher has taken the state before, and waits
// at the end of the plan for the test (FakeLlserver::UpdateJob) or for a cancel.
#ifndef LL_TESTS_TESTING_FAKE_SERVICES_FAKE_TRAINING_SERVICE_H_
#define LL_TESTS_TESTING_FAKE_SERVICES_FAKE_TRAINING_SERVICE_H_

#include <vector>

#include "ll/v1/training_service.grpc.pb.h"
#include "tests/testing/fake_services/fake_state.h"

namespace ll::testing {

// PREPARING, TRAINING with three epochs, UPLOADING, SUCCEEDED.
std::vector<JobStep> SuccessfulPlan();

class FakeTrainingService final : public v1::TrainingService::Service {
 public:
  explicit FakeTrainingService(FakeState& state) : state_(state) {}

  grpc::Status CreateTrainingJob(grpc::ServerContext*, const v1::CreateTrainingJobRequest* request,
                                 v1::TrainingJob* response) override;
  grpc::Status GetTrainingJob(grpc::ServerContext*, const v1::GetTrainingJobRequest* request,
                              v1::TrainingJob* response) override;
  grpc::Status ListTrainingJobs(grpc::ServerContext*, const v1::ListTrainingJobsRequest* request,
                                v1::ListTrainingJobsResponse* response) override;
  grpc::Status CancelTrainingJob(grpc::ServerContext*, const v1::CancelTrainingJobRequest* request,
                                 v1::TrainingJob* response) override;
  grpc::Status DeleteTrainingJob(grpc::ServerContext*, const v1::DeleteTrainingJobRequest* request,
                                 google::protobuf::Empty*) override;
  grpc::Status WatchTrainingJob(grpc::ServerContext* context, const v1::WatchTrainingJobRequest* request,
                                grpc::ServerWriter<v1::WatchTrainingJobResponse>* writer) override;
  grpc::Status ReadTrainingJobLogs(grpc::ServerContext*, const v1::ReadTrainingJobLogsRequest* request,
                                   grpc::ServerWriter<v1::ReadTrainingJobLogsResponse>* writer) override;

 private:
  FakeState& state_;
};

}  // namespace ll::testing

#endif  // LL_TESTS_TESTING_FAKE_SERVICES_FAKE_TRAINING_SERVICE_H_
