#include "services/registry/object_service.h"

#include <memory>
#include <string>
#include <utility>

#include "base/status_macros.h"
#include "registry/object_store.h"
#include "services/registry/object_convert.h"
#include "services/rpc/download_source.h"
#include "services/rpc/field_checks.h"
#include "services/rpc/paging.h"
#include "services/rpc/resource_names.h"
#include "services/rpc/server_stream.h"
#include "services/rpc/unary.h"
#include "services/rpc/upload_stream.h"

namespace ll::catalog {
namespace {

using google::protobuf::Empty;
using grpc::CallbackServerContext;
using grpc::ServerReadReactor;
using grpc::ServerUnaryReactor;
using grpc::ServerWriteReactor;
using registry::BucketRecord;
using registry::ObjectRecord;
using registry::ObjectStore;
using registry::Page;
using rpc::ObjectId;
using rpc::RequestContext;
using rpc::Unary;
using WriteRequest = v1::WriteObjectRequest;
using ReadResponse = v1::ReadObjectResponse;

class ObjectSink final : public rpc::UploadSink<WriteRequest, v1::Object> {
 public:
  explicit ObjectSink(std::unique_ptr<ObjectWrite> write) : write_(std::move(write)) {}

  absl::Status Append(absl::string_view chunk) override { return write_->Append(chunk); }
  absl::Status Commit(const WriteRequest::Trailer& trailer, v1::Object* response) override {
    std::string sha256;
    if (!trailer.sha256().empty()) {
      LL_ASSIGN_OR_RETURN(sha256, rpc::ParseSha256(trailer.sha256(), "trailer.sha256"));
    }
    LL_ASSIGN_OR_RETURN(const ObjectRecord object, write_->Commit(sha256));
    *response = ToProto(object);
    return absl::OkStatus();
  }

