// Each kernel against a plain double-precision loop, on every instruction set of this machine.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "base/executor.h"
#include "base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hwy/aligned_allocator.h"
#include "hwy/targets.h"
#include "learner/kernels/adam.h"
#include "learner/kernels/forward.h"
#include "learner/kernels/gradient.h"
#include "learner/kernels/losses.h"
#include "learner/kernels/softmax.h"
#include "learner/kernels/sparse_forward.h"
#include "learner/kernels/sparse_gradient.h"
#include "learner/kernels/spin_barrier.h"
#include "learner/kernels/tile.h"
#include "learner/link.h"

namespace ll::learner::kernels {
namespace {

using FloatArray = hwy::AlignedFreeUniquePtr<float[]>;

std::vector<int64_t> MachineTargets() {
  std::vector<int64_t> targets;
  for (int64_t left = hwy::SupportedTargets() & HWY_TARGETS; left != 0; left &= left - 1) {
    targets.push_back(left & -left);
  }
  return targets;
}

// Makes kernels run on one instruction set while it lives.
class ScopedTarget {
 public:
  explicit ScopedTarget(int64_t target) { hwy::SetSupportedTargetsForTest(target); }
  ~ScopedTarget() { hwy::SetSupportedTargetsForTest(0); }
};

// A tile matrix that owns its numbers.
struct Matrix {
  Matrix(int64_t rows, int tiles, SeededRandom& random)
      : size(static_cast<size_t>(rows * tiles * kTileModels)),
        values(hwy::AllocateAligned<float>(size)),
        view{values.get(), rows * kTileModels} {
    for (size_t i = 0; i < size; ++i) values[i] = static_cast<float>(random.Normal());
  }
  float At(int64_t row, int model) const { return view.tile(model / kTileModels).row(row)[model % kTileModels]; }
  std::vector<float> Copy() const { return std::vector<float>(values.get(), values.get() + size); }

