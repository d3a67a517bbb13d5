#include "learner/kernels/losses.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "learner/kernels/losses.cc"
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

struct LossAndSlope {
  Vector loss;
  Vector slope;
};

HWY_INLINE Vector Constant(float value) { return hn::Set(Lanes(), value); }

// `magnitude` with the sign of e; 0 where e is 0.
HWY_INLINE Vector SignOf(Vector e, Vector magnitude) {
  return hn::IfThenZeroElse(hn::Eq(e, hn::Zero(Lanes())), hn::CopySign(magnitude, e));
}

// One struct per row of the header's table.
struct Logistic {
  explicit Logistic(float) {}
  HWY_INLINE LossAndSlope operator()(Vector f, Vector y) const {
    const Lanes d;
    const Vector zero = hn::Zero(d);
    const Vector one = Constant(1);
    const Vector sign = hn::IfThenElseZero(hn::Ne(y, zero), Constant(-0.0f));
    // g is the margin of the wrong answer: both labels then share loss = log(1 + exp(g)) and slope sigma(g).
    const Vector g = hn::Xor(f, sign);
    const Vector e = hn::Exp(d, hn::Neg(hn::Min(hn::Abs(g), Constant(kSureMargin))));
    const Vector sigma = hn::Div(hn::IfThenElse(hn::Ge(g, zero), one, e), hn::Add(one, e));
    return {hn::Add(hn::Max(g, zero), hn::Log1p(d, e)), hn::Xor(sigma, sign)};
  }
};

struct Hinge {
  explicit Hinge(float margin) : positive((margin + 1) / 2), negative((margin - 1) / 2) {}
  HWY_INLINE LossAndSlope operator()(Vector f, Vector y) const {
    const Vector zero = hn::Zero(Lanes());
    const auto is_positive = hn::Ne(y, zero);
    const Vector sign = hn::IfThenElseZero(is_positive, Constant(-0.0f));
    const Vector short_of =
        hn::Add(hn::IfThenElse(is_positive, Constant(positive), Constant(negative)), hn::Xor(f, sign));
    const auto costs = hn::Gt(short_of, zero);
    return {hn::IfThenElseZero(costs, short_of), hn::IfThenElseZero(costs, hn::Xor(Constant(1), sign))};
  }
  float positive, negative;
};

struct Squared {
  explicit Squared(float) {}
  HWY_INLINE LossAndSlope operator()(Vector f, Vector y) const {
    const Vector e = hn::Sub(f, y);
    return {hn::Mul(e, e), hn::Add(e, e)};
  }
};

struct Absolute {
  explicit Absolute(float) {}
  HWY_INLINE LossAndSlope operator()(Vector f, Vector y) const {
    const Vector e = hn::Sub(f, y);
    return {hn::Abs(e), SignOf(e, Constant(1))};
  }
};

struct InsensitiveSquared {
  explicit InsensitiveSquared(float insensitivity) : epsilon(insensitivity) {}
  HWY_INLINE LossAndSlope operator()(Vector f, Vector y) const {
    const Vector e = hn::Sub(f, y);
    const Vector size = hn::Abs(e);
    const auto costs = hn::Gt(size, Constant(epsilon));
    const Vector loss = hn::Mul(hn::Sub(size, Constant(epsilon)), hn::Add(size, Constant(epsilon)));
    return {hn::IfThenElseZero(costs, loss), hn::IfThenElseZero(costs, hn::Add(e, e))};
  }
  float epsilon;
};

struct InsensitiveAbsolute {
  explicit InsensitiveAbsolute(float insensitivity) : epsilon(insensitivity) {}
  HWY_INLINE LossAndSlope operator()(Vector f, Vector y) const {
    const Vector e = hn::Sub(f, y);
    const Vector size = hn::Abs(e);
    const auto costs = hn::Gt(size, Constant(epsilon));
    return {hn::IfThenElseZero(costs, hn::Sub(size, Constant(epsilon))),
            hn::IfThenElseZero(costs, SignOf(e, Constant(1)))};
  }
  float epsilon;
};

struct Quantile {
  explicit Quantile(float q) : below(q), above(1 - q) {}
  HWY_INLINE LossAndSlope operator()(Vector f, Vector y) const {
    const Vector e = hn::Sub(f, y);
    const auto high = hn::Gt(e, hn::Zero(Lanes()));
    const Vector weight = hn::IfThenElse(high, Constant(above), Constant(below));
    return {hn::Mul(weight, hn::Abs(e)), SignOf(e, weight)};
  }
  float below, above;
};

struct Huber {
  explicit Huber(float switch_at) : delta(switch_at) {}
  HWY_INLINE LossAndSlope operator()(Vector f, Vector y) const {
    const Vector e = hn::Sub(f, y);
    const Vector size = hn::Abs(e);
    // Both pieces are clipped * (|e| - clipped / 2).
    const Vector clipped = hn::Min(size, Constant(delta));
    return {hn::Mul(clipped, hn::NegMulAdd(Constant(0.5f), clipped, size)), hn::CopySign(clipped, e)};
  }
  float delta;
};

