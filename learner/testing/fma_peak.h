// The machine's limit, measured: what benchmarks of the kernels are compared with, in the same run.
#ifndef LL_LEARNER_TESTING_FMA_PEAK_H_
#define LL_LEARNER_TESTING_FMA_PEAK_H_

namespace ll::learner::testing {

// Fused multiply-adds on registers alone, with the widest vectors the kernels use: floating-point operations per second
// of the calling thread. Takes some milliseconds.
double MeasureFmaPeak();

}  // namespace ll::learner::testing

#endif  // LL_LEARNER_TESTING_FMA_PEAK_H_