  size_t size;
  FloatArray values;
  TileMatrix<float> view;
};

FloatArray LanesOf(int tiles, const std::function<double(int)>& value) {
  FloatArray lanes = hwy::AllocateAligned<float>(static_cast<size_t>(tiles) * kTileModels);
  for (int lane = 0; lane < tiles * kTileModels; ++lane)
    lanes[static_cast<size_t>(lane)] = static_cast<float>(value(lane));
  return lanes;
}

std::vector<float> RandomRows(int64_t size, SeededRandom& random) {
  std::vector<float> rows;
  for (int64_t i = 0; i < size; ++i) rows.push_back(static_cast<float>(random.Normal()));
  return rows;
}

// One instruction set of the machine per test case.
class KernelsTest : public ::testing::TestWithParam<int64_t> {
 protected:
  ScopedTarget target_{GetParam()};
  SeededRandom random_{11};
};

TEST_P(KernelsTest, ForwardIsRowsTimesWeights) {
  for (const int64_t rows : {1, 3, 6, 12, 25, 48}) {
    for (const int columns : {1, 16, 17, 40}) {
      for (const int tiles : {1, 2, 3}) {
        const int64_t stride = columns + 3;
        const std::vector<float> x = RandomRows(rows * stride, random_);
        const Matrix weights(columns, tiles, random_);
        const Matrix margins(rows, tiles, random_);
        Forward({x.data(), stride, rows, columns}, weights.view, tiles, margins.view);
        for (int64_t i = 0; i < rows; ++i) {
          for (int m = 0; m < tiles * kTileModels; ++m) {
            double expected = 0;
            for (int j = 0; j < columns; ++j)
              expected += static_cast<double>(x[static_cast<size_t>(i * stride + j)]) * weights.At(j, m);
            ASSERT_NEAR(margins.At(i, m), expected, 2e-5) << rows << "x" << columns << " row " << i << " model " << m;
          }
        }
      }
    }
  }
}

TEST_P(KernelsTest, GradientIsRowsTransposedTimesResiduals) {
  for (const int64_t rows : {1, 5, 32}) {
    for (const int columns : {1, 6, 11, 12, 13, 40}) {
      for (const int tiles : {1, 2, 3}) {
        const int64_t stride = columns + 1;
        const std::vector<float> x = RandomRows(rows * stride, random_);
        const Matrix residuals(rows, tiles, random_);
        const Matrix gradient(columns, tiles, random_);
        Gradient({x.data(), stride, rows, columns}, residuals.view, tiles, /*accumulate=*/false, gradient.view);
        for (int j = 0; j < columns; ++j) {
          for (int m = 0; m < tiles * kTileModels; ++m) {
            double expected = 0;
            for (int64_t i = 0; i < rows; ++i)
              expected += static_cast<double>(x[static_cast<size_t>(i * stride + j)]) * residuals.At(i, m);
            ASSERT_NEAR(gradient.At(j, m), expected, 2e-5)
                << rows << "x" << columns << " feature " << j << " model " << m;
          }
        }
      }
    }
  }
}

TEST_P(KernelsTest, AGradientInPiecesHasTheSameBits) {
  constexpr int kRows = 50;
  constexpr int kColumns = 29;
  const std::vector<float> x = RandomRows(kRows * kColumns, random_);
  const Matrix residuals(kRows, 2, random_);
  const Matrix whole(kColumns, 2, random_);
  const Matrix pieces(kColumns, 2, random_);
  Gradient({x.data(), kColumns, kRows, kColumns}, residuals.view, 2, false, whole.view);
  for (int64_t from = 0; from < kRows; from += 7) {
    Gradient({x.data() + from * kColumns, kColumns, std::min<int64_t>(7, kRows - from), kColumns},
             residuals.view.From(from), 2, from > 0, pieces.view);
  }
  EXPECT_EQ(whole.Copy(), pieces.Copy());
}

TEST_P(KernelsTest, LogisticLossAndResidualFollowTheFormula) {
  // 70 examples: two blocks of losses and a part of one. Margins reach both ends of exp.
  constexpr int kRows = 70;
  constexpr int kTiles = 2;
  std::vector<float> labels;
  for (int i = 0; i < kRows; ++i) labels.push_back(i % 3 == 0 ? 1.f : 0.f);
  const Matrix margins(kRows, kTiles, random_);
  for (size_t i = 0; i < margins.size; ++i) margins.values[i] *= i % 2 == 0 ? 1.f : 40.f;
  const std::vector<float> before = margins.Copy();
  const FloatArray intercepts = LanesOf(kTiles, [](int lane) { return 0.01 * lane; });
  const FloatArray weights = LanesOf(kTiles, [](int lane) { return 1 + lane; });
  std::vector<double> losses(kTiles * kTileModels, 5.0);
  std::vector<double> losses_alone(kTiles * kTileModels, 0.0);
  Losses({}, labels.data(), kRows, kTiles, intercepts.get(), weights.get(), margins.view, losses_alone.data());
  ASSERT_EQ(margins.Copy(), before);
  LossResiduals({}, labels.data(), kRows, kTiles, intercepts.get(), weights.get(), margins.view, losses.data());
  for (int m = 0; m < kTiles * kTileModels; ++m) {
    const size_t lane = static_cast<size_t>(m);
    double total = 0;
    for (int i = 0; i < kRows; ++i) {
      const float margin = before[static_cast<size_t>(margins.view.tile(m / kTileModels).row(i) - margins.values.get() +
                                                      m % kTileModels)];
      const double f = static_cast<double>(margin + intercepts[lane]);
      const bool positive = labels[static_cast<size_t>(i)] != 0;
      const double weight = positive ? weights[lane] : 1;
      total += weight * Softplus(positive ? -f : f);
      const double residual = weight * (positive ? -Sigmoid(-f) : Sigmoid(f));
      // Relative: a sure answer must still pull with its own small strength.
      ASSERT_NEAR(margins.At(i, m), residual, 1e-5 * std::fabs(residual) + 1e-33) << "margin " << f;
    }
    EXPECT_NEAR(losses_alone[lane], total, 2e-6 * total);
    EXPECT_NEAR(losses[lane], 5 + total, 2e-6 * total);
  }
}

TEST_P(KernelsTest, AMarginThatIsNotFiniteMakesTheLossNan) {
  for (const LossKind kind :
       {LossKind::kLogistic, LossKind::kHinge, LossKind::kSquared, LossKind::kAbsolute, LossKind::kInsensitiveSquared,
        LossKind::kInsensitiveAbsolute, LossKind::kQuantile, LossKind::kHuber}) {
    for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                            -std::numeric_limits<float>::infinity()}) {
      for (const float label : {0.f, 1.f}) {
        const Matrix margins(1, 1, random_);
        margins.values[3] = bad;
        const FloatArray intercepts = LanesOf(1, [](int) { return 0; });
        const FloatArray weights = LanesOf(1, [](int) { return 1; });
        std::vector<double> losses(kTileModels, 0.0);
        LossResiduals({kind, 0.5f}, &label, 1, 1, intercepts.get(), weights.get(), margins.view, losses.data());
        EXPECT_TRUE(std::isnan(losses[3])) << bad;
        EXPECT_TRUE(std::isfinite(losses[2]) && std::isfinite(losses[4]));
      }
    }
  }
}

