#include "tests/testing/fake_services/fake_object_service.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/digest.h"
#include "tests/testing/fake_services/fake_bytes.h"

namespace ll::testing {
namespace {

std::string BucketOf(const std::string& object) { return object.substr(0, object.find("/objects/")); }

}  // namespace

grpc::Status FakeObjectService::CreateBucket(grpc::ServerContext*, const v1::CreateBucketRequest* request,
                                             v1::Bucket* response) {
  MutexLock lock(&state_.mutex);
  if (const absl::Status fault = state_.Enter(*request); !fault.ok()) return ToGrpc(fault);
  const std::string name = absl::StrCat("buckets/", request->bucket_id());
  if (state_.buckets.count(name) > 0) return ToGrpc(Exists(name));
  response->set_name(name);
  *response->mutable_labels() = request->bucket().labels();
  *response->mutable_create_time() = FakeTime();
  response->set_etag(state_.NextEtag());
  if (request->validate_only()) return grpc::Status::OK;
  state_.buckets[name] = *response;
  state_.Changed("create", name);
  return grpc::Status::OK;
}

grpc::Status FakeObjectService::GetBucket(grpc::ServerContext*, const v1::GetBucketRequest* request,
                                          v1::Bucket* response) {
  MutexLock lock(&state_.mutex);
  if (const absl::Status fault = state_.Enter(*request); !fault.ok()) return ToGrpc(fault);
  const auto bucket = state_.buckets.find(request->name());
  if (bucket == state_.buckets.end()) return ToGrpc(NotFound(request->name(), ErrorReason::kBucketNotFound));
  *response = bucket->second;
  return grpc::Status::OK;
}

grpc::Status FakeObjectService::ListBuckets(grpc::ServerContext*, const v1::ListBucketsRequest* request,
                                            v1::ListBucketsResponse* response) {
  MutexLock lock(&state_.mutex);
  if (const absl::Status fault = state_.Enter(*request); !fault.ok()) return ToGrpc(fault);
  response->set_next_page_token(FillPage(
      *request, state_.buckets, [](const v1::Bucket&) { return true; }, response->mutable_buckets()));
  return grpc::Status::OK;
}

grpc::Status FakeObjectService::DeleteBucket(grpc::ServerContext*, const v1::DeleteBucketRequest* request,
                                             google::protobuf::Empty*) {
  MutexLock lock(&state_.mutex);
  if (const absl::Status fault = state_.Enter(*request); !fault.ok()) return ToGrpc(fault);
  if (state_.buckets.count(request->name()) == 0) {
    return ToGrpc(NotFound(request->name(), ErrorReason::kBucketNotFound));
  }
  for (const auto& [name, object] : state_.objects) {
    if (BucketOf(name) == request->name()) {
      return ToGrpc(MakeError(absl::StatusCode::kFailedPrecondition, ErrorReason::kBucketNotEmpty,
                              {.what = absl::StrCat("cannot delete ", request->name()),
                               .why = "it holds objects",
                               .remedy = "Delete its objects first."}));
    }
  }
  if (request->validate_only()) return grpc::Status::OK;
  state_.buckets.erase(request->name());
  state_.Changed("delete", request->name());
  return grpc::Status::OK;
}

grpc::Status FakeObjectService::WriteObject(grpc::ServerContext*, grpc::ServerReader<v1::WriteObjectRequest>* reader,
                                            v1::Object* response) {
  v1::WriteObjectRequest::Header header;
  std::string bytes;
  const absl::Status status = ReceiveUpload(state_, *reader, &header, &bytes);
  if (!status.ok()) return ToGrpc(status);
  MutexLock lock(&state_.mutex);
  const std::string& name = header.object().name();
  if (state_.buckets.count(BucketOf(name)) == 0) {
    return ToGrpc(NotFound(BucketOf(name), ErrorReason::kBucketNotFound));
  }
  *response = header.object();
  response->set_size_bytes(static_cast<int64_t>(bytes.size()));
  response->set_sha256(Sha256Hex(bytes));
  Digest md5(Digest::kMd5);
  md5.Update(bytes);
  response->set_md5(md5.FinishHex());
  response->set_etag(state_.NextEtag());
  *response->mutable_create_time() = FakeTime();
  *response->mutable_update_time() = FakeTime();
  if (header.validate_only()) return grpc::Status::OK;
  state_.objects[name] = *response;
  state_.contents[name] = std::move(bytes);
  state_.Changed("create", name);
  return grpc::Status::OK;
}

grpc::Status FakeObjectService::ReadObject(grpc::ServerContext*, const v1::ReadObjectRequest* request,
                                           grpc::ServerWriter<v1::ReadObjectResponse>* writer) {
  v1::Object object;
  std::string bytes;
  {
    MutexLock lock(&state_.mutex);
    if (const absl::Status fault = state_.Enter(*request); !fault.ok()) return ToGrpc(fault);
    const auto found = state_.objects.find(request->name());
    if (found == state_.objects.end()) return ToGrpc(NotFound(request->name(), ErrorReason::kObjectNotFound));
    object = found->second;
    bytes = state_.contents[request->name()];
    if (state_.corrupt_downloads) bytes.back() ^= 1;
  }
  SendDownload(object, bytes, *writer);
  return grpc::Status::OK;
}

grpc::Status FakeObjectService::GetObject(grpc::ServerContext*, const v1::GetObjectRequest* request,
                                          v1::Object* response) {
  MutexLock lock(&state_.mutex);
  if (const absl::Status fault = state_.Enter(*request); !fault.ok()) return ToGrpc(fault);
  const auto object = state_.objects.find(request->name());
  if (object == state_.objects.end()) return ToGrpc(NotFound(request->name(), ErrorReason::kObjectNotFound));
  *response = object->second;
  return grpc::Status::OK;
}

grpc::Status FakeObjectService::ListObjects(grpc::ServerContext*, const v1::ListObjectsRequest* request,
                                            v1::ListObjectsResponse* response) {
  MutexLock lock(&state_.mutex);
  if (const absl::Status fault = state_.Enter(*request); !fault.ok()) return ToGrpc(fault);
  if (state_.buckets.count(request->parent()) == 0) {
    return ToGrpc(NotFound(request->parent(), ErrorReason::kBucketNotFound));
  }
  const std::string prefix = absl::StrCat(request->parent(), "/objects/", request->prefix());
  const auto match = [&](const v1::Object& object) { return absl::StartsWith(object.name(), prefix); };
  response->set_next_page_token(FillPage(*request, state_.objects, match, response->mutable_objects()));
  return grpc::Status::OK;
}

grpc::Status FakeObjectService::DeleteObject(grpc::ServerContext*, const v1::DeleteObjectRequest* request,
                                             google::protobuf::Empty*) {
  MutexLock lock(&state_.mutex);
  if (const absl::Status fault = state_.Enter(*request); !fault.ok()) return ToGrpc(fault);
  if (state_.objects.count(request->name()) == 0) {
    return ToGrpc(NotFound(request->name(), ErrorReason::kObjectNotFound));
  }
  if (request->validate_only()) return grpc::Status::OK;
  state_.objects.erase(request->name());
  state_.contents.erase(request->name());
  state_.Changed("delete", request->name());
  return grpc::Status::OK;
}

}  // namespace ll::testing
