// Server streaming: watches and downloads, without a thread per stream.
//
// A stream pulls. Its source is asked for the next message whenever the client has taken the one before, and says one
// of three things: here it is, nothing now (it will wake the stream), or that was all. So a slow client costs no
// memory, and what it misses is the source's choice:
//   - a source that returns the state as it is now, when that differs from what it returned last, coalesces: a slow
//     watcher skips states in between and always gets the last one (WatchEndpoint, Health.Watch);
//   - a source that returns what follows its position in a log has no gaps: a slow watcher lags (WatchEvents);
//   - a source that reads a file never says "nothing now" (downloads).
//
//   grpc::ServerWriteReactor<v1::WatchThingResponse>* ThingService::WatchThing(
//       grpc::CallbackServerContext* context, const v1::WatchThingRequest* request) {
//     return ServerStream<v1::WatchThingResponse>(
//         runtime_, context, request, [this](const RequestContext&, const v1::WatchThingRequest& request, StreamWaker&
//         waker)
//             -> absl::StatusOr<std::unique_ptr<StreamSource<v1::WatchThingResponse>>> { ... });
//   }
//
// Opening the source and its Next() run on worker threads, never two at a time. The initial metadata is sent as soon as
// the source is open, so a client that has it knows that nothing from now on escapes its watch. The stream ends with
// what they return; with CANCELLED when the client goes away or its deadline passes; with UNAVAILABLE / SHUTTING_DOWN
// when the server ends. The source is destroyed before the call is finished.
#ifndef LL_SERVICES_RPC_SERVER_STREAM_H_
#define LL_SERVICES_RPC_SERVER_STREAM_H_

#include <functional>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "services/rpc/request_context.h"
#include "services/rpc/rpc_runtime.h"
#include "services/rpc/status.h"

namespace ll::rpc {

enum class StreamStep {
  kMessage,  // the response was filled
  kWait,     // nothing now: Wake() follows when there may be something
  kEnd,      // that was all: the stream ends with OK
};

template <typename Response>
class StreamSource {
 public:
  virtual ~StreamSource() = default;
  // `response` is empty on entry. An error ends the stream.
  virtual absl::StatusOr<StreamStep> Next(Response* response) = 0;
};

// Given to a source when it is opened; valid as long as the source.
class StreamWaker {
 public:
  // "Ask Next() again." Thread-safe, quick, never blocks. A wake that comes while Next() runs is not lost.
  virtual void Wake() = 0;

 protected:
  ~StreamWaker() = default;
};

// The part that does not depend on the message type: one step at a time, on the workers.
class StreamPump : public StreamWaker {
 public:
  void Wake() final;

 protected:
  StreamPump(RpcRuntime& runtime, grpc::CallbackServerContext* context, const google::protobuf::Message& request);
  ~StreamPump();

  const RequestContext& call() const { return call_; }
  void Begin();
  void WriteDone(bool ok);
  void Cancel();

  virtual absl::StatusOr<StreamStep> Pull() = 0;  // opens the source, then asks it
  virtual void Write() = 0;                       // what was pulled; leads to WriteDone()
  virtual void Close() = 0;                       // destroys the source
  virtual void End(grpc::Status status) = 0;      // nothing is called after this

 private:
  void PostStep();
  void Step();
  void Finish(const absl::Status& status);

  RpcRuntime& runtime_;
  grpc::CallbackServerContext* const context_;
  const google::protobuf::Message& request_;
  const RequestContext call_;
  Mutex mutex_;
  bool busy_ ABSL_GUARDED_BY(mutex_) = false;   // a step or a write is on its way, or the call is finished
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;  // since the last step began
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  std::unique_ptr<ListenerSet::Registration> on_ending_;
};

// Part of ServerStream(): deletes itself when the call is done.
template <typename Response, typename Request, typename Open>
class StreamReactor final : public grpc::ServerWriteReactor<Response>, private StreamPump {
 public:
  StreamReactor(RpcRuntime& runtime, grpc::CallbackServerContext* context, const Request* request, Open open)
      : StreamPump(runtime, context, *request), request_(request), open_(std::move(open)) {
    Begin();
  }

 private:
  void OnWriteDone(bool ok) override { WriteDone(ok); }
  void OnCancel() override { Cancel(); }
  void OnDone() override { delete this; }

  absl::StatusOr<StreamStep> Pull() override {
    if (source_ == nullptr) {
      absl::StatusOr<std::unique_ptr<StreamSource<Response>>> opened = open_(call(), *request_, *this);
      if (!opened.ok()) return opened.status();
      source_ = *std::move(opened);
      this->StartSendInitialMetadata();
    }
    response_.Clear();
    return source_->Next(&response_);
  }
  void Write() override { this->StartWrite(&response_); }
  void Close() override { source_.reset(); }
  void End(grpc::Status status) override { grpc::ServerWriteReactor<Response>::Finish(std::move(status)); }

  const Request* const request_;
  Open open_;
  Response response_;
  std::unique_ptr<StreamSource<Response>> source_;
};

// `open`: absl::StatusOr<std::unique_ptr<StreamSource<Response>>>(const RequestContext&, const Request&, StreamWaker&).
// `runtime` and what `open` and the source refer to must outlive the server.
template <typename Response, typename Request, typename Open>
grpc::ServerWriteReactor<Response>* ServerStream(RpcRuntime& runtime, grpc::CallbackServerContext* context,
                                                 const Request* request, Open open) {
  return new StreamReactor<Response, Request, Open>(runtime, context, request, std::move(open));
}

}  // namespace ll::rpc

#endif  // LL_SERVICES_RPC_SERVER_STREAM_H_
