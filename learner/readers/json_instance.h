// One row as a JSON value: a line of JSON Lines, or an element of {"instances": [...]}.
//
//   {"features": [1.5, 16.0]}                                                    dense
//   {"data": {"features": {"values": [1.5, 16.0]}}}
//   {"data": {"features": {"keys": [26, 182], "shape": [2000], "values": [1, 4]}}}   sparse, keys count from 0
//   {"data": [1.5, 16.0]}   {"data": {"features": [1.5, 16.0]}}   [1.5, 16.0]
//
// "features" may hold an array or an object wherever it stands. A label is "label" beside "features" or "data", or
// inside "data": a number, an array of one, or {"values": [...]} of one. null among the values is a missing one.
// "configuration" may be there; nothing else may.
#ifndef LL_LEARNER_READERS_JSON_INSTANCE_H_
#define LL_LEARNER_READERS_JSON_INSTANCE_H_

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "learner/readers/data_error.h"
#include "learner/readers/row_buffer.h"
#include "learner/readers/row_checks.h"

namespace ll::learner {

// Parses values and appends them as rows. Not thread-safe.
class JsonInstances final {
 public:
  JsonInstances();
  ~JsonInstances();

  // `text` is followed by InputBuffer::kPaddingBytes that may be read and begins at byte `offset` of the file;
  // `place` names file and row. INVALID_ARGUMENT with reason INVALID_DATA.
  absl::Status Append(absl::string_view text, uint64_t offset, const DataPlace& place, RowBuffer& rows);

 private:
  class Parser;
  std::unique_ptr<Parser> parser_;
  RowAppender appender_;
};

}  // namespace ll::learner

#endif  // LL_LEARNER_READERS_JSON_INSTANCE_H_
