// CSV: the reader of "text/csv".
//
// One row a line, cells separated by commas: the label first (unless the file has none), then the features. Numbers
// only, as 1, -0.5 or 1e-3, in double quotes or not, spaces around them allowed; no header, no missing values. Lines
// end in LF or CRLF; blank lines and a byte order mark are skipped.
#ifndef LL_LEARNER_READERS_CSV_READER_H_
#define LL_LEARNER_READERS_CSV_READER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/env.h"
#include "learner/readers/input_buffer.h"
#include "learner/readers/row_buffer.h"

namespace ll::learner {

class CsvReader final : public RowReader {
 public:
  // `label_columns`: leading cells of a line that are its label, 0 or 1. `name` of the file, for errors.
  CsvReader(std::unique_ptr<SequentialFile> file, std::string name, int label_columns);

  absl::StatusOr<bool> Read(RowBuffer& rows) override;

 private:
  // The next line without its line end; false at the end of the file. `line` is followed by a byte that may be read.
  absl::StatusOr<bool> NextLine(absl::string_view* line);
  absl::Status AppendRow(absl::string_view line, RowBuffer& rows);

  absl::Status BadCell(absl::string_view line, const char* cell, int64_t column) const;
  absl::Status NoFeatures(absl::string_view line) const;
  absl::Status BadWidth(absl::string_view line, const RowBuffer& rows) const;
  absl::Status Error(const DataProblem& problem, int64_t column = 0) const;

  InputBuffer in_;
  const std::string name_;
  const int label_columns_;
  int64_t line_ = 0;       // number of the line being read
  bool first_row_ = true;  // nothing but blank lines came before
  bool at_start_ = true;   // nothing was read
  size_t to_skip_ = 0;     // bytes of the current line, with its end
};

}  // namespace ll::learner

#endif  // LL_LEARNER_READERS_CSV_READER_H_
