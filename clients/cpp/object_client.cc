#include "clients/cpp/object_client.h"

#include <utility>

#include "base/random.h"
#include "clients/cpp/client_call.h"
#include "clients/cpp/list_call.h"

namespace ll::client {
namespace {

using Stub = v1::ObjectService::StubInterface;

}  // namespace

ObjectClient::ObjectClient(Connection connection)
    : connection_(std::move(connection)), stub_(v1::ObjectService::NewStub(connection_.channel())) {}

absl::StatusOr<v1::Bucket> ObjectClient::CreateBucket(v1::CreateBucketRequest request,
                                                      const CallOptions& options) const {
  return CallMutation(connection_, "ll.v1.ObjectService/CreateBucket", *stub_, &Stub::CreateBucket, std::move(request),
                      options);
}

absl::StatusOr<v1::Bucket> ObjectClient::GetBucket(const std::string& name, const CallOptions& options) const {
  v1::GetBucketRequest request;
  request.set_name(name);
  return CallUnary(connection_, "ll.v1.ObjectService/GetBucket", *stub_, &Stub::GetBucket, request, options);
}

ListRange<v1::Bucket> ObjectClient::ListBuckets(v1::ListBucketsRequest request, const CallOptions& options) const {
  return CallList("ll.v1.ObjectService/ListBuckets", connection_, stub_, &Stub::ListBuckets,
                  &v1::ListBucketsResponse::mutable_buckets, std::move(request), options);
}

absl::Status ObjectClient::DeleteBucket(v1::DeleteBucketRequest request, const CallOptions& options) const {
  return CallMutation(connection_, "ll.v1.ObjectService/DeleteBucket", *stub_, &Stub::DeleteBucket, std::move(request),
                      options)
      .status();
}

absl::StatusOr<v1::Object> ObjectClient::WriteObject(v1::WriteObjectRequest::Header header, SequentialFile& source,
                                                     const TransferOptions& options) const {
  if (header.request_id().empty()) header.set_request_id(RandomUuid());
  ClientCall call(connection_, "ll.v1.ObjectService/WriteObject", options.call);
  v1::Object object;
  const auto writer = stub_->WriteObject(call.context(), &object);
  LL_RETURN_IF_ERROR(SendBytes(call, *writer, std::move(header), source, options));
  return object;
}

absl::StatusOr<v1::Object> ObjectClient::WriteObjectFile(v1::WriteObjectRequest::Header header, Env& env,
                                                         const std::string& path,
                                                         const TransferOptions& options) const {
  if (header.request_id().empty()) header.set_request_id(RandomUuid());
  v1::Object object;
  LL_RETURN_IF_ERROR(UploadFromFile(env, path, options, [&](SequentialFile& source) -> absl::Status {
    LL_ASSIGN_OR_RETURN(object, WriteObject(header, source, options));
    return absl::OkStatus();
  }));
  return object;
}

absl::StatusOr<v1::Object> ObjectClient::ReadObject(const std::string& name, ByteSink sink,
                                                    const TransferOptions& options) const {
  v1::ReadObjectRequest request;
  request.set_name(name);
  ClientCall call(connection_, "ll.v1.ObjectService/ReadObject", options.call);
  const auto reader = stub_->ReadObject(call.context(), request);
  return ReceiveBytes<v1::Object>(
      call, *reader, sink, [](const v1::Object& object) { return std::pair(object.size_bytes(), object.sha256()); },
      options);
}

absl::StatusOr<v1::Object> ObjectClient::ReadObjectFile(const std::string& name, Env& env, const std::string& path,
                                                        const TransferOptions& options) const {
  v1::Object object;
  LL_RETURN_IF_ERROR(WriteFileWhole(env, path, [&](ByteSink sink) -> absl::Status {
    LL_ASSIGN_OR_RETURN(object, ReadObject(name, sink, options));
    return absl::OkStatus();
  }));
  return object;
}

absl::StatusOr<v1::Object> ObjectClient::GetObject(const std::string& name, const CallOptions& options) const {
  v1::GetObjectRequest request;
  request.set_name(name);
  return CallUnary(connection_, "ll.v1.ObjectService/GetObject", *stub_, &Stub::GetObject, request, options);
}

ListRange<v1::Object> ObjectClient::ListObjects(v1::ListObjectsRequest request, const CallOptions& options) const {
  return CallList("ll.v1.ObjectService/ListObjects", connection_, stub_, &Stub::ListObjects,
                  &v1::ListObjectsResponse::mutable_objects, std::move(request), options);
}

absl::Status ObjectClient::DeleteObject(v1::DeleteObjectRequest request, const CallOptions& options) const {
  return CallMutation(connection_, "ll.v1.ObjectService/DeleteObject", *stub_, &Stub::DeleteObject, std::move(request),
                      options)
      .status();
}

}  // namespace ll::client
