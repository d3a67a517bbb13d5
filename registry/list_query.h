// What a List asks for: a filter, an order, a page.
//
//   filter    = condition *( " AND " condition )
//   condition = field operator value
//   field     = "name" | "state" | "labels." key | "create_time" | "update_time" | a field the listing documents
//   operator  = "=" | "!=" for texts;  "=" | "<" | "<=" | ">" | ">=" for times
//   value     = a word, or a text in double quotes with \" and \\ as escapes; times are RFC 3339
//   order_by  = ( "name" | "create_time" | "update_time" ) [ " desc" ]       default: name
//
//   state = SUCCEEDED AND labels.team = "fraud" AND create_time >= 2026-11-01T00:00:00Z
//
// Parsing knows nothing of SQL; stores bind every value as a parameter.
#ifndef LL_REGISTRY_LIST_QUERY_H_
#define LL_REGISTRY_LIST_QUERY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace ll::registry {

enum class Comparison { kEqual, kNotEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };

struct Condition {
  std::string field;  // "labels" for a label, with its key in `key`
  std::string key;
  Comparison comparison = Comparison::kEqual;
  std::string text;  // of a text field
  absl::Time time;   // of a time field
};

enum class OrderField { kName, kCreateTime, kUpdateTime };

// The place after which a page starts: the last row of the page before it.
struct Cursor {
  std::string name;  // the row's id, key or version number; empty: from the beginning
  absl::Time time;   // the row's value of the order field, when that is a time
};

struct ListQuery {
  std::vector<Condition> conditions;  // all must hold
  OrderField order = OrderField::kName;
  bool descending = false;
  int page_size = 50;  // at least 1
  Cursor after;
};

template <typename Record>
struct Page {
  std::vector<Record> records;
  bool more = false;  // another page follows
  Cursor next;        // where it starts; meaningful when `more`
};

// The fields a listing can be filtered by, besides name, labels and the two times.
using FilterFields = absl::Span<const absl::string_view>;

// INVALID_ARGUMENT with reason INVALID_FILTER names the position and lists the fields that may be used.
absl::StatusOr<std::vector<Condition>> ParseFilter(absl::string_view filter, FilterFields fields);
absl::Status ParseOrderBy(absl::string_view order_by, ListQuery* query);

}  // namespace ll::registry

#endif  // LL_REGISTRY_LIST_QUERY_H_
