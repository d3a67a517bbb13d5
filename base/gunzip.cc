#include "base/gunzip.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/status_macros.h"

namespace ll {
namespace {

constexpr size_t kInputBytes = 64 << 10;
// zlib: the largest window, and nothing but gzip.
constexpr int kWindowBits = 16 + MAX_WBITS;

}  // namespace

struct GunzipFile::Stream {
  z_stream z = {};
  bool initialised = false;
};

GunzipFile::GunzipFile(std::unique_ptr<SequentialFile> packed, Members members)
    : packed_(std::move(packed)), members_(members), stream_(std::make_unique<Stream>()), input_(kInputBytes) {
  stream_->initialised = inflateInit2(&stream_->z, kWindowBits) == Z_OK;
}

GunzipFile::~GunzipFile() {
  if (stream_->initialised) inflateEnd(&stream_->z);
}

uint64_t GunzipFile::packed_offset() const { return read_ - stream_->z.avail_in; }

absl::StatusOr<size_t> GunzipFile::Read(absl::Span<char> buffer) {
  if (!stream_->initialised) return absl::ResourceExhaustedError("there is no memory to unpack it");
  size_t written = 0;
  while (written == 0 && !ended_ && !buffer.empty()) {
    if (!in_member_) {
      LL_ASSIGN_OR_RETURN(in_member_, BeginNextMember());
      ended_ = !in_member_;
      continue;
    }
    LL_RETURN_IF_ERROR(Inflate(buffer, &written));
  }
  return written;
}

absl::StatusOr<bool> GunzipFile::Refill() {
  z_stream& z = stream_->z;
  if (z.avail_in > 0) return true;
  LL_ASSIGN_OR_RETURN(const size_t count, packed_->Read(absl::MakeSpan(input_)));
  z.next_in = reinterpret_cast<Bytef*>(input_.data());
  z.avail_in = static_cast<uInt>(count);
  read_ += count;
  return count > 0;
}

absl::StatusOr<bool> GunzipFile::BeginNextMember() {
  LL_ASSIGN_OR_RETURN(const bool more, Refill());
  if (!more) return false;
  if (members_ == Members::kOne || *stream_->z.next_in != static_cast<Bytef>(kGzipMagic[0])) {
    return absl::InvalidArgumentError("there are bytes after its end");
  }
  inflateReset(&stream_->z);
  return true;
}

absl::Status GunzipFile::Inflate(absl::Span<char> buffer, size_t* written) {
  LL_ASSIGN_OR_RETURN(const bool more, Refill());
  z_stream& z = stream_->z;
  const size_t room = std::min<size_t>(buffer.size(), std::numeric_limits<uInt>::max());
  z.next_out = reinterpret_cast<Bytef*>(buffer.data());
  z.avail_out = static_cast<uInt>(room);
  const int result = inflate(&z, Z_NO_FLUSH);
  *written = room - z.avail_out;
  switch (result) {
    case Z_OK: return absl::OkStatus();
    case Z_STREAM_END: in_member_ = false; return absl::OkStatus();
    case Z_BUF_ERROR: return more ? absl::OkStatus() : absl::InvalidArgumentError("it is cut short");
    case Z_DATA_ERROR: {
      const bool at_first_byte = z.total_out == 0 && z.total_in == packed_offset();
      return absl::InvalidArgumentError(at_first_byte ? "it is not compressed with gzip" : "its bytes are damaged");
    }
    default: return absl::InvalidArgumentError("it cannot be unpacked");
  }
}

}  // namespace ll
