// The product that both directions of training are made of, for one instruction set:
//
//     sums[p][lane] += sum_s  factor(p, s) * operand[s][lane]        s = 0, 1, ... steps - 1, in this order
//
// A panel is a handful of p whose sums stay in registers for all steps. Forward, p is a row, s a feature and the
// operand the weights; backward, p is a feature, s a row and the operand the residuals. The rows of data are read in
// place, one number at a time, and never packed: for so few lanes packing costs more than it gives.
#if defined(LL_LEARNER_KERNELS_PANEL_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef LL_LEARNER_KERNELS_PANEL_INL_H_
#undef LL_LEARNER_KERNELS_PANEL_INL_H_
#else
#define LL_LEARNER_KERNELS_PANEL_INL_H_
#endif

#include <algorithm>
#include <cstdint>

#include "hwy/cache_control.h"
#include "learner/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ll::learner::kernels::HWY_NAMESPACE {

// How far ahead the rows are fetched into the cache (rows), and how much at a time (floats: one cache line). Behind the
// last row there is nothing to fetch, and fetching it does no harm.
inline constexpr int64_t kPrefetchRows = 24;
inline constexpr int64_t kPrefetchFloats = 16;

// factor(p, s) where p walks down the rows and s along them.
struct RowFactors {
  const float* HWY_RESTRICT values;
  int64_t stride;

  RowFactors From(int64_t p) const { return {values + p * stride, stride}; }
  HWY_INLINE float At(int64_t p, int64_t s) const { return values[p * stride + s]; }
  HWY_INLINE void Prefetch(int64_t p, int64_t s) const { hwy::Prefetch(values + (p + kPrefetchRows) * stride + s); }
};

// factor(p, s) where p walks along the rows and s down them. The rows have just been read: nothing to fetch.
struct ColumnFactors {
  const float* HWY_RESTRICT values;
  int64_t stride;

  ColumnFactors From(int64_t p) const { return {values + p, stride}; }
  HWY_INLINE float At(int64_t p, int64_t s) const { return values[s * stride + p]; }
  HWY_INLINE void Prefetch(int64_t, int64_t) const {}
};

// The sums of `kRows` consecutive p for `kTiles` neighbouring tiles.
template <int kRows, int kTiles>
struct PanelSums {
  TilesRow<kTiles> own;
  PanelSums<kRows - 1, kTiles> rest;

  HWY_INLINE void Clear() {
    own.Clear();
    rest.Clear();
  }
  HWY_INLINE void Load(const float* HWY_RESTRICT from, int64_t tile_stride) {
    own.Load(from, tile_stride);
    rest.Load(from + kTileModels, tile_stride);
  }
  HWY_INLINE void Store(float* HWY_RESTRICT to, int64_t tile_stride) const {
    own.Store(to, tile_stride);
    rest.Store(to + kTileModels, tile_stride);
  }
  template <class Factors>
  HWY_INLINE void Step(const Factors& factors, int64_t p, int64_t s, const TilesRow<kTiles>& operand) {
    own.AddProduct(hn::Set(Lanes(), factors.At(p, s)), operand);
    rest.Step(factors, p + 1, s, operand);
  }
  template <class Factors>
  HWY_INLINE void Prefetch(const Factors& factors, int64_t p, int64_t s) const {
    factors.Prefetch(p, s);
    rest.Prefetch(factors, p + 1, s);
  }
};

template <int kTiles>
struct PanelSums<0, kTiles> {
  HWY_INLINE void Clear() {}
  HWY_INLINE void Load(const float*, int64_t) {}
  HWY_INLINE void Store(float*, int64_t) const {}
  template <class Factors>
  HWY_INLINE void Step(const Factors&, int64_t, int64_t, const TilesRow<kTiles>&) {}
  template <class Factors>
  HWY_INLINE void Prefetch(const Factors&, int64_t, int64_t) const {}
};

template <int kRows, int kTiles, class Factors>
HWY_INLINE void MultiplyPanel(Factors factors, int64_t steps, TileMatrix<const float> operand, bool accumulate,
                              TileMatrix<float> result) {
  PanelSums<kRows, kTiles> sums;
  if (accumulate) {
    sums.Load(result.values, result.tile_stride);
  } else {
    sums.Clear();
  }
  for (int64_t s = 0; s < steps;) {
    sums.Prefetch(factors, 0, s);
    for (const int64_t end = std::min(steps, s + kPrefetchFloats); s < end; ++s) {
      TilesRow<kTiles> row;
      row.Load(operand.row(s), operand.tile_stride);
      sums.Step(factors, 0, s, row);
    }
  }
  sums.Store(result.values, result.tile_stride);
}

// The last panel, of `rows` <= kRows.
template <int kRows, int kTiles, class Factors>
HWY_INLINE void MultiplyShortPanel(int64_t rows, Factors factors, int64_t steps, TileMatrix<const float> operand,
                                   bool accumulate, TileMatrix<float> result) {
  if constexpr (kRows > 0) {
    if (rows == kRows) {
      MultiplyPanel<kRows, kTiles>(factors, steps, operand, accumulate, result);
    } else {
      MultiplyShortPanel<kRows - 1, kTiles>(rows, factors, steps, operand, accumulate, result);
    }
  }
}

// All p in [0, count).
template <int kTiles, class Factors>
HWY_NOINLINE void MultiplyTiles(Factors factors, int64_t count, int64_t steps, TileMatrix<const float> operand,
                                bool accumulate, TileMatrix<float> result) {
  int64_t p = 0;
  for (; p + kPanel <= count; p += kPanel) {
    MultiplyPanel<kPanel, kTiles>(factors.From(p), steps, operand, accumulate, result.From(p));
  }
  MultiplyShortPanel<kPanel - 1, kTiles>(count - p, factors.From(p), steps, operand, accumulate, result.From(p));
}

// All p for all tiles.
template <class Factors>
HWY_INLINE void Multiply(Factors factors, int64_t count, int64_t steps, int tiles, TileMatrix<const float> operand,
                         bool accumulate, TileMatrix<float> result) {
  int tile = 0;
  for (; tile + kTilesTogether <= tiles; tile += kTilesTogether) {
    MultiplyTiles<kTilesTogether>(factors, count, steps, operand.tile(tile), accumulate, result.tile(tile));
  }
  if constexpr (kTilesTogether > 1) {
    for (; tile < tiles; ++tile) {
      MultiplyTiles<1>(factors, count, steps, operand.tile(tile), accumulate, result.tile(tile));
    }
  }
}

}  // namespace ll::learner::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // LL_LEARNER_KERNELS_PANEL_INL_H_
