// libsvm, also called svmlight: the reader of "text/libsvm".
//
//   1 3:0.5 17:-2      # label, then index:value for each feature that is not 0, indices ascending
//
// One row a line; "#" begins a comment; blank lines are skipped. Indices count from 1, or from 0 where the content type
// says index_base=0: nothing in a file tells which of the two it is. A row does not say how many features there are
// either: the dense layout needs that beforehand (RowBuffer::SetColumns).
#ifndef LL_LEARNER_READERS_LIBSVM_READER_H_
#define LL_LEARNER_READERS_LIBSVM_READER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/env.h"
#include "learner/readers/line_reader.h"
#include "learner/readers/row_buffer.h"

namespace ll::learner {

class LibsvmReader final : public RowReader {
 public:
  // `index_base`: the index of the first feature, 0 or 1. `name` of the file, for errors.
  LibsvmReader(std::unique_ptr<SequentialFile> file, std::string name, int index_base);

  absl::StatusOr<bool> Read(RowBuffer& rows) override;

 private:
  absl::Status AppendRow(absl::string_view line, RowBuffer& rows);
  // One "index:value", word `column` of the line.
  absl::Status TakeEntry(absl::string_view word, int64_t column, const RowBuffer& rows);
  absl::Status CheckIndex(absl::string_view word, uint64_t index, int64_t column, const RowBuffer& rows) const;

  LineReader lines_;
  const uint64_t index_base_;
  // Of the row being read.
  std::vector<int32_t> indices_;
  std::vector<float> values_;
};

}  // namespace ll::learner

#endif  // LL_LEARNER_READERS_LIBSVM_READER_H_
