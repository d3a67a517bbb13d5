// Bytes up and down: what object and model-version transfers have in common. An upload is a header, chunks and a
// trailer with the SHA-256 of all bytes; a download is a header that names size and SHA-256, then chunks. Both run in
// constant memory and are believed only when the digest is right.
#ifndef LL_CLIENTS_CPP_BYTE_TRANSFER_H_
#define LL_CLIENTS_CPP_BYTE_TRANSFER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/env.h"
#include "base/status_macros.h"
#include "clients/cpp/client_call.h"
#include "grpcpp/support/sync_stream.h"

namespace ll::client {

struct TransferOptions {
  CallOptions call = {};
  // Called with the bytes transferred so far, after every chunk; may be empty. Starts anew when an upload does.
  std::function<void(int64_t bytes)> on_progress = {};
  Clock* clock = &Clock::Real();  // for the pause before an upload starts anew
};

// Where downloaded bytes go, piece by piece.
using ByteSink = absl::FunctionRef<absl::Status(absl::string_view bytes)>;

inline constexpr size_t kUploadChunkBytes = size_t{1} << 20;

// For the clients of this folder: sends `header`, the bytes of `source` to its end and the trailer, and ends the call.
template <typename Request>
absl::Status SendBytes(ClientCall& call, grpc::ClientWriterInterface<Request>& writer, typename Request::Header header,
                       SequentialFile& source, const TransferOptions& options) {
  Digest sha256(Digest::kSha256);
  int64_t sent = 0;
  absl::Status read_error;
  Request message;
  *message.mutable_header() = std::move(header);
  // A Write that fails has the reason in the call's final status.
  bool open = writer.Write(message);
  while (open) {
    std::string& chunk = *message.mutable_chunk();
    chunk.resize(kUploadChunkBytes);
    const absl::StatusOr<size_t> size = source.Read(absl::MakeSpan(chunk.data(), chunk.size()));
    if (!size.ok()) {
      read_error = size.status();
      call.Cancel();
      break;
    }
    if (*size == 0) break;
    chunk.resize(*size);
    sha256.Update(chunk);
    open = writer.Write(message);
    sent += static_cast<int64_t>(*size);
    if (open && options.on_progress) options.on_progress(sent);
  }
  if (open && read_error.ok()) {
    message.mutable_trailer()->set_sha256(sha256.FinishHex());
    writer.Write(message);
    writer.WritesDone();
  }
  const absl::Status status = call.End(writer.Finish());
  return read_error.ok() ? status : read_error;
}

// DATA_LOSS / DIGEST_MISMATCH: the bytes that came are not those that `name`'s header announced.
absl::Status CheckDownload(absl::string_view name, int64_t size, int64_t announced_size, absl::string_view sha256,
                           absl::string_view announced_sha256);

// For the clients of this folder: takes the header (returned), hands the chunks to `sink`, ends the call and checks
// what came against the header. `announced(header)` is its {size, SHA-256}. What `sink` returns ends the download.
template <typename Header, typename Response, typename Announced>
absl::StatusOr<Header> ReceiveBytes(ClientCall& call, grpc::ClientReaderInterface<Response>& reader, ByteSink sink,
                                    Announced announced, const TransferOptions& options) {
  Digest sha256(Digest::kSha256);
  int64_t received = 0;
  Header header;
  absl::Status sink_error;
  Response message;
  while (reader.Read(&message)) {
    if (message.has_header()) {
      header = std::move(*message.mutable_header());
      continue;
    }
    sink_error = sink(message.chunk());
    if (!sink_error.ok()) {
      call.Cancel();
      break;
    }
    sha256.Update(message.chunk());
    received += static_cast<int64_t>(message.chunk().size());
    if (options.on_progress) options.on_progress(received);
  }
  const absl::Status status = call.End(reader.Finish());
  LL_RETURN_IF_ERROR(sink_error);
  LL_RETURN_IF_ERROR(status);
  const auto [size, digest] = announced(header);
  LL_RETURN_IF_ERROR(CheckDownload(header.name(), received, size, sha256.FinishHex(), digest));
  return header;
}

// Runs `write` into a temporary file beside `path` and renames it when all of it is there and synced: `path` holds
// either the whole new content or what it held before. A path that is no ordinary file, such as /dev/null, is written
// directly.
absl::Status WriteFileWhole(Env& env, const std::string& path, absl::FunctionRef<absl::Status(ByteSink)> write);

// Runs `upload` on the file at `path`; from the start again, a few times, when the connection is lost.
absl::Status UploadFromFile(Env& env, const std::string& path, const TransferOptions& options,
                            absl::FunctionRef<absl::Status(SequentialFile& source)> upload);

}  // namespace ll::client

#endif  // LL_CLIENTS_CPP_BYTE_TRANSFER_H_
