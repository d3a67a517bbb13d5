#include "learner/scaler.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "learner/partition.h"

namespace ll::learner {
namespace {

constexpr double kFarMean = 64;  // deviations

// Mean and deviation of the columns [begin, end) of the first `rows` rows.
void ScaleColumns(const Dataset& data, int64_t rows, int64_t begin, int64_t end, Scaler* scaler) {
  const auto count = static_cast<double>(rows);
  const auto width = static_cast<size_t>(end - begin);
  double* const mean = scaler->mean.data() + begin;
  for (int64_t i = 0; i < rows; ++i) {
    const float* const x = data.row(i) + begin;
    for (size_t j = 0; j < width; ++j) mean[j] += static_cast<double>(x[j]);
  }
  for (size_t j = 0; j < width; ++j) mean[j] /= count;

  // variance = (sum d^2 - (sum d)^2 / n) / n with d = x - mean; the second term takes back what the mean's own rounding
  // put into the first.
  std::vector<double> squares(width);
  std::vector<double> rests(width);
  for (int64_t i = 0; i < rows; ++i) {
    const float* const x = data.row(i) + begin;
    for (size_t j = 0; j < width; ++j) {
      const double d = static_cast<double>(x[j]) - mean[j];
      squares[j] += d * d;
      rests[j] += d;
    }
  }
  double* const deviation = scaler->deviation.data() + begin;
  for (size_t j = 0; j < width; ++j) {
    deviation[j] = std::sqrt(std::max(0.0, (squares[j] - rests[j] * rests[j] / count) / count));
  }
}

}  // namespace

int64_t ScalerRows(int64_t rows, int64_t mini_batch_size, int64_t points) {
  const int64_t batches = std::min(points / mini_batch_size + 1, rows / mini_batch_size);
  return batches > 0 ? batches * mini_batch_size : rows;
}

Scaler ComputeScaler(const Dataset& data, int64_t rows, Executor& executor) {
  Scaler scaler;
  scaler.mean.assign(static_cast<size_t>(data.columns()), 0.0);
  scaler.deviation.assign(static_cast<size_t>(data.columns()), 0.0);
  executor.RunOnAll([&](int worker) {
    const Range columns = PartOf(data.columns(), worker, executor.workers());
    if (!columns.empty()) ScaleColumns(data, rows, columns.begin, columns.end, &scaler);
  });
  return scaler;
}

double CommonDeviation(const Scaler& scaler) {
  double squares = 0;
  double varying = 0;
  for (const double deviation : scaler.deviation) {
    squares += deviation * deviation;
    varying += deviation > 0 ? 1 : 0;
  }
  return varying > 0 ? std::sqrt(squares / varying) : 1.0;
}

std::vector<double> ChooseOffsets(const Scaler& scaler) {
  std::vector<double> offsets(scaler.mean.size(), 0.0);
  for (size_t j = 0; j < offsets.size(); ++j) {
    if (std::fabs(scaler.mean[j]) > kFarMean * scaler.deviation[j]) {
      offsets[j] = static_cast<double>(static_cast<float>(scaler.mean[j]));
    }
  }
  return offsets;
}

}  // namespace ll::learner
