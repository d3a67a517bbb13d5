#include "learner/kernels/softmax.h"

#include <algorithm>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "learner/kernels/softmax.cc"
#include "hwy/foreach_target.h"
// After foreach_target.
#include "hwy/contrib/math/math-inl.h"
#include "hwy/highway.h"
#include "learner/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ll::learner::kernels::HWY_NAMESPACE {

// Less likely than exp(-80) = 2e-35 is impossible: denormal numbers are slow on some machines.
constexpr float kLeastExponent = -80;
constexpr float kNobody = std::numeric_limits<float>::lowest();

// One number per lane of a tile, in memory, so that lanes of one model can be brought together.
struct alignas(64) TileLanes {
  float at[kTileModels];
};

// Replaces each lane by fold() over the lanes of its model, which are `width` apart.
template <class Fold>
HWY_INLINE void FoldClasses(int width, TileLanes& lanes, const Fold& fold) {
  for (int lane = width; lane < kTileModels; ++lane) {
    lanes.at[lane % width] = fold(lanes.at[lane % width], lanes.at[lane]);
  }
  for (int lane = width; lane < kTileModels; ++lane) lanes.at[lane] = lanes.at[lane % width];
}

// The softmax of one example for one unit.
template <class Margin>
class SoftmaxRow {
 public:
  HWY_INLINE SoftmaxRow(const SoftmaxUnit& unit, const float* intercepts, TileMatrix<Margin> margins)
      : unit_(unit), intercepts_(intercepts), margins_(margins) {}

  // The largest margin of each model. `poison` becomes NaN where a margin is not finite.
  HWY_INLINE void Maxima(TileLanes& maxima, TileLanes& poison) const {
    const Lanes d;
    for (int from = 0; from < kTileModels; from += kLanes) {
      Vector highest = hn::Set(d, kNobody);
      Vector bad = hn::Zero(d);
      for (int tile = 0; tile < unit_.tiles; ++tile) {
        const Vector f = At(tile, from);
        bad = hn::Add(bad, hn::Sub(f, f));
        highest = hn::Max(highest, f);
      }
      hn::Store(highest, d, maxima.at + from);
      hn::Store(bad, d, poison.at + from);
    }
    if (unit_.width == kTileModels) return;
    FoldClasses(unit_.width, maxima, [](float a, float b) { return std::max(a, b); });
    FoldClasses(unit_.width, poison, [](float a, float b) { return a + b; });
  }

  // sum_k exp(f_k - maximum) of each model; the terms themselves go to the margins if kStore.
  template <bool kStore>
  HWY_INLINE void Sums(const TileLanes& maxima, TileLanes& sums) const {
    const Lanes d;
    for (int from = 0; from < kTileModels; from += kLanes) {
      const Vector highest = hn::Load(d, maxima.at + from);
      Vector sum = hn::Zero(d);
      for (int tile = 0; tile < unit_.tiles; ++tile) {
        const Vector exponent = hn::Max(hn::Sub(At(tile, from), highest), hn::Set(d, kLeastExponent));
        const Vector term = hn::IfThenElseZero(Owned(tile, from), hn::Exp(d, exponent));
        sum = hn::Add(sum, term);
        if constexpr (kStore) hn::Store(term, d, margins_.tile(tile).values + from);
      }
      hn::Store(sum, d, sums.at + from);
    }
    if (unit_.width < kTileModels) FoldClasses(unit_.width, sums, [](float a, float b) { return a + b; });
  }

  // The margins of one class, in the first `width` lanes.
  HWY_INLINE void ClassMargins(int label, TileLanes& lanes) const {
    const int first = label * unit_.width;
    const Margin* const values = margins_.tile(first / kTileModels).values + first % kTileModels;
    for (int model = 0; model < unit_.width; ++model) lanes.at[model] = values[model] + intercepts_[first + model];
  }

  // Terms become residuals.
  HWY_INLINE void Residuals(const TileLanes& sums, float weight, int label) const {
    const Lanes d;
    for (int from = 0; from < kTileModels; from += kLanes) {
      const Vector share = hn::Div(hn::Set(d, weight), hn::Load(d, sums.at + from));
      for (int tile = 0; tile < unit_.tiles; ++tile) {
        float* const at = margins_.tile(tile).values + from;
        hn::Store(hn::Mul(hn::Load(d, at), share), d, at);
      }
    }
    const int first = label * unit_.width;
    float* const own = margins_.tile(first / kTileModels).values + first % kTileModels;
    for (int model = 0; model < unit_.width; ++model) own[model] -= weight;
  }

