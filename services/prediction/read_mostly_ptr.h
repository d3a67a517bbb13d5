// A pointer that every request reads and hardly anyone replaces: readers take no lock and wait for nobody, and whoever
// replaces the value gets the old one back when no reader can see it any more.
//
//   ReadMostlyPtr<Routes> routes(std::make_unique<Routes>());
//   { ReadMostlyPtr<Routes>::ReadGuard guard(routes); guard->find(id); }                // any thread, nanoseconds
//   std::unique_ptr<const Routes> old = routes.Exchange(std::make_unique<Routes>(next));  // waits for such guards only
//
// How: sleepable read-copy-update (SRCU, P. McKenney). A reader counts itself in on its processor's shard, in one of
// two phases, then loads the pointer. Exchange() stores the new pointer, then waits until each phase was seen without
// readers once. All of it is sequentially consistent, so in its one total order a reader that counts itself in after
// that was seen loads the pointer after the exchange too: it has the new value. Two phases let the wait end under a
// steady stream of readers: new ones are sent to the other phase while one runs dry.
#ifndef LL_SERVICES_PREDICTION_READ_MOSTLY_PTR_H_
#define LL_SERVICES_PREDICTION_READ_MOSTLY_PTR_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>

#include "base/mutex.h"
#include "services/prediction/cpu_shard.h"

namespace ll::prediction {

// Thread-safe. Never empty. Must outlive its guards.
template <typename T>
class ReadMostlyPtr final {
 private:
  using Readers = std::atomic<int64_t>;

 public:
  // Keeps the value that it found from being given back by Exchange(). Hold it for a look-up, not for work: never block
  // while holding one.
  class ReadGuard {
   public:
    explicit ReadGuard(const ReadMostlyPtr& owner)
        : readers_(owner.shards_[CpuShard()].readers[owner.phase_.load()]), value_(CountInAndLoad(owner)) {}
    ~ReadGuard() { readers_.fetch_sub(1); }
    ReadGuard(const ReadGuard&) = delete;
    ReadGuard& operator=(const ReadGuard&) = delete;

    const T& operator*() const { return *value_; }
    const T* operator->() const { return value_; }

   private:
    const T* CountInAndLoad(const ReadMostlyPtr& owner) {
      readers_.fetch_add(1);
      return owner.value_.load();
    }

    Readers& readers_;
    const T* const value_;
  };

  explicit ReadMostlyPtr(std::unique_ptr<const T> value) : value_(value.release()) {}
  ~ReadMostlyPtr() { delete value_.load(); }
  ReadMostlyPtr(const ReadMostlyPtr&) = delete;
  ReadMostlyPtr& operator=(const ReadMostlyPtr&) = delete;

  // Replaces the value for every guard that is made after the return. Returns the old one when no guard can refer to
  // it: it may be destroyed. Must not be called while holding a guard.
  std::unique_ptr<const T> Exchange(std::unique_ptr<const T> next) {
    MutexLock lock(&writer_);
    std::unique_ptr<const T> old(value_.exchange(next.release()));
    const size_t phase = phase_.load();
    AwaitNoReaders(1 - phase);  // readers that saw an earlier phase and were slow to count themselves in
    phase_.store(1 - phase);
    AwaitNoReaders(phase);
    return old;
  }

 private:
  struct alignas(kCacheLineBytes) Shard {
    std::array<Readers, 2> readers = {};
  };

  void AwaitNoReaders(size_t phase) const {
    for (const Shard& shard : shards_) {
      while (shard.readers[phase].load() != 0) std::this_thread::yield();
    }
  }

  Mutex writer_;  // one Exchange() at a time
  std::atomic<const T*> value_;
  std::atomic<size_t> phase_{0};
  mutable std::array<Shard, kCpuShards> shards_;
};

}  // namespace ll::prediction

#endif  // LL_SERVICES_PREDICTION_READ_MOSTLY_PTR_H_
