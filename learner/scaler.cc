#include "learner/scaler.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "learner/partition.h"

namespace ll::learner {
namespace {

constexpr double kFarMean = 64;  // deviations

// Sums over the entries of some columns, in row order. Zeros are counted, not added up: a column's numbers are the same
// bits whether its zeros are there or left out.
//
//     mean = sum x / n
//     variance = (sum d^2 - (sum d)^2 / n) / n        d = x - mean
//
// The second term takes back what the mean's own rounding put into the first. The zeros' part of either sum is -mean or
// mean^2, as often as there are zeros.
struct ColumnSums {
  explicit ColumnSums(Range range)
      : columns(range),
        entries(static_cast<size_t>(range.size())),
        first(static_cast<size_t>(range.size())),
        squares(static_cast<size_t>(range.size())) {}

  // Of the columns' entries: how many are not zero, sum x, and around `mean` sum d (in place of sum x) and sum d^2.
  Range columns;
  std::vector<double> entries;
  std::vector<double> first;
  std::vector<double> squares;
};

// Calls add(column - columns.begin, value) for every entry of a row in `columns`, zero or not.
template <class Add>
void ForEachEntry(const Rows& rows, Range columns, const Add& add) {
  if (!rows.sparse()) {
    const auto width = static_cast<size_t>(columns.size());
    for (int64_t i = 0; i < rows.rows; ++i) {
      const float* const x = rows.values + i * rows.columns + columns.begin;
      for (size_t j = 0; j < width; ++j) add(j, static_cast<double>(x[j]));
    }
    return;
  }
  for (int64_t i = 0; i < rows.rows; ++i) {
    const int32_t* const end = rows.indices + rows.row_begin[i + 1];
    const int32_t* index = std::lower_bound(rows.indices + rows.row_begin[i], end, columns.begin);
    for (; index != end && *index < columns.end; ++index) {
      add(static_cast<size_t>(*index - columns.begin), static_cast<double>(rows.values[index - rows.indices]));
    }
  }
}

void AddValues(const Rows& rows, ColumnSums* sums) {
  double* const entries = sums->entries.data();
  double* const first = sums->first.data();
  ForEachEntry(rows, sums->columns, [=](size_t j, double x) {
    entries[j] += x != 0 ? 1 : 0;
    first[j] += x;
  });
}

void AddDeviations(const Rows& rows, const double* mean, ColumnSums* sums) {
  double* const first = sums->first.data();
  double* const squares = sums->squares.data();
  ForEachEntry(rows, sums->columns, [=](size_t j, double x) {
    const double d = x != 0 ? x - mean[j] : 0;
    first[j] += d;
    squares[j] += d * d;
  });
}

double DeviationOf(const ColumnSums& sums, size_t j, double mean, double count) {
  const double zeros = count - sums.entries[j];
  const double rest = sums.first[j] - zeros * mean;
  const double squares = sums.squares[j] + zeros * (mean * mean);
  return std::sqrt(std::max(0.0, (squares - rest * rest / count) / count));
}

// Calls add(worker, chunk) on all workers for the first `rows` rows.
template <class Add>
void ForFirstRows(const Dataset& data, int64_t rows, Executor& executor, const Add& add) {
  data.ForEachChunk(1, [&](int64_t first, const Rows& chunk) {
    const Rows part = chunk.Slice(0, std::min(chunk.rows, rows - first));
    executor.RunOnAll([&](int worker) { add(worker, part); });
    return first + chunk.rows < rows;
  });
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
  const auto count = static_cast<double>(rows);
  std::vector<ColumnSums> parts;
  for (int worker = 0; worker < executor.workers(); ++worker) {
    parts.emplace_back(PartOf(data.columns(), worker, executor.workers()));
  }
  ForFirstRows(data, rows, executor,
               [&](int worker, const Rows& part) { AddValues(part, &parts[static_cast<size_t>(worker)]); });
  for (ColumnSums& part : parts) {
    double* const mean = scaler.mean.data() + part.columns.begin;
    for (size_t j = 0; j < part.first.size(); ++j) mean[j] = std::exchange(part.first[j], 0) / count;
  }
  ForFirstRows(data, rows, executor, [&](int worker, const Rows& part) {
    ColumnSums& sums = parts[static_cast<size_t>(worker)];
    AddDeviations(part, scaler.mean.data() + sums.columns.begin, &sums);
  });
  for (const ColumnSums& part : parts) {
    for (size_t j = 0; j < part.first.size(); ++j) {
      const size_t column = static_cast<size_t>(part.columns.begin) + j;
      scaler.deviation[column] = DeviationOf(part, j, scaler.mean[column], count);
    }
  }
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