// One vector of lanes down `rows` examples; returns the sum of their losses.
template <bool kResiduals, class Loss, class Margin>
HWY_INLINE Vector LossBlock(const Loss& loss, const float* HWY_RESTRICT labels, int64_t rows, Vector intercept,
                            Vector positive_weight, Margin* HWY_RESTRICT margins) {
  const Lanes d;
  const Vector zero = hn::Zero(d);
  const Vector one = Constant(1);
  Vector total = zero;
  for (int64_t i = 0; i < rows; ++i) {
    Margin* const at = margins + i * kTileModels;
    const Vector label = hn::Set(d, labels[i]);
    const Vector weight = hn::IfThenElse(hn::Ne(label, zero), positive_weight, one);
    const Vector margin = hn::Add(hn::Load(d, at), intercept);
    const LossAndSlope here = loss(margin, label);
    const Vector nan_unless_finite = hn::Sub(margin, margin);
    total = hn::MulAdd(weight, hn::Add(here.loss, nan_unless_finite), total);
    if constexpr (kResiduals) hn::Store(hn::Mul(weight, here.slope), d, at);
  }
  return total;
}

template <bool kResiduals, class Loss, class Margin>
void LossTiles(const Loss& loss, const float* HWY_RESTRICT labels, int64_t rows, int tiles, const float* intercepts,
               const float* positive_weights, TileMatrix<Margin> margins, double* HWY_RESTRICT losses) {
  const Lanes d;
  HWY_ALIGN float block[kLanes];
  for (int lane = 0; lane < tiles * kTileModels; lane += kLanes) {
    const Vector intercept = hn::Load(d, intercepts + lane);
    const Vector positive_weight = hn::Load(d, positive_weights + lane);
    Margin* const column = margins.tile(lane / kTileModels).values + lane % kTileModels;
    for (int64_t i = 0; i < rows; i += kLossBlock) {
      const Vector sum = LossBlock<kResiduals>(loss, labels + i, std::min(kLossBlock, rows - i), intercept,
                                               positive_weight, column + i * kTileModels);
      hn::Store(sum, d, block);
      for (int l = 0; l < kLanes; ++l) losses[lane + l] += static_cast<double>(block[l]);
    }
  }
}

template <bool kResiduals, class Margin>
void DispatchLoss(const MarginLoss& loss, const float* labels, int64_t rows, int tiles, const float* intercepts,
                  const float* positive_weights, TileMatrix<Margin> margins, double* losses) {
  const auto run = [&](const auto& kind) {
    LossTiles<kResiduals>(kind, labels, rows, tiles, intercepts, positive_weights, margins, losses);
  };
  switch (loss.kind) {
    case LossKind::kLogistic: return run(Logistic(loss.parameter));
    case LossKind::kHinge: return run(Hinge(loss.parameter));
    case LossKind::kSquared: return run(Squared(loss.parameter));
    case LossKind::kAbsolute: return run(Absolute(loss.parameter));
    case LossKind::kInsensitiveSquared: return run(InsensitiveSquared(loss.parameter));
    case LossKind::kInsensitiveAbsolute: return run(InsensitiveAbsolute(loss.parameter));
    case LossKind::kQuantile: return run(Quantile(loss.parameter));
    case LossKind::kHuber: return run(Huber(loss.parameter));
  }
}

void LossResidualsLanes(const MarginLoss& loss, const float* labels, int64_t rows, int tiles, const float* intercepts,
                        const float* positive_weights, TileMatrix<float> margins, double* losses) {
  DispatchLoss<true>(loss, labels, rows, tiles, intercepts, positive_weights, margins, losses);
}

void LossesLanes(const MarginLoss& loss, const float* labels, int64_t rows, int tiles, const float* intercepts,
                 const float* positive_weights, TileMatrix<const float> margins, double* losses) {
  DispatchLoss<false>(loss, labels, rows, tiles, intercepts, positive_weights, margins, losses);
}

}  // namespace ll::learner::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ll::learner::kernels {

HWY_EXPORT(LossResidualsLanes);
HWY_EXPORT(LossesLanes);

void LossResiduals(const MarginLoss& loss, const float* labels, int64_t rows, int tiles, const float* intercepts,
                   const float* positive_weights, TileMatrix<float> margins, double* losses) {
  HWY_DYNAMIC_DISPATCH(LossResidualsLanes)
  (loss, labels, rows, tiles, intercepts, positive_weights, margins, losses);
}

void Losses(const MarginLoss& loss, const float* labels, int64_t rows, int tiles, const float* intercepts,
            const float* positive_weights, TileMatrix<const float> margins, double* losses) {
  HWY_DYNAMIC_DISPATCH(LossesLanes)(loss, labels, rows, tiles, intercepts, positive_weights, margins, losses);
}

}  // namespace ll::learner::kernels
#endif  // HWY_ONCE