 private:
  const std::unique_ptr<ObjectWrite> write_;
};

}  // namespace

ServerUnaryReactor* ObjectService::CreateBucket(CallbackServerContext* context, const v1::CreateBucketRequest* request,
                                                v1::Bucket* response) {
  return Unary(runtime_, context, request, response,
               [this](const RequestContext& call, const auto& request, auto* response) -> absl::Status {
                 LL_ASSIGN_OR_RETURN(const BucketRecord record, FromProto(request));
                 LL_ASSIGN_OR_RETURN(const BucketRecord created, catalog_.CreateBucket(record, call.write));
                 *response = ToProto(created);
                 return absl::OkStatus();
               });
}

ServerUnaryReactor* ObjectService::GetBucket(CallbackServerContext* context, const v1::GetBucketRequest* request,
                                             v1::Bucket* response) {
  return Unary(runtime_, context, request, response,
               [this](const RequestContext&, const auto& request, auto* response) -> absl::Status {
                 LL_ASSIGN_OR_RETURN(const std::string id, rpc::ParseBucketName(request.name(), "name"));
                 LL_ASSIGN_OR_RETURN(const BucketRecord bucket, catalog_.GetBucket(id));
                 *response = ToProto(bucket);
                 return absl::OkStatus();
               });
}

ServerUnaryReactor* ObjectService::ListBuckets(CallbackServerContext* context, const v1::ListBucketsRequest* request,
                                               v1::ListBucketsResponse* response) {
  return Unary(runtime_, context, request, response,
               [this](const RequestContext&, const auto& request, auto* response) -> absl::Status {
                 const rpc::PageTokens& tokens = runtime_.page_tokens();
                 LL_ASSIGN_OR_RETURN(const auto query,
                                     rpc::ParseListRequest(request, ObjectStore::kFilterFields, tokens));
                 LL_ASSIGN_OR_RETURN(const Page<BucketRecord> page, catalog_.ListBuckets(query));
                 for (const BucketRecord& bucket : page.records) *response->add_buckets() = ToProto(bucket);
                 response->set_next_page_token(rpc::NextPageToken(request, page, tokens));
                 return absl::OkStatus();
               });
}

ServerUnaryReactor* ObjectService::DeleteBucket(CallbackServerContext* context, const v1::DeleteBucketRequest* request,
                                                Empty* response) {
  return Unary(runtime_, context, request, response,
               [this](const RequestContext& call, const auto& request, Empty*) -> absl::Status {
                 LL_ASSIGN_OR_RETURN(const std::string id, rpc::ParseBucketName(request.name(), "name"));
                 return catalog_.DeleteBucket(id, request.etag(), call.write);
               });
}

ServerReadReactor<WriteRequest>* ObjectService::WriteObject(CallbackServerContext* context, v1::Object* response) {
  return rpc::Upload<WriteRequest>(
      runtime_, context, response,
      [this](const RequestContext& call,
             const WriteRequest::Header& header) -> absl::StatusOr<std::unique_ptr<ObjectSink>> {
        LL_ASSIGN_OR_RETURN(const ObjectRecord object, FromProto(header));
        LL_ASSIGN_OR_RETURN(std::unique_ptr<ObjectWrite> write, catalog_.BeginWrite(object, call.write));
        return std::make_unique<ObjectSink>(std::move(write));
      });
}

ServerWriteReactor<ReadResponse>* ObjectService::ReadObject(CallbackServerContext* context,
                                                            const v1::ReadObjectRequest* request) {
  return rpc::ServerStream<ReadResponse>(
      runtime_, context, request,
      [this](const RequestContext&, const auto& request,
             rpc::StreamWaker&) -> absl::StatusOr<std::unique_ptr<rpc::StreamSource<ReadResponse>>> {
        LL_ASSIGN_OR_RETURN(const ObjectId id, rpc::ParseObjectName(request.name(), "name"));
        LL_ASSIGN_OR_RETURN(OpenedObject opened, catalog_.OpenObject(id.bucket_id, id.key));
        ReadResponse header;
        *header.mutable_header() = ToProto(opened.record);
        return std::make_unique<rpc::DownloadSource<ReadResponse>>(std::move(header), std::move(opened.bytes));
      });
}

ServerUnaryReactor* ObjectService::GetObject(CallbackServerContext* context, const v1::GetObjectRequest* request,
                                             v1::Object* response) {
  return Unary(runtime_, context, request, response,
               [this](const RequestContext&, const auto& request, auto* response) -> absl::Status {
                 LL_ASSIGN_OR_RETURN(const ObjectId id, rpc::ParseObjectName(request.name(), "name"));
                 LL_ASSIGN_OR_RETURN(const ObjectRecord object, catalog_.GetObject(id.bucket_id, id.key));
                 *response = ToProto(object);
                 return absl::OkStatus();
               });
}

ServerUnaryReactor* ObjectService::ListObjects(CallbackServerContext* context, const v1::ListObjectsRequest* request,
                                               v1::ListObjectsResponse* response) {
  return Unary(
      runtime_, context, request, response,
      [this](const RequestContext&, const auto& request, auto* response) -> absl::Status {
        const rpc::PageTokens& tokens = runtime_.page_tokens();
        LL_ASSIGN_OR_RETURN(const std::string bucket_id, rpc::ParseBucketName(request.parent(), "parent"));
        LL_ASSIGN_OR_RETURN(const auto query, rpc::ParseListRequest(request, ObjectStore::kFilterFields, tokens));
        LL_ASSIGN_OR_RETURN(const Page<ObjectRecord> page, catalog_.ListObjects(bucket_id, request.prefix(), query));
        for (const ObjectRecord& object : page.records) *response->add_objects() = ToProto(object);
        response->set_next_page_token(rpc::NextPageToken(request, page, tokens));
        return absl::OkStatus();
      });
}

ServerUnaryReactor* ObjectService::DeleteObject(CallbackServerContext* context, const v1::DeleteObjectRequest* request,
                                                Empty* response) {
  return Unary(runtime_, context, request, response,
               [this](const RequestContext& call, const auto& request, Empty*) -> absl::Status {
                 LL_ASSIGN_OR_RETURN(const ObjectId id, rpc::ParseObjectName(request.name(), "name"));
                 return catalog_.DeleteObject(id.bucket_id, id.key, request.etag(), call.write);
               });
}

}  // namespace ll::catalog
