// What `--watch` and `event watch` print: one line (or one JSON object, YAML document or name) for every change, each
// as soon as it happens. Columns are wide enough for what can be known beforehand, so lines stay aligned.
#ifndef LL_CLIENTS_LLCTL_WATCH_OUTPUT_H_
#define LL_CLIENTS_LLCTL_WATCH_OUTPUT_H_

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/llctl/message_text.h"
#include "clients/llctl/printer.h"
#include "clients/llctl/session.h"
#include "clients/llctl/views/resource_view.h"

namespace ll::llctl {

// Not thread-safe.
template <typename Resource>
class WatchOutput {
 public:
  explicit WatchOutput(Session& session) : session_(session), view_(ViewOf<Resource>()) {}

  void Add(const Resource& resource) {
    std::ostream& out = session_.io().out;
    switch (session_.format()) {
      case OutputFormat::kName: out << resource.name() << "\n"; break;
      case OutputFormat::kJson: out << ToJsonLine(resource) << "\n"; break;
      case OutputFormat::kYaml: out << "---\n" << ToYamlText(ToJson(resource)); break;
      default: AddLine(resource);
    }
    out << std::flush;
  }

 private:
  void AddLine(const Resource& resource) {
    std::vector<Cell> titles;
    std::vector<Cell> row;
    std::vector<size_t> usual;
    for (const Column<Resource>& column : view_.columns) {
      if (column.only_wide && session_.format() != OutputFormat::kWide) continue;
      titles.push_back({column.title, Style::kBold});
      usual.push_back(column.width);
      row.push_back(column.cell(resource, session_.clock().Now()));
      if (row.back().text.empty()) row.back().text = "<none>";
    }
    const bool first = widths_.empty();
    if (first) widths_ = usual;
    for (size_t i = 0; i < row.size(); ++i) {
      widths_[i] = std::max({widths_[i], DisplayWidth(row[i].text), titles[i].text.size()});
    }
    if (first) PrintRow(titles);
    PrintRow(row);
  }

  void PrintRow(const std::vector<Cell>& row) {
    const IoStreams& io = session_.io();
    for (size_t i = 0; i < row.size(); ++i) {
      io.out << Styled(row[i].style, row[i].text, io.color && io.out_is_terminal);
      if (i + 1 < row.size()) io.out << std::string(widths_[i] - DisplayWidth(row[i].text) + 2, ' ');
    }
    io.out << "\n";
  }

  Session& session_;
  const ResourceView<Resource> view_;
  std::vector<size_t> widths_;
};

}  // namespace ll::llctl

#endif  // LL_CLIENTS_LLCTL_WATCH_OUTPUT_H_
