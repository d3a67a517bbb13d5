// Rows of a libsvm file: "label index:value ...", indices ascending, "#" before a comment. The label may be missing;
// blank lines are skipped.
#ifndef LL_CLIENTS_LLCTL_INPUT_LIBSVM_ROWS_H_
#define LL_CLIENTS_LLCTL_INPUT_LIBSVM_ROWS_H_

#include <cstdint>
#include <string>
#include <utility>

#include "clients/llctl/input/byte_reader.h"
#include "clients/llctl/input/row_source.h"

namespace ll::llctl {

class LibsvmRows final : public RowSource {
 public:
  // `index_base`: the index of the first feature, 0 or 1.
  LibsvmRows(ByteReader reader, std::string name, int32_t index_base)
      : reader_(std::move(reader)), name_(std::move(name)), index_base_(index_base) {}

  absl::StatusOr<bool> Next(Row& row) override;

 private:
  // One "index:value", word `column` of the line.
  absl::Status TakeEntry(absl::string_view word, int64_t column, Row& row) const;

  ByteReader reader_;
  const std::string name_;
  const int32_t index_base_;
  int64_t line_number_ = 0;
};

}  // namespace ll::llctl

#endif  // LL_CLIENTS_LLCTL_INPUT_LIBSVM_ROWS_H_