// Units of every width, with a last tile that is full and one that is not.
TEST_P(KernelsTest, SoftmaxLossAndResidualsFollowTheFormula) {
  constexpr int kRows = 9;
  constexpr int kUnits = 2;
  for (const int width : {1, 2, 4, 8, 16}) {
    for (const int classes : {3, 5, 16, 37}) {
      const SoftmaxUnit unit = {classes, width, TilesFor(classes * width)};
      const int tiles = kUnits * unit.tiles;
      const Matrix margins(kRows, tiles, random_);
      for (size_t i = 0; i < margins.size; ++i) margins.values[i] *= i % 3 == 0 ? 30.f : 1.f;
      const Matrix before(kRows, tiles, random_);
      std::copy_n(margins.values.get(), margins.size, before.values.get());
      const FloatArray intercepts = LanesOf(tiles, [](int lane) { return 0.01 * lane; });
      std::vector<float> class_weights, labels;
      for (int k = 0; k < classes; ++k) class_weights.push_back(0.5f + 0.25f * static_cast<float>(k % 3));
      for (int i = 0; i < kRows; ++i) labels.push_back(static_cast<float>(i * 7 % classes));
      std::vector<double> losses(static_cast<size_t>(tiles) * kTileModels, 5.0);
      std::vector<double> losses_alone(static_cast<size_t>(tiles) * kTileModels, 0.0);
      SoftmaxLosses(unit, labels.data(), kRows, tiles, intercepts.get(), class_weights.data(), margins.view,
                    losses_alone.data());
      ASSERT_EQ(margins.Copy(), before.Copy());
      SoftmaxResiduals(unit, labels.data(), kRows, tiles, intercepts.get(), class_weights.data(), margins.view,
                       losses.data());
      for (int model = 0; model < kUnits * width; ++model) {
        const int first = model / width * unit.tiles * kTileModels + model % width;
        double total = 0;
        for (int i = 0; i < kRows; ++i) {
          std::vector<double> f;
          for (int k = 0; k < classes; ++k) {
            const int lane = first + k * width;
            f.push_back(static_cast<double>(before.At(i, lane) + intercepts[static_cast<size_t>(lane)]));
          }
          const auto label = static_cast<size_t>(labels[static_cast<size_t>(i)]);
          const double weight = static_cast<double>(class_weights[label]);
          const double highest = *std::max_element(f.begin(), f.end());
          double sum = 0;
          for (const double margin : f) sum += std::exp(margin - highest);
          total += weight * (std::log(sum) + highest - f[label]);
          for (size_t k = 0; k < f.size(); ++k) {
            const double residual = weight * (std::exp(f[k] - highest) / sum - (k == label ? 1 : 0));
            ASSERT_NEAR(margins.At(i, first + static_cast<int>(k) * width), residual, 1e-6)
                << width << " " << classes << " " << k;
          }
        }
        EXPECT_NEAR(losses_alone[static_cast<size_t>(first)], total, 1e-5 * total);
        EXPECT_NEAR(losses[static_cast<size_t>(first)], 5 + total, 1e-5 * total);
      }
      for (int lane = classes * width; lane < unit.tiles * kTileModels; ++lane) EXPECT_EQ(margins.At(0, lane), 0);
    }
  }
}

