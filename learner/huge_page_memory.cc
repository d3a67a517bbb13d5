#include "learner/huge_page_memory.h"

#include <sys/mman.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"

namespace ll::learner {
namespace {

constexpr uint64_t kPageBytes = uint64_t{2} << 20;

uint64_t RoundUp(uint64_t bytes) { return (bytes + kPageBytes - 1) / kPageBytes * kPageBytes; }

// An address range of `bytes`, aligned to 2 MiB, that holds nothing yet: nullptr when there is none.
std::byte* ReserveAddresses(uint64_t bytes) {
  const uint64_t padded = bytes + kPageBytes;
  void* raw = mmap(nullptr, padded, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (raw == MAP_FAILED) return nullptr;
  auto* start = static_cast<std::byte*>(raw);
  const uint64_t head = (kPageBytes - reinterpret_cast<uintptr_t>(start) % kPageBytes) % kPageBytes;
  if (head > 0) munmap(start, head);
  if (padded - head > bytes) munmap(start + head + bytes, padded - head - bytes);
  return start + head;
}

}  // namespace

HugePageMemory::HugePageMemory(HugePageMemory&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), capacity_(std::exchange(other.capacity_, 0)) {}

HugePageMemory& HugePageMemory::operator=(HugePageMemory&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(capacity_, other.capacity_);
  return *this;
}

HugePageMemory::~HugePageMemory() {
  if (data_ != nullptr) munmap(data_, capacity_);
}

absl::Status HugePageMemory::Reserve(uint64_t bytes) {
  if (bytes <= capacity_) return absl::OkStatus();
  const uint64_t wanted = RoundUp(bytes);
  std::byte* const target = wanted < bytes ? nullptr : ReserveAddresses(wanted);
  void* moved = MAP_FAILED;
  if (target != nullptr) {
    moved = data_ == nullptr
                ? mmap(target, wanted, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0)
                : mremap(data_, capacity_, wanted, MREMAP_MAYMOVE | MREMAP_FIXED, target);
  }
  if (moved == MAP_FAILED) {
    const int error = target == nullptr ? ENOMEM : errno;
    if (target != nullptr) munmap(target, wanted);
    return MakeError(absl::StatusCode::kResourceExhausted, ErrorReason::kInvalidChannel,
                     {.what = absl::StrCat("cannot hold ", bytes, " bytes of rows in memory"),
                      .why = std::strerror(error),
                      .remedy = "Train on fewer rows, or on a machine with more memory."});
  }
  data_ = target;
  capacity_ = wanted;
  // Advice only: a system without large pages serves small ones.
  madvise(data_, capacity_, MADV_HUGEPAGE);
  return absl::OkStatus();
}

void HugePageMemory::ShrinkTo(uint64_t bytes) {
  const uint64_t kept = RoundUp(bytes);
  if (kept >= capacity_) return;
  munmap(data_ + kept, capacity_ - kept);
  capacity_ = kept;
  if (kept == 0) data_ = nullptr;
}

}  // namespace ll::learner
