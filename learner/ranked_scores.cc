#include "learner/ranked_scores.h"

#include <bit>
#include <cstddef>

namespace ll::learner {
namespace {

constexpr uint32_t kSignBit = uint32_t{1} << 31;

// Unsigned integers in the order of the floats they stand for: positive ones get their sign bit set, negative ones all
// their bits flipped.
uint32_t OrderedBits(float score) {
  const uint32_t bits = std::bit_cast<uint32_t>(score + 0.0f);  // -0 becomes 0: they are equal
  return (bits & kSignBit) != 0 ? ~bits : bits | kSignBit;
}

float FromOrderedBits(uint32_t ordered) {
  return std::bit_cast<float>((ordered & kSignBit) != 0 ? ordered & ~kSignBit : ~ordered);
}

}  // namespace

void RankedScores::Assign(absl::Span<const float> scores, absl::Span<const float> labels) {
  keys_.resize(scores.size());
  positives_ = 0;
  for (size_t i = 0; i < scores.size(); ++i) {
    const uint64_t positive = labels[i] == 1 ? 1 : 0;
    keys_[i] = static_cast<uint64_t>(OrderedBits(scores[i])) << 1 | positive;
    positives_ += static_cast<int64_t>(positive);
  }
  sorter_(keys_.data(), keys_.size(), hwy::SortDescending());
}

float RankedScores::ScoreOf(uint64_t key) { return FromOrderedBits(static_cast<uint32_t>(key >> 1)); }

}  // namespace ll::learner
