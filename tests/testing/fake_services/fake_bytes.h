// The upload and download streams of the fake services.
#ifndef LL_TESTS_TESTING_FAKE_SERVICES_FAKE_BYTES_H_
#define LL_TESTS_TESTING_FAKE_SERVICES_FAKE_BYTES_H_

#include <string>

#include "absl/status/status.h"
#include "base/digest.h"
#include "grpcpp/support/sync_stream.h"
#include "tests/testing/fake_services/fake_state.h"

namespace ll::testing {

// Takes header, chunks and trailer. A fault ordered for the method strikes after the first chunk, as a server that dies
// in the middle of an upload does.
template <typename Request>
absl::Status ReceiveUpload(FakeState& state, grpc::ServerReader<Request>& reader, typename Request::Header* header,
                           std::string* bytes) {
  Request message;
  absl::Status fault;
  bool whole = false;
  while (reader.Read(&message)) {
    if (message.has_header()) {
      *header = message.header();
      MutexLock lock(&state.mutex);
      fault = state.Enter(message.header());
    } else if (message.has_trailer()) {
      whole = message.trailer().sha256() == Sha256Hex(*bytes);
    } else {
      bytes->append(message.chunk());
    }
    if (!fault.ok() && !bytes->empty()) return fault;
  }
  if (!fault.ok()) return fault;
  if (whole) return absl::OkStatus();
  return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kDigestMismatch,
                   {.what = "cannot store the upload", .why = "the trailer is missing or its SHA-256 is another one"});
}

template <typename Header, typename Response>
void SendDownload(const Header& header, const std::string& bytes, grpc::ServerWriter<Response>& writer) {
  constexpr size_t kChunk = 1000;  // small, so that tests see many
  Response message;
  *message.mutable_header() = header;
  writer.Write(message);
  for (size_t at = 0; at < bytes.size(); at += kChunk) {
    message.set_chunk(bytes.substr(at, kChunk));
    writer.Write(message);
  }
}

}  // namespace ll::testing

#endif  // LL_TESTS_TESTING_FAKE_SERVICES_FAKE_BYTES_H_
