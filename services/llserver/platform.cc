#include "services/llserver/platform.h"

#include <algorithm>
#include <optional>
#include <thread>
#include <utility>

#include "base/child_process.h"
#include "base/listen_address.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "base/version.h"
#include "learner/artifact.h"
#include "registry/registry.h"
#include "registry/sqlite_registry.h"
#include "services/endpoints/endpoint_catalog.h"
#include "services/endpoints/endpoint_manager.h"
#include "services/endpoints/endpoint_service.h"
#include "services/endpoints/hosts/embedded_host.h"
#include "services/http/doors/invocations.h"
#include "services/http/doors/open_inference.h"
#include "services/http/router.h"
#include "services/http/server.h"
#include "services/llserver/data_directory.h"
#include "services/llserver/housekeeping.h"
#include "services/prediction/admission.h"
#include "services/prediction/model_host.h"
#include "services/prediction/model_loader.h"
#include "services/prediction/prediction_service.h"
#include "services/registry/event_log.h"
#include "services/registry/event_service.h"
#include "services/registry/model_catalog.h"
#include "services/registry/model_service.h"
#include "services/registry/object_catalog.h"
#include "services/registry/object_service.h"
#include "services/registry/server_service.h"
#include "services/rpc/health_states.h"
#include "services/rpc/page_tokens.h"
#include "services/rpc/rpc_runtime.h"
#include "services/rpc/server.h"
#include "services/training/job_manager.h"
#include "services/training/launchers/process_launcher.h"
#include "services/training/training_service.h"

namespace ll::llserver {
namespace {

// Of the drain timeout: accepted calls and training that was asked to stop have this share of it, side by side; the
// rest is for recording how it all ended.
constexpr double kDrainShare = 0.6;

prediction::LoadVersion LoadFrom(registry::BlobStore& blobs) {
  return prediction::MakeModelLoader(
      {.read_artifact = [&blobs](const std::string& sha256) { return blobs.ReadVerified(sha256); },
       .parse_artifact = learner::ParseModel});
}

training::JobManagerOptions JobOptions(const Config& config, const DataDirectory& data) {
  training::JobManagerOptions options{.max_running = config.max_running_jobs, .max_queued = config.max_queued_jobs};
  options.run.jobs_directory = data.jobs();
  options.run.stop_grace = std::min(options.run.stop_grace, config.drain_timeout * kDrainShare);
  return options;
}

rpc::ServerOptions GrpcOptions(const Config& config) {
  return {.listen = config.listen.ToString(),
          .insecure = config.insecure,
          .shutdown_time = config.drain_timeout * kDrainShare};
}

http::ServerOptions HttpOptions(const Config& config) {
  return {.listen = *config.http_listen,
          .hosts = {.names = config.http_hosts},
          .workers = std::max(2, static_cast<int>(std::thread::hardware_concurrency()))};
}

catalog::ServerFacts Facts(const Config& config, const PlatformSeams& seams, const DataDirectory& data,
                           const prediction::Admission& admission) {
  return {.version = std::string(ReleaseVersion()),
          .start_time = seams.clock->Now(),
          .data_directory = data.path(),
          .max_message_bytes = config.max_message_bytes,
          .max_inflight_bytes = admission.budget_bytes(),
          .max_running_training_jobs = config.max_running_jobs,
          .max_queued_training_jobs = config.max_queued_jobs,
          .max_stream_batches = prediction::kMaxStreamBatches};
}

// What can fail to open, in the order of opening.
struct Opened {
  std::unique_ptr<DataDirectory> data;
  std::unique_ptr<registry::Registry> registry;
  std::unique_ptr<registry::BlobStore> blobs;
  std::unique_ptr<training::JobLauncher> launcher;
  std::unique_ptr<training::JobManager> jobs;  // does not run jobs yet
};

absl::StatusOr<Opened> OpenAll(const Config& config, const PlatformSeams& seams) {
  // A start that is refused leaves nothing behind. Of a server started twice, though, the directory tells more than the
  // port: it knows the other one's pid.
  absl::Status address = ProbeListenAddress(config.listen);
  if (config.http_listen.has_value()) address.Update(ProbeListenAddress(*config.http_listen));
  if (!address.ok() && !DataDirectory::Initialized(*seams.env, config.data_dir)) return address;
  Opened opened;
  LL_ASSIGN_OR_RETURN(opened.data, DataDirectory::Open(*seams.env, config.data_dir));
  LL_RETURN_IF_ERROR(address);
  LL_ASSIGN_OR_RETURN(opened.registry,
                      registry::OpenSqliteRegistry({.path = opened.data->registry(), .clock = seams.clock}));
  LL_ASSIGN_OR_RETURN(opened.blobs, registry::BlobStore::Open(*seams.env, opened.data->blobs()));
  opened.launcher = seams.make_launcher != nullptr ? seams.make_launcher(*opened.blobs)
                                                   : std::make_unique<training::ProcessLauncher>(
                                                         SiblingProgram("lltrain"), *opened.blobs, *seams.env);
  const training::JobParts parts{*opened.registry, *opened.blobs, *seams.env, *seams.clock, *opened.launcher};
  LL_ASSIGN_OR_RETURN(opened.jobs, training::JobManager::Open(parts, JobOptions(config, *opened.data)));
  return opened;
}

}  // namespace

// In the order of construction.
struct Platform::Parts {
  Parts(const Config& config, const PlatformSeams& seams, Opened from, rpc::PageTokens page_tokens)
      : opened(std::move(from)),
        runtime({.max_message_bytes = config.max_message_bytes}, std::move(page_tokens)),
        models(*opened.registry, *opened.blobs),
        objects(*opened.registry, *opened.blobs),
        events(*opened.registry),
        admission(config.max_inflight_bytes.value_or(prediction::DefaultInFlightBytes(*seams.env))),
        model_host(LoadFrom(*opened.blobs), *seams.clock, {}),
        embedded_host(model_host),
        endpoint_manager(*opened.registry, embedded_host, *seams.clock,
                         {.on_serving = endpoints::ReportHealth(health)}),
        endpoints(*opened.registry, endpoint_manager),
        model_service(runtime, models),
        object_service(runtime, objects),
        event_service(runtime, events),
        training_service(runtime, *opened.jobs),
        endpoint_service(runtime, endpoints),
        prediction_service(runtime, model_host, admission),
        server_service(runtime, Facts(config, seams, *opened.data, admission)),
        server(runtime, health, GrpcOptions(config)),
        http_patience(config.drain_timeout * kDrainShare) {
    const http::PredictionBackend backend = {.predictors = model_host,
                                             .admission = admission,
                                             .endpoints = [this] { return model_host.EndpointIds(); },
                                             .ready = [this] { return health.Get("") == rpc::HealthState::kServing; },
                                             .max_message_bytes = config.max_message_bytes};
    http::AddInvocations(backend, &routes);
    http::AddOpenInference(backend, &routes);
    if (config.http_listen.has_value()) http_server.emplace(routes, HttpOptions(config));
    server.AddService(v1::ModelService::service_full_name(), model_service);
    server.AddService(v1::ObjectService::service_full_name(), object_service);
    server.AddService(v1::EventService::service_full_name(), event_service);
    server.AddService(v1::TrainingService::service_full_name(), training_service);
    server.AddService(v1::EndpointService::service_full_name(), endpoint_service);
    server.AddService(v1::PredictionService::service_full_name(), prediction_service);
    server.AddService(v1::ServerService::service_full_name(), server_service);
  }

