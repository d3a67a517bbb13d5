// Rows of a CSV file: numbers between commas, no label, no header. Numbers may be quoted and have blanks around them;
// blank lines are skipped.
#ifndef LL_CLIENTS_LLCTL_INPUT_CSV_ROWS_H_
#define LL_CLIENTS_LLCTL_INPUT_CSV_ROWS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "clients/llctl/input/byte_reader.h"
#include "clients/llctl/input/row_source.h"

namespace ll::llctl {

class CsvRows final : public RowSource {
 public:
  CsvRows(ByteReader reader, std::string name) : reader_(std::move(reader)), name_(std::move(name)) {}

  absl::StatusOr<bool> Next(Row& row) override;

 private:
  absl::Status ParseLine(absl::string_view line, std::vector<float>& values) const;

  ByteReader reader_;
  const std::string name_;
  int64_t line_number_ = 0;
  int columns_ = 0;
};

}  // namespace ll::llctl

#endif  // LL_CLIENTS_LLCTL_INPUT_CSV_ROWS_H_
