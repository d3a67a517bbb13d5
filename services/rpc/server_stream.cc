#include "services/rpc/server_stream.h"

#include <string>

namespace ll::rpc {

StreamPump::StreamPump(RpcRuntime& runtime, grpc::CallbackServerContext* context,
                       const google::protobuf::Message& request)
    : runtime_(runtime),
      context_(context),
      request_(request),
      call_(MakeRequestContext(runtime, *context, request)),
      on_ending_(runtime.OnEnding([this] { Wake(); })) {
  context->AddTrailingMetadata(kCorrelationMetadata, call_.correlation_id);
}

StreamPump::~StreamPump() = default;

void StreamPump::Begin() {
  {
    MutexLock lock(&mutex_);
    busy_ = true;
  }
  const bool accepted = runtime_.workers().TryPost([this] {
    const absl::Status refused = CheckCall(runtime_, *context_, call_, request_);
    refused.ok() ? Step() : Finish(refused);
  });
  if (!accepted) Finish(OverloadedError());
}

void StreamPump::Wake() {
  MutexLock lock(&mutex_);
  woken_ = true;
  if (busy_) return;
  busy_ = true;
  PostStep();
}

void StreamPump::WriteDone(bool ok) {
  MutexLock lock(&mutex_);
  if (!ok) cancelled_ = true;
  PostStep();
}

void StreamPump::Cancel() {
  MutexLock lock(&mutex_);
  cancelled_ = true;
  if (busy_) return;
  busy_ = true;
  PostStep();
}

void StreamPump::PostStep() {
  runtime_.workers().Post([this] { Step(); });
}

void StreamPump::Step() {
  bool cancelled;
  {
    MutexLock lock(&mutex_);
    woken_ = false;
    cancelled = cancelled_;
  }
  if (cancelled) return Finish(CancelledError());
  if (runtime_.ending()) return Finish(ShuttingDownError());

  const absl::StatusOr<StreamStep> step = Pull();
  if (!step.ok()) return Finish(step.status());
  switch (*step) {
    case StreamStep::kMessage: return Write();
    case StreamStep::kEnd: return Finish(absl::OkStatus());
    case StreamStep::kWait: break;
  }
  MutexLock lock(&mutex_);
  if (woken_ || cancelled_) {
    PostStep();
  } else {
    busy_ = false;
  }
}

void StreamPump::Finish(const absl::Status& status) {
  // Unsubscribes: no Wake() comes from the source after this. The one of the runtime finds the stream busy for ever.
  Close();
  LogCall(call_, status, ResourceOf(request_));
  End(ToGrpcStatus(status));
}

}  // namespace ll::rpc
