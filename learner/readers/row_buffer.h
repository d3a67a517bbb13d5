// What every reader turns bytes into: rows, in a block that is filled and handed out again and again.
#ifndef LL_LEARNER_READERS_ROW_BUFFER_H_
#define LL_LEARNER_READERS_ROW_BUFFER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "learner/dataset.h"

namespace ll::learner {

// A row as it lies in a file (a line of CSV, a record) is at most this long.
inline constexpr size_t kMaxRowBytes = 64 << 20;

// What becomes of a feature that a file leaves out or gives as NaN. A label is never missing.
enum class MissingValues {
  kRefuse,  // an error
  kZero,    // 0
  kKeep,    // NaN, for whoever knows a better value
};

struct RowRules {
  bool labels = true;  // whether rows must carry a label; otherwise one that is there is skipped
  // Labels must be whole numbers from 0 to num_classes - 1; 0: any number.
  int num_classes = 0;
  // Features of a row, when dense at most kMaxRowBytes / 4; 0: as many as the first row has.
  int feature_dim = 0;
  // Where feature_dim comes from, for errors: "the hyperparameter feature_dim".
  std::string feature_dim_source = {};
  MissingValues missing = MissingValues::kRefuse;
};

// A block of rows being filled, with room for a fixed number of bytes however wide rows are. Readers append rows as
// they find them, dense or sparse; they become what the block's layout says. Reused from block to block. Not
// thread-safe.
//
//   buffer.SetColumns(784, "row 1 of train.csv");       // once, when the width is known
//   float* row = buffer.NextRow();  ...fill 784 values...
//   buffer.CommitRow(label);
class RowBuffer final {
 public:
  static constexpr size_t kBlockBytes = 256 << 10;

  explicit RowBuffer(RowRules rules, RowLayout layout = RowLayout::kDense);

  // 0 until the width is known.
  int columns() const { return columns_; }
  // Where the width comes from, for errors.
  const std::string& columns_source() const { return rules_.feature_dim_source; }
  const RowRules& rules() const { return rules_; }
  RowLayout layout() const { return layout_; }
  void SetColumns(int columns, std::string source);

  // What the columns are called, from the first file that says so.
  const std::vector<std::string>& feature_names() const { return feature_names_; }
  const std::string& feature_names_source() const { return feature_names_source_; }
  void SetFeatureNames(std::vector<std::string> names, std::string source);

  bool full() const;
  int64_t rows() const { return rows_; }

  // columns() values to fill, which may hold anything; the row counts once it is committed.
  float* NextRow();
  void CommitRow(float label);

  // A row of which all but the given values are 0. `indices` ascend and are below columns() where that is known; in the
  // dense layout it must be.
  void AppendSparseRow(absl::Span<const int32_t> indices, absl::Span<const float> values, float label);

  // Whether rows without their zeros have been appended since the buffer was made.
  bool has_sparse_rows() const { return has_sparse_rows_; }

  // What was filled, by layout.
  RowBlock block() const;
  SparseBlock sparse_block() const;

  // Begins the next block. Dense rows are written to `room` if it has room for one, else to memory of the buffer's own.
  void Clear(absl::Span<float> room = {});
  // The same in another layout.
  void ClearTo(RowLayout layout);

 private:
  void CommitLabel(float label);
  float* OwnValues();

  RowRules rules_;
  RowLayout layout_;
  int columns_ = 0;
  std::vector<std::string> feature_names_;
  std::string feature_names_source_;
  int64_t rows_ = 0;
  std::vector<float> labels_;

  // Dense.
  absl::Span<float> room_;
  float* values_ = nullptr;     // of this block; nullptr until it has a row
  int64_t capacity_ = 0;        // rows of this block
  std::vector<float> storage_;  // dense: a block; sparse: a row being filled

  // Sparse.
  std::vector<int64_t> row_begin_ = {0};
  std::vector<int32_t> indices_;
  std::vector<float> entries_;
  int32_t largest_index_ = -1;
  bool has_sparse_rows_ = false;
};

// Reads the rows of one file, once.
class RowReader {
 public:
  virtual ~RowReader() = default;
  // Appends rows until `rows` is full or the file ends; false once it has ended.
  virtual absl::StatusOr<bool> Read(RowBuffer& rows) = 0;
};

}  // namespace ll::learner

#endif  // LL_LEARNER_READERS_ROW_BUFFER_H_
