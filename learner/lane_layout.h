// Which lane of which tile holds which output of which model.
//
// With one output per model, model i is lane i. With K outputs (classes), models are taken in units of up to 16: the
// outputs of a unit lie behind each other, and each is `width` lanes wide, one per model. A softmax then runs along
// tiles, for all models of a unit at once:
//
//     lane(i, k) = (i / 16) * tiles_per_unit * 16  +  k * width  +  i % 16
//
// width is 16, or the next power of two when there are fewer models: one model of 10 classes takes one tile, not ten.
#ifndef LL_LEARNER_LANE_LAYOUT_H_
#define LL_LEARNER_LANE_LAYOUT_H_

#include <bit>

#include "learner/kernels/tile.h"

namespace ll::learner {

struct LaneLayout {
  LaneLayout(int model_count, int output_count)
      : models(model_count),
        outputs(output_count),
        width(model_count < kernels::kTileModels && output_count > 1
                  ? static_cast<int>(std::bit_ceil(static_cast<unsigned>(model_count)))
                  : kernels::kTileModels),
        tiles_per_unit(kernels::TilesFor(output_count * width)),
        units(kernels::TilesFor(model_count)) {}

  int tiles() const { return units * tiles_per_unit; }
  int lane(int model, int output) const {
    const int unit = model / kernels::kTileModels;
    return (unit * tiles_per_unit * kernels::kTileModels) + output * width + model % kernels::kTileModels;
  }

  int models;
  int outputs;         // of a model
  int width;           // lanes of one output of a unit: a power of two, at most 16
  int tiles_per_unit;  // a unit's tiles are never split between threads
  int units;
};

}  // namespace ll::learner

#endif  // LL_LEARNER_LANE_LAYOUT_H_
