// Predictions over loopback, with client and server in one process, each beside the bound it is held against: streams
// of batches beside a bare TCP connection that carries as many bytes, unary calls beside calls that do nothing.
#include <arpa/inet.h>
#include <benchmark/benchmark.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/allocator.h"
#include "base/mutex.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/server_builder.h"
#include "ll/v1/server_service.grpc.pb.h"
#include "tests/integration/endpoint_stack.h"
#include "tests/testing/grpc_test_server.h"
#include "tests/testing/temp_dir.h"

namespace ll::testing {
namespace {

constexpr int kFeatures = 784;
constexpr int kOutstanding = 64;
// Of a batch that is under way: what a client that keeps the server busy lets run ahead.
constexpr int kWindow = 16;

int64_t PageFaults() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt;
}

class Server {
 public:
  Server() {
    stack_.AddVersion("m", ConstantModel(1, kFeatures));
    stack_.Create("e", "models/m/versions/1");
    stack_.AwaitState("e", v1::Endpoint::IN_SERVICE);
  }
  EndpointStack& operator*() { return stack_; }
  EndpointStack* operator->() { return &stack_; }

 private:
  TempDir directory_;
  EndpointStack stack_{directory_.path()};
};

v1::StreamPredictRequest Batch(int64_t rows) {
  v1::StreamPredictRequest request;
  request.set_endpoint("endpoints/e");
  request.mutable_dense()->mutable_values()->Resize(static_cast<int>(rows * kFeatures), 0.5f);
  request.mutable_dense()->set_columns(kFeatures);
  return request;
}

// Counts what is under way, for a writer and a reader on threads of their own.
class Window {
 public:
  explicit Window(int size) : free_(size) {}
  void Take() {
    MutexLock lock(&mutex_);
    mutex_.Await([this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return free_ > 0; });
    --free_;
  }
  void GiveBack() {
    MutexLock lock(&mutex_);
    ++free_;
  }

 private:
  Mutex mutex_;
  int free_ ABSL_GUARDED_BY(mutex_);
};

void BM_StreamPredict(benchmark::State& state) {
  if (state.range(1) != 0) KeepFreedMemory();
  Server server;
  const v1::StreamPredictRequest batch = Batch(state.range(0));
  grpc::ClientContext context;
  const auto stream = server->predictions().StreamPredict(&context);
  Window window(kWindow);
  bool failed = false;
  std::thread reader([&] {
    v1::StreamPredictResponse response;
    while (stream->Read(&response)) {
      failed |= !response.has_predictions();
      window.GiveBack();
    }
  });
  const auto send = [&] {
    window.Take();
    stream->Write(batch);
  };
  for (int i = 0; i < 8 * kWindow; ++i) send();  // until memory is what it will be
  const int64_t faults = PageFaults();
  for (auto _ : state) send();
  for (int i = 0; i < kWindow; ++i) window.Take();
  state.counters["faults/message"] =
      static_cast<double>(PageFaults() - faults) / static_cast<double>(state.iterations());
  stream->WritesDone();
  reader.join();
  if (failed || !stream->Finish().ok()) state.SkipWithError("a batch failed");
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(batch.ByteSizeLong()));
}
// The allocator's setting stays for what runs after it.
BENCHMARK(BM_StreamPredict)
    ->ArgNames({"rows", "keep_memory"})
    ->ArgsProduct({{1, 10, 100, 1000}, {0}})
    ->ArgsProduct({{1, 10, 100, 1000}, {1}})
    ->MeasureProcessCPUTime()
    ->UseRealTime();

// Two ends of a loopback connection.
class Loopback {
 public:
  Loopback() {
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    bind(listener, reinterpret_cast<sockaddr*>(&address), length);
    listen(listener, 1);
    getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length);
    client = socket(AF_INET, SOCK_STREAM, 0);
    connect(client, reinterpret_cast<sockaddr*>(&address), length);
    server = accept(listener, nullptr, nullptr);
    close(listener);
  }
  ~Loopback() {
    close(client);
    close(server);
  }
  int client;
  int server;
};

