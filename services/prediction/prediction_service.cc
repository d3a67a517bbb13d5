#include "services/prediction/prediction_service.h"

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/mutex.h"
#include "base/status_macros.h"
#include "google/protobuf/io/coded_stream.h"
#include "grpcpp/support/proto_buffer_reader.h"
#include "services/prediction/batch.h"
#include "services/prediction/prediction_convert.h"
#include "services/rpc/field_checks.h"
#include "services/rpc/request_context.h"
#include "services/rpc/resource_names.h"
#include "services/rpc/status.h"

namespace ll::prediction {
namespace {

// What a stream keeps of its messages' memory from one batch to the next.
constexpr size_t kMaxKeptBytes = size_t{8} << 20;

// What the methods work with.
struct Door {
  rpc::RpcRuntime& runtime;
  PredictorSource& predictors;
  Admission& admission;
};

absl::Status CheckAnswerSize(const Door& door, int64_t rows, const learner::ModelSchema& schema) {
  const int64_t bytes = rows * (schema.outputs * int64_t{sizeof(float)} + (schema.has_labels() ? 1 : 0));
  const int64_t limit = door.runtime.options().max_message_bytes;
  if (bytes <= limit) return absl::OkStatus();
  return MakeError(absl::StatusCode::kResourceExhausted, ErrorReason::kMessageTooLarge,
                   {.what = absl::StrCat("cannot answer a batch of ", rows, " rows"),
                    .why = absl::StrCat("the answer would have at least ", bytes,
                                        " bytes, and the server's max_message_bytes is ", limit),
                    .remedy = "Send fewer rows at a time, or raise that setting on the server."},
                   {.metadata = {{"max_message_bytes", absl::StrCat(limit)}}});
}

// Scores the rows with whatever serves the endpoint now.
absl::Status AnswerBatch(const Door& door, const std::string& endpoint_id, const Rows& rows,
                         absl::FunctionRef<bool()> abandoned, learner::Scores* scratch, v1::Predictions* predictions) {
  LL_ASSIGN_OR_RETURN(const PredictorHandle handle, door.predictors.Acquire(endpoint_id));
  LL_RETURN_IF_ERROR(CheckRows(rows, handle->schema().feature_dim));
  const int64_t count = CountRows(rows);
  LL_RETURN_IF_ERROR(CheckAnswerSize(door, count, handle->schema()));
  BeginPredictions(handle, count, predictions);
  return ScoreInSlices(*handle, rows, abandoned, scratch,
                       [predictions](const learner::Scores& slice) { AppendScores(slice, predictions); });
}

class PredictReactor final : public grpc::ServerUnaryReactor {
 public:
  PredictReactor(const Door& door, grpc::CallbackServerContext* context, const v1::PredictRequest& request,
                 v1::PredictResponse* response) {
    const absl::Status status = Answer(door, *context, request, response);
    if (!status.ok() || context->client_metadata().count(rpc::kCorrelationMetadata) > 0) {
      const rpc::RequestContext call = rpc::MakeRequestContext(door.runtime, *context, request);
      context->AddTrailingMetadata(rpc::kCorrelationMetadata, call.correlation_id);
      rpc::LogCall(call, status, request.endpoint());
    }
    Finish(rpc::ToGrpcStatus(status));
  }

 private:
  void OnDone() override { delete this; }

  absl::Status Answer(const Door& door, const grpc::CallbackServerContext& context, const v1::PredictRequest& request,
                      v1::PredictResponse* response) {
    const auto bytes = static_cast<int64_t>(request.ByteSizeLong());
    LL_RETURN_IF_ERROR(rpc::CheckMessageSize(door.runtime, "Predict", bytes));
    LL_ASSIGN_OR_RETURN(ticket_, door.admission.Admit(bytes));
    LL_ASSIGN_OR_RETURN(const std::string endpoint_id, rpc::ParseEndpointName(request.endpoint(), "endpoint"));
    learner::Scores scratch;
    return AnswerBatch(
        door, endpoint_id, RowsOf(request), [&context] { return context.IsCancelled(); }, &scratch,
        response->mutable_predictions());
  }

  std::optional<Admission::Ticket> ticket_;  // until the answer has been taken
};

// One stream: while a batch is being answered, or its answer written, at most one more is read and waits.
//
// gRPC's callbacks come from several threads at once. The state that they share is guarded; the messages belong to
// whoever has made busy_ true.
class StreamPredictReactor final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  StreamPredictReactor(const Door& door, grpc::CallbackServerContext* context)
      : door_(door), call_(rpc::MakeRequestContext(door.runtime, *context, request_)) {
    context->AddTrailingMetadata(rpc::kCorrelationMetadata, call_.correlation_id);
    StartRead(&incoming_);
    on_ending_ = door_.runtime.OnEnding([this] { Stop(rpc::ShuttingDownError()); });
    if (door_.runtime.ending()) Stop(rpc::ShuttingDownError());
  }

 private:
  void OnReadDone(bool ok) override {
    {
      MutexLock lock(&mutex_);
      if (!ok || !end_.ok()) {
        all_read_ = true;
        FinishIfIdle();
        return;
      }
      admitted_ = door_.admission.Admit(static_cast<int64_t>(incoming_.Length()));
      if (busy_) {
        waiting_ = true;
        return;
      }
      busy_ = true;
    }
    AnswerNext();
  }

  void OnWriteDone(bool ok) override {
    if (!ok) Stop(rpc::CancelledError());
    outgoing_.Clear();
    ticket_.reset();
    if (NextIsWaiting()) AnswerNext();
  }

  void OnCancel() override { Stop(rpc::CancelledError()); }

