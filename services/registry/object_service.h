// ll.v1.ObjectService over ObjectCatalog.
#ifndef LL_SERVICES_REGISTRY_OBJECT_SERVICE_H_
#define LL_SERVICES_REGISTRY_OBJECT_SERVICE_H_

#include "google/protobuf/empty.pb.h"
#include "ll/v1/object_service.grpc.pb.h"
#include "services/registry/object_catalog.h"
#include "services/rpc/rpc_runtime.h"

namespace ll::catalog {

class ObjectService final : public v1::ObjectService::CallbackService {
 public:
  // Both must outlive the server.
  ObjectService(rpc::RpcRuntime& runtime, ObjectCatalog& catalog) : runtime_(runtime), catalog_(catalog) {}

  grpc::ServerUnaryReactor* CreateBucket(grpc::CallbackServerContext* context, const v1::CreateBucketRequest* request,
                                         v1::Bucket* response) override;
  grpc::ServerUnaryReactor* GetBucket(grpc::CallbackServerContext* context, const v1::GetBucketRequest* request,
                                      v1::Bucket* response) override;
  grpc::ServerUnaryReactor* ListBuckets(grpc::CallbackServerContext* context, const v1::ListBucketsRequest* request,
                                        v1::ListBucketsResponse* response) override;
  grpc::ServerUnaryReactor* DeleteBucket(grpc::CallbackServerContext* context, const v1::DeleteBucketRequest* request,
                                         google::protobuf::Empty* response) override;

  grpc::ServerReadReactor<v1::WriteObjectRequest>* WriteObject(grpc::CallbackServerContext* context,
                                                               v1::Object* response) override;
  grpc::ServerWriteReactor<v1::ReadObjectResponse>* ReadObject(grpc::CallbackServerContext* context,
                                                               const v1::ReadObjectRequest* request) override;
  grpc::ServerUnaryReactor* GetObject(grpc::CallbackServerContext* context, const v1::GetObjectRequest* request,
                                      v1::Object* response) override;
  grpc::ServerUnaryReactor* ListObjects(grpc::CallbackServerContext* context, const v1::ListObjectsRequest* request,
                                        v1::ListObjectsResponse* response) override;
  grpc::ServerUnaryReactor* DeleteObject(grpc::CallbackServerContext* context, const v1::DeleteObjectRequest* request,
                                         google::protobuf::Empty* response) override;

 private:
  rpc::RpcRuntime& runtime_;
  ObjectCatalog& catalog_;
};

}  // namespace ll::catalog

#endif  // LL_SERVICES_REGISTRY_OBJECT_SERVICE_H_
