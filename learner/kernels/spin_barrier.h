// A meeting point for the few threads that share one mini-batch: they arrive within microseconds of each other, some
// hundred thousand times per training.
#ifndef LL_LEARNER_KERNELS_SPIN_BARRIER_H_
#define LL_LEARNER_KERNELS_SPIN_BARRIER_H_

#include <atomic>
#include <cstdint>

#include "hwy/cache_control.h"

namespace ll::learner::kernels {

// Waits some microseconds by spinning and then sleeps, so that more threads than cores do not burn the cores that the
// others need. Everything written before Wait() is visible to all after it.
class SpinBarrier final {
 public:
  explicit SpinBarrier(int threads) : threads_(threads) {}
  SpinBarrier(const SpinBarrier&) = delete;
  SpinBarrier& operator=(const SpinBarrier&) = delete;

  // Returns when all `threads` have called it; ready for the next meeting then.
  void Wait() {
    if (threads_ == 1) return;
    const uint32_t meeting = meeting_.load(std::memory_order_acquire);
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == threads_) {
      arrived_.store(0, std::memory_order_relaxed);
      meeting_.store(meeting + 1, std::memory_order_release);
      meeting_.notify_all();
      return;
    }
    for (int spin = 0; spin < kSpins; ++spin) {
      if (meeting_.load(std::memory_order_acquire) != meeting) return;
      hwy::Pause();
    }
    meeting_.wait(meeting, std::memory_order_acquire);
  }

 private:
  static constexpr int kSpins = 500;

  const int threads_;
  alignas(64) std::atomic<int> arrived_{0};
  alignas(64) std::atomic<uint32_t> meeting_{0};
};

}  // namespace ll::learner::kernels

#endif  // LL_LEARNER_KERNELS_SPIN_BARRIER_H_
