#include "clients/cpp/prediction_client.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "clients/cpp/client_call.h"

namespace ll::client {
namespace {

using Stub = v1::PredictionService::StubInterface;
using Stream = grpc::ClientReaderWriterInterface<v1::StreamPredictRequest, v1::StreamPredictResponse>;

// Bounds the batches on their way. Thread-safe.
class Window {
 public:
  explicit Window(int size) : size_(size) {}

  // Waits for room and takes it; false once closed.
  bool Acquire() {
    MutexLock lock(&mutex_);
    mutex_.Await([this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return closed_ || unanswered_ < size_; });
    if (!closed_) ++unanswered_;
    return !closed_;
  }
  void Release() {
    MutexLock lock(&mutex_);
    --unanswered_;
  }
  void Close() {
    MutexLock lock(&mutex_);
    closed_ = true;
  }

 private:
  const int size_;
  Mutex mutex_;
  int unanswered_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

// Keeps the memory.
void EmptyRows(v1::StreamPredictRequest& request) {
  if (request.has_sparse()) {
    request.mutable_sparse()->Clear();
  } else {
    request.mutable_dense()->Clear();
  }
}

// Sends batch after batch until there are no more, the window closes or the stream breaks (why, the call's status
// says).
absl::Status SendBatches(Stream& stream, const std::string& endpoint, PredictionClient::NextBatch next_batch,
                         Window& window) {
  v1::StreamPredictRequest request;  // used again and again: its memory is allocated once
  request.set_endpoint(endpoint);
  for (int64_t id = 0; window.Acquire(); ++id) {
    EmptyRows(request);
    const absl::StatusOr<bool> more = next_batch(request);
    if (!more.ok()) return more.status();
    if (!*more) {
      stream.WritesDone();
      return absl::OkStatus();
    }
    request.set_batch_id(id);
    if (!stream.Write(request)) return absl::OkStatus();
    request.clear_endpoint();
  }
  return absl::OkStatus();
}

}  // namespace

PredictionClient::PredictionClient(Connection connection)
    : connection_(std::move(connection)), stub_(v1::PredictionService::NewStub(connection_.channel())) {}

absl::StatusOr<v1::PredictResponse> PredictionClient::Predict(const v1::PredictRequest& request,
                                                              const CallOptions& options) const {
  return CallUnary(connection_, "ll.v1.PredictionService/Predict", *stub_, &Stub::Predict, request, options);
}

absl::Status PredictionClient::StreamPredict(const std::string& endpoint, NextBatch next_batch, OnAnswer on_answer,
                                             const StreamPredictOptions& options) const {
  ClientCall call(connection_, "ll.v1.PredictionService/StreamPredict", options.call);
  const std::unique_ptr<Stream> stream = stub_->StreamPredict(call.context());
  Window window(std::max(options.max_unanswered, 1));
  absl::Status send_error;  // written by the sender, read after it was joined
  std::thread sender([&] {
    send_error = SendBatches(*stream, endpoint, next_batch, window);
    if (!send_error.ok()) call.Cancel();
  });
  absl::Status answer_error;
  v1::StreamPredictResponse answer;
  while (answer_error.ok() && stream->Read(&answer)) {
    answer_error = on_answer(answer);
    window.Release();
  }
  if (!answer_error.ok()) call.Cancel();
  window.Close();
  sender.join();
  const absl::Status status = call.End(stream->Finish());
  if (!send_error.ok()) return send_error;
  return answer_error.ok() ? status : answer_error;
}

}  // namespace ll::client
