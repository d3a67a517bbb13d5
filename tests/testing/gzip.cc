#include "tests/testing/gzip.h"

#include <zlib.h>

#include <cstdlib>

namespace ll::testing {

std::string Gzip(absl::string_view bytes) {
  z_stream z = {};
  constexpr int kWindowBits = 16 + MAX_WBITS, kMemoryLevel = 8;
  if (deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, kWindowBits, kMemoryLevel, Z_DEFAULT_STRATEGY) != Z_OK) std::abort();
  std::string packed(deflateBound(&z, bytes.size()), '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  z.avail_in = static_cast<uInt>(bytes.size());
  z.next_out = reinterpret_cast<Bytef*>(packed.data());
  z.avail_out = static_cast<uInt>(packed.size());
  if (deflate(&z, Z_FINISH) != Z_STREAM_END) std::abort();
  packed.resize(z.total_out);
  deflateEnd(&z);
  return packed;
}

}  // namespace ll::testing
