// ObjectService in memory: buckets and objects with their bytes.
#ifndef LL_TESTS_TESTING_FAKE_SERVICES_FAKE_OBJECT_SERVICE_H_
#define LL_TESTS_TESTING_FAKE_SERVICES_FAKE_OBJECT_SERVICE_H_

#include "ll/v1/object_service.grpc.pb.h"
#include "tests/testing/fake_services/fake_state.h"

namespace ll::testing {

class FakeObjectService final : public v1::ObjectService::Service {
 public:
  explicit FakeObjectService(FakeState& state) : state_(state) {}

  grpc::Status CreateBucket(grpc::ServerContext*, const v1::CreateBucketRequest* request,
                            v1::Bucket* response) override;
  grpc::Status GetBucket(grpc::ServerContext*, const v1::GetBucketRequest* request, v1::Bucket* response) override;
  grpc::Status ListBuckets(grpc::ServerContext*, const v1::ListBucketsRequest* request,
                           v1::ListBucketsResponse* response) override;
  grpc::Status DeleteBucket(grpc::ServerContext*, const v1::DeleteBucketRequest* request,
                            google::protobuf::Empty*) override;
  grpc::Status WriteObject(grpc::ServerContext*, grpc::ServerReader<v1::WriteObjectRequest>* reader,
                           v1::Object* response) override;
  grpc::Status ReadObject(grpc::ServerContext*, const v1::ReadObjectRequest* request,
                          grpc::ServerWriter<v1::ReadObjectResponse>* writer) override;
  grpc::Status GetObject(grpc::ServerContext*, const v1::GetObjectRequest* request, v1::Object* response) override;
  grpc::Status ListObjects(grpc::ServerContext*, const v1::ListObjectsRequest* request,
                           v1::ListObjectsResponse* response) override;
  grpc::Status DeleteObject(grpc::ServerContext*, const v1::DeleteObjectRequest* request,
                            google::protobuf::Empty*) override;

 private:
  FakeState& state_;
};

}  // namespace ll::testing

#endif  // LL_TESTS_TESTING_FAKE_SERVICES_FAKE_OBJECT_SERVICE_H_
