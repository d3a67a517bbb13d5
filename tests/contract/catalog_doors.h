// What the doors of the catalogue promise on the wire, held against each implementation of the registry: a real server
// on a loopback port, real clients, blobs on disk.
#ifndef LL_TESTS_CONTRACT_CATALOG_DOORS_H_
#define LL_TESTS_CONTRACT_CATALOG_DOORS_H_

#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "ll/v1/event_service.grpc.pb.h"
#include "ll/v1/model_service.grpc.pb.h"
#include "ll/v1/object_service.grpc.pb.h"
#include "registry/blob_store.h"
#include "registry/registry.h"
#include "services/registry/event_log.h"
#include "services/registry/event_service.h"
#include "services/registry/model_catalog.h"
#include "services/registry/model_service.h"
#include "services/registry/object_catalog.h"
#include "services/registry/object_service.h"
#include "tests/contract/registry_contract.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/fault_env.h"
#include "tests/testing/grpc_matchers.h"
#include "tests/testing/grpc_test_server.h"
#include "tests/testing/temp_dir.h"

namespace ll::catalog {

class CatalogDoors : public ::testing::TestWithParam<registry::RegistryKind> {
 protected:
  CatalogDoors();
  ~CatalogDoors() override;

  // Another server over the same registry and blobs, as after a restart. Streams of the old one end.
  void Restart();

  // One transaction past the doors.
  void Write(absl::FunctionRef<absl::Status(registry::Transaction&)> body);

  // The number of blobs on disk.
  int BlobCount();
  // What a bad disk does to one byte of a blob.
  void FlipByte(const std::string& sha256);

  // Uploads as a client does it: header, chunks of `chunk_bytes`, trailer with the digest.
  grpc::Status ImportVersion(const std::string& model_id, const std::string& bytes, v1::ModelVersion* version,
                             const std::string& request_id = "", bool validate_only = false);
  grpc::Status WriteObject(const std::string& name, const std::string& bytes, v1::Object* object,
                           const std::string& request_id = "", bool validate_only = false, size_t chunk_bytes = 1000);
  grpc::Status ReadObject(const std::string& name, std::string* bytes, v1::Object* header = nullptr);

  // A bucket "data".
  void AddBucket();
  // The next version of the model.
  v1::ModelVersion AddVersion(const std::string& model_id, int feature_dim = 2, double weight = 0.5);

  testing::FakeClock clock_;
  const testing::TempDir directory_;
  testing::FaultEnv env_;
  const std::unique_ptr<registry::Registry> registry_;
  const std::unique_ptr<registry::BlobStore> blobs_;
  ModelCatalog model_catalog_;
  ObjectCatalog object_catalog_;
  EventLog event_log_;

  // A server and its services, which end together.
  struct Server {
    explicit Server(CatalogDoors& owner);
    ~Server();
    testing::GrpcTestServer server;
    ModelService models;
    ObjectService objects;
    EventService events;
  };
  std::unique_ptr<Server> server_;
  std::unique_ptr<v1::ModelService::Stub> models_;
  std::unique_ptr<v1::ObjectService::Stub> objects_;
  std::unique_ptr<v1::EventService::Stub> events_;
};

}  // namespace ll::catalog

#endif  // LL_TESTS_CONTRACT_CATALOG_DOORS_H_
