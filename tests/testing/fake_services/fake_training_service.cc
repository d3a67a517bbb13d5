#include "tests/testing/fake_services/fake_training_service.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/testing/fake_services/fake_model_service.h"

namespace ll::testing {
namespace {

bool Ended(const v1::TrainingJob& job) {
  return job.state() == v1::TrainingJob::SUCCEEDED || job.state() == v1::TrainingJob::FAILED ||
         job.state() == v1::TrainingJob::CANCELLED;
}

JobStep Epoch(int epoch, double loss) {
  return [=](v1::TrainingJob& job) {
    job.set_state(v1::TrainingJob::TRAINING);
    job.mutable_progress()->set_epoch(epoch);
    job.mutable_progress()->set_epochs(3);
    job.mutable_progress()->set_best_loss(loss);
    job.mutable_progress()->set_best_candidate(5);
    job.mutable_progress()->set_rows_per_second(1'234'567);
  };
}

// Moves a job one step on; registers the version when that step is its success.
void Step(FakeState& state, v1::TrainingJob& job) ABSL_EXCLUSIVE_LOCKS_REQUIRED(state.mutex) {
  size_t& position = state.job_positions[job.name()];
  if (position == state.job_plan.size() || Ended(job)) return;
  state.job_plan[position++](job);
  if (job.state() == v1::TrainingJob::SUCCEEDED) {
    v1::ModelVersion version;
    *version.mutable_hyperparameters() = job.spec().hyperparameters();
    version.mutable_schema()->set_predictor_type("binary_classifier");
    version.mutable_schema()->set_feature_dim(2);
    version.mutable_schema()->set_outputs(1);
    version.mutable_schema()->set_score_kind(v1::PROBABILITY);
    version.mutable_lineage()->set_training_job(job.name());
    *version.mutable_metrics() = job.metrics();
    job.set_model_version(AddVersion(state, job.spec().output_model(), version, std::string(2500, 'w')));
  }
  if (Ended(job)) {
    *job.mutable_end_time() = FakeTime();
    job.mutable_end_time()->set_seconds(job.end_time().seconds() + 12);
  }
  state.Changed("state", job.name());
}

}  // namespace

std::vector<JobStep> SuccessfulPlan() {
  return {[](v1::TrainingJob& job) {
            job.set_state(v1::TrainingJob::PREPARING);
            *job.mutable_start_time() = FakeTime();
          },
          Epoch(1, 0.5),
          Epoch(2, 0.125),
          Epoch(3, 0.0215),
          [](v1::TrainingJob& job) { job.set_state(v1::TrainingJob::UPLOADING); },
          [](v1::TrainingJob& job) {
            job.set_state(v1::TrainingJob::SUCCEEDED);
            (*job.mutable_metrics())["train:objective_loss"] = 0.0215;
          }};
}

grpc::Status FakeTrainingService::CreateTrainingJob(grpc::ServerContext*, const v1::CreateTrainingJobRequest* request,
                                                    v1::TrainingJob* response) {
  MutexLock lock(&state_.mutex);
  if (const absl::Status fault = state_.Enter(*request); !fault.ok()) return ToGrpc(fault);
  const std::string name = absl::StrCat("trainingJobs/", request->training_job_id());
  if (state_.jobs.count(name) > 0) return ToGrpc(Exists(name));
  response->set_name(name);
  *response->mutable_spec() = request->training_job().spec();
  *response->mutable_labels() = request->training_job().labels();
  response->set_state(v1::TrainingJob::QUEUED);
  *response->mutable_create_time() = FakeTime();
  if (request->validate_only()) return grpc::Status::OK;
  state_.jobs[name] = *response;
  state_.Changed("create", name);
  return grpc::Status::OK;
}

grpc::Status FakeTrainingService::GetTrainingJob(grpc::ServerContext*, const v1::GetTrainingJobRequest* request,
                                                 v1::TrainingJob* response) {
  MutexLock lock(&state_.mutex);
  if (const absl::Status fault = state_.Enter(*request); !fault.ok()) return ToGrpc(fault);
  const auto job = state_.jobs.find(request->name());
  if (job == state_.jobs.end()) return ToGrpc(NotFound(request->name(), ErrorReason::kTrainingJobNotFound));
  *response = job->second;
  return grpc::Status::OK;
}

grpc::Status FakeTrainingService::ListTrainingJobs(grpc::ServerContext*, const v1::ListTrainingJobsRequest* request,
                                                   v1::ListTrainingJobsResponse* response) {
  MutexLock lock(&state_.mutex);
  if (const absl::Status fault = state_.Enter(*request); !fault.ok()) return ToGrpc(fault);
  response->set_next_page_token(FillPage(
      *request, state_.jobs, [](const v1::TrainingJob&) { return true; }, response->mutable_training_jobs()));
  return grpc::Status::OK;
}

grpc::Status FakeTrainingService::CancelTrainingJob(grpc::ServerContext*, const v1::CancelTrainingJobRequest* request,
                                                    v1::TrainingJob* response) {
  MutexLock lock(&state_.mutex);
  if (const absl::Status fault = state_.Enter(*request); !fault.ok()) return ToGrpc(fault);
  const auto job = state_.jobs.find(request->name());
  if (job == state_.jobs.end()) return ToGrpc(NotFound(request->name(), ErrorReason::kTrainingJobNotFound));
  if (Ended(job->second)) {
    return ToGrpc(MakeError(absl::StatusCode::kFailedPrecondition, ErrorReason::kWrongState,
                            {.what = absl::StrCat("cannot cancel ", request->name()),
                             .why = absl::StrCat("it is ", v1::TrainingJob::State_Name(job->second.state()))}));
  }
  *response = job->second;
  response->set_state(v1::TrainingJob::CANCELLED);
  if (request->validate_only()) return grpc::Status::OK;
  job->second = *response;
  state_.Changed("state", request->name());
  return grpc::Status::OK;
}

grpc::Status FakeTrainingService::DeleteTrainingJob(grpc::ServerContext*, const v1::DeleteTrainingJobRequest* request,
                                                    google::protobuf::Empty*) {
  MutexLock lock(&state_.mutex);
  if (const absl::Status fault = state_.Enter(*request); !fault.ok()) return ToGrpc(fault);
  if (state_.jobs.count(request->name()) == 0) {
    return ToGrpc(NotFound(request->name(), ErrorReason::kTrainingJobNotFound));
  }
  if (request->validate_only()) return grpc::Status::OK;
  state_.jobs.erase(request->name());
  state_.job_positions.erase(request->name());
  state_.Changed("delete", request->name());
  return grpc::Status::OK;
}

grpc::Status FakeTrainingService::WatchTrainingJob(grpc::ServerContext* context,
                                                   const v1::WatchTrainingJobRequest* request,
                                                   grpc::ServerWriter<v1::WatchTrainingJobResponse>* writer) {
  v1::WatchTrainingJobResponse response;
  int64_t seen = 0;
  bool first = true;
  while (true) {
    {
      MutexLock lock(&state_.mutex);
      if (first) {
        if (const absl::Status fault = state_.Enter(*request); !fault.ok()) return ToGrpc(fault);
      }
      if (state_.jobs.count(request->name()) == 0) {
        return ToGrpc(NotFound(request->name(), ErrorReason::kTrainingJobNotFound));
      }
      v1::TrainingJob& job = state_.jobs[request->name()];
      if (!first) Step(state_, job);
      while (!first && state_.changes == seen) {
        grpc::Status status;
        if (!state_.AwaitChange(seen, context, &status)) return status;
      }
      first = false;
      seen = state_.changes;
      *response.mutable_training_job() = job;
    }
    if (!writer->Write(response) || Ended(response.training_job())) return grpc::Status::OK;
  }
}

grpc::Status FakeTrainingService::ReadTrainingJobLogs(grpc::ServerContext*,
                                                      const v1::ReadTrainingJobLogsRequest* request,
                                                      grpc::ServerWriter<v1::ReadTrainingJobLogsResponse>* writer) {
  std::vector<std::string> lines;
  {
    MutexLock lock(&state_.mutex);
    if (const absl::Status fault = state_.Enter(*request); !fault.ok()) return ToGrpc(fault);
    if (state_.jobs.count(request->name()) == 0) {
      return ToGrpc(NotFound(request->name(), ErrorReason::kTrainingJobNotFound));
    }
    lines = state_.logs[request->name()];
  }
  const size_t tail = request->tail_lines() == 0 ? lines.size() : static_cast<size_t>(request->tail_lines());
  v1::ReadTrainingJobLogsResponse response;
  for (size_t i = lines.size() - std::min(tail, lines.size()); i < lines.size(); ++i) response.add_lines(lines[i]);
  writer->Write(response);
  return grpc::Status::OK;
}

}  // namespace ll::testing