 private:
  HWY_INLINE hn::Mask<Lanes> Owned(int tile, int from) const {
    const int lanes = unit_.classes * unit_.width - tile * kTileModels - from;
    return hn::FirstN(Lanes(), static_cast<size_t>(std::clamp(lanes, 0, kLanes)));
  }

  // The margins of a tile's lanes from `from` on; lanes that belong to nobody are lowest.
  HWY_INLINE Vector At(int tile, int from) const {
    const Lanes d;
    const Vector f =
        hn::Add(hn::Load(d, margins_.tile(tile).values + from), hn::Load(d, intercepts_ + tile * kTileModels + from));
    return tile + 1 < unit_.tiles ? f : hn::IfThenElse(Owned(tile, from), f, hn::Set(d, kNobody));
  }

  const SoftmaxUnit& unit_;
  const float* const intercepts_;
  const TileMatrix<Margin> margins_;
};

// log(sum) + maximum - own of each model, NaN where it is poisoned.
HWY_INLINE void LossesOf(const TileLanes& maxima, const TileLanes& sums, const TileLanes& own, const TileLanes& poison,
                         TileLanes& losses) {
  const Lanes d;
  for (int from = 0; from < kTileModels; from += kLanes) {
    const Vector distance = hn::Sub(hn::Load(d, maxima.at + from), hn::Load(d, own.at + from));
    const Vector log_sum = hn::Log(d, hn::Load(d, sums.at + from));
    hn::Store(hn::Add(hn::Add(log_sum, distance), hn::Load(d, poison.at + from)), d, losses.at + from);
  }
}

template <bool kResiduals, class Margin>
void SoftmaxUnits(const SoftmaxUnit& unit, const float* labels, int64_t rows, int tiles, const float* intercepts,
                  const float* class_weights, TileMatrix<Margin> margins, double* losses) {
  TileLanes maxima, poison, sums, example_losses;
  TileLanes own = {};  // of lanes beyond the unit's width, nothing is read
  for (int tile = 0; tile < tiles; tile += unit.tiles) {
    const int first_lane = tile * kTileModels;
    for (int64_t i = 0; i < rows; ++i) {
      const auto label = static_cast<int>(labels[i]);
      const SoftmaxRow<Margin> row(unit, intercepts + first_lane, margins.tile(tile).From(i));
      row.Maxima(maxima, poison);
      row.ClassMargins(label, own);
      row.template Sums<kResiduals>(maxima, sums);
      if constexpr (kResiduals) row.Residuals(sums, class_weights[label], label);
      LossesOf(maxima, sums, own, poison, example_losses);
      for (int model = 0; model < unit.width; ++model) {
        losses[first_lane + model] +=
            static_cast<double>(class_weights[label]) * static_cast<double>(example_losses.at[model]);
      }
    }
  }
}

void SoftmaxResidualsLanes(const SoftmaxUnit& unit, const float* labels, int64_t rows, int tiles,
                           const float* intercepts, const float* class_weights, TileMatrix<float> margins,
                           double* losses) {
  SoftmaxUnits<true>(unit, labels, rows, tiles, intercepts, class_weights, margins, losses);
}

void SoftmaxLossesLanes(const SoftmaxUnit& unit, const float* labels, int64_t rows, int tiles, const float* intercepts,
                        const float* class_weights, TileMatrix<const float> margins, double* losses) {
  SoftmaxUnits<false>(unit, labels, rows, tiles, intercepts, class_weights, margins, losses);
}

}  // namespace ll::learner::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ll::learner::kernels {

HWY_EXPORT(SoftmaxResidualsLanes);
HWY_EXPORT(SoftmaxLossesLanes);

void SoftmaxResiduals(const SoftmaxUnit& unit, const float* labels, int64_t rows, int tiles, const float* intercepts,
                      const float* class_weights, TileMatrix<float> margins, double* losses) {
  HWY_DYNAMIC_DISPATCH(SoftmaxResidualsLanes)
  (unit, labels, rows, tiles, intercepts, class_weights, margins, losses);
}

void SoftmaxLosses(const SoftmaxUnit& unit, const float* labels, int64_t rows, int tiles, const float* intercepts,
                   const float* class_weights, TileMatrix<const float> margins, double* losses) {
  HWY_DYNAMIC_DISPATCH(SoftmaxLossesLanes)(unit, labels, rows, tiles, intercepts, class_weights, margins, losses);
}

}  // namespace ll::learner::kernels
#endif  // HWY_ONCE
