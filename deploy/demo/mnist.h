// The MNIST digits as the SageMaker Linear Learner notebook prepares them: pixel / 256 as float32, and the label of the
// question "is this digit a 0?".
//
//   LL_ASSIGN_OR_RETURN(Mnist mnist, LoadMnist(Env::Posix(), ".cache/mnist"));
//   mnist.train.pixels    // 60,000 x 784; the notebook trains on the first 50,000 and keeps 10,000 for validation
#ifndef LL_DEPLOY_DEMO_MNIST_H_
#define LL_DEPLOY_DEMO_MNIST_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/env.h"

namespace ll::demo {

inline constexpr int kMnistPixels = 28 * 28;
inline constexpr int kMnistTrainRows = 50000;  // of the 60,000 in the training file

struct Digits {
  std::vector<float> pixels;    // rows x 784, row-major, pixel / 256
  std::vector<uint8_t> digits;  // rows: 0 to 9
  int64_t rows() const { return static_cast<int64_t>(digits.size()); }
  const float* row(int64_t index) const { return pixels.data() + index * kMnistPixels; }
  float is_zero(int64_t index) const { return digits[static_cast<size_t>(index)] == 0 ? 1.0f : 0.0f; }
};

struct Mnist {
  Digits train;  // 60,000
  Digits test;   // 10,000
};

// Reads the four IDX files that deploy/fetch-mnist puts into `directory`. INVALID_ARGUMENT when one is not such a file.
absl::StatusOr<Mnist> LoadMnist(Env& env, const std::string& directory);

// The notebook's training set as it uploads it: the first 50,000 rows with their labels, in RecordIO-protobuf.
std::string TrainingRecords(const Digits& train);

}  // namespace ll::demo

#endif  // LL_DEPLOY_DEMO_MNIST_H_
