// JSON Lines: the reader of "application/jsonlines". One row a line, as json_instance.h describes it; blank lines and a
// byte order mark are skipped.
#ifndef LL_LEARNER_READERS_JSON_LINES_READER_H_
#define LL_LEARNER_READERS_JSON_LINES_READER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "base/env.h"
#include "learner/readers/json_instance.h"
#include "learner/readers/line_reader.h"
#include "learner/readers/row_buffer.h"

namespace ll::learner {

class JsonLinesReader final : public RowReader {
 public:
  // `name` of the file, for errors.
  JsonLinesReader(std::unique_ptr<SequentialFile> file, std::string name);

  absl::StatusOr<bool> Read(RowBuffer& rows) override;

 private:
  LineReader lines_;
  JsonInstances instances_;
};

}  // namespace ll::learner

#endif  // LL_LEARNER_READERS_JSON_LINES_READER_H_
