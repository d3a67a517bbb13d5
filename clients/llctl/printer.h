// Answers on stdout, in the form that -o asks for.
//
//   table, wide   a table for lists, details for one resource, one line for a change
//   json, yaml    proto JSON of the resource; a list is an array
//   name          the full resource name, one a line
#ifndef LL_CLIENTS_LLCTL_PRINTER_H_
#define LL_CLIENTS_LLCTL_PRINTER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/list_range.h"
#include "clients/llctl/message_text.h"
#include "clients/llctl/resource_names.h"
#include "clients/llctl/session.h"
#include "clients/llctl/views/resource_view.h"

namespace ll::llctl {

// A message that is not a resource of a list (server information), or one resource as JSON or YAML. False when the
// format is one of the others.
bool PrintAsData(Session& session, const Json& json);

// The elements of a list one after the other, in the data formats and as names. Not thread-safe.
class ListWriter {
 public:
  explicit ListWriter(Session& session) : session_(session) {}
  void Add(const google::protobuf::Message& resource, const std::string& name);
  void Finish();

 private:
  Session& session_;
  bool empty_ = true;
};

// One line "NOUN/NAME DONE", e.g. "model/churn created"; with -q nothing.
void PrintChange(Session& session, const std::string& noun, const std::string& name, const std::string& done);

bool IsTable(const Session& session);

// One resource, as the answer of a get.
template <typename Resource>
void PrintResource(Session& session, const Resource& resource) {
  if (session.format() == OutputFormat::kName) {
    session.io().out << resource.name() << "\n";
  } else if (!PrintAsData(session, ToJson(resource))) {
    Details details;
    ViewOf<Resource>().fill(resource, session.clock().Now(), session.format() == OutputFormat::kWide, details);
    details.Print(session.io().out, session.io().color && session.io().out_is_terminal);
  }
}

// A resource that was changed: a line that says so, or the resource itself in the data formats. `dry_run` is told.
template <typename Resource>
void PrintChanged(Session& session, const Resource& resource, const std::string& done, bool dry_run = false) {
  if (IsTable(session)) {
    PrintChange(session, ViewOf<Resource>().noun, ShortName(resource.name()),
                dry_run ? absl::StrCat("would be ", done, " (dry run)") : done);
  } else {
    PrintResource(session, resource);
  }
}

// A resource that is gone, of which only the name is known.
template <typename Resource>
void PrintDeleted(Session& session, const std::string& name, bool dry_run) {
  if (IsTable(session)) {
    PrintChange(session, ViewOf<Resource>().noun, ShortName(name), dry_run ? "would be deleted (dry run)" : "deleted");
  } else if (!PrintAsData(session, Json{{"name", name}})) {
    session.io().out << name << "\n";
  }
}

template <typename Resource>
class ResourceTable {
 public:
  explicit ResourceTable(Session& session) : session_(session), view_(ViewOf<Resource>()), table_(Titles()) {}

  void Add(const Resource& resource) { table_.AddRow(RowOf(resource)); }
  void Print() const { table_.Print(session_.io().out, session_.io().color && session_.io().out_is_terminal); }
  bool empty() const { return table_.empty(); }
  const ResourceView<Resource>& view() const { return view_; }

 private:
  bool IsShown(const Column<Resource>& column) const {
    return !column.only_wide || session_.format() == OutputFormat::kWide;
  }
  std::vector<std::string> Titles() const {
    std::vector<std::string> titles;
    for (const Column<Resource>& column : view_.columns) {
      if (IsShown(column)) titles.push_back(column.title);
    }
    return titles;
  }
  std::vector<Cell> RowOf(const Resource& resource) const {
    std::vector<Cell> row;
    for (const Column<Resource>& column : view_.columns) {
      if (IsShown(column)) row.push_back(column.cell(resource, session_.clock().Now()));
    }
    return row;
  }

  Session& session_;
  const ResourceView<Resource> view_;
  Table table_;
};

// Everything the range yields, up to `limit` (0: all). An error ends it; what came before is printed.
template <typename Resource>
absl::Status PrintList(Session& session, client::ListRange<Resource> range, int64_t limit) {
  absl::Status status;
  ResourceTable<Resource> table(session);
  ListWriter writer(session);
  int64_t count = 0;
  for (absl::StatusOr<Resource>& resource : range) {
    if (!resource.ok()) {
      status = resource.status();
      break;
    }
    if (IsTable(session)) {
      table.Add(*resource);
    } else {
      writer.Add(*resource, resource->name());
    }
    if (++count == limit) break;
  }
  if (!IsTable(session)) {
    writer.Finish();
  } else if (!table.empty()) {
    table.Print();
  } else if (status.ok() && !session.flags().quiet) {
    session.io().err << "No " << table.view().plural << " found.\n";
  }
  return status;
}

}  // namespace ll::llctl

#endif  // LL_CLIENTS_LLCTL_PRINTER_H_