bool Transfer(ssize_t (*io)(int, void*, size_t, int), int socket, std::vector<char>* buffer) {
  for (size_t done = 0; done < buffer->size();) {
    const ssize_t bytes = io(socket, buffer->data() + done, buffer->size() - done, 0);
    if (bytes <= 0) return false;
    done += static_cast<size_t>(bytes);
  }
  return true;
}
ssize_t Send(int socket, void* data, size_t bytes, int flags) {
  return send(socket, data, bytes, flags | MSG_NOSIGNAL);
}

// As many bytes as a batch, and as many back as its answer.
void BM_RawTcp(benchmark::State& state) {
  Loopback loopback;
  const int64_t rows = state.range(0);
  const auto batch_bytes = static_cast<size_t>(rows * kFeatures * 4);
  const auto answer_bytes = static_cast<size_t>(rows * 5);
  std::thread server([&] {
    std::vector<char> batch(batch_bytes);
    std::vector<char> answer(answer_bytes);
    while (Transfer(recv, loopback.server, &batch) && Transfer(Send, loopback.server, &answer)) {
    }
  });
  Window window(kWindow);
  std::thread reader([&] {
    std::vector<char> answer(answer_bytes);
    while (Transfer(recv, loopback.client, &answer)) window.GiveBack();
  });
  std::vector<char> batch(batch_bytes, 'x');
  for (auto _ : state) {
    window.Take();
    Transfer(Send, loopback.client, &batch);
  }
  for (int i = 0; i < kWindow; ++i) window.Take();
  shutdown(loopback.client, SHUT_RDWR);
  server.join();
  reader.join();
  state.SetItemsProcessed(state.iterations() * rows);
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(batch_bytes));
}
BENCHMARK(BM_RawTcp)->ArgName("rows")->Arg(1)->Arg(10)->Arg(100)->Arg(1000)->MeasureProcessCPUTime()->UseRealTime();

// Keeps kOutstanding calls under way from one completion queue until `state` has had enough.
template <typename Request, typename Response, typename Prepare>
void CallUnary(benchmark::State& state, const Request& request, const Prepare& prepare) {
  struct Call {
    grpc::ClientContext context;
    Response response;
    grpc::Status status;
    std::unique_ptr<grpc::ClientAsyncResponseReader<Response>> reader;
  };
  grpc::CompletionQueue queue;
  int in_flight = 0;
  const auto start = [&] {
    auto* const call = new Call;
    call->reader = prepare(&call->context, request, &queue);
    call->reader->StartCall();
    call->reader->Finish(&call->response, &call->status, call);
    ++in_flight;
  };
  const auto finish = [&] {
    void* tag;
    bool ok;
    queue.Next(&tag, &ok);
    const std::unique_ptr<Call> call(static_cast<Call*>(tag));
    if (!call->status.ok()) state.SkipWithError("a call failed");
    --in_flight;
  };
  for (auto _ : state) {
    if (in_flight == kOutstanding) finish();
    start();
  }
  while (in_flight > 0) finish();
  state.SetItemsProcessed(state.iterations());
}

void BM_UnaryPredict(benchmark::State& state) {
  Server server;
  v1::PredictRequest request;
  request.set_endpoint("endpoints/e");
  request.mutable_dense()->mutable_values()->Resize(kFeatures, 0.5f);
  request.mutable_dense()->set_columns(kFeatures);
  CallUnary<v1::PredictRequest, v1::PredictResponse>(
      state, request,
      [&](grpc::ClientContext* context, const v1::PredictRequest& request, grpc::CompletionQueue* queue) {
        return server->predictions().PrepareAsyncPredict(context, request, queue);
      });
}
BENCHMARK(BM_UnaryPredict)->MeasureProcessCPUTime()->UseRealTime();

const auto kPrepareEcho = [](v1::ServerService::Stub& stub) {
  return [&stub](grpc::ClientContext* context, const v1::GetServerInfoRequest& request, grpc::CompletionQueue* queue) {
    return stub.PrepareAsyncGetServerInfo(context, request, queue);
  };
};

