#include "base/allocator.h"

#include <malloc.h>

namespace ll {

void KeepFreedMemory() {
  constexpr int kMiB = 1 << 20;
  mallopt(M_MMAP_THRESHOLD, 64 * kMiB);
  mallopt(M_TRIM_THRESHOLD, 256 * kMiB);
  mallopt(M_TOP_PAD, 16 * kMiB);
}

}  // namespace ll
