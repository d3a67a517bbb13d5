#include "learner/kernels/logistic.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "learner/kernels/logistic.cc"
#include "hwy/foreach_target.h"
// After foreach_target.
#include "hwy/contrib/math/math-inl.h"
#include "hwy/highway.h"
#include "learner/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ll::learner::kernels::HWY_NAMESPACE {

// A margin beyond this is as sure as one can be: exp(-80) = 2e-35 is still an ordinary number, which some machines
// compute a hundred times faster than a denormal. It also keeps what is not a number out of exp.
constexpr float kSureMargin = 80;

// Examples whose losses are summed in float before they join the double sum.
constexpr int64_t kLossBlock = 32;

// One vector of lanes down `rows` examples; returns the sum of their losses.
template <bool kResiduals, class Margin>
HWY_INLINE Vector LogisticBlock(const float* HWY_RESTRICT labels, int64_t rows, Vector intercept,
                                Vector positive_weight, Margin* HWY_RESTRICT margins) {
  const Lanes d;
  const Vector zero = hn::Zero(d);
  const Vector one = hn::Set(d, 1.0f);
  const Vector sign_bit = hn::Set(d, -0.0f);
  const Vector sure = hn::Set(d, kSureMargin);
  Vector total = zero;
  for (int64_t i = 0; i < rows; ++i) {
    Margin* const at = margins + i * kTileModels;
    const auto positive = hn::Ne(hn::Set(d, labels[i]), zero);
    const Vector sign = hn::IfThenElseZero(positive, sign_bit);
    const Vector weight = hn::IfThenElse(positive, positive_weight, one);
    // g is the margin of the wrong answer: both labels then share loss = log(1 + exp(g)) and slope sigma(g).
    const Vector g = hn::Xor(hn::Add(hn::Load(d, at), intercept), sign);
    const Vector e = hn::Exp(d, hn::Neg(hn::Min(hn::Abs(g), sure)));
    const Vector loss = hn::Add(hn::Max(g, zero), hn::Log1p(d, e));
    const Vector nan_unless_finite = hn::Sub(g, g);
    total = hn::MulAdd(weight, hn::Add(loss, nan_unless_finite), total);
    if constexpr (kResiduals) {
      const Vector sigma = hn::Div(hn::IfThenElse(hn::Ge(g, zero), one, e), hn::Add(one, e));
      hn::Store(hn::Xor(hn::Mul(weight, sigma), sign), d, at);
    }
  }
  return total;
}

template <bool kResiduals, class Margin>
HWY_INLINE void LogisticTiles(const float* HWY_RESTRICT labels, int64_t rows, int tiles, const float* intercepts,
                              const float* positive_weights, TileMatrix<Margin> margins, double* HWY_RESTRICT losses) {
  const Lanes d;
  HWY_ALIGN float block[kLanes];
  for (int lane = 0; lane < tiles * kTileModels; lane += kLanes) {
    const Vector intercept = hn::Load(d, intercepts + lane);
    const Vector positive_weight = hn::Load(d, positive_weights + lane);
    Margin* const column = margins.tile(lane / kTileModels).values + lane % kTileModels;
    for (int64_t i = 0; i < rows; i += kLossBlock) {
      const Vector sum = LogisticBlock<kResiduals>(labels + i, std::min(kLossBlock, rows - i), intercept,
                                                   positive_weight, column + i * kTileModels);
      hn::Store(sum, d, block);
      for (int l = 0; l < kLanes; ++l) losses[lane + l] += static_cast<double>(block[l]);
    }
  }
}

void LogisticResidualsLanes(const float* labels, int64_t rows, int tiles, const float* intercepts,
                            const float* positive_weights, TileMatrix<float> margins, double* losses) {
  LogisticTiles<true>(labels, rows, tiles, intercepts, positive_weights, margins, losses);
}

void LogisticLossesLanes(const float* labels, int64_t rows, int tiles, const float* intercepts,
                         const float* positive_weights, TileMatrix<const float> margins, double* losses) {
  LogisticTiles<false>(labels, rows, tiles, intercepts, positive_weights, margins, losses);
}

}  // namespace ll::learner::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ll::learner::kernels {

HWY_EXPORT(LogisticResidualsLanes);
HWY_EXPORT(LogisticLossesLanes);

void LogisticResiduals(const float* labels, int64_t rows, int tiles, const float* intercepts,
                       const float* positive_weights, TileMatrix<float> margins, double* losses) {
  HWY_DYNAMIC_DISPATCH(LogisticResidualsLanes)
  (labels, rows, tiles, intercepts, positive_weights, margins, losses);
}

void LogisticLosses(const float* labels, int64_t rows, int tiles, const float* intercepts,
                    const float* positive_weights, TileMatrix<const float> margins, double* losses) {
  HWY_DYNAMIC_DISPATCH(LogisticLossesLanes)(labels, rows, tiles, intercepts, positive_weights, margins, losses);
}

}  // namespace ll::learner::kernels
#endif  // HWY_ONCE