// The callback API's own cost.
void BM_UnaryEmptyCallback(benchmark::State& state) {
  class Service final : public v1::ServerService::CallbackService {
    grpc::ServerUnaryReactor* GetServerInfo(grpc::CallbackServerContext* context, const v1::GetServerInfoRequest*,
                                            v1::ServerInfo*) override {
      grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
      reactor->Finish(grpc::Status::OK);
      return reactor;
    }
  };
  Service service;
  GrpcTestServer server;
  server.AddService(v1::ServerService::service_full_name(), service);
  server.Start();
  const auto stub = v1::ServerService::NewStub(server.channel());
  CallUnary<v1::GetServerInfoRequest, v1::ServerInfo>(state, {}, kPrepareEcho(*stub));
  server.Shutdown();
}
BENCHMARK(BM_UnaryEmptyCallback)->MeasureProcessCPUTime()->UseRealTime();

// The same with one completion queue and one thread: the least that gRPC costs here.
void BM_UnaryEmptyCompletionQueue(benchmark::State& state) {
  struct Call {
    grpc::ServerContext context;
    v1::GetServerInfoRequest request;
    v1::ServerInfo response;
    grpc::ServerAsyncResponseWriter<v1::ServerInfo> writer{&context};
    bool answered = false;
  };
  v1::ServerService::AsyncService service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const auto queue = builder.AddCompletionQueue();
  const auto server = builder.BuildAndStart();
  const auto accept = [&] {
    auto* const call = new Call;
    service.RequestGetServerInfo(&call->context, &call->request, &call->writer, queue.get(), queue.get(), call);
  };
  std::thread thread([&] {
    for (int i = 0; i < 2 * kOutstanding; ++i) accept();
    void* tag;
    bool ok;
    while (queue->Next(&tag, &ok)) {
      auto* const call = static_cast<Call*>(tag);
      if (!ok || call->answered) {
        delete call;
        continue;
      }
      accept();
      call->answered = true;
      call->writer.Finish(call->response, grpc::Status::OK, call);
    }
  });
  const auto channel = grpc::CreateChannel(absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials());
  const auto stub = v1::ServerService::NewStub(channel);
  CallUnary<v1::GetServerInfoRequest, v1::ServerInfo>(state, {}, kPrepareEcho(*stub));
  server->Shutdown();
  queue->Shutdown();
  thread.join();
}
BENCHMARK(BM_UnaryEmptyCompletionQueue)->MeasureProcessCPUTime()->UseRealTime();

// From the request to create an endpoint to the first answer by it.
void BM_CreateToFirstAnswer(benchmark::State& state) {
  Server server;
  int number = 0;
  for (auto _ : state) {
    const std::string id = absl::StrCat("new-", number++);
    server->Create(id, "models/m/versions/1");
    v1::Predictions predictions;
    while (!server->Predict(id, &predictions, kFeatures).ok()) {
    }
    state.PauseTiming();
    server->Delete(id);
    state.ResumeTiming();
  }
}
BENCHMARK(BM_CreateToFirstAnswer)->MeasureProcessCPUTime()->UseRealTime()->Unit(benchmark::kMillisecond);

// A server with so many models and endpoints comes up.
void BM_Start(benchmark::State& state) {
  TempDir directory;
  {
    EndpointStack stack(directory.path());
    for (int i = 0; i < state.range(0); ++i) {
      const std::string model = absl::StrCat("model-", i);
      stack.AddVersion(model, ConstantModel(i, kFeatures));
      if (i >= state.range(1)) continue;
      stack.Create(absl::StrCat("endpoint-", i), absl::StrCat("models/", model, "/versions/1"));
    }
    for (int i = 0; i < state.range(1); ++i) stack.AwaitState(absl::StrCat("endpoint-", i), v1::Endpoint::IN_SERVICE);
  }
  for (auto _ : state) {
    EndpointStack stack(directory.path());
    state.PauseTiming();
    v1::Predictions predictions;
    if (!stack.Predict("endpoint-0", &predictions, kFeatures).ok()) state.SkipWithError("it does not answer");
    state.ResumeTiming();
  }
}
BENCHMARK(BM_Start)
    ->ArgNames({"models", "endpoints"})
    ->Args({1000, 100})
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace ll::testing
