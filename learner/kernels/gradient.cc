#include "learner/kernels/gradient.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "learner/kernels/gradient.cc"
#include "hwy/foreach_target.h"
// After foreach_target.
#include "hwy/highway.h"
#include "learner/kernels/panel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ll::learner::kernels::HWY_NAMESPACE {

void GradientLanes(const RowsView& rows, TileMatrix<const float> residuals, int tiles, bool accumulate,
                   TileMatrix<float> gradient) {
  Multiply(ColumnFactors{rows.values, rows.stride}, rows.columns, rows.rows, tiles, residuals, accumulate, gradient);
}

}  // namespace ll::learner::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ll::learner::kernels {

HWY_EXPORT(GradientLanes);

void Gradient(const RowsView& rows, TileMatrix<const float> residuals, int tiles, bool accumulate,
              TileMatrix<float> gradient) {
  HWY_DYNAMIC_DISPATCH(GradientLanes)(rows, residuals, tiles, accumulate, gradient);
}

}  // namespace ll::learner::kernels
#endif  // HWY_ONCE