  const Opened opened;
  rpc::RpcRuntime runtime;
  rpc::HealthStates health;

  // Engines.
  catalog::ModelCatalog models;
  catalog::ObjectCatalog objects;
  catalog::EventLog events;
  prediction::Admission admission;
  prediction::ModelHost model_host;
  endpoints::EmbeddedHost embedded_host;
  endpoints::EndpointManager endpoint_manager;
  endpoints::EndpointCatalog endpoints;

  // Doors.
  catalog::ModelService model_service;
  catalog::ObjectService object_service;
  catalog::EventService event_service;
  training::TrainingService training_service;
  endpoints::EndpointService endpoint_service;
  prediction::PredictionService prediction_service;
  catalog::ServerService server_service;
  rpc::GrpcServer server;
  std::string address;
  http::Router routes;
  std::optional<http::HttpServer> http_server;
  std::string http_address;
  const absl::Duration http_patience;

  std::optional<Housekeeping> housekeeping;
};

absl::StatusOr<std::unique_ptr<Platform>> Platform::Start(const Config& config, const PlatformSeams& seams) {
  LL_ASSIGN_OR_RETURN(Opened opened, OpenAll(config, seams));
  LL_ASSIGN_OR_RETURN(rpc::PageTokens page_tokens,
                      rpc::PageTokens::LoadOrCreate(*seams.env, opened.data->page_token_key()));
  auto platform = std::unique_ptr<Platform>(
      new Platform(std::make_unique<Parts>(config, seams, std::move(opened), std::move(page_tokens))));
  Parts& parts = *platform->parts_;
  LL_ASSIGN_OR_RETURN(parts.address, parts.server.Start());
  parts.server_service.set_grpc_address(parts.address);
  if (parts.http_server.has_value()) {
    LL_ASSIGN_OR_RETURN(parts.http_address, parts.http_server->Start());
  }
  // Only a server that has its address runs jobs: one that fails to start must not interrupt what another left waiting.
  parts.opened.jobs->Start();
  parts.housekeeping.emplace(*parts.opened.registry, *parts.opened.blobs, *seams.clock, config.event_retention);
  parts.endpoint_manager.AwaitSettled();
  parts.health.SetServing(true);
  return platform;
}

Platform::Platform(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Platform::~Platform() { Shutdown(); }

const std::string& Platform::address() const { return parts_->address; }

const std::string& Platform::http_address() const { return parts_->http_address; }

void Platform::Shutdown() {
  parts_->opened.jobs->RequestShutdown();
  // Side by side: both have the same time.
  std::thread http([this] {
    if (parts_->http_server.has_value()) parts_->http_server->Shutdown(parts_->http_patience);
  });
  parts_->server.Shutdown();
  http.join();
  parts_->opened.jobs->Shutdown();
  parts_->housekeeping.reset();
}

}  // namespace ll::llserver