TEST_P(KernelsTest, ASoftmaxMarginThatIsNotFiniteSpoilsItsOwnModelAlone) {
  const float label = 1;
  const std::vector<float> class_weights(3, 1.f);
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                          -std::numeric_limits<float>::infinity()}) {
    for (const int width : {4, 16}) {
      const SoftmaxUnit unit = {3, width, TilesFor(3 * width)};
      const Matrix margins(1, unit.tiles, random_);
      const int lane = 2 * width + 1;  // class 2 of model 1
      margins.view.tile(lane / kTileModels).row(0)[lane % kTileModels] = bad;
      const FloatArray intercepts = LanesOf(unit.tiles, [](int) { return 0; });
      std::vector<double> losses(static_cast<size_t>(unit.tiles) * kTileModels, 0.0);
      SoftmaxResiduals(unit, &label, 1, unit.tiles, intercepts.get(), class_weights.data(), margins.view,
                       losses.data());
      EXPECT_TRUE(std::isnan(losses[1])) << bad;
      EXPECT_TRUE(std::isfinite(losses[0]) && std::isfinite(losses[2]));
    }
  }
}

// Adam in double, in the coordinates of the header's first lines: w on transformed features.
struct ReferenceAdam {
  double w = 0, a = 0, q = 0;
  void Update(double g, double rate, double threshold, double decay, double beta_1, double beta_2) {
    a = beta_1 * a + (1 - beta_1) * g;
    q = beta_2 * q + (1 - beta_2) * g * g;
    const double preconditioner = 1 / (std::sqrt(q) + 1e-8);
    w -= decay * w + rate * a * preconditioner;
    w = std::copysign(std::max(std::fabs(w) - threshold * preconditioner, 0.0), w);
  }
};

TEST_P(KernelsTest, AdamFollowsTheFormulaInTransformedCoordinates) {
  constexpr int kFeatures = 9;
  constexpr int kTiles = 2;
  constexpr int kSteps = 20;
  std::vector<float> mean;
  std::vector<float> inverse_deviation;
  for (int j = 0; j < kFeatures; ++j) {
    mean.push_back(static_cast<float>(j) - 3);
    inverse_deviation.push_back(1 / (0.5f + static_cast<float>(j)));
  }
  const FloatArray centres = LanesOf(kTiles, [](int lane) { return lane % 2; });
  const FloatArray scales = LanesOf(kTiles, [](int lane) { return lane / 2 % 2 == 1 ? 0 : 1 + 0.1 * lane; });
  const FloatArray rate = LanesOf(kTiles, [](int lane) { return 0.01 + 0.001 * lane; });
  const FloatArray threshold = LanesOf(kTiles, [](int lane) { return lane % 4 == 0 ? 0 : 1e-3 * lane; });
  const FloatArray decay = LanesOf(kTiles, [](int lane) { return 1e-3 * lane; });
  const FloatArray residual_sums = LanesOf(kTiles, [](int lane) { return 0.3 * lane - 4; });
  const Matrix weights(kFeatures, kTiles, random_);
  const Matrix first(kFeatures, kTiles, random_);
  const Matrix second(kFeatures, kTiles, random_);
  std::fill_n(first.values.get(), first.size, 0.f);
  std::fill_n(second.values.get(), second.size, 0.f);

  const auto scale_of = [&](int j, int m) {
    const float common = scales[static_cast<size_t>(m)];
    return static_cast<double>(common == 0 ? inverse_deviation[static_cast<size_t>(j)] : common);
  };
  std::vector<ReferenceAdam> reference(kFeatures * kTiles * kTileModels);
  const auto reference_of = [&](int j, int m) -> ReferenceAdam& {
    return reference[static_cast<size_t>(j * kTiles * kTileModels + m)];
  };
  for (int j = 0; j < kFeatures; ++j) {
    for (int m = 0; m < kTiles * kTileModels; ++m) reference_of(j, m).w = weights.At(j, m) / scale_of(j, m);
  }
  const AdamStep step = {
      .beta_1 = 0.9f, .beta_2 = 0.99f, .rate = rate.get(), .threshold = threshold.get(), .decay = decay.get()};
  const FeatureTransform transform = {mean.data(), inverse_deviation.data(), centres.get(), scales.get()};
  for (int update = 0; update < kSteps; ++update) {
    const Matrix gradient(kFeatures, kTiles, random_);
    AdamUpdate(step, transform, kFeatures, kTiles, gradient.view, residual_sums.get(), 1 / 8.f,
               {weights.view, first.view, second.view});
    for (int j = 0; j < kFeatures; ++j) {
      for (int m = 0; m < kTiles * kTileModels; ++m) {
        const size_t lane = static_cast<size_t>(m);
        const double centred =
            gradient.At(j, m) - centres[lane] * static_cast<double>(mean[static_cast<size_t>(j)]) * residual_sums[lane];
        reference_of(j, m).Update(centred * scale_of(j, m) / 8, rate[lane], threshold[lane], decay[lane], 0.9, 0.99);
      }
    }
  }
  for (int j = 0; j < kFeatures; ++j) {
    for (int m = 0; m < kTiles * kTileModels; ++m) {
      EXPECT_NEAR(weights.At(j, m), reference_of(j, m).w * scale_of(j, m), 1e-5) << "feature " << j << " model " << m;
    }
  }
}

