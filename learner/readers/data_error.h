// The errors of data files: which file, row and column, what is there, and what to do about it.
#ifndef LL_LEARNER_READERS_DATA_ERROR_H_
#define LL_LEARNER_READERS_DATA_ERROR_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace ll::learner {

// Where in the data something is. Rows and columns count from 1; 0 leaves them out. Rows of text are physical lines of
// the file, those of application/json its instances, those of RecordIO its records. Columns are features; those of CSV
// are its cells and those of libsvm its words, with the label among them.
struct DataPlace {
  absl::string_view file;
  int64_t row = 0;
  int64_t column = 0;
  std::optional<uint64_t> byte_offset = {};
};

// What is wrong there. Empty members are left out of the error.
struct DataProblem {
  std::string why;            // "\"abc\" is not a number"
  std::string remedy;         // a sentence
  std::string text = {};      // what was found, at most as long as ShownText() makes it
  std::string expected = {};  // for counts
  std::string got = {};
};

// INVALID_ARGUMENT with reason INVALID_DATA: "cannot read row 3, column 2 of train.csv: "abc" is not a number. ...".
// Metadata: file, row, column, byte_offset, text, expected, got, where given.
absl::Status DataError(const DataPlace& place, const DataProblem& problem);

// `text` fit to be shown: control characters escaped, cut to 40 characters.
std::string ShownText(absl::string_view text);

// What a file that is not of the expected format seems to hold, judged by its first bytes: "it is compressed with
// zstd"; empty when nothing comes to mind.
std::string SeemsToHold(absl::string_view first_bytes);

}  // namespace ll::learner

#endif  // LL_LEARNER_READERS_DATA_ERROR_H_
