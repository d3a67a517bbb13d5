// Client streaming uploads: a header, the bytes in chunks, a trailer; one message in flight, so a fast client waits for
// the disk and memory stays constant.
//
// The request message has `oneof message { Header header; bytes chunk; Trailer trailer; }`. Order, number and size of
// the messages are checked here; the sink gets the bytes.
//
//   grpc::ServerReadReactor<v1::WriteObjectRequest>* ObjectService::WriteObject(grpc::CallbackServerContext* context,
//                                                                               v1::Object* response) {
//     return Upload<v1::WriteObjectRequest>(
//         runtime_, context, response, [this](const RequestContext& call, const v1::WriteObjectRequest::Header& header)
//             -> absl::StatusOr<std::unique_ptr<UploadSink<v1::WriteObjectRequest, v1::Object>>> { ... });
//   }
//
// Opening the sink and its calls run on worker threads, never two at a time. A stream that breaks off, errs or ends
// without its trailer destroys the sink without Commit(): nothing may be left of it then.
#ifndef LL_SERVICES_RPC_UPLOAD_STREAM_H_
#define LL_SERVICES_RPC_UPLOAD_STREAM_H_

#include <atomic>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/status_macros.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "services/rpc/request_context.h"
#include "services/rpc/rpc_runtime.h"
#include "services/rpc/status.h"

namespace ll::rpc {

inline constexpr size_t kMaxChunkBytes = size_t{4} << 20;

template <typename Request, typename Response>
class UploadSink {
 public:
  virtual ~UploadSink() = default;
  virtual absl::Status Append(absl::string_view chunk) = 0;
  // All bytes are here.
  virtual absl::Status Commit(const typename Request::Trailer& trailer, Response* response) = 0;
};

// The part that does not depend on the message type.
class UploadPump {
 protected:
  UploadPump(RpcRuntime& runtime, grpc::CallbackServerContext* context) : runtime_(runtime), context_(context) {}
  virtual ~UploadPump() = default;

  void ReadDone(bool ok);
  void Cancel() { cancelled_ = true; }
  // Makes and checks the context of the call from its header.
  absl::StatusOr<RequestContext> OpenCall(const google::protobuf::Message& header);

  virtual void Read() = 0;              // leads to ReadDone()
  virtual absl::Status Accept() = 0;    // the message that was read
  virtual absl::Status Complete() = 0;  // the client has sent everything
  virtual std::string ResourceOfCall() const = 0;
  virtual void Close() = 0;                   // destroys the sink
  virtual void End(grpc::Status status) = 0;  // nothing is called after this

 private:
  void Step(bool read);
  void Finish(const absl::Status& status);

  RpcRuntime& runtime_;
  grpc::CallbackServerContext* const context_;
  std::atomic<bool> cancelled_{false};
  std::optional<RequestContext> call_;  // from the header on
};

// What is wrong with the order of messages. `expected` is what should have come.
absl::Status UploadOrderError(absl::string_view came, absl::string_view expected);
absl::Status CheckChunkSize(size_t bytes);

// Part of Upload(): deletes itself when the call is done.
template <typename Request, typename Response, typename Open>
class UploadReactor final : public grpc::ServerReadReactor<Request>, private UploadPump {
 public:
  UploadReactor(RpcRuntime& runtime, grpc::CallbackServerContext* context, Response* response, Open open)
      : UploadPump(runtime, context), response_(response), open_(std::move(open)) {
    Read();
  }

 private:
  void OnReadDone(bool ok) override { ReadDone(ok); }
  void OnCancel() override { Cancel(); }
  void OnDone() override { delete this; }

  void Read() override { this->StartRead(&message_); }
  absl::Status Accept() override {
    switch (message_.message_case()) {
      case Request::kHeader: {
        if (sink_ != nullptr) return UploadOrderError("a second header", "chunks, then one trailer");
        LL_ASSIGN_OR_RETURN(const RequestContext call, OpenCall(message_.header()));
        LL_ASSIGN_OR_RETURN(sink_, open_(call, message_.header()));
        return absl::OkStatus();
      }
      case Request::kChunk:
        if (sink_ == nullptr) return UploadOrderError("a chunk", "a header first");
        if (trailer_.has_value()) return UploadOrderError("a chunk after the trailer", "the end of the stream");
        LL_RETURN_IF_ERROR(CheckChunkSize(message_.chunk().size()));
        return sink_->Append(message_.chunk());
      case Request::kTrailer:
        if (sink_ == nullptr) return UploadOrderError("a trailer", "a header first");
        if (trailer_.has_value()) return UploadOrderError("a second trailer", "the end of the stream");
        trailer_ = message_.trailer();
        return absl::OkStatus();
      default: return UploadOrderError("an empty message", "a header, chunks or a trailer");
    }
  }
  absl::Status Complete() override {
    if (!trailer_.has_value()) return UploadOrderError("the end of the stream", "a header, chunks and one trailer");
    return sink_->Commit(*trailer_, response_);
  }
  std::string ResourceOfCall() const override { return ResourceOf(*response_); }
  void Close() override { sink_.reset(); }
  void End(grpc::Status status) override { grpc::ServerReadReactor<Request>::Finish(std::move(status)); }

  Response* const response_;
  Open open_;
  Request message_;
  std::optional<typename Request::Trailer> trailer_;
  std::unique_ptr<UploadSink<Request, Response>> sink_;
};

// `open`: absl::StatusOr<std::unique_ptr<UploadSink<Request, Response>>>(const RequestContext&, const
// Request::Header&). `runtime` and what `open` and the sink refer to must outlive the server.
template <typename Request, typename Response, typename Open>
grpc::ServerReadReactor<Request>* Upload(RpcRuntime& runtime, grpc::CallbackServerContext* context, Response* response,
                                         Open open) {
  return new UploadReactor<Request, Response, Open>(runtime, context, response, std::move(open));
}

}  // namespace ll::rpc

#endif  // LL_SERVICES_RPC_UPLOAD_STREAM_H_