  void OnDone() override { delete this; }

  // The batch is done with: whether another one is to be answered right away.
  bool NextIsWaiting() {
    MutexLock lock(&mutex_);
    busy_ = std::exchange(waiting_, false) && end_.ok();
    FinishIfIdle();
    return busy_;
  }

  // Ends the stream with `status` as soon as the batch that is being answered is done with.
  void Stop(const absl::Status& status) {
    stopped_ = true;
    MutexLock lock(&mutex_);
    if (end_.ok()) end_ = status;
    FinishIfIdle();
  }

  void FinishIfIdle() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (busy_ || finished_ || (end_.ok() && !all_read_)) return;
    finished_ = true;
    rpc::LogCall(call_, end_, endpoint_name_);
    Finish(rpc::ToGrpcStatus(end_));
  }

  // Answers the batch in incoming_; busy_ is true.
  void AnswerNext() {
    const auto bytes = static_cast<int64_t>(incoming_.Length());
    absl::Status status = TakeTicket();
    if (!ParseIncoming()) {
      Stop(MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidArgument,
                     {.what = "cannot go on with the stream",
                      .why = "a message is not a StreamPredictRequest",
                      .remedy = "Send what ll/v1/prediction_service.proto describes."}));
      NextIsWaiting();
      return;
    }
    StartRead(&incoming_);  // goes on while this batch is scored
    if (status.ok()) status = Answer(bytes);
    if (!status.ok() && stopped_) {
      NextIsWaiting();
      return;
    }
    Reply(status);
  }

  // Why the batch that was read was not admitted.
  absl::Status TakeTicket() {
    MutexLock lock(&mutex_);
    if (!admitted_.ok()) return admitted_.status();
    ticket_ = *std::exchange(admitted_, absl::UnknownError("no batch was read"));
    return absl::OkStatus();
  }

  // Like gRPC's own parsing, but into the memory of the batch before.
  bool ParseIncoming() {
    request_.clear_endpoint();
    request_.clear_batch_id();
    if (request_.has_sparse()) {
      request_.mutable_sparse()->Clear();
    } else {
      request_.mutable_dense()->Clear();
    }
    grpc::ProtoBufferReader reader(&incoming_);
    google::protobuf::io::CodedInputStream input(&reader);
    const bool parsed = reader.status().ok() && request_.MergeFromCodedStream(&input) && input.ConsumedEntireMessage();
    incoming_.Clear();
    return parsed;
  }

  absl::Status Answer(int64_t bytes) {
    LL_RETURN_IF_ERROR(rpc::CheckMessageSize(door_.runtime, call_.method, bytes));
    if (endpoint_name_.empty()) {
      LL_ASSIGN_OR_RETURN(endpoint_id_, rpc::ParseEndpointName(request_.endpoint(), "endpoint"));
      endpoint_name_ = request_.endpoint();
    } else if (!request_.endpoint().empty() && request_.endpoint() != endpoint_name_) {
      return rpc::InvalidField("endpoint", absl::StrCat("is not that of the first message, ", endpoint_name_,
                                                        "; open another stream for another endpoint"));
    }
    return AnswerBatch(
        door_, endpoint_id_, RowsOf(request_), [this] { return stopped_.load(); }, &scratch_,
        response_.mutable_predictions());
  }

  void Reply(const absl::Status& status) {
    response_.set_batch_id(request_.batch_id());
    if (!status.ok()) *response_.mutable_error() = rpc::ToRpcStatus(status);
    bool own_buffer;
    grpc::SerializationTraits<v1::StreamPredictResponse>::Serialize(response_, &outgoing_, &own_buffer);
    GiveBackLargeMemory();
    StartWrite(&outgoing_);
  }

  void GiveBackLargeMemory() {
    if (request_.SpaceUsedLong() > kMaxKeptBytes) request_.Clear();
    if (response_.SpaceUsedLong() > kMaxKeptBytes) response_.Clear();
    if (scratch_.values.capacity() * sizeof(float) > kMaxKeptBytes) scratch_ = {};
  }

  const Door door_;

  // Of whoever has made busy_ true.
  grpc::ByteBuffer incoming_;  // being read, or waiting
  v1::StreamPredictRequest request_;
  v1::StreamPredictResponse response_;
  grpc::ByteBuffer outgoing_;
  learner::Scores scratch_;
  std::string endpoint_id_;
  std::string endpoint_name_;                // empty: not named yet
  std::optional<Admission::Ticket> ticket_;  // of the batch that is being answered, until its answer has been taken

  const rpc::RequestContext call_;
  std::atomic<bool> stopped_{false};  // end_ is not OK

  Mutex mutex_;
  bool busy_ ABSL_GUARDED_BY(mutex_) = false;     // a batch is being answered or its answer written
  bool waiting_ ABSL_GUARDED_BY(mutex_) = false;  // one more has been read
  absl::StatusOr<Admission::Ticket> admitted_ ABSL_GUARDED_BY(mutex_) = absl::UnknownError("no batch was read");
  bool all_read_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status end_ ABSL_GUARDED_BY(mutex_);  // how the stream ends
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;

  std::unique_ptr<rpc::ListenerSet::Registration> on_ending_;
};

}  // namespace

grpc::ServerUnaryReactor* PredictionService::Predict(grpc::CallbackServerContext* context,
                                                     const v1::PredictRequest* request, v1::PredictResponse* response) {
  return new PredictReactor({runtime_, predictors_, admission_}, context, *request, response);
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* PredictionService::StreamPredict(
    grpc::CallbackServerContext* context) {
  return new StreamPredictReactor({runtime_, predictors_, admission_}, context);
}

}  // namespace ll::prediction
