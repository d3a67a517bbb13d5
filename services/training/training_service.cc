#include "services/training/training_service.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "base/utf8.h"
#include "registry/job_store.h"
#include "services/rpc/field_checks.h"
#include "services/rpc/paging.h"
#include "services/rpc/resource_names.h"
#include "services/rpc/server_stream.h"
#include "services/rpc/unary.h"
#include "services/training/convert.h"

namespace ll::training {
namespace {

using google::protobuf::Empty;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;
using grpc::ServerWriteReactor;
using registry::JobRecord;
using registry::JobStore;
using registry::Page;
using rpc::RequestContext;
using rpc::StreamSource;
using rpc::StreamStep;
using rpc::Unary;
using LogsResponse = v1::ReadTrainingJobLogsResponse;
using WatchResponse = v1::WatchTrainingJobResponse;

class WatchSource final : public StreamSource<WatchResponse> {
 public:
  explicit WatchSource(std::unique_ptr<JobWatch> watch) : watch_(std::move(watch)) {}

  absl::StatusOr<StreamStep> Next(WatchResponse* response) override {
    if (ended_) return StreamStep::kEnd;
    LL_ASSIGN_OR_RETURN(const std::optional<JobRecord> job, watch_->Next());
    if (!job.has_value()) return StreamStep::kWait;
    *response->mutable_training_job() = ToProto(*job);
    ended_ = registry::IsTerminal(job->state);
    return StreamStep::kMessage;
  }

 private:
  const std::unique_ptr<JobWatch> watch_;
  bool ended_ = false;  // the terminal state was sent
};

class LogSource final : public StreamSource<LogsResponse> {
 public:
  explicit LogSource(std::unique_ptr<JobLogReader> reader) : reader_(std::move(reader)) {}

  absl::StatusOr<StreamStep> Next(LogsResponse* response) override {
    LL_ASSIGN_OR_RETURN(const LogPart part, reader_->Next());
    if (part.end) return StreamStep::kEnd;
    if (part.lines.empty()) return StreamStep::kWait;
    for (const std::string& line : part.lines) response->add_lines(ToValidUtf8(line));
    return StreamStep::kMessage;
  }

 private:
  const std::unique_ptr<JobLogReader> reader_;
};

}  // namespace

ServerUnaryReactor* TrainingService::CreateTrainingJob(CallbackServerContext* context,
                                                       const v1::CreateTrainingJobRequest* request,
                                                       v1::TrainingJob* response) {
  return Unary(runtime_, context, request, response,
               [this](const RequestContext& call, const auto& request, auto* response) -> absl::Status {
                 LL_ASSIGN_OR_RETURN(const JobRecord record, FromProto(request));
                 const absl::StatusOr<JobRecord> created = jobs_.Submit(record, call.write);
                 if (!created.ok()) return UnderTrainingJob(created.status());
                 *response = ToProto(*created);
                 return absl::OkStatus();
               });
}

ServerUnaryReactor* TrainingService::GetTrainingJob(CallbackServerContext* context,
                                                    const v1::GetTrainingJobRequest* request,
                                                    v1::TrainingJob* response) {
  return Unary(runtime_, context, request, response,
               [this](const RequestContext&, const auto& request, auto* response) -> absl::Status {
                 LL_ASSIGN_OR_RETURN(const std::string id, rpc::ParseTrainingJobName(request.name(), "name"));
                 LL_ASSIGN_OR_RETURN(const JobRecord job, jobs_.Get(id));
                 *response = ToProto(job);
                 return absl::OkStatus();
               });
}

ServerUnaryReactor* TrainingService::ListTrainingJobs(CallbackServerContext* context,
                                                      const v1::ListTrainingJobsRequest* request,
                                                      v1::ListTrainingJobsResponse* response) {
  return Unary(runtime_, context, request, response,
               [this](const RequestContext&, const auto& request, auto* response) -> absl::Status {
                 const rpc::PageTokens& tokens = runtime_.page_tokens();
                 LL_ASSIGN_OR_RETURN(const auto query, rpc::ParseListRequest(request, JobStore::kFilterFields, tokens));
                 LL_ASSIGN_OR_RETURN(const Page<JobRecord> page, jobs_.List(query));
                 for (const JobRecord& job : page.records) *response->add_training_jobs() = ToProto(job);
                 response->set_next_page_token(rpc::NextPageToken(request, page, tokens));
                 return absl::OkStatus();
               });
}

ServerUnaryReactor* TrainingService::CancelTrainingJob(CallbackServerContext* context,
                                                       const v1::CancelTrainingJobRequest* request,
                                                       v1::TrainingJob* response) {
  return Unary(runtime_, context, request, response,
               [this](const RequestContext& call, const auto& request, auto* response) -> absl::Status {
                 LL_ASSIGN_OR_RETURN(const std::string id, rpc::ParseTrainingJobName(request.name(), "name"));
                 LL_ASSIGN_OR_RETURN(const JobRecord job, jobs_.Cancel(id, request.keep_model(), call.write));
                 *response = ToProto(job);
                 return absl::OkStatus();
               });
}

ServerUnaryReactor* TrainingService::DeleteTrainingJob(CallbackServerContext* context,
                                                       const v1::DeleteTrainingJobRequest* request, Empty* response) {
  return Unary(runtime_, context, request, response,
               [this](const RequestContext& call, const auto& request, Empty*) -> absl::Status {
                 LL_ASSIGN_OR_RETURN(const std::string id, rpc::ParseTrainingJobName(request.name(), "name"));
                 return jobs_.Delete(id, request.etag(), call.write);
               });
}

ServerWriteReactor<WatchResponse>* TrainingService::WatchTrainingJob(CallbackServerContext* context,
                                                                     const v1::WatchTrainingJobRequest* request) {
  return rpc::ServerStream<WatchResponse>(
      runtime_, context, request,
      [this](const RequestContext&, const auto& request,
             rpc::StreamWaker& waker) -> absl::StatusOr<std::unique_ptr<StreamSource<WatchResponse>>> {
        LL_ASSIGN_OR_RETURN(const std::string id, rpc::ParseTrainingJobName(request.name(), "name"));
        LL_ASSIGN_OR_RETURN(std::unique_ptr<JobWatch> watch, jobs_.Watch(id, [&waker] { waker.Wake(); }));
        return std::make_unique<WatchSource>(std::move(watch));
      });
}

ServerWriteReactor<LogsResponse>* TrainingService::ReadTrainingJobLogs(CallbackServerContext* context,
                                                                       const v1::ReadTrainingJobLogsRequest* request) {
  return rpc::ServerStream<LogsResponse>(
      runtime_, context, request,
      [this](const RequestContext&, const auto& request,
             rpc::StreamWaker& waker) -> absl::StatusOr<std::unique_ptr<StreamSource<LogsResponse>>> {
        LL_ASSIGN_OR_RETURN(const std::string id, rpc::ParseTrainingJobName(request.name(), "name"));
        if (request.tail_lines() < 0) {
          return rpc::InvalidField("tail_lines", absl::StrCat("is ", request.tail_lines(), "; use 0 for all lines"));
        }
        LL_ASSIGN_OR_RETURN(std::unique_ptr<JobLogReader> reader,
                            jobs_.ReadLog(id, {.tail_lines = request.tail_lines(), .follow = request.follow()},
                                          [&waker] { waker.Wake(); }));
        return std::make_unique<LogSource>(std::move(reader));
      });
}

}  // namespace ll::training
