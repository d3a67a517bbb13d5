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

  HWY_INLINE Vector Scale(int64_t j) const {
    return hn::IfThenElse(hn::Eq(common_scale, hn::Zero(Lanes())), hn::Set(Lanes(), inverse_deviations[j]),
                          common_scale);
  }

  // Moments a and q and weight v after a step with the gradient g.
  HWY_INLINE void Advance(Vector g, Vector scale, Vector& a, Vector& q, Vector& v) const {
    const Lanes d;
    a = hn::MulAdd(new_1, g, hn::Mul(beta_1, a));
    a = hn::IfThenZeroElse(hn::Lt(hn::Abs(a), hn::Set(d, kSmallestMoment)), a);
    Vector preconditioner = scale;
    if constexpr (kSecondMoment) {
      q = hn::MulAdd(new_2, hn::Mul(g, g), hn::Mul(beta_2, q));
      preconditioner = hn::Div(scale, hn::Add(hn::Sqrt(q), hn::Set(d, kAdamEpsilon)));
    }
    const Vector move = hn::MulAdd(hn::Mul(rate, a), preconditioner, hn::Mul(decay, v));
    const Vector stepped = hn::Sub(v, move);
    const Vector shrunk = hn::NegMulAdd(threshold, preconditioner, hn::Abs(stepped));
    // Not Max: it would turn a weight that is NaN into a harmless zero.
    v = hn::CopySign(hn::IfThenZeroElse(hn::Lt(shrunk, hn::Zero(d)), shrunk), stepped);
  }

  // Feature j, whose gradient from the data is `gradient`.
  HWY_INLINE void Step(int64_t j, Vector gradient) const {
    const Lanes d;
    const int64_t at = j * kTileModels;
    const Vector scale = Scale(j);
    const Vector mean = hn::Mul(centres, hn::Set(d, means[j]));
    const Vector g = hn::Mul(hn::Mul(hn::NegMulAdd(mean, residual_sum, gradient), scale), per_example);
    Vector a = hn::Load(d, first + at);
    Vector q = hn::Zero(d);
    if constexpr (kSecondMoment) q = hn::Load(d, second + at);
    Vector v = hn::Load(d, weights + at);
    Advance(g, scale, a, q, v);
    hn::Store(a, d, first + at);
    if constexpr (kSecondMoment) hn::Store(q, d, second + at);
    hn::Store(v, d, weights + at);
  }

  // The steps [begin, end) of a history, for feature j, whose gradient was 0 in all of them. A feature that has never
  // moved stays where it is, at 0.
  HWY_INLINE void StepsAtRest(int64_t j, const AdamHistory& history, int lane, int64_t begin, int64_t end) {
    const Lanes d;
    const Vector zero = hn::Zero(d);
    const int64_t at = j * kTileModels;
    Vector a = hn::Load(d, first + at);
    Vector q = zero;
    if constexpr (kSecondMoment) q = hn::Load(d, second + at);
    Vector v = hn::Load(d, weights + at);
    if (hn::AllTrue(d, hn::And(hn::And(hn::Eq(a, zero), hn::Eq(q, zero)), hn::Eq(v, zero)))) return;
    const Vector scale = Scale(j);
    for (int64_t t = begin; t < end; ++t) {
      rate = hn::Load(d, history.rate + t * history.stride + lane);
      threshold = hn::Load(d, history.threshold + t * history.stride + lane);
      decay = hn::Load(d, history.decay + t * history.stride + lane);
      Advance(zero, scale, a, q, v);
    }
    hn::Store(a, d, first + at);
    if constexpr (kSecondMoment) hn::Store(q, d, second + at);
    hn::Store(v, d, weights + at);
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

// Only the features `columns`.
template <bool kSecondMoment>
void AdamListedColumn(const AdamLanes<kSecondMoment> lanes, absl::Span<const int32_t> columns,
                      const float* HWY_RESTRICT gradient) {
  for (const int32_t column : columns) {
    lanes.Step(column, hn::Load(Lanes(), gradient));
    gradient += kTileModels;
  }
}

template <bool kSecondMoment>
void AdamRestColumn(AdamLanes<kSecondMoment> lanes, const AdamHistory& history, int lane,
                    absl::Span<const int32_t> columns, const int32_t* done, int64_t end) {
  for (const int32_t column : columns) {
    if (done[column] < end) lanes.StepsAtRest(column, history, lane, done[column], end);
  }
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

void AdamUpdateListedLanes(const AdamStep& step, const FeatureTransform& transform, int tiles,
                           absl::Span<const int32_t> columns, TileMatrix<const float> gradient,
                           const float* residual_sums, float inverse_examples, const AdamState& state) {
  for (int lane = 0; lane < tiles * kTileModels; lane += kLanes) {
    const float* const from = gradient.tile(lane / kTileModels).values + lane % kTileModels;
    if (step.second_moment) {
      AdamListedColumn<true>({step, transform, lane, residual_sums, inverse_examples, state}, columns, from);
    } else {
      AdamListedColumn<false>({step, transform, lane, residual_sums, inverse_examples, state}, columns, from);
    }
  }
}

void AdamCatchUpLanes(const AdamStep& step, const FeatureTransform& transform, const AdamHistory& history, int tiles,
                      absl::Span<const int32_t> columns, const int32_t* done, int64_t end, const AdamState& state) {
  for (int lane = 0; lane < tiles * kTileModels; lane += kLanes) {
    // No lane centres: sums of residuals count for nothing, and neither does the number of examples.
    if (step.second_moment) {
      AdamRestColumn<true>({step, transform, lane, transform.centres, 1, state}, history, lane, columns, done, end);
    } else {
      AdamRestColumn<false>({step, transform, lane, transform.centres, 1, state}, history, lane, columns, done, end);
    }
  }
}

}  // namespace ll::learner::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ll::learner::kernels {

HWY_EXPORT(AdamUpdateLanes);
HWY_EXPORT(AdamUpdateSparseLanes);
HWY_EXPORT(AdamUpdateListedLanes);
HWY_EXPORT(AdamCatchUpLanes);

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

void AdamUpdateListed(const AdamStep& step, const FeatureTransform& transform, int tiles,
                      absl::Span<const int32_t> columns, TileMatrix<const float> gradient, const float* residual_sums,
                      float inverse_examples, const AdamState& state) {
  HWY_DYNAMIC_DISPATCH(AdamUpdateListedLanes)
  (step, transform, tiles, columns, gradient, residual_sums, inverse_examples, state);
}

void AdamCatchUp(const AdamStep& step, const FeatureTransform& transform, const AdamHistory& history, int tiles,
                 absl::Span<const int32_t> columns, const int32_t* done, int64_t end, const AdamState& state) {
  HWY_DYNAMIC_DISPATCH(AdamCatchUpLanes)(step, transform, history, tiles, columns, done, end, state);
}

}  // namespace ll::learner::kernels
#endif  // HWY_ONCE
