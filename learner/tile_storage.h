// Memory for tiles of models (kernels/tile.h): aligned, owned, zero at first.
#ifndef LL_LEARNER_TILE_STORAGE_H_
#define LL_LEARNER_TILE_STORAGE_H_

#include <algorithm>
#include <cstdint>

#include "absl/types/span.h"
#include "hwy/aligned_allocator.h"
#include "learner/kernels/tile.h"

namespace ll::learner {

// `rows` x 16 lanes for each tile; with one row, an array of lanes.
template <class T>
class TileStorage final {
 public:
  TileStorage(int64_t rows, int tiles)
      : rows_(rows),
        size_(rows * tiles * kernels::kTileModels),
        values_(hwy::AllocateAligned<T>(static_cast<size_t>(std::max<int64_t>(size_, 1)))) {
    Clear();
  }

  int64_t rows() const { return rows_; }

  void Clear() { std::fill_n(values_.get(), size_, T{}); }

  kernels::TileMatrix<T> matrix() { return {values_.get(), rows_ * kernels::kTileModels}; }
  kernels::TileMatrix<const T> matrix() const { return {values_.get(), rows_ * kernels::kTileModels}; }

  // One lane of one row; lane counts through all tiles.
  T& at(int64_t row, int lane) { return values_[Index(row, lane)]; }
  const T& at(int64_t row, int lane) const { return values_[Index(row, lane)]; }

  // Everything, in the order in which it lies: tile by tile, row by row.
  absl::Span<T> values() { return {values_.get(), static_cast<size_t>(size_)}; }
  absl::Span<const T> values() const { return {values_.get(), static_cast<size_t>(size_)}; }

  // Of storage with one row: all its lanes, tile by tile.
  T* lanes() { return values_.get(); }
  const T* lanes() const { return values_.get(); }

 private:
  size_t Index(int64_t row, int lane) const {
    return static_cast<size_t>((lane / kernels::kTileModels * rows_ + row) * kernels::kTileModels +
                               lane % kernels::kTileModels);
  }

  int64_t rows_;
  int64_t size_;
  hwy::AlignedFreeUniquePtr<T[]> values_;
};

}  // namespace ll::learner

#endif  // LL_LEARNER_TILE_STORAGE_H_
