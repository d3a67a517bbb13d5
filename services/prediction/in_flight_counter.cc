#include "services/prediction/in_flight_counter.h"

#include <utility>

namespace ll::prediction {

InFlightCounter::Token& InFlightCounter::Token::operator=(Token&& other) noexcept {
  if (this != &other) {
    Leave();
    owner_ = std::exchange(other.owner_, nullptr);
    shard_ = other.shard_;
  }
  return *this;
}

void InFlightCounter::Token::Leave() {
  InFlightCounter* const owner = std::exchange(owner_, nullptr);
  if (owner == nullptr) return;
  // When the shard is not done by this, others may finish and destroy the counter: nothing of it may be touched then.
  if (shard_->count.fetch_sub(1) == (kClosed | 1)) owner->ShardDone();
}

InFlightCounter::Token InFlightCounter::Enter() {
  Shard& shard = shards_[CpuShard()];
  shard.count.fetch_add(1);
  return Token(this, &shard);
}

void InFlightCounter::Close() {
  for (size_t i = 0; i < kCpuShards; ++i) {
    if (shards_[i].count.fetch_or(kClosed) == 0) ShardDone();
  }
}

int64_t InFlightCounter::count() const {
  int64_t sum = 0;
  for (const Shard& shard : shards_) sum += shard.count.load() & ~kClosed;
  return sum;
}

void InFlightCounter::ShardDone() {
  if (open_shards_.fetch_sub(1) != 1) return;
  const std::function<void()> on_drained = std::move(on_drained_);
  on_drained();
}

}  // namespace ll::prediction
