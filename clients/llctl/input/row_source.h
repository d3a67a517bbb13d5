// Rows to be scored, read from a file in constant memory: CSV, RecordIO-protobuf or libsvm, whose labels are not looked
// at.
//
//   LL_ASSIGN_OR_RETURN(std::unique_ptr<RowSource> rows, OpenRows(file, "test.csv", ""));
//   Row row;
//   while (true) {
//     LL_ASSIGN_OR_RETURN(bool more, rows->Next(row));
//     if (!more) break;
//   }
//
// Errors are INVALID_ARGUMENT / INVALID_DATA and name file, row and column (counted from 1, CSV rows by the lines of
// the file) and the text that was found.
#ifndef LL_CLIENTS_LLCTL_INPUT_ROW_SOURCE_H_
#define LL_CLIENTS_LLCTL_INPUT_ROW_SOURCE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/env.h"

namespace ll::llctl {

// The features of one row.
struct Row {
  bool sparse = false;
  // Of a sparse row: the column, from 0, of each value, ascending. All other columns are 0.
  std::vector<int32_t> indices = {};
  // Finite numbers: of all columns, or of those of a sparse row.
  std::vector<float> values = {};
  // 0: a sparse row does not say how many there are.
  int columns = 0;
};

// Not thread-safe.
class RowSource {
 public:
  virtual ~RowSource() = default;

  // Replaces `row` by the next one; false: there was none. All rows are dense or all are sparse, and all have the same
  // number of columns.
  virtual absl::StatusOr<bool> Next(Row& row) = 0;
};

// `name` is the file's, for errors and, when `content_type` is empty, for the type: text/csv for .csv,
// application/x-recordio-protobuf for .pbr, text/libsvm for .libsvm, .svm and .svmlight, and otherwise CSV or RecordIO,
// whichever the first bytes look like. libsvm's indices count from 1, with "text/libsvm; index_base=0" from 0.
// INVALID_ARGUMENT for other content types.
absl::StatusOr<std::unique_ptr<RowSource>> OpenRows(std::unique_ptr<SequentialFile> file, const std::string& name,
                                                    const std::string& content_type);

// The whole of `text` as the nearest float. False when it is not a finite number.
bool ParseFloat(absl::string_view text, float& value);

// "test.csv, row 7, column 3 ("abc"): WHY". Column 0 and an empty text are left out.
absl::Status DataError(const std::string& name, int64_t row, int64_t column, absl::string_view text,
                       const std::string& why, const std::string& remedy = "");

}  // namespace ll::llctl

#endif  // LL_CLIENTS_LLCTL_INPUT_ROW_SOURCE_H_
