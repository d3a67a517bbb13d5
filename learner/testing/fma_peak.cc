#include "learner/testing/fma_peak.h"

#include <chrono>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "learner/testing/fma_peak.cc"
#include "hwy/foreach_target.h"
// After foreach_target.
#include "hwy/highway.h"
#include "learner/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ll::learner::kernels::HWY_NAMESPACE {

constexpr int kChains = 12;  // independent: more than the latency times the throughput of any machine

// x -> x * a + b, `kChains` times over; each step waits for the one before in its own chain only.
template <int kCount>
struct Chains {
  Vector x;
  Chains<kCount - 1> rest;
  HWY_INLINE void Start(float value) {
    x = hn::Set(Lanes(), value);
    rest.Start(value + 1);
  }
  HWY_INLINE void Step(Vector a, Vector b) {
    x = hn::MulAdd(x, a, b);
    rest.Step(a, b);
  }
  HWY_INLINE Vector Sum() const { return hn::Add(x, rest.Sum()); }
};
template <>
struct Chains<0> {
  HWY_INLINE void Start(float) {}
  HWY_INLINE void Step(Vector, Vector) {}
  HWY_INLINE Vector Sum() const { return hn::Zero(Lanes()); }
};

// Returns the operations per step; `sink` gets a number that depends on all of them.
int64_t FmaSteps(int64_t steps, float* sink) {
  Chains<kChains> chains;
  chains.Start(*sink);
  const Vector a = hn::Set(Lanes(), 0.999f);
  for (int64_t i = 0; i < steps; ++i) chains.Step(a, a);
  *sink = hn::GetLane(chains.Sum());
  return int64_t{2} * kChains * kLanes;
}

}  // namespace ll::learner::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ll::learner {

namespace kernels {
HWY_EXPORT(FmaSteps);

int64_t RunFmaSteps(int64_t steps, float* sink) { return HWY_DYNAMIC_DISPATCH(FmaSteps)(steps, sink); }
}  // namespace kernels

namespace testing {

double MeasureFmaPeak() {
  constexpr int64_t kSteps = 1'000'000;
  volatile float sink = 1;
  float value = sink;
  kernels::RunFmaSteps(kSteps / 10, &value);  // wakes the clock and the wide units
  const auto start = std::chrono::steady_clock::now();
  const int64_t operations = kernels::RunFmaSteps(kSteps, &value);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  sink = value;
  return static_cast<double>(kSteps * operations) / seconds.count();
}

}  // namespace testing
}  // namespace ll::learner
#endif  // HWY_ONCE
