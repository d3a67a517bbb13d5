// JSON: the reader of "application/json", {"instances": [instance, ...]}, each as json_instance.h describes it.
//
// The document is walked instance by instance through a window: a large one takes no more memory than a small one.
// Rows are counted from 1, as they stand in the list.
#ifndef LL_LEARNER_READERS_JSON_READER_H_
#define LL_LEARNER_READERS_JSON_READER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/env.h"
#include "learner/readers/input_buffer.h"
#include "learner/readers/json_instance.h"
#include "learner/readers/row_buffer.h"

namespace ll::learner {

class JsonReader final : public RowReader {
 public:
  // `name` of the file, for errors.
  JsonReader(std::unique_ptr<SequentialFile> file, std::string name);

  absl::StatusOr<bool> Read(RowBuffer& rows) override;

 private:
  // What comes next in the document.
  enum class Position { kBeforeList, kBeforeFirst, kAfterInstance, kAfterList };

  // The next byte that is no white space, not consumed; '\0' at the end of the file.
  absl::StatusOr<char> NextByte();
  // Consumes `token`, or says that it is missing.
  absl::Status Expect(absl::string_view token);
  absl::Status EnterList();
  absl::Status LeaveList();
  // The text of the instance that begins at the next byte, up to its closing bracket; not consumed.
  absl::StatusOr<absl::string_view> Instance();
  absl::Status Unexpected(absl::string_view expected);
  absl::Status Error(const DataProblem& problem) const;

  InputBuffer in_;
  const std::string name_;
  JsonInstances instances_;
  Position position_ = Position::kBeforeList;
  int64_t row_ = 0;  // of the instance being read
};

}  // namespace ll::learner

#endif  // LL_LEARNER_READERS_JSON_READER_H_
