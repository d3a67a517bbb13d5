// One growing block of memory in 2 MiB pages, where the system gives them.
//
// Training reads all rows again in every epoch: large pages spare it the page-table walks, and growing by moving page
// tables (mremap) instead of bytes means that a data set never exists twice, however it arrives. Memory that was
// reserved but never written costs nothing.
//
//   HugePageMemory memory;
//   LL_RETURN_IF_ERROR(memory.Reserve(bytes));   // keeps what was written, may move it
//   memory.data()                                // aligned to 2 MiB
#ifndef LL_LEARNER_HUGE_PAGE_MEMORY_H_
#define LL_LEARNER_HUGE_PAGE_MEMORY_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"

namespace ll::learner {

// Not thread-safe.
class HugePageMemory final {
 public:
  HugePageMemory() = default;
  HugePageMemory(HugePageMemory&& other) noexcept;
  HugePageMemory& operator=(HugePageMemory&& other) noexcept;
  ~HugePageMemory();

  // Makes capacity() at least `bytes`; new memory reads as zero. RESOURCE_EXHAUSTED when the system refuses; nothing
  // has changed then.
  absl::Status Reserve(uint64_t bytes);

  // Gives back whole pages beyond `bytes`.
  void ShrinkTo(uint64_t bytes);

  std::byte* data() { return data_; }
  const std::byte* data() const { return data_; }  // nullptr before the first Reserve()
  uint64_t capacity() const { return capacity_; }

 private:
  std::byte* data_ = nullptr;
  uint64_t capacity_ = 0;  // bytes of the mapping, a multiple of 2 MiB
};

}  // namespace ll::learner

#endif  // LL_LEARNER_HUGE_PAGE_MEMORY_H_
