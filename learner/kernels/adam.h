// One step of an optimiser for many models at once, with decoupled weight decay and proximal L1: Adam, and what it
// becomes without one of its moments.
//
// The weights v_j of the kernels act on rows as they are stored. The model is trained in other coordinates, on
// features z_j = (x_j - mean_j) / deviation_j, whose weights are w_j = v_j * deviation_j. Penalties and steps belong to
// w; written for v, with s_j = 1 / deviation_j, or a number of the lane's own for all features, and m_j = mean_j where
// the lane centres (else 0):
//
//     g_j = s_j (G_j - m_j R) / n                            mean gradient for w_j; G from the Gradient kernel,
//                                                            R = sum of residuals, n = examples
//     a_j = beta_1 a_j + (1 - beta_1) g_j                    first moment
//     q_j = beta_2 q_j + (1 - beta_2) g_j^2                  second moment
//     v_j = v_j - (decay v_j + s_j rate a_j / (sqrt(q_j) + eps))    decay = lr * wd: decoupled from the gradient
//     v_j = sign(v_j) max(|v_j| - s_j threshold / (sqrt(q_j) + eps), 0)
//
// with, at update t, rate = lr sqrt(1 - beta_2^t) / (1 - beta_1^t) and threshold = lr sqrt(1 - beta_2^t) l1: both the
// step and the threshold are preconditioned alike, so a resting point of w satisfies the lasso's condition
// gradient + l1 sign(w) = 0 exactly. Kingma and Ba 2015; Loshchilov and Hutter 2019 for the decay.
//
// RMSprop is the same with beta_1 = 0 and no correction of the young moments: rate = lr, threshold = lr l1 (Tieleman
// and Hinton 2012). SGD with momentum mu, u = mu u + g, w = w - lr u, has no second moment: 1 stands for 1 / (sqrt(q_j)
// + eps), and since u = a / (1 - mu) for beta_1 = mu, rate = lr / (1 - mu). A gradient that stays is counted 1 / (1 -
// mu) times by and by, and the penalties must be alike: threshold = lr l1 / (1 - mu) and decay = lr wd / (1 - mu) put
// the resting point where gradient + wd w + l1 sign(w) = 0.
#ifndef LL_LEARNER_KERNELS_ADAM_H_
#define LL_LEARNER_KERNELS_ADAM_H_

#include <cstdint>

#include "absl/types/span.h"
#include "learner/kernels/tile.h"

namespace ll::learner::kernels {

inline constexpr float kAdamEpsilon = 1e-8f;

// 16 lanes per tile in each array.
struct AdamStep {
  float beta_1 = 0.9f;
  float beta_2 = 0.999f;
  const float* rate = nullptr;
  const float* threshold = nullptr;
  const float* decay = nullptr;
  bool second_moment = true;  // false for SGD; AdamState::second_moment is not touched then
};

// From stored features to the features that models are trained on.
struct FeatureTransform {
  const float* mean = nullptr;               // one per feature
  const float* inverse_deviation = nullptr;  // one per feature
  const float* centres = nullptr;            // 16 lanes per tile: 1 where the lane subtracts the mean, else 0
  const float* common_scales = nullptr;      // 16 lanes per tile: s_j of all features; 0: each has its own deviation
};

// What changes in an update; each matrix has one row per feature.
struct AdamState {
  TileMatrix<float> weights;
  TileMatrix<float> first_moment;
  TileMatrix<float> second_moment;
};

// Updates `features` features of `tiles` tiles. residual_sums: R, 16 lanes per tile.
void AdamUpdate(const AdamStep& step, const FeatureTransform& transform, int64_t features, int tiles,
                TileMatrix<const float> gradient, const float* residual_sums, float inverse_examples,
                const AdamState& state);

// The same where most features have no gradient from the data (G_j = 0): only those of `columns`, ascending and counted
// from `first` on, have a row of `gradient` each. All `features` features are updated, with the same bits.
void AdamUpdateSparse(const AdamStep& step, const FeatureTransform& transform, int64_t features, int tiles,
                      absl::Span<const int32_t> columns, int64_t first, TileMatrix<const float> gradient,
                      const float* residual_sums, float inverse_examples, const AdamState& state);

// Updates put off. Where no lane centres, a feature that no row of a mini-batch has is updated with G_j = 0, by numbers
// that do not depend on the rows: it can as well be done later, before anyone looks at its weight. The arithmetic is
// the same, step for step, and so are the bits; what is saved is fetching the state of all features in every update.
//
// The updates' numbers, one row of `stride` lanes each.
struct AdamHistory {
  const float* rate = nullptr;
  const float* threshold = nullptr;
  const float* decay = nullptr;
  int64_t stride = 0;
};

// AdamUpdate() of the features `columns` alone, which have a row of `gradient` each.
void AdamUpdateListed(const AdamStep& step, const FeatureTransform& transform, int tiles,
                      absl::Span<const int32_t> columns, TileMatrix<const float> gradient, const float* residual_sums,
                      float inverse_examples, const AdamState& state);

// Makes up for the updates [done[j], end) of each feature j of `columns`. No lane may centre; of `step`, only what is
// the same in all updates is read.
void AdamCatchUp(const AdamStep& step, const FeatureTransform& transform, const AdamHistory& history, int tiles,
                 absl::Span<const int32_t> columns, const int32_t* done, int64_t end, const AdamState& state);

}  // namespace ll::learner::kernels

#endif  // LL_LEARNER_KERNELS_ADAM_H_
