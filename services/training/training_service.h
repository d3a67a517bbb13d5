// ll.v1.TrainingService over JobManager.
#ifndef LL_SERVICES_TRAINING_TRAINING_SERVICE_H_
#define LL_SERVICES_TRAINING_TRAINING_SERVICE_H_

#include "google/protobuf/empty.pb.h"
#include "ll/v1/training_service.grpc.pb.h"
#include "services/rpc/rpc_runtime.h"
#include "services/training/job_manager.h"

namespace ll::training {

class TrainingService final : public v1::TrainingService::CallbackService {
 public:
  // Both must outlive the server.
  TrainingService(rpc::RpcRuntime& runtime, JobManager& jobs) : runtime_(runtime), jobs_(jobs) {}

  grpc::ServerUnaryReactor* CreateTrainingJob(grpc::CallbackServerContext* context,
                                              const v1::CreateTrainingJobRequest* request,
                                              v1::TrainingJob* response) override;
  grpc::ServerUnaryReactor* GetTrainingJob(grpc::CallbackServerContext* context,
                                           const v1::GetTrainingJobRequest* request,
                                           v1::TrainingJob* response) override;
  grpc::ServerUnaryReactor* ListTrainingJobs(grpc::CallbackServerContext* context,
                                             const v1::ListTrainingJobsRequest* request,
                                             v1::ListTrainingJobsResponse* response) override;
  grpc::ServerUnaryReactor* CancelTrainingJob(grpc::CallbackServerContext* context,
                                              const v1::CancelTrainingJobRequest* request,
                                              v1::TrainingJob* response) override;
  grpc::ServerUnaryReactor* DeleteTrainingJob(grpc::CallbackServerContext* context,
                                              const v1::DeleteTrainingJobRequest* request,
                                              google::protobuf::Empty* response) override;
  grpc::ServerWriteReactor<v1::WatchTrainingJobResponse>* WatchTrainingJob(
      grpc::CallbackServerContext* context, const v1::WatchTrainingJobRequest* request) override;
  grpc::ServerWriteReactor<v1::ReadTrainingJobLogsResponse>* ReadTrainingJobLogs(
      grpc::CallbackServerContext* context, const v1::ReadTrainingJobLogsRequest* request) override;

 private:
  rpc::RpcRuntime& runtime_;
  JobManager& jobs_;
};

}  // namespace ll::training

#endif  // LL_SERVICES_TRAINING_TRAINING_SERVICE_H_
