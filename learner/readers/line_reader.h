// A text file line by line, for the readers of formats with one row a line.
//
//   LL_ASSIGN_OR_RETURN(bool more, lines.Next(&line));   // "1,2,3", without its line end
//   lines.Error({.why = ...}, column)                    // "cannot read row 7, column 2 of train.csv: ..."
#ifndef LL_LEARNER_READERS_LINE_READER_H_
#define LL_LEARNER_READERS_LINE_READER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/env.h"
#include "learner/readers/data_error.h"
#include "learner/readers/input_buffer.h"

namespace ll::learner {

// Not thread-safe.
class LineReader final {
 public:
  // `name` of the file, for errors.
  LineReader(std::unique_ptr<SequentialFile> file, std::string name);

  // The next line without its line end (LF or CRLF; the last line may lack it); false at the end of the file. Valid
  // until the next call, and followed by InputBuffer::kPaddingBytes that may be read. A byte order mark is skipped. A
  // line longer than kMaxRowBytes is INVALID_ARGUMENT with reason INVALID_DATA.
  absl::StatusOr<bool> Next(absl::string_view* line);

  const std::string& name() const { return name_; }
  // Of the current line, from 1.
  int64_t number() const { return number_; }
  // Of the current line's first byte in the file.
  uint64_t offset() const { return in_.offset(); }

  DataPlace place(int64_t column = 0) const { return {.file = name_, .row = number_, .column = column}; }
  absl::Status Error(const DataProblem& problem, int64_t column = 0) const { return DataError(place(column), problem); }

 private:
  absl::Status SkipByteOrderMark();

  InputBuffer in_;
  const std::string name_;
  int64_t number_ = 0;
  size_t to_skip_ = 0;  // bytes of the current line, with its end
};

}  // namespace ll::learner

#endif  // LL_LEARNER_READERS_LINE_READER_H_
