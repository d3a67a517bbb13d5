#include "clients/cpp/training_client.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "clients/cpp/client_call.h"
#include "clients/cpp/grpc_status.h"
#include "clients/cpp/list_call.h"

namespace ll::client {
namespace {

using Stub = v1::TrainingService::StubInterface;

}  // namespace

bool HasEnded(const v1::TrainingJob& job) {
  switch (job.state()) {
    case v1::TrainingJob::SUCCEEDED:
    case v1::TrainingJob::FAILED:
    case v1::TrainingJob::CANCELLED: return true;
    default: return false;
  }
}

absl::Status OutcomeOf(const v1::TrainingJob& job) {
  if (job.state() == v1::TrainingJob::SUCCEEDED) return absl::OkStatus();
  if (job.state() == v1::TrainingJob::CANCELLED) {
    return MakeError(absl::StatusCode::kCancelled, ErrorReason::kCancelled,
                     {.what = absl::StrCat(job.name(), " did not succeed"), .why = "it was cancelled"},
                     {.metadata = {{"training_job", job.name()}}});
  }
  const absl::Status error = FromRpcStatus(job.error());
  if (!error.ok()) return error;
  return MakeError(absl::StatusCode::kInternal, ErrorReason::kTrainingFailed,
                   {.what = absl::StrCat(job.name(), " did not succeed"),
                    .why = absl::StrCat("it is ", v1::TrainingJob::State_Name(job.state()), " without an error"),
                    .remedy = absl::StrCat("Read `llctl training-job logs ", job.name(), "`.")},
                   {.metadata = {{"training_job", job.name()}}});
}

TrainingClient::TrainingClient(Connection connection)
    : connection_(std::move(connection)), stub_(v1::TrainingService::NewStub(connection_.channel())) {}

absl::StatusOr<v1::TrainingJob> TrainingClient::CreateTrainingJob(v1::CreateTrainingJobRequest request,
                                                                  const CallOptions& options) const {
  return CallMutation(connection_, "ll.v1.TrainingService/CreateTrainingJob", *stub_, &Stub::CreateTrainingJob,
                      std::move(request), options);
}

absl::StatusOr<v1::TrainingJob> TrainingClient::GetTrainingJob(const std::string& name,
                                                               const CallOptions& options) const {
  v1::GetTrainingJobRequest request;
  request.set_name(name);
  return CallUnary(connection_, "ll.v1.TrainingService/GetTrainingJob", *stub_, &Stub::GetTrainingJob, request,
                   options);
}

ListRange<v1::TrainingJob> TrainingClient::ListTrainingJobs(v1::ListTrainingJobsRequest request,
                                                            const CallOptions& options) const {
  return CallList("ll.v1.TrainingService/ListTrainingJobs", connection_, stub_, &Stub::ListTrainingJobs,
                  &v1::ListTrainingJobsResponse::mutable_training_jobs, std::move(request), options);
}

absl::StatusOr<v1::TrainingJob> TrainingClient::CancelTrainingJob(v1::CancelTrainingJobRequest request,
                                                                  const CallOptions& options) const {
  return CallMutation(connection_, "ll.v1.TrainingService/CancelTrainingJob", *stub_, &Stub::CancelTrainingJob,
                      std::move(request), options);
}

absl::Status TrainingClient::DeleteTrainingJob(v1::DeleteTrainingJobRequest request, const CallOptions& options) const {
  return CallMutation(connection_, "ll.v1.TrainingService/DeleteTrainingJob", *stub_, &Stub::DeleteTrainingJob,
                      std::move(request), options)
      .status();
}

absl::Status TrainingClient::WatchTrainingJob(const std::string& name,
                                              absl::FunctionRef<bool(const v1::TrainingJob&)> on_update,
                                              const WaitOptions& options) const {
  v1::WatchTrainingJobRequest request;
  request.set_name(name);
  WatchLoop loop(connection_, "ll.v1.TrainingService/WatchTrainingJob", options);
  return loop.Run<v1::WatchTrainingJobResponse>(
      [&](grpc::ClientContext* context) { return stub_->WatchTrainingJob(context, request); },
      [&](v1::WatchTrainingJobResponse& message) {
        return on_update(message.training_job()) && !HasEnded(message.training_job());
      });
}

absl::StatusOr<v1::TrainingJob> TrainingClient::WaitForTrainingJob(
    const std::string& name, const std::function<void(const v1::TrainingJob&)>& on_update,
    const WaitOptions& options) const {
  v1::TrainingJob job;
  const absl::Status status = WatchTrainingJob(
      name,
      [&](const v1::TrainingJob& now) {
        job = now;
        if (on_update) on_update(now);
        return true;
      },
      options);
  if (!status.ok()) return Annotate(status, absl::StrCat("waiting for ", name));
  return job;
}

absl::Status TrainingClient::ReadTrainingJobLogs(const v1::ReadTrainingJobLogsRequest& request,
                                                 absl::FunctionRef<void(absl::string_view line)> on_line,
                                                 const CallOptions& options) const {
  ClientCall call(connection_, "ll.v1.TrainingService/ReadTrainingJobLogs", options);
  const auto reader = stub_->ReadTrainingJobLogs(call.context(), request);
  v1::ReadTrainingJobLogsResponse response;
  while (reader->Read(&response)) {
    for (const std::string& line : response.lines()) on_line(line);
  }
  return call.End(reader->Finish());
}

}  // namespace ll::client
