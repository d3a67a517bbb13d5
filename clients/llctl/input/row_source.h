// Rows to be scored, read from a file in constant memory: CSV or RecordIO-protobuf, features only.
//
//   LL_ASSIGN_OR_RETURN(std::unique_ptr<RowSource> rows, OpenRows(file, "test.csv", ""));
//   std::vector<float> values;
//   while (true) {
//     LL_ASSIGN_OR_RETURN(bool more, rows->Next(values));    // appends one row
//     if (!more) break;
//   }
//   rows->columns();
//
// Errors are INVALID_ARGUMENT / INVALID_DATA and name file, row and column (counted from 1, CSV rows by the lines of
// the file) and the text that was found.
#ifndef LL_CLIENTS_LLCTL_INPUT_ROW_SOURCE_H_
#define LL_CLIENTS_LLCTL_INPUT_ROW_SOURCE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/env.h"

namespace ll::llctl {

// Not thread-safe.
class RowSource {
 public:
  virtual ~RowSource() = default;

  // Appends the next row's features; false: there was no further row. All rows have the same number of columns.
  virtual absl::StatusOr<bool> Next(std::vector<float>& values) = 0;

  // Of the rows so far; 0 before the first.
  virtual int columns() const = 0;
};

// `name` is the file's, for errors and, when `content_type` is empty, for the type: text/csv for .csv,
// application/x-recordio-protobuf for .pbr, and otherwise whichever the first bytes look like. INVALID_ARGUMENT for
// other content types.
absl::StatusOr<std::unique_ptr<RowSource>> OpenRows(std::unique_ptr<SequentialFile> file, const std::string& name,
                                                    const std::string& content_type);

// "test.csv, row 7, column 3 ("abc"): WHY". Column 0 and an empty text are left out.
absl::Status DataError(const std::string& name, int64_t row, int64_t column, absl::string_view text,
                       const std::string& why, const std::string& remedy = "");

}  // namespace ll::llctl

#endif  // LL_CLIENTS_LLCTL_INPUT_ROW_SOURCE_H_
