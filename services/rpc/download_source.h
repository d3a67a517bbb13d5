// The source of a download stream: a header message, then the bytes of a blob in chunks of up to 1 MiB. The blob is
// verified while it is read, so a stream that ends with OK delivered exactly the bytes of its digest, and one that ends
// with DATA_LOSS / CORRUPT_BLOB did not.
//
//   v1::ReadObjectResponse header;
//   *header.mutable_header() = ToProto(opened.record);
//   return std::make_unique<DownloadSource<v1::ReadObjectResponse>>(std::move(header), std::move(opened.reader));
#ifndef LL_SERVICES_RPC_DOWNLOAD_SOURCE_H_
#define LL_SERVICES_RPC_DOWNLOAD_SOURCE_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/status_macros.h"
#include "registry/blob_store.h"
#include "services/rpc/server_stream.h"

namespace ll::rpc {

inline constexpr size_t kDownloadChunkBytes = size_t{1} << 20;

// Response has `oneof message { ... header; bytes chunk; }`.
template <typename Response>
class DownloadSource final : public StreamSource<Response> {
 public:
  DownloadSource(Response header, std::unique_ptr<registry::BlobReader> reader)
      : header_(std::move(header)), reader_(std::move(reader)) {}

  absl::StatusOr<StreamStep> Next(Response* response) override {
    if (header_.has_value()) {
      *response = *std::move(header_);
      header_.reset();
      return StreamStep::kMessage;
    }
    std::string* const chunk = response->mutable_chunk();
    chunk->resize(kDownloadChunkBytes);
    LL_ASSIGN_OR_RETURN(const size_t read, reader_->Read(absl::MakeSpan(*chunk)));
    chunk->resize(read);
    return read == 0 ? StreamStep::kEnd : StreamStep::kMessage;
  }

 private:
  std::optional<Response> header_;
  const std::unique_ptr<registry::BlobReader> reader_;
};

}  // namespace ll::rpc

#endif  // LL_SERVICES_RPC_DOWNLOAD_SOURCE_H_
