// Which features are behind with their updates, and what they have missed (kernels/adam.h, AdamCatchUp).
//
//   updates.CatchUp(columns, ...);      // before their weights are used
//   updates.Made(columns, step);        // this update has been made for these features alone
//   updates.CatchUpAll(...);            // before anyone else looks
#ifndef LL_LEARNER_DEFERRED_UPDATES_H_
#define LL_LEARNER_DEFERRED_UPDATES_H_

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

#include "absl/types/span.h"
#include "learner/kernels/adam.h"
#include "learner/tile_storage.h"

namespace ll::learner {

// Of one worker's features. Not thread-safe.
class DeferredUpdates final {
 public:
  DeferredUpdates(int columns, int tiles)
      : tiles_(tiles),
        done_(static_cast<size_t>(columns)),
        rate_(kMost, tiles),
        threshold_(kMost, tiles),
        decay_(kMost, tiles) {}

  // So many updates can be put off; then everything must catch up.
  bool full() const { return count_ == kMost; }

  void CatchUp(const kernels::AdamStep& step, const kernels::FeatureTransform& transform,
               absl::Span<const int32_t> columns, const kernels::AdamState& state) {
    kernels::AdamCatchUp(step, transform, History(), tiles_, columns, done_.data(), count_, state);
  }

  // Remembers the numbers of an update, which `columns` have had, and all those before it.
  void Made(const kernels::AdamStep& step, absl::Span<const int32_t> columns) {
    const auto at = static_cast<int64_t>(count_) * lanes();
    std::copy_n(step.rate, lanes(), rate_.lanes() + at);
    std::copy_n(step.threshold, lanes(), threshold_.lanes() + at);
    std::copy_n(step.decay, lanes(), decay_.lanes() + at);
    ++count_;
    for (const int32_t column : columns) done_[static_cast<size_t>(column)] = count_;
  }

  // All of the worker's features are up to date.
  void Forget() {
    std::fill(done_.begin(), done_.end(), 0);
    count_ = 0;
  }

 private:
  // As many as make fetching the state of all features at the end cheap, and are themselves still in a near cache.
  static constexpr int32_t kMost = 128;

  int64_t lanes() const { return static_cast<int64_t>(tiles_) * kernels::kTileModels; }
  kernels::AdamHistory History() const { return {rate_.lanes(), threshold_.lanes(), decay_.lanes(), lanes()}; }

  const int tiles_;
  int32_t count_ = 0;          // updates since all features were up to date
  std::vector<int32_t> done_;  // by feature: how many of them it has had
  TileStorage<float> rate_;    // updates x lanes, as one row behind the other
  TileStorage<float> threshold_;
  TileStorage<float> decay_;
};

}  // namespace ll::learner

#endif  // LL_LEARNER_DEFERRED_UPDATES_H_
