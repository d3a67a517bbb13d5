#include "base/allocator.h"

#include <sys/resource.h>

#include <cstdlib>

#include "gtest/gtest.h"

namespace ll {
namespace {

int64_t PageFaults() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt;
}

TEST(AllocatorTest, LargeBuffersAreNotTakenFromTheKernelEachTime) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers have an allocator of their own";
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  GTEST_SKIP() << "sanitizers have an allocator of their own";
#endif
#endif
  constexpr size_t kBytes = size_t{1} << 20;
  constexpr size_t kPageBytes = 4096;
  constexpr int kBuffers = 8;  // at a time, as when messages arrive faster than they are answered
  constexpr int kRounds = 100;
  KeepFreedMemory();
  const int64_t before = PageFaults();
  for (int round = 0; round < kRounds; ++round) {
    void* buffers[kBuffers];
    for (void*& buffer : buffers) {
      buffer = std::malloc(kBytes);
      volatile char* const bytes = static_cast<char*>(buffer);  // or the compiler leaves it all out
      for (size_t i = 0; i < kBytes; i += kPageBytes) bytes[i] = 1;
    }
    for (void* buffer : buffers) std::free(buffer);
  }
  // A round touches 2,048 pages: they are there after the first one.
  EXPECT_LT(PageFaults() - before, 10 * 2048);
}

}  // namespace
}  // namespace ll
