// What a List asks for: a filter, an order, a page.
//
//   filter    = [ condition *( "AND" condition ) ]
//   condition = field operator value
//   field     = "labels." key | another field of the listing, such as "name" or "create_time"
//   operator  = "=" | "!=" for texts;  "=" | "<" | "<=" | ">" | ">=" for times
//   value     = word | '"' text with \" and \\ as escapes '"'; times are RFC 3339 words, to the nanosecond
//   word, key = 1*( letter | digit | one of _ - . : / @ + )
//   order_by  = [ ( "name" | "create_time" | "update_time" ) [ "desc" ] ]       default: name
//
//   state = SUCCEEDED AND labels.team = "fraud" AND create_time >= 2026-11-01T00:00:00Z
//
// "name" is the record's full resource name or the last part of it. "labels.k != v" holds for records without that
// label, too. Parsing knows nothing of SQL; stores bind every value as a parameter.
#ifndef LL_REGISTRY_LIST_QUERY_H_
#define LL_REGISTRY_LIST_QUERY_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace ll::registry {

enum class Comparison { kEqual, kNotEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };

// "=", "!=", ...
absl::string_view ComparisonText(Comparison comparison);

struct Condition {
  std::string field = {};  // "labels" for a label, with its key in `key`
  std::string key = {};
  Comparison comparison = Comparison::kEqual;
  std::string text = {};  // of a text field
  absl::Time time = {};   // of a time field
  friend bool operator==(const Condition&, const Condition&) = default;
};

enum class OrderField { kName, kCreateTime, kUpdateTime };

// The place after which a page starts: the last row of the page before it. Take it from Page::next.
struct Cursor {
  std::string name = {};  // id, key, "model/number" of a version or number of an event; empty: from the beginning
  absl::Time time = {};   // the row's value of the order field, when that is a time
  friend bool operator==(const Cursor&, const Cursor&) = default;
};

struct ListQuery {
  std::vector<Condition> conditions = {};  // all must hold
  OrderField order = OrderField::kName;
  bool descending = false;
  int page_size = 50;  // at least 1
  Cursor after = {};
};

template <typename Record>
struct Page {
  std::vector<Record> records = {};
  bool more = false;  // another page follows
  Cursor next = {};   // where it starts; meaningful when `more`
};

// The fields that a listing can be filtered by, "labels" among them when labels.KEY is one: kFilterFields of its store.
// A field called "time", or with a name that ends in "_time", holds times; all others hold texts.
using FilterFields = absl::Span<const absl::string_view>;

// INVALID_ARGUMENT / INVALID_FILTER names the position (in bytes, from 1) and lists the fields that may be used.
absl::StatusOr<std::vector<Condition>> ParseFilter(absl::string_view filter, FilterFields fields);

// Sets order and descending of `query`. INVALID_ARGUMENT / INVALID_FILTER.
absl::Status ParseOrderBy(absl::string_view order_by, ListQuery* query);

// For stores.

// INVALID_ARGUMENT when the query has a page size under 1, a field or comparison that the listing does not know, or a
// state that is none of `states`.
absl::Status CheckQuery(const ListQuery& query, FilterFields fields, absl::Span<const absl::string_view> states = {});

bool IsTimeField(absl::string_view field);

// Cursor::name of versions and of events. INVALID_ARGUMENT / INVALID_PAGE_TOKEN.
std::string VersionCursor(const std::string& model_id, int64_t number);
absl::StatusOr<std::pair<std::string, int64_t>> ParseVersionCursor(absl::string_view name);
absl::StatusOr<int64_t> ParseEventCursor(absl::string_view name);

}  // namespace ll::registry

#endif  // LL_REGISTRY_LIST_QUERY_H_
