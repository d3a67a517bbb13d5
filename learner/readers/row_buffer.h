// What every reader needs to turn bytes into rows: the rules a row must keep, and the block it is written into.
#ifndef LL_LEARNER_READERS_ROW_BUFFER_H_
#define LL_LEARNER_READERS_ROW_BUFFER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "learner/dataset.h"
#include "learner/readers/data_error.h"

namespace ll::learner {

// A row as it lies in a file (a line of CSV, a record) is at most this long.
inline constexpr size_t kMaxRowBytes = 64 << 20;

struct RowRules {
  bool labels = true;  // whether rows must carry a label; otherwise one that is there is skipped
  // Labels must be whole numbers from 0 to num_classes - 1; 0: any number.
  int num_classes = 0;
  // Features of a row, at most kMaxRowBytes / 4; 0: as many as the first row has.
  int feature_dim = 0;
  // Where feature_dim comes from, for errors: "the hyperparameter feature_dim".
  std::string feature_dim_source = {};
};

// A block of rows being filled, with room for a fixed number of bytes however wide rows are. Reused from block to
// block. Not thread-safe.
//
//   buffer.SetColumns(784, "row 1 of train.csv");       // once, when the width is known
//   float* row = buffer.NextRow();  ...fill 784 values...
//   buffer.CommitRow(label);
class RowBuffer final {
 public:
  static constexpr size_t kBlockBytes = 256 << 10;

  explicit RowBuffer(RowRules rules);

  // 0 until the width is known.
  int columns() const { return columns_; }
  // Where the width comes from, for errors.
  const std::string& columns_source() const { return rules_.feature_dim_source; }
  const RowRules& rules() const { return rules_; }
  void SetColumns(int columns, std::string source);

  bool full() const { return columns_ > 0 && rows_ == capacity_; }
  float* NextRow() { return values_.data() + rows_ * columns_; }
  void CommitRow(float label) {
    if (rules_.labels) labels_[static_cast<size_t>(rows_)] = label;
    ++rows_;
  }

  RowBlock block() const;
  void Clear() { rows_ = 0; }

 private:
  RowRules rules_;
  int columns_ = 0;
  int64_t capacity_ = 0;  // rows
  int64_t rows_ = 0;
  std::vector<float> values_;
  std::vector<float> labels_;
};

// Reads the rows of one file, once.
class RowReader {
 public:
  virtual ~RowReader() = default;
  // Appends rows until `rows` is full or the file ends; false once it has ended.
  virtual absl::StatusOr<bool> Read(RowBuffer& rows) = 0;
};

// What is wrong with a label, or nothing.
std::optional<DataProblem> CheckLabel(float label, const RowRules& rules);

// Position of the first value that is NaN or infinite; `count` when all are finite.
int64_t FirstNonFinite(const float* values, int64_t count);

}  // namespace ll::learner

#endif  // LL_LEARNER_READERS_ROW_BUFFER_H_