// Rows of which most values are zeros, whole and without the zeros, by rows and by columns.
struct SparseExample {
  SparseExample(int64_t rows, int columns, SeededRandom& random) : by_rows{.rows = rows} {
    for (int64_t i = 0; i < rows; ++i) {
      for (int j = 0; j < columns; ++j) {
        dense.push_back(random.Below(5) == 0 && j != 3 ? static_cast<float>(random.Normal()) : 0.0f);
        if (dense.back() == 0) continue;
        indices.push_back(j);
        values.push_back(dense.back());
      }
      row_begin.push_back(static_cast<int64_t>(values.size()));
    }
    for (int j = 0; j < columns; ++j) {
      for (int64_t i = 0; i < rows; ++i) {
        const float value = dense[static_cast<size_t>(i * columns + j)];
        if (value == 0) continue;
        if (listed.empty() || listed.back() != j) {
          listed.push_back(j);
          begin.push_back(static_cast<int64_t>(entry_rows.size()));
        }
        entry_rows.push_back(static_cast<int32_t>(i));
        column_values.push_back(value);
      }
    }
    begin.push_back(static_cast<int64_t>(entry_rows.size()));
    by_rows = {row_begin.data(), indices.data(), values.data(), rows};
    by_columns = {listed.data(), begin.data(), entry_rows.data(), column_values.data(),
                  static_cast<int64_t>(listed.size())};
  }

  std::vector<float> dense, values, column_values;
  std::vector<int64_t> row_begin = {0}, begin;
  std::vector<int32_t> indices, listed, entry_rows;
  SparseRowsView by_rows;
  SparseColumnsView by_columns;
};

TEST_P(KernelsTest, SparseProductsAreTheBitsOfDenseOnes) {
  constexpr int kColumns = 70;
  constexpr int64_t kRows = 40;
  for (const int tiles : {1, 2, 3}) {
    const SparseExample rows(kRows, kColumns, random_);
    const Matrix weights(kColumns, tiles, random_);
    const Matrix dense_margins(kRows, tiles, random_), margins(kRows, tiles, random_);
    Forward({rows.dense.data(), kColumns, kRows, kColumns}, weights.view, tiles, dense_margins.view);
    SparseForward(rows.by_rows, weights.view, tiles, margins.view);
    EXPECT_EQ(margins.Copy(), dense_margins.Copy());

    const Matrix dense_gradient(kColumns, tiles, random_), gradient(kColumns, tiles, random_);
    Gradient({rows.dense.data(), kColumns, kRows, kColumns}, margins.view, tiles, false, dense_gradient.view);
    SparseGradient(rows.by_columns, margins.view, tiles, false, gradient.view);
    for (size_t k = 0; k < rows.listed.size(); ++k) {
      for (int m = 0; m < tiles * kTileModels; ++m) {
        ASSERT_EQ(gradient.At(static_cast<int64_t>(k), m), dense_gradient.At(rows.listed[k], m));
      }
    }
  }
}

