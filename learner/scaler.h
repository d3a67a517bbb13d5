// Means and deviations of features, from a sample at the start of the data.
//
// The sample follows the reference: whole mini-batches only, floor(points / batch) + 1 of them, or as many as the data
// has; a last short batch is left out (unless there is nothing else). Deviations are those of a population: they divide
// by the number of rows, not by one less.
//
//   const int64_t sample = ScalerRows(train.rows(), mini_batch_size, num_point_for_scaler);
//   const Scaler scaler = ComputeScaler(train, sample, executor);
#ifndef LL_LEARNER_SCALER_H_
#define LL_LEARNER_SCALER_H_

#include <cstdint>
#include <vector>

#include "base/executor.h"
#include "learner/dataset.h"

namespace ll::learner {

// Rows of the sample, from the first row on; at least 1.
int64_t ScalerRows(int64_t rows, int64_t mini_batch_size, int64_t points);

struct Scaler {
  std::vector<double> mean;       // one per column
  std::vector<double> deviation;  // one per column, >= 0; 0 for a column that is constant

  // What a column is divided by: its deviation, or 1 if that is 0.
  double divisor(size_t column) const { return deviation[column] > 0 ? deviation[column] : 1.0; }
};

// Over the first `rows` rows; every column is summed by one worker, in row order. Two passes in double: the mean, then
// the squares around it, so that a mean far from zero costs no digits.
Scaler ComputeScaler(const Dataset& data, int64_t rows, Executor& executor);

// One number for all columns to be divided by: the root mean square of the deviations above 0, after which rows vary as
// much in all as rows of which each column was divided by its own. 1 if there is none.
double CommonDeviation(const Scaler& scaler);

// The constants for Dataset::SetOffsets: the mean, rounded to float, of each column whose mean is more than 64
// deviations from zero; 0 for the others.
std::vector<double> ChooseOffsets(const Scaler& scaler);

}  // namespace ll::learner

#endif  // LL_LEARNER_SCALER_H_
