#include "tests/contract/catalog_doors.h"

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "base/digest.h"
#include "tests/testing/sample_artifact.h"
#include "tests/testing/status_matchers.h"

namespace ll::catalog {

using ::ll::testing::GrpcIsOk;
using ::ll::testing::NewContext;

CatalogDoors::Server::Server(CatalogDoors& owner)
    : models(server.runtime(), owner.model_catalog_),
      objects(server.runtime(), owner.object_catalog_),
      events(server.runtime(), owner.event_log_) {
  server.AddService(v1::ModelService::service_full_name(), models);
  server.AddService(v1::ObjectService::service_full_name(), objects);
  server.AddService(v1::EventService::service_full_name(), events);
  server.Start();
}

CatalogDoors::Server::~Server() { server.Shutdown(); }

CatalogDoors::CatalogDoors()
    : registry_((std::filesystem::create_directory(directory_.File("registry")),
                 GetParam().make(clock_, directory_.File("registry")))),
      blobs_(registry::BlobStore::Open(env_, directory_.File("blobs")).value()),
      model_catalog_(*registry_, *blobs_),
      object_catalog_(*registry_, *blobs_),
      event_log_(*registry_) {
  Restart();
}

CatalogDoors::~CatalogDoors() = default;

void CatalogDoors::Restart() {
  server_ = nullptr;
  server_ = std::make_unique<Server>(*this);
  models_ = v1::ModelService::NewStub(server_->server.channel());
  objects_ = v1::ObjectService::NewStub(server_->server.channel());
  events_ = v1::EventService::NewStub(server_->server.channel());
}

void CatalogDoors::Write(absl::FunctionRef<absl::Status(registry::Transaction&)> body) {
  LL_ASSERT_OK(registry_->Write({}, body));
}

int CatalogDoors::BlobCount() {
  int count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory_.File("blobs"))) {
    count += entry.is_regular_file() ? 1 : 0;
  }
  return count;
}

void CatalogDoors::FlipByte(const std::string& sha256) {
  const std::string path = absl::StrCat(directory_.File("blobs"), "/", sha256.substr(0, 2), "/", sha256);
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  const int byte = file.get();
  file.seekp(0);
  file.put(static_cast<char>(byte ^ 1));
  ASSERT_TRUE(file.good());
}

grpc::Status CatalogDoors::ImportVersion(const std::string& model_id, const std::string& bytes,
                                         v1::ModelVersion* version, const std::string& request_id, bool validate_only) {
  const auto context = NewContext();
  const auto writer = models_->ImportModelVersion(context.get(), version);
  v1::ImportModelVersionRequest header;
  header.mutable_header()->set_parent(absl::StrCat("models/", model_id));
  header.mutable_header()->set_request_id(request_id);
  header.mutable_header()->set_validate_only(validate_only);
  writer->Write(header);
  v1::ImportModelVersionRequest chunk;
  chunk.set_chunk(bytes);
  writer->Write(chunk);
  v1::ImportModelVersionRequest trailer;
  trailer.mutable_trailer()->set_sha256(Sha256Hex(bytes));
  writer->Write(trailer);
  writer->WritesDone();
  return writer->Finish();
}

grpc::Status CatalogDoors::WriteObject(const std::string& name, const std::string& bytes, v1::Object* object,
                                       const std::string& request_id, bool validate_only, size_t chunk_bytes) {
  const auto context = NewContext();
  const auto writer = objects_->WriteObject(context.get(), object);
  v1::WriteObjectRequest header;
  header.mutable_header()->mutable_object()->set_name(name);
  header.mutable_header()->mutable_object()->set_content_type("text/csv");
  header.mutable_header()->set_request_id(request_id);
  header.mutable_header()->set_validate_only(validate_only);
  writer->Write(header);
  for (size_t at = 0; at < bytes.size(); at += chunk_bytes) {
    v1::WriteObjectRequest chunk;
    chunk.set_chunk(bytes.substr(at, chunk_bytes));
    if (!writer->Write(chunk)) break;
  }
  v1::WriteObjectRequest trailer;
  trailer.mutable_trailer()->set_sha256(Sha256Hex(bytes));
  writer->Write(trailer);
  writer->WritesDone();
  return writer->Finish();
}

grpc::Status CatalogDoors::ReadObject(const std::string& name, std::string* bytes, v1::Object* header) {
  const auto context = NewContext();
  v1::ReadObjectRequest request;
  request.set_name(name);
  const auto reader = objects_->ReadObject(context.get(), request);
  v1::ReadObjectResponse response;
  bytes->clear();
  for (bool first = true; reader->Read(&response); first = false) {
    EXPECT_EQ(response.has_header(), first);
    if (first && header != nullptr) *header = response.header();
    if (!first) bytes->append(response.chunk());
  }
  return reader->Finish();
}

void CatalogDoors::AddBucket() {
  v1::CreateBucketRequest request;
  request.set_bucket_id("data");
  v1::Bucket bucket;
  ASSERT_THAT(objects_->CreateBucket(NewContext().get(), request, &bucket), GrpcIsOk());
}

v1::ModelVersion CatalogDoors::AddVersion(const std::string& model_id, int feature_dim, double weight) {
  v1::ModelVersion version;
  EXPECT_THAT(ImportVersion(model_id, testing::SampleArtifact(feature_dim, weight), &version), GrpcIsOk());
  return version;
}

}  // namespace ll::catalog
