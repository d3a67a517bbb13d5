// A resource laid out for people, as `get` shows it: aligned "Name: value" lines, then blocks.
//
//   Name:   models/churn
//   State:  READY
//   Labels:
//     team  fraud
#ifndef LL_CLIENTS_LLCTL_VIEWS_DETAILS_H_
#define LL_CLIENTS_LLCTL_VIEWS_DETAILS_H_

#include <map>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "clients/llctl/io_streams.h"
#include "clients/llctl/table.h"

namespace ll::llctl {

// Not thread-safe.
class Details {
 public:
  // Empty values are left out.
  void Field(const std::string& title, const std::string& value, Style style = Style::kPlain);
  // Entries in key order; nothing when there are none.
  void Block(const std::string& title, const std::map<std::string, std::string>& entries);
  void Lines(const std::string& title, const std::vector<std::string>& lines);
  void Add(const std::string& title, const Table& table);

  void Print(std::ostream& out, bool colored) const;

 private:
  std::vector<std::pair<std::string, Cell>> fields_;
  std::vector<std::pair<std::string, std::vector<std::string>>> blocks_;
};

template <typename Map>
std::map<std::string, std::string> Sorted(const Map& map) {
  return {map.begin(), map.end()};
}

}  // namespace ll::llctl

#endif  // LL_CLIENTS_LLCTL_VIEWS_DETAILS_H_
