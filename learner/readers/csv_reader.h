// CSV: the reader of "text/csv".
//
// One row a line, cells separated by commas: the label first (unless the file has none), then the features. Numbers
// only, as 1, -0.5 or 1e-3, in double quotes or not, spaces around them allowed; the first line may hold names where
// the caller says so. Lines end in LF or CRLF; blank lines and a byte order mark are skipped.
#ifndef LL_LEARNER_READERS_CSV_READER_H_
#define LL_LEARNER_READERS_CSV_READER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/env.h"
#include "learner/readers/line_reader.h"
#include "learner/readers/row_buffer.h"

namespace ll::learner {

struct CsvOptions {
  int label_columns = 1;  // leading cells of a line that are its label, 0 or 1
  bool header = false;    // the first line names the columns
};

class CsvReader final : public RowReader {
 public:
  // `name` of the file, for errors.
  CsvReader(std::unique_ptr<SequentialFile> file, std::string name, const CsvOptions& options);

  absl::StatusOr<bool> Read(RowBuffer& rows) override;

 private:
  absl::Status TakeHeader(absl::string_view line, RowBuffer& rows);
  absl::Status AppendRow(absl::string_view line, RowBuffer& rows);
  // The end of a cell that is no finite number, if it may be missing.
  absl::StatusOr<const char*> MissingCell(absl::string_view line, const char* cell, int64_t column,
                                          const RowRules& rules, float* value) const;

  absl::Status BadCell(absl::string_view line, const char* cell, int64_t column) const;
  absl::Status NoFeatures(absl::string_view line) const;
  absl::Status BadWidth(int64_t cells, const RowBuffer& rows) const;

  LineReader lines_;
  const CsvOptions options_;
  bool header_expected_;
  bool first_row_ = true;  // no row came before
};

}  // namespace ll::learner

#endif  // LL_LEARNER_READERS_CSV_READER_H_
