// Buckets and objects: datasets go in, anything comes out. A thin typed layer over ll.v1.ObjectService.
//
//   ObjectClient objects(connection);
//   v1::WriteObjectRequest::Header header;
//   header.mutable_object()->set_name("buckets/datasets/objects/train.pbr");
//   header.mutable_object()->set_content_type("application/x-recordio-protobuf");
//   LL_ASSIGN_OR_RETURN(v1::Object object, objects.WriteObjectFile(header, Env::Posix(), "train.pbr"));
//
// Bytes are streamed in constant memory and checked by SHA-256 in both directions. Copyable; thread-safe.
#ifndef LL_CLIENTS_CPP_OBJECT_CLIENT_H_
#define LL_CLIENTS_CPP_OBJECT_CLIENT_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/env.h"
#include "clients/cpp/byte_transfer.h"
#include "clients/cpp/call_options.h"
#include "clients/cpp/connection.h"
#include "clients/cpp/list_range.h"
#include "ll/v1/object_service.grpc.pb.h"

namespace ll::client {

class ObjectClient {
 public:
  explicit ObjectClient(Connection connection);

  absl::StatusOr<v1::Bucket> CreateBucket(v1::CreateBucketRequest request, const CallOptions& options = {}) const;
  absl::StatusOr<v1::Bucket> GetBucket(const std::string& name, const CallOptions& options = {}) const;
  ListRange<v1::Bucket> ListBuckets(v1::ListBucketsRequest request = {}, const CallOptions& options = {}) const;
  absl::Status DeleteBucket(v1::DeleteBucketRequest request, const CallOptions& options = {}) const;

  // Stores what `source` yields, read to its end. Not repeated: the bytes are gone.
  absl::StatusOr<v1::Object> WriteObject(v1::WriteObjectRequest::Header header, SequentialFile& source,
                                         const TransferOptions& options = {}) const;
  // Stores the file at `path`; starts anew when the connection breaks.
  absl::StatusOr<v1::Object> WriteObjectFile(v1::WriteObjectRequest::Header header, Env& env, const std::string& path,
                                             const TransferOptions& options = {}) const;
  // Hands the bytes to `sink`. They are proven whole only when this returns OK: DATA_LOSS otherwise.
  absl::StatusOr<v1::Object> ReadObject(const std::string& name, ByteSink sink,
                                        const TransferOptions& options = {}) const;
  // Into a file that appears at `path` only when it is whole.
  absl::StatusOr<v1::Object> ReadObjectFile(const std::string& name, Env& env, const std::string& path,
                                            const TransferOptions& options = {}) const;

  absl::StatusOr<v1::Object> GetObject(const std::string& name, const CallOptions& options = {}) const;
  ListRange<v1::Object> ListObjects(v1::ListObjectsRequest request, const CallOptions& options = {}) const;
  absl::Status DeleteObject(v1::DeleteObjectRequest request, const CallOptions& options = {}) const;

 private:
  Connection connection_;
  std::shared_ptr<v1::ObjectService::StubInterface> stub_;
};

}  // namespace ll::client

#endif  // LL_CLIENTS_CPP_OBJECT_CLIENT_H_
