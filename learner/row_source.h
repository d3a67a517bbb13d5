// Labelled rows, as readers produce them: a stream of blocks, dense or sparse, that can be started again.
//
//   for (;;) {
//     LL_ASSIGN_OR_RETURN(const RowBlock block, source.Next());
//     if (block.rows == 0) break;
//     ...block.values, block.labels...
//   }
//   LL_RETURN_IF_ERROR(source.Rewind());
#ifndef LL_LEARNER_ROW_SOURCE_H_
#define LL_LEARNER_ROW_SOURCE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace ll::learner {

// How rows lie in memory: each with all its columns, or only what is not zero.
enum class RowLayout { kDense, kSparse };

// Consecutive rows owned by someone else; valid until that owner's next call.
struct RowBlock {
  const float* values = nullptr;  // rows x columns, row-major
  const float* labels = nullptr;  // rows; nullptr when the source has none
  int64_t rows = 0;
  int columns = 0;
};

// The same without zeros (compressed sparse rows): row i is made of the entries row_begin[i] to row_begin[i + 1] - 1,
// the value of entry e stands in column indices[e], and columns ascend within a row. A source's blocks begin with
// entry 0.
struct SparseBlock {
  const int64_t* row_begin = nullptr;  // rows + 1
  const int32_t* indices = nullptr;    // of all entries, each from 0 to columns - 1
  const float* values = nullptr;       // of all entries
  const float* labels = nullptr;       // rows; nullptr when the source has none
  int64_t rows = 0;
  int columns = 0;  // what is known of the width so far: it may still grow where neither files nor caller state it
};

// A pass over labelled or unlabelled rows. Not thread-safe.
class RowSource {
 public:
  virtual ~RowSource() = default;

  // The next block, of any size up to the source's own liking; rows == 0 at the end of the pass. Every block of a
  // source has the same number of columns. INVALID_ARGUMENT with reason INVALID_DATA names file, row, column and text.
  virtual absl::StatusOr<RowBlock> Next() = 0;

  // Next() with room that the source may use for the values. If it did, the block lies there (values == room.data());
  // else in memory of its own, as ever.
  virtual absl::StatusOr<RowBlock> NextInto(absl::Span<float> /*room*/) { return Next(); }

  // Next() for rows that are mostly zeros. UNIMPLEMENTED when the source has dense rows only. Whoever knows the columns
  // may take one block this way and the next the other way.
  virtual absl::StatusOr<SparseBlock> NextSparse() {
    return absl::UnimplementedError("this source has dense rows only");
  }

  // Whether any row so far came without its zeros.
  virtual bool has_sparse_rows() const { return false; }

  // What the columns are called, once the first block has been read: columns() names, or none.
  virtual std::vector<std::string> feature_names() const { return {}; }

  // Starts the next pass, from the first row. FAILED_PRECONDITION when the rows can be read only once.
  virtual absl::Status Rewind() = 0;
};

}  // namespace ll::learner

#endif  // LL_LEARNER_ROW_SOURCE_H_
