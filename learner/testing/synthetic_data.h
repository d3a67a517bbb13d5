// Labelled rows for tests, from a known model.
#ifndef LL_LEARNER_TESTING_SYNTHETIC_DATA_H_
#define LL_LEARNER_TESTING_SYNTHETIC_DATA_H_

#include <cmath>
#include <cstdint>
#include <vector>

#include "base/random.h"
#include "learner/dataset.h"
#include "learner/link.h"

namespace ll::learner::testing {

// Rows as plain vectors, for tests that change them before they become a Dataset.
struct SyntheticRows {
  int columns = 0;
  std::vector<float> values;  // row-major
  std::vector<float> labels;  // 0 or 1

  int64_t rows() const { return static_cast<int64_t>(labels.size()); }
  float& at(int64_t row, int column) { return values[static_cast<size_t>(row * columns + column)]; }
  Dataset ToDataset() const { return Dataset::FromRows(values, labels, columns); }
};

// Normal features; the label is 1 with probability sigma(sum_j +-x_j * signal / sqrt(columns) - 0.5).
inline SyntheticRows MakeLogisticRows(int64_t rows, int columns, uint64_t seed, double signal = 3) {
  SeededRandom random(seed);
  SyntheticRows data;
  data.columns = columns;
  for (int64_t i = 0; i < rows; ++i) {
    double margin = -0.5;
    for (int j = 0; j < columns; ++j) {
      const double x = random.Normal();
      margin += (j % 2 == 0 ? x : -x) * signal / std::sqrt(columns);
      data.values.push_back(static_cast<float>(x));
    }
    data.labels.push_back(random.Unit() < Sigmoid(margin) ? 1.0f : 0.0f);
  }
  return data;
}

}  // namespace ll::learner::testing

#endif  // LL_LEARNER_TESTING_SYNTHETIC_DATA_H_
