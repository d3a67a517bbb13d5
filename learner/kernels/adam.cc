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

// One vector of lanes: what its step has in common for all features.
template <bool kSecondMoment>
struct AdamLanes {
  Vector beta_1, beta_2, new_1, new_2;
  Vector rate, threshold, decay;
  Vector residual_sum, centres, common_scale, per_example;
  const float* HWY_RESTRICT means;
  const float* HWY_RESTRICT inverse_deviations;
  float* HWY_RESTRICT weights;
  float* HWY_RESTRICT first;
  float* HWY_RESTRICT second;

  HWY_INLINE AdamLanes(const AdamStep& step, const FeatureTransform& transform, int lane, const float* residual_sums,
                       float inverse_examples, const AdamState& state)
      : means(transform.mean), inverse_deviations(transform.inverse_deviation) {
    const Lanes d;
    beta_1 = hn::Set(d, step.beta_1);
    beta_2 = hn::Set(d, step.beta_2);
    new_1 = hn::Set(d, 1.0f - step.beta_1);
    new_2 = hn::Set(d, 1.0f - step.beta_2);
    rate = hn::Load(d, step.rate + lane);
    threshold = hn::Load(d, step.threshold + lane);
    decay = hn::Load(d, step.decay + lane);
    residual_sum = hn::Load(d, residual_sums + lane);
    centres = hn::Load(d, transform.centres + lane);
    common_scale = hn::Load(d, transform.common_scales + lane);
    per_example = hn::Set(d, inverse_examples);
    const int tile = lane / kTileModels;
    const int within = lane % kTileModels;
    weights = state.weights.tile(tile).values + within;
    first = state.first_moment.tile(tile).values + within;
    second = state.second_moment.tile(tile).values + within;
  }

  // Feature j, whose gradient from the data is `gradient`.
  HWY_INLINE void Step(int64_t j, Vector gradient) const {
    const Lanes d;
    const Vector zero = hn::Zero(d);
    const int64_t at = j * kTileModels;
    const Vector mean = hn::Mul(centres, hn::Set(d, means[j]));
    const Vector scale = hn::IfThenElse(hn::Eq(common_scale, zero), hn::Set(d, inverse_deviations[j]), common_scale);
    const Vector g = hn::Mul(hn::Mul(hn::NegMulAdd(mean, residual_sum, gradient), scale), per_example);

    Vector a = hn::MulAdd(new_1, g, hn::Mul(beta_1, hn::Load(d, first + at)));
    a = hn::IfThenZeroElse(hn::Lt(hn::Abs(a), hn::Set(d, kSmallestMoment)), a);
    hn::Store(a, d, first + at);

    Vector preconditioner = scale;
    if constexpr (kSecondMoment) {
      const Vector q = hn::MulAdd(new_2, hn::Mul(g, g), hn::Mul(beta_2, hn::Load(d, second + at)));
      hn::Store(q, d, second + at);
      preconditioner = hn::Div(scale, hn::Add(hn::Sqrt(q), hn::Set(d, kAdamEpsilon)));
    }
    const Vector weight = hn::Load(d, weights + at);
    const Vector move = hn::MulAdd(hn::Mul(rate, a), preconditioner, hn::Mul(decay, weight));
    const Vector stepped = hn::Sub(weight, move);
    const Vector shrunk = hn::NegMulAdd(threshold, preconditioner, hn::Abs(stepped));
    // Not Max: it would turn a weight that is NaN into a harmless zero.
    const Vector kept = hn::IfThenZeroElse(hn::Lt(shrunk, zero), shrunk);
    hn::Store(hn::CopySign(kept, stepped), d, weights + at);
  }
};

// One vector of lanes down all features.
template <bool kSecondMoment>
void AdamColumn(const AdamLanes<kSecondMoment> lanes, int64_t features, const float* HWY_RESTRICT gradient) {
  for (int64_t j = 0; j < features; ++j) lanes.Step(j, hn::Load(Lanes(), gradient + j * kTileModels));
}

// The same where only the features `columns` - first have a gradient, a row each.
template <bool kSecondMoment>
void AdamSparseColumn(const AdamLanes<kSecondMoment> lanes, int64_t features, absl::Span<const int32_t> columns,
                      int64_t first, const float* HWY_RESTRICT gradient) {
  int64_t j = 0;
  for (const int32_t column : columns) {
    for (; j < column - first; ++j) lanes.Step(j, hn::Zero(Lanes()));
    lanes.Step(j++, hn::Load(Lanes(), gradient));
    gradient += kTileModels;
  }
  for (; j < features; ++j) lanes.Step(j, hn::Zero(Lanes()));
}

void AdamUpdateLanes(const AdamStep& step, const FeatureTransform& transform, int64_t features, int tiles,
                     TileMatrix<const float> gradient, const float* residual_sums, float inverse_examples,
                     const AdamState& state) {
  for (int lane = 0; lane < tiles * kTileModels; lane += kLanes) {
    const float* const from = gradient.tile(lane / kTileModels).values + lane % kTileModels;
    if (step.second_moment) {
      AdamColumn<true>({step, transform, lane, residual_sums, inverse_examples, state}, features, from);
    } else {
      AdamColumn<false>({step, transform, lane, residual_sums, inverse_examples, state}, features, from);
    }
  }
}

void AdamUpdateSparseLanes(const AdamStep& step, const FeatureTransform& transform, int64_t features, int tiles,
                           absl::Span<const int32_t> columns, int64_t first, TileMatrix<const float> gradient,
                           const float* residual_sums, float inverse_examples, const AdamState& state) {
  for (int lane = 0; lane < tiles * kTileModels; lane += kLanes) {
    const float* const from = gradient.tile(lane / kTileModels).values + lane % kTileModels;
    if (step.second_moment) {
      AdamSparseColumn<true>({step, transform, lane, residual_sums, inverse_examples, state}, features, columns, first,
                             from);
    } else {
      AdamSparseColumn<false>({step, transform, lane, residual_sums, inverse_examples, state}, features, columns, first,
                              from);
    }
  }
}

}  // namespace ll::learner::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ll::learner::kernels {

HWY_EXPORT(AdamUpdateLanes);
HWY_EXPORT(AdamUpdateSparseLanes);

void AdamUpdate(const AdamStep& step, const FeatureTransform& transform, int64_t features, int tiles,
                TileMatrix<const float> gradient, const float* residual_sums, float inverse_examples,
                const AdamState& state) {
  HWY_DYNAMIC_DISPATCH(AdamUpdateLanes)
  (step, transform, features, tiles, gradient, residual_sums, inverse_examples, state);
}

void AdamUpdateSparse(const AdamStep& step, const FeatureTransform& transform, int64_t features, int tiles,
                      absl::Span<const int32_t> columns, int64_t first, TileMatrix<const float> gradient,
                      const float* residual_sums, float inverse_examples, const AdamState& state) {
  HWY_DYNAMIC_DISPATCH(AdamUpdateSparseLanes)
  (step, transform, features, tiles, columns, first, gradient, residual_sums, inverse_examples, state);
}

}  // namespace ll::learner::kernels
#endif  // HWY_ONCE
