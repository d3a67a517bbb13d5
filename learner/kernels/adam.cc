#include "learner/kernels/adam.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "learner/kernels/adam.cc"
#include "hwy/foreach_target.h"
// After foreach_target.
#include "hwy/highway.h"
#include "learner/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ll::learner::kernels::HWY_NAMESPACE {

// A first moment this small is nothing: without this, features that are zero for long leave denormal numbers behind,
// which some machines compute a hundred times slower.
constexpr float kSmallestMoment = 1e-30f;

// One vector of lanes down all features.
template <bool kSecondMoment>
void AdamColumn(const AdamStep& step, const FeatureTransform& transform, int64_t features, int lane,
                const float* HWY_RESTRICT gradient, const float* residual_sums, float inverse_examples,
                float* HWY_RESTRICT weights, float* HWY_RESTRICT first, float* HWY_RESTRICT second) {
  const Lanes d;
  const Vector zero = hn::Zero(d);
  const Vector beta_1 = hn::Set(d, step.beta_1);
  const Vector beta_2 = hn::Set(d, step.beta_2);
  const Vector new_1 = hn::Set(d, 1.0f - step.beta_1);
  const Vector new_2 = hn::Set(d, 1.0f - step.beta_2);
  const Vector epsilon = hn::Set(d, kAdamEpsilon);
  const Vector smallest = hn::Set(d, kSmallestMoment);
  const Vector rate = hn::Load(d, step.rate + lane);
  const Vector threshold = hn::Load(d, step.threshold + lane);
  const Vector decay = hn::Load(d, step.decay + lane);
  const Vector residual_sum = hn::Load(d, residual_sums + lane);
  const Vector centres = hn::Load(d, transform.centres + lane);
  const Vector common_scale = hn::Load(d, transform.common_scales + lane);
  const auto scales_each = hn::Eq(common_scale, zero);
  const Vector per_example = hn::Set(d, inverse_examples);
  for (int64_t j = 0; j < features; ++j) {
    const int64_t at = j * kTileModels;
    const Vector mean = hn::Mul(centres, hn::Set(d, transform.mean[j]));
    const Vector scale = hn::IfThenElse(scales_each, hn::Set(d, transform.inverse_deviation[j]), common_scale);
    const Vector g =
        hn::Mul(hn::Mul(hn::NegMulAdd(mean, residual_sum, hn::Load(d, gradient + at)), scale), per_example);

    Vector a = hn::MulAdd(new_1, g, hn::Mul(beta_1, hn::Load(d, first + at)));
    a = hn::IfThenZeroElse(hn::Lt(hn::Abs(a), smallest), a);
    hn::Store(a, d, first + at);

    Vector preconditioner = scale;
    if constexpr (kSecondMoment) {
      const Vector q = hn::MulAdd(new_2, hn::Mul(g, g), hn::Mul(beta_2, hn::Load(d, second + at)));
      hn::Store(q, d, second + at);
      preconditioner = hn::Div(scale, hn::Add(hn::Sqrt(q), epsilon));
    }
    const Vector weight = hn::Load(d, weights + at);
    const Vector move = hn::MulAdd(hn::Mul(rate, a), preconditioner, hn::Mul(decay, weight));
    const Vector stepped = hn::Sub(weight, move);
    const Vector shrunk = hn::NegMulAdd(threshold, preconditioner, hn::Abs(stepped));
    // Not Max: it would turn a weight that is NaN into a harmless zero.
    const Vector kept = hn::IfThenZeroElse(hn::Lt(shrunk, zero), shrunk);
    hn::Store(hn::CopySign(kept, stepped), d, weights + at);
  }
}

void AdamUpdateLanes(const AdamStep& step, const FeatureTransform& transform, int64_t features, int tiles,
                     TileMatrix<const float> gradient, const float* residual_sums, float inverse_examples,
                     const AdamState& state) {
  for (int lane = 0; lane < tiles * kTileModels; lane += kLanes) {
    const int tile = lane / kTileModels;
    const int within = lane % kTileModels;
    const auto column = step.second_moment ? AdamColumn<true> : AdamColumn<false>;
    column(step, transform, features, lane, gradient.tile(tile).values + within, residual_sums, inverse_examples,
           state.weights.tile(tile).values + within, state.first_moment.tile(tile).values + within,
           state.second_moment.tile(tile).values + within);
  }
}

}  // namespace ll::learner::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ll::learner::kernels {

HWY_EXPORT(AdamUpdateLanes);

void AdamUpdate(const AdamStep& step, const FeatureTransform& transform, int64_t features, int tiles,
                TileMatrix<const float> gradient, const float* residual_sums, float inverse_examples,
                const AdamState& state) {
  HWY_DYNAMIC_DISPATCH(AdamUpdateLanes)
  (step, transform, features, tiles, gradient, residual_sums, inverse_examples, state);
}

}  // namespace ll::learner::kernels
#endif  // HWY_ONCE
