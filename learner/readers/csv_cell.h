// One cell of CSV: where it ends, what it says, and what is wrong with it.
#ifndef LL_LEARNER_READERS_CSV_CELL_H_
#define LL_LEARNER_READERS_CSV_CELL_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/string_view.h"
#include "fast_float/fast_float.h"
#include "learner/readers/data_error.h"

namespace ll::learner::csv {

// Without blanks at either end.
absl::string_view Trim(absl::string_view text);

// The cell that begins at `cell`, with its quotes and the blanks around it: up to the next comma outside quotes, or
// the end of the line.
absl::string_view CellAt(const char* cell, const char* end);

// The number of a cell that needs more than a look: quoted, with blanks, with a plus sign. Its end, or nullptr when it
// is not a finite number.
const char* ParseUnusualCell(const char* cell, const char* end, float* value);

// Parses the cell at `cell`; gives its end (a comma, or `end`), or nullptr when it is not a finite number. The byte at
// `end` may be read.
inline const char* ParseCell(const char* cell, const char* end, float* value) {
  // Whole numbers of up to seven digits are exact in float32 and need no general parser: most cells of images, counts
  // and one-hot columns are of this kind.
  unsigned digit = static_cast<unsigned char>(*cell) - '0';
  if (digit < 10) {
    const char* at = cell + 1;
    unsigned number = digit;
    while ((digit = static_cast<unsigned char>(*at) - '0') < 10 && at - cell < 7) {
      number = number * 10 + digit;
      ++at;
    }
    if (at >= end || *at == ',') {
      *value = static_cast<float>(number);
      return std::min(at, end);
    }
  }
  const auto result = fast_float::from_chars(cell, end, *value);
  if (result.ec == std::errc() && (result.ptr == end || *result.ptr == ',') && std::isfinite(*value)) {
    return result.ptr;
  }
  return ParseUnusualCell(cell, end, value);
}

int64_t CountCells(absl::string_view line);

// What the cells of a line say: without blanks around them and their outer quotes, doubled quotes inside made single.
std::vector<std::string> CellTexts(absl::string_view line);

// Whether a cell stands for a value that is not there: it is empty, or nan, na or null in any letter case.
bool SaysMissing(absl::string_view cell);

// Whether a first row that does not parse is a row of names: every cell begins like one, and none is a number ("nan").
bool LooksLikeHeader(absl::string_view line);

// Of a cell that is no finite number.
DataProblem DescribeBadCell(absl::string_view cell);

}  // namespace ll::learner::csv

#endif  // LL_LEARNER_READERS_CSV_CELL_H_
