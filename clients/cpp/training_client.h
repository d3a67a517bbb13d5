// Training jobs: create one, watch it learn, read what it printed. A thin typed layer over ll.v1.TrainingService, and
// the waiting that users of it would otherwise write themselves.
//
//   TrainingClient training(connection);
//   LL_ASSIGN_OR_RETURN(v1::TrainingJob job, training.CreateTrainingJob(request));
//   LL_ASSIGN_OR_RETURN(job, training.WaitForTrainingJob(job.name(), [](const v1::TrainingJob& now) { Show(now); }));
//   LL_RETURN_IF_ERROR(OutcomeOf(job));
//   Use(job.model_version());
//
// Copyable; thread-safe.
#ifndef LL_CLIENTS_CPP_TRAINING_CLIENT_H_
#define LL_CLIENTS_CPP_TRAINING_CLIENT_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "clients/cpp/call_options.h"
#include "clients/cpp/connection.h"
#include "clients/cpp/list_range.h"
#include "clients/cpp/watch.h"
#include "ll/v1/training_service.grpc.pb.h"

namespace ll::client {

// Whether the job is in one of the states that nothing follows: SUCCEEDED, FAILED, CANCELLED.
bool HasEnded(const v1::TrainingJob& job);

// How an ended job ended: OK when SUCCEEDED, its error when FAILED, CANCELLED / CANCELLED when it was cancelled.
absl::Status OutcomeOf(const v1::TrainingJob& job);

class TrainingClient {
 public:
  explicit TrainingClient(Connection connection);

  absl::StatusOr<v1::TrainingJob> CreateTrainingJob(v1::CreateTrainingJobRequest request,
                                                    const CallOptions& options = {}) const;
  absl::StatusOr<v1::TrainingJob> GetTrainingJob(const std::string& name, const CallOptions& options = {}) const;
  ListRange<v1::TrainingJob> ListTrainingJobs(v1::ListTrainingJobsRequest request = {},
                                              const CallOptions& options = {}) const;
  absl::StatusOr<v1::TrainingJob> CancelTrainingJob(v1::CancelTrainingJobRequest request,
                                                    const CallOptions& options = {}) const;
  absl::Status DeleteTrainingJob(v1::DeleteTrainingJobRequest request, const CallOptions& options = {}) const;

  // Calls `on_update` with the job now and after every change, until that returns false (OK) or the job has ended (OK).
  // Goes on over broken connections. NOT_FOUND; DEADLINE_EXCEEDED and CANCELLED as `options` ask.
  absl::Status WatchTrainingJob(const std::string& name, absl::FunctionRef<bool(const v1::TrainingJob&)> on_update,
                                const WaitOptions& options = {}) const;

  // The job once it has ended, whichever way. `on_update` may be empty.
  absl::StatusOr<v1::TrainingJob> WaitForTrainingJob(const std::string& name,
                                                     const std::function<void(const v1::TrainingJob&)>& on_update = {},
                                                     const WaitOptions& options = {}) const;

  // Hands every line to `on_line`; with `request.follow` until the job has ended. Lines have no line ends.
  absl::Status ReadTrainingJobLogs(const v1::ReadTrainingJobLogsRequest& request,
                                   absl::FunctionRef<void(absl::string_view line)> on_line,
                                   const CallOptions& options = {}) const;

 private:
  Connection connection_;
  std::shared_ptr<v1::TrainingService::StubInterface> stub_;
};

}  // namespace ll::client

#endif  // LL_CLIENTS_CPP_TRAINING_CLIENT_H_