// Updates that were put off, and those of few features at a time, against updates of everything.
TEST_P(KernelsTest, SparseUpdatesAreTheBitsOfDenseOnes) {
  constexpr int kFeatures = 30;
  constexpr int kTiles = 2;
  constexpr int kLanesOfAll = kTiles * kTileModels;
  const std::vector<float> mean = RandomRows(kFeatures, random_);
  const std::vector<float> inverse_deviation(kFeatures, 0.7f);
  const FloatArray zeros = LanesOf(kTiles, [](int) { return 0; });
  const FloatArray sums = LanesOf(kTiles, [](int lane) { return 0.3 * lane - 4; });
  const FloatArray decay = LanesOf(kTiles, [](int lane) { return 1e-3 * lane; });
  for (const bool centred : {false, true}) {
    for (const bool second_moment : {false, true}) {
      const FloatArray centres = LanesOf(kTiles, [&](int lane) { return centred ? lane % 2 : 0; });
      const FeatureTransform transform = {mean.data(), inverse_deviation.data(), centres.get(), zeros.get()};
      std::vector<std::vector<float>> expected;
      for (const bool sparse : {false, true}) {
        SeededRandom random(5);
        const Matrix weights(kFeatures, kTiles, random), first(kFeatures, kTiles, random),
            second(kFeatures, kTiles, random);
        std::fill_n(first.values.get(), first.size, 0.f);
        std::fill_n(second.values.get(), second.size, 0.f);
        const AdamState state = {weights.view, first.view, second.view};
        std::vector<int32_t> all(kFeatures), done(kFeatures, 0);
        std::iota(all.begin(), all.end(), 0);
        FloatArray rates = hwy::AllocateAligned<float>(10 * kLanesOfAll);
        for (int i = 0; i < 10 * kLanesOfAll; ++i)
          rates[static_cast<size_t>(i)] = 0.01f + 1e-4f * static_cast<float>(i);
        FloatArray decays = hwy::AllocateAligned<float>(10 * kLanesOfAll);
        for (int i = 0; i < 10 * kLanesOfAll; ++i) {
          decays[static_cast<size_t>(i)] = decay[static_cast<size_t>(i % kLanesOfAll)];
        }
        const AdamHistory history = {rates.get(), rates.get(), decays.get(), kLanesOfAll};
        AdamStep step = {.second_moment = second_moment};
        for (int32_t update = 0; update < 10; ++update) {
          const std::vector<int32_t> listed = {update, update + 7, 3 * update};
          std::vector<int32_t> columns(listed);
          std::sort(columns.begin(), columns.end());
          columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
          const Matrix rows(static_cast<int64_t>(columns.size()), kTiles, random);
          const Matrix gradient(kFeatures, kTiles, random);
          std::fill_n(gradient.values.get(), gradient.size, 0.f);
          for (size_t k = 0; k < columns.size(); ++k) {
            for (int tile = 0; tile < kTiles; ++tile) {
              std::copy_n(rows.view.tile(tile).row(static_cast<int64_t>(k)), kTileModels,
                          gradient.view.tile(tile).row(columns[k]));
            }
          }
          step.rate = step.threshold = rates.get() + update * kLanesOfAll;
          step.decay = decays.get();
          if (!sparse) {
            AdamUpdate(step, transform, kFeatures, kTiles, gradient.view, sums.get(), 1 / 8.f, state);
          } else if (centred) {
            AdamUpdateSparse(step, transform, kFeatures, kTiles, columns, 0, rows.view, sums.get(), 1 / 8.f, state);
          } else {
            AdamCatchUp(step, transform, history, kTiles, columns, done.data(), update, state);
            AdamUpdateListed(step, transform, kTiles, columns, rows.view, sums.get(), 1 / 8.f, state);
            for (const int32_t column : columns) done[static_cast<size_t>(column)] = update + 1;
          }
        }
        if (sparse && !centred) AdamCatchUp(step, transform, history, kTiles, all, done.data(), 10, state);
        std::vector<std::vector<float>> result = {weights.Copy(), first.Copy(), second.Copy()};
        if (!sparse) expected = result;
        EXPECT_EQ(result, expected);
      }
    }
  }
}

