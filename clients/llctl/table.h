// Aligned columns without borders, so that people can read them and awk can cut them: two spaces between columns, no
// trailing spaces, `<none>` for empty values. White space and control characters inside values are escaped as \xNN.
//
//   Table table({"NAME", "STATE", "AGE"});
//   table.AddRow({{"mnist-zero"}, {"IN_SERVICE", Style::kGood}, {"5m"}});
//   table.Print(io.out, io.color);
#ifndef LL_CLIENTS_LLCTL_TABLE_H_
#define LL_CLIENTS_LLCTL_TABLE_H_

#include <ostream>
#include <string>
#include <vector>

#include "clients/llctl/io_streams.h"

namespace ll::llctl {

struct Cell {
  std::string text;
  Style style = Style::kPlain;
};

// Not thread-safe.
class Table {
 public:
  explicit Table(std::vector<std::string> titles);

  // One cell for each title.
  void AddRow(std::vector<Cell> row);
  bool empty() const { return rows_.size() == 1; }
  void Print(std::ostream& out, bool colored) const;

 private:
  std::vector<std::vector<Cell>> rows_;  // the titles first
};

// Columns on a terminal: bytes but for the continuation bytes of UTF-8.
size_t DisplayWidth(absl::string_view text);

}  // namespace ll::llctl

#endif  // LL_CLIENTS_LLCTL_TABLE_H_
