// What the shape of a call costs: a unary method on gRPC's thread and on a worker, a download and an upload, over
// loopback with client and server in one process.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "base/mutex.h"
#include "ll/v1/object_service.grpc.pb.h"
#include "ll/v1/server_service.grpc.pb.h"
#include "services/rpc/server_stream.h"
#include "services/rpc/unary.h"
#include "services/rpc/upload_stream.h"
#include "tests/testing/grpc_test_server.h"

namespace ll::rpc {
namespace {

class ServerService final : public v1::ServerService::CallbackService {
 public:
  ServerService(RpcRuntime& runtime, bool on_worker) : runtime_(runtime), on_worker_(on_worker) {}
  grpc::ServerUnaryReactor* GetServerInfo(grpc::CallbackServerContext* context, const v1::GetServerInfoRequest* request,
                                          v1::ServerInfo* response) override {
    const auto body = [](const RequestContext&, const v1::GetServerInfoRequest&, v1::ServerInfo* response) {
      response->set_version("1");
      return absl::OkStatus();
    };
    return on_worker_ ? Unary(runtime_, context, request, response, body)
                      : InlineUnary(runtime_, context, request, response, body);
  }

 private:
  RpcRuntime& runtime_;
  const bool on_worker_;
};

// Sends chunks of zeros, takes anything.
class ObjectService final : public v1::ObjectService::CallbackService {
 public:
  ObjectService(RpcRuntime& runtime, int chunks, size_t chunk_bytes)
      : runtime_(runtime), chunks_(chunks), chunk_bytes_(chunk_bytes) {}

  grpc::ServerWriteReactor<v1::ReadObjectResponse>* ReadObject(grpc::CallbackServerContext* context,
                                                               const v1::ReadObjectRequest* request) override {
    return ServerStream<v1::ReadObjectResponse>(
        runtime_, context, request,
        [this](const RequestContext&, const v1::ReadObjectRequest&,
               StreamWaker&) -> absl::StatusOr<std::unique_ptr<StreamSource<v1::ReadObjectResponse>>> {
          return std::make_unique<Zeros>(chunks_, chunk_bytes_);
        });
  }
  grpc::ServerReadReactor<v1::WriteObjectRequest>* WriteObject(grpc::CallbackServerContext* context,
                                                               v1::Object* response) override {
    return Upload<v1::WriteObjectRequest>(
        runtime_, context, response,
        [](const RequestContext&, const v1::WriteObjectRequest::Header&)
            -> absl::StatusOr<std::unique_ptr<UploadSink<v1::WriteObjectRequest, v1::Object>>> {
          return std::make_unique<Void>();
        });
  }

 private:
  class Zeros final : public StreamSource<v1::ReadObjectResponse> {
   public:
    Zeros(int chunks, size_t chunk_bytes) : left_(chunks), chunk_(chunk_bytes, '\0') {}
    absl::StatusOr<StreamStep> Next(v1::ReadObjectResponse* response) override {
      if (left_-- == 0) return StreamStep::kEnd;
      response->set_chunk(chunk_);
      return StreamStep::kMessage;
    }

   private:
    int left_;
    const std::string chunk_;
  };
  class Void final : public UploadSink<v1::WriteObjectRequest, v1::Object> {
   public:
    absl::Status Append(absl::string_view) override { return absl::OkStatus(); }
    absl::Status Commit(const v1::WriteObjectRequest::Trailer&, v1::Object*) override { return absl::OkStatus(); }
  };

  RpcRuntime& runtime_;
  const int chunks_;
  const size_t chunk_bytes_;
};

// Keeps `outstanding` calls in flight until the benchmark's loop has made its share.
void BM_Unary(benchmark::State& state) {
  testing::GrpcTestServer server;
  ServerService service(server.runtime(), state.range(0) != 0);
  server.AddService(v1::ServerService::service_full_name(), service);
  server.Start();
  const auto stub = v1::ServerService::NewStub(server.channel());
  const int64_t outstanding = state.range(1);

  struct Call {
    grpc::ClientContext context;
    v1::GetServerInfoRequest request;
    v1::ServerInfo response;
  };
  Mutex mutex;
  int64_t in_flight = 0;
  for (auto _ : state) {
    {
      MutexLock lock(&mutex);
      mutex.Await([&] { return in_flight < outstanding; });
      ++in_flight;
    }
    auto* const call = new Call;
    stub->async()->GetServerInfo(&call->context, &call->request, &call->response,
                                 [&, call](const grpc::Status& status) {
                                   delete call;
                                   MutexLock lock(&mutex);
                                   if (!status.ok()) state.SkipWithError("a call failed");
                                   --in_flight;
                                 });
  }
  {
    MutexLock lock(&mutex);
    mutex.Await([&] { return in_flight == 0; });
  }
  state.SetItemsProcessed(state.iterations());
  server.Shutdown();
}
BENCHMARK(BM_Unary)->ArgNames({"worker", "outstanding"})->ArgsProduct({{0, 1}, {1, 64}})->UseRealTime();

constexpr int kChunks = 64;

void BM_Download(benchmark::State& state) {
  testing::GrpcTestServer server;
  ObjectService service(server.runtime(), kChunks, static_cast<size_t>(state.range(0)));
  server.AddService(v1::ObjectService::service_full_name(), service);
  server.Start();
  const auto stub = v1::ObjectService::NewStub(server.channel());
  for (auto _ : state) {
    grpc::ClientContext context;
    const auto reader = stub->ReadObject(&context, {});
    v1::ReadObjectResponse response;
    while (reader->Read(&response)) {
    }
    if (!reader->Finish().ok()) state.SkipWithError("a download failed");
  }
  state.SetBytesProcessed(state.iterations() * kChunks * state.range(0));
  server.Shutdown();
}
BENCHMARK(BM_Download)->ArgName("chunk")->Arg(1 << 20)->UseRealTime();

void BM_Upload(benchmark::State& state) {
  testing::GrpcTestServer server;
  ObjectService service(server.runtime(), kChunks, 0);
  server.AddService(v1::ObjectService::service_full_name(), service);
  server.Start();
  const auto stub = v1::ObjectService::NewStub(server.channel());
  v1::WriteObjectRequest header;
  header.mutable_header();
  v1::WriteObjectRequest chunk;
  chunk.set_chunk(std::string(static_cast<size_t>(state.range(0)), '\0'));
  v1::WriteObjectRequest trailer;
  trailer.mutable_trailer();
  for (auto _ : state) {
    grpc::ClientContext context;
    v1::Object object;
    const auto writer = stub->WriteObject(&context, &object);
    writer->Write(header);
    for (int i = 0; i < kChunks; ++i) writer->Write(chunk);
    writer->Write(trailer);
    writer->WritesDone();
    if (!writer->Finish().ok()) state.SkipWithError("an upload failed");
  }
  state.SetBytesProcessed(state.iterations() * kChunks * state.range(0));
  server.Shutdown();
}
BENCHMARK(BM_Upload)->ArgName("chunk")->Arg(1 << 20)->UseRealTime();

}  // namespace
}  // namespace ll::rpc
