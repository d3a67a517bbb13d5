// The serving half of the platform in one process: the catalogue in SQLite, blobs on disk, embedded hosting, the
// endpoint manager, and the gRPC doors on a free loopback port.
//
//   EndpointStack stack(directory.path());
//   stack.AddVersion("m", ConstantModel(1));
//   ... stack.endpoints().CreateEndpoint(...) ...
//   // another stack on the same directory is the server after a restart
#ifndef LL_TESTS_INTEGRATION_ENDPOINT_STACK_H_
#define LL_TESTS_INTEGRATION_ENDPOINT_STACK_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "base/mutex.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "learner/model.h"
#include "ll/v1/endpoint_service.grpc.pb.h"
#include "ll/v1/model_service.grpc.pb.h"
#include "ll/v1/prediction_service.grpc.pb.h"
#include "registry/blob_store.h"
#include "registry/registry.h"
#include "services/endpoints/endpoint_catalog.h"
#include "services/endpoints/endpoint_manager.h"
#include "services/endpoints/endpoint_service.h"
#include "services/endpoints/hosts/embedded_host.h"
#include "services/prediction/admission.h"
#include "services/prediction/model_host.h"
#include "services/prediction/prediction_service.h"
#include "services/registry/model_catalog.h"
#include "services/registry/model_service.h"
#include "tests/testing/grpc_test_server.h"

namespace ll::testing {

// A regressor that gives every row of `features` numbers the value `value`: answers tell which version they are from.
learner::Model ConstantModel(int value, int features = 2);

// While it is closed, models cannot be loaded.
class LoadGate {
 public:
  void Close();
  void Open();
  void Pass();

 private:
  Mutex mutex_;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

class EndpointStack {
 public:
  // `gate`, when given, must outlive the stack. Returns when every endpoint is settled.
  explicit EndpointStack(const std::string& directory, LoadGate* gate = nullptr);
  ~EndpointStack();

  // The version's number; the model is created when it is missing.
  int64_t AddVersion(const std::string& model_id, const learner::Model& model);
  // What a bad disk does to the bytes of a version.
  void CorruptArtifact(const std::string& model_id, int64_t number);
  // By the door of models.
  void MoveAlias(const std::string& model_id, const std::string& alias, int64_t number);

  // These expect success.
  v1::Endpoint Create(const std::string& id, const std::string& model_version);
  v1::Endpoint UpdateTo(const std::string& id, const std::string& model_version);
  v1::Endpoint Get(const std::string& id);
  v1::ModelVersion GetVersion(const std::string& name);
  // Watches until the endpoint is in the state and, if given, serves the version.
  v1::Endpoint AwaitState(const std::string& id, v1::Endpoint::State state, const std::string& model_version = "");
  // Deletes it and watches until it is gone.
  void Delete(const std::string& id);

  // One row of `features` zeros.
  grpc::Status Predict(const std::string& id, v1::Predictions* predictions, int features = 2);
  grpc::health::v1::HealthCheckResponse::ServingStatus HealthOf(const std::string& service);

  v1::EndpointService::Stub& endpoints() { return *endpoints_; }
  v1::PredictionService::Stub& predictions() { return *predictions_; }
  v1::ModelService::Stub& models() { return *models_; }
  grpc::health::v1::Health::Stub& health() { return *health_; }
  GrpcTestServer& server() { return server_; }
  registry::Registry& registry() { return *registry_; }
  prediction::ModelHost& host() { return host_; }
  const prediction::Admission& admission() const { return admission_; }

 private:
  const std::string directory_;
  const std::unique_ptr<registry::Registry> registry_;
  const std::unique_ptr<registry::BlobStore> blobs_;
  GrpcTestServer server_;
  prediction::ModelHost host_;
  endpoints::EmbeddedHost embedded_{host_};
  endpoints::EndpointManager manager_;
  endpoints::EndpointCatalog endpoint_catalog_{*registry_, manager_};
  catalog::ModelCatalog model_catalog_{*registry_, *blobs_};
  prediction::Admission admission_{int64_t{1} << 30};
  endpoints::EndpointService endpoint_service_{server_.runtime(), endpoint_catalog_};
  prediction::PredictionService prediction_service_{server_.runtime(), host_, admission_};
  catalog::ModelService model_service_{server_.runtime(), model_catalog_};
  std::unique_ptr<v1::EndpointService::Stub> endpoints_;
  std::unique_ptr<v1::PredictionService::Stub> predictions_;
  std::unique_ptr<v1::ModelService::Stub> models_;
  std::unique_ptr<grpc::health::v1::Health::Stub> health_;
};

}  // namespace ll::testing

#endif  // LL_TESTS_INTEGRATION_ENDPOINT_STACK_H_
