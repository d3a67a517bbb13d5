// Vectors of lanes for one instruction set. Included by each kernel once per target, inside foreach_target.
#if defined(LL_LEARNER_KERNELS_LANES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef LL_LEARNER_KERNELS_LANES_INL_H_
#undef LL_LEARNER_KERNELS_LANES_INL_H_
#else
#define LL_LEARNER_KERNELS_LANES_INL_H_
#endif

#include <cstdint>

#include "hwy/highway.h"
#include "learner/kernels/tile.h"

HWY_BEFORE_NAMESPACE();
namespace ll::learner::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// At most one tile wide; all lanes of a vector belong to the same tile.
using Lanes = hn::CappedTag<float, kTileModels>;
using Vector = hn::Vec<Lanes>;

inline constexpr int kLanes = static_cast<int>(hn::MaxLanes(Lanes()));
inline constexpr int kVectorsPerTile = kTileModels / kLanes;

// A product keeps the sums of kPanel rows of kTilesTogether tiles in registers, beside its operands. Two tiles together
// need fewer loads per sum, where there are registers enough; more rows gained nothing on any machine measured.
#if HWY_TARGET == HWY_AVX3
inline constexpr int kPanel = 12;
inline constexpr int kTilesTogether = 2;
#elif HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_NEON
inline constexpr int kPanel = 6;
inline constexpr int kTilesTogether = 1;
#elif HWY_TARGET == HWY_SCALAR
inline constexpr int kPanel = 1;
inline constexpr int kTilesTogether = 1;
#else
inline constexpr int kPanel = 3;
inline constexpr int kTilesTogether = 1;
#endif

// One row of a tile as `kCount` vectors, named one by one: an array of them would go through memory.
template <int kCount = kVectorsPerTile>
struct TileRow {
  Vector first;
  TileRow<kCount - 1> rest;

  HWY_INLINE void Clear() {
    first = hn::Zero(Lanes());
    rest.Clear();
  }
  HWY_INLINE void Load(const float* HWY_RESTRICT from) {
    first = hn::Load(Lanes(), from);
    rest.Load(from + kLanes);
  }
  HWY_INLINE void Store(float* HWY_RESTRICT to) const {
    hn::Store(first, Lanes(), to);
    rest.Store(to + kLanes);
  }
  // += factor * other
  HWY_INLINE void AddProduct(Vector factor, const TileRow& other) {
    first = hn::MulAdd(factor, other.first, first);
    rest.AddProduct(factor, other.rest);
  }
};

template <>
struct TileRow<0> {
  HWY_INLINE void Clear() {}
  HWY_INLINE void Load(const float*) {}
  HWY_INLINE void Store(float*) const {}
  HWY_INLINE void AddProduct(Vector, const TileRow&) {}
};

// The same row of `kTiles` neighbouring tiles, `tile_stride` floats apart.
template <int kTiles>
struct TilesRow {
  TileRow<> own;
  TilesRow<kTiles - 1> rest;

  HWY_INLINE void Clear() {
    own.Clear();
    rest.Clear();
  }
  HWY_INLINE void Load(const float* HWY_RESTRICT from, int64_t tile_stride) {
    own.Load(from);
    rest.Load(from + tile_stride, tile_stride);
  }
  HWY_INLINE void Store(float* HWY_RESTRICT to, int64_t tile_stride) const {
    own.Store(to);
    rest.Store(to + tile_stride, tile_stride);
  }
  HWY_INLINE void AddProduct(Vector factor, const TilesRow& other) {
    own.AddProduct(factor, other.own);
    rest.AddProduct(factor, other.rest);
  }
};

template <>
struct TilesRow<0> {
  HWY_INLINE void Clear() {}
  HWY_INLINE void Load(const float*, int64_t) {}
  HWY_INLINE void Store(float*, int64_t) const {}
  HWY_INLINE void AddProduct(Vector, const TilesRow&) {}
};

}  // namespace ll::learner::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // LL_LEARNER_KERNELS_LANES_INL_H_
