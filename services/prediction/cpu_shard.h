// Which of a small number of shards the calling thread should use now, so that counters which every request touches do
// not share cache lines between processors. A hint: the thread may move on at once, so whoever counts up on a shard
// must remember it for counting down.
#ifndef LL_SERVICES_PREDICTION_CPU_SHARD_H_
#define LL_SERVICES_PREDICTION_CPU_SHARD_H_

#include <sched.h>

#include <cstddef>

namespace ll::prediction {

inline constexpr size_t kCpuShards = 16;  // a power of two
inline constexpr size_t kCacheLineBytes = 64;

inline size_t CpuShard() {
  const int cpu = sched_getcpu();
  return cpu < 0 ? 0 : static_cast<size_t>(cpu) & (kCpuShards - 1);
}

}  // namespace ll::prediction

#endif  // LL_SERVICES_PREDICTION_CPU_SHARD_H_