TEST_P(KernelsTest, AdamKeepsAWeightThatIsNan) {
  const float mean = 0;
  const float inverse_deviation = 1;
  const FloatArray zeros = LanesOf(1, [](int) { return 0; });
  const FloatArray small = LanesOf(1, [](int) { return 1e-3; });
  const Matrix weights(1, 1, random_);
  const Matrix first(1, 1, random_);
  const Matrix second(1, 1, random_);
  std::fill_n(second.values.get(), second.size, 0.f);
  const Matrix gradient(1, 1, random_);
  weights.values[0] = std::numeric_limits<float>::quiet_NaN();
  gradient.values[1] = std::numeric_limits<float>::infinity();
  AdamUpdate({.rate = small.get(), .threshold = small.get(), .decay = small.get()},
             {&mean, &inverse_deviation, zeros.get(), zeros.get()}, 1, 1, gradient.view, zeros.get(), 1,
             {weights.view, first.view, second.view});
  EXPECT_TRUE(std::isnan(weights.values[0]));
  EXPECT_TRUE(std::isnan(weights.values[1]));
  EXPECT_TRUE(std::isfinite(weights.values[2]));
}

INSTANTIATE_TEST_SUITE_P(Targets, KernelsTest, ::testing::ValuesIn(MachineTargets()),
                         [](const ::testing::TestParamInfo<int64_t>& info) {
                           return std::string(hwy::TargetName(info.param));
                         });

// Instruction sets with fused multiply-add give the same bits, whatever the width of their vectors.
TEST(KernelBitsTest, TargetsWithFusedMultiplyAddAgree) {
  constexpr int kRows = 30;
  constexpr int kColumns = 50;
  constexpr int kTiles = 3;
  std::vector<std::vector<float>> results;
  for (const int64_t target : MachineTargets()) {
    if (target != HWY_AVX2 && target != HWY_AVX3 && target != HWY_NEON) continue;
    const ScopedTarget scoped(target);
    SeededRandom random(29);
    const std::vector<float> x = RandomRows(kRows * kColumns, random);
    const std::vector<float> labels(kRows, 1);
    const Matrix weights(kColumns, kTiles, random);
    const Matrix first(kColumns, kTiles, random);
    const Matrix second(kColumns, kTiles, random);
    for (size_t i = 0; i < second.size; ++i) second.values[i] = std::fabs(second.values[i]);
    const Matrix margins(kRows, kTiles, random);
    const Matrix gradient(kColumns, kTiles, random);
    const FloatArray ones = LanesOf(kTiles, [](int) { return 1; });
    std::vector<double> losses(kTiles * kTileModels);
    const RowsView rows = {x.data(), kColumns, kRows, kColumns};
    Forward(rows, weights.view, kTiles, margins.view);
    LossResiduals({}, labels.data(), kRows, kTiles, ones.get(), ones.get(), margins.view, losses.data());
    Gradient(rows, margins.view, kTiles, false, gradient.view);
    AdamUpdate({.rate = ones.get(), .threshold = ones.get(), .decay = ones.get()},
               {x.data(), x.data() + kColumns, ones.get(), ones.get()}, kColumns, kTiles, gradient.view, ones.get(),
               1 / 30.f, {weights.view, first.view, second.view});
    results.push_back(weights.Copy());
    for (const double loss : losses) results.back().push_back(static_cast<float>(loss));
  }
  if (results.empty()) GTEST_SKIP() << "this machine has no fused multiply-add";
  for (const std::vector<float>& result : results) {
    EXPECT_EQ(std::memcmp(result.data(), results.front().data(), result.size() * sizeof(float)), 0);
  }
}

TEST(SpinBarrierTest, NobodyRunsAhead) {
  constexpr int kThreads = 5;
  constexpr int kMeetings = 2000;
  SpinBarrier barrier(kThreads);
  std::vector<int> progress(kThreads, 0);  // plain: the barrier alone orders the accesses
  std::atomic<int> apart{0};
  ThreadPool pool(kThreads);
  pool.RunOnAll([&](int worker) {
    for (int meeting = 1; meeting <= kMeetings; ++meeting) {
      progress[static_cast<size_t>(worker)] = meeting;
      barrier.Wait();
      if (std::any_of(progress.begin(), progress.end(), [&](int other) { return other != meeting; })) ++apart;
      barrier.Wait();
    }
  });
  EXPECT_EQ(apart, 0);
}

}  // namespace
}  // namespace ll::learner::kernels
