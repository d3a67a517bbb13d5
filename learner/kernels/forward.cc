#include "learner/kernels/forward.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "learner/kernels/forward.cc"
#include "hwy/foreach_target.h"
// After foreach_target.
#include "hwy/highway.h"
#include "learner/kernels/panel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ll::learner::kernels::HWY_NAMESPACE {

void ForwardLanes(const RowsView& rows, TileMatrix<const float> weights, int tiles, TileMatrix<float> margins) {
  Multiply(RowFactors{rows.values, rows.stride}, rows.rows, rows.columns, tiles, weights, /*accumulate=*/false,
           margins);
}

}  // namespace ll::learner::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ll::learner::kernels {

HWY_EXPORT(ForwardLanes);

void Forward(const RowsView& rows, TileMatrix<const float> weights, int tiles, TileMatrix<float> margins) {
  HWY_DYNAMIC_DISPATCH(ForwardLanes)(rows, weights, tiles, margins);
}

}  // namespace ll::learner::kernels
#endif  // HWY_ONCE
