// Counts the uses of a thing, without a cache line that all of them share, and tells when the last one is over after it
// was taken out of use.
//
//   InFlightCounter in_flight([&] { loader.Free(model); });
//   InFlightCounter::Token token = in_flight.Enter();   // any thread; leaves when destroyed
//   in_flight.Close();                                  // no Enter() from here on; the callback follows the last token
//
// How: each processor's shard has a count and a closed bit in one word. A shard is done when it is closed with count
// zero, which exactly one operation brings about; the operation that finishes the last shard makes the call.
#ifndef LL_SERVICES_PREDICTION_IN_FLIGHT_COUNTER_H_
#define LL_SERVICES_PREDICTION_IN_FLIGHT_COUNTER_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>

#include "services/prediction/cpu_shard.h"

namespace ll::prediction {

// Thread-safe. Must outlive its tokens, but may be destroyed by `on_drained`.
class InFlightCounter final {
 private:
  struct alignas(kCacheLineBytes) Shard {
    std::atomic<int64_t> count{0};
  };

 public:
  // One use. Movable.
  class Token {
   public:
    Token(Token&& other) noexcept : owner_(other.owner_), shard_(other.shard_) { other.owner_ = nullptr; }
    Token& operator=(Token&& other) noexcept;
    ~Token() { Leave(); }

   private:
    friend class InFlightCounter;
    Token(InFlightCounter* owner, Shard* shard) : owner_(owner), shard_(shard) {}
    void Leave();

    InFlightCounter* owner_;  // nullptr: moved from
    Shard* shard_;
  };

  // `on_drained` is called once, after Close(), by the thread that ends the last use.
  explicit InFlightCounter(std::function<void()> on_drained) : on_drained_(std::move(on_drained)) {}
  InFlightCounter(const InFlightCounter&) = delete;
  InFlightCounter& operator=(const InFlightCounter&) = delete;

  // Must happen before Close().
  Token Enter();

  // Once. May call `on_drained`.
  void Close();

  // Uses that are under way; exact when none begins or ends meanwhile.
  int64_t count() const;

 private:
  static constexpr int64_t kClosed = int64_t{1} << 62;

  void ShardDone();

  std::array<Shard, kCpuShards> shards_;
  std::atomic<size_t> open_shards_{kCpuShards};
  std::function<void()> on_drained_;
};

}  // namespace ll::prediction

#endif  // LL_SERVICES_PREDICTION_IN_FLIGHT_COUNTER_H_
