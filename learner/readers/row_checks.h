// The rules that a row must keep whatever file it comes from: width, finite numbers, a proper label. Readers decode a
// row and append it here; what is wrong with it comes back as words, and the reader adds the place.
#ifndef LL_LEARNER_READERS_ROW_CHECKS_H_
#define LL_LEARNER_READERS_ROW_CHECKS_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "learner/readers/data_error.h"
#include "learner/readers/row_buffer.h"

namespace ll::learner {

// A row with its bytes where the reader found them. Does not own.
struct DecodedRow {
  // `count` float32 numbers in machine order, not aligned: all features, or those that `keys` names.
  const char* values = nullptr;
  int64_t count = 0;
  std::optional<float> label = {};

  bool sparse = false;
  absl::Span<const uint64_t> keys = {};  // sparse: the feature (from 0) of each value, in any order
  uint64_t columns = 0;                  // sparse: features of the row
};

struct RowProblem {
  DataProblem problem;
  int64_t column = 0;  // the feature it is about, from 1; 0: the whole row
};

// Appends the row, or says what is wrong with it. `place` is that of the row: a first row fixes the width. Not
// thread-safe.
class RowAppender final {
 public:
  std::optional<RowProblem> Append(const DecodedRow& row, const DataPlace& place, RowBuffer& rows);

 private:
  std::optional<RowProblem> AppendSparse(const DecodedRow& row, RowBuffer& rows);

  // Of a sparse row, in ascending order of the indices.
  std::vector<int32_t> indices_;
  std::vector<float> values_;
  std::vector<size_t> order_;
};

// What is wrong with a label, or nothing. Without rules.labels nothing ever is.
std::optional<DataProblem> CheckLabel(std::optional<float> label, const RowRules& rules);

DataProblem WrongWidth(const RowBuffer& rows, int64_t got);
DataProblem NotFinite(float value);
// Of rows that every layout can hold.
DataProblem TooWide(uint64_t columns, RowLayout layout);
uint64_t WidestRow(RowLayout layout);

// Copies `count` floats from anywhere; the position of the first that is NaN or infinite, `count` when all are finite.
int64_t CopyFinite(const char* from, int64_t count, float* to);

}  // namespace ll::learner

#endif  // LL_LEARNER_READERS_ROW_CHECKS_H_
