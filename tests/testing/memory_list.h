// Inside MemoryRegistry: filter, order and page over records that are in memory.
#ifndef LL_TESTS_TESTING_MEMORY_LIST_H_
#define LL_TESTS_TESTING_MEMORY_LIST_H_

#include <algorithm>
#include <functional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "registry/list_query.h"
#include "registry/records.h"

namespace ll::testing {

template <typename T>
bool Compare(registry::Comparison comparison, const T& left, const T& right) {
  using registry::Comparison;
  switch (comparison) {
    case Comparison::kEqual: return left == right;
    case Comparison::kNotEqual: return left != right;
    case Comparison::kLess: return left < right;
    case Comparison::kLessOrEqual: return left <= right;
    case Comparison::kGreater: return left > right;
    case Comparison::kGreaterOrEqual: return left >= right;
  }
  return false;
}

// How a listing sees its records. Key is what the order by name compares.
template <typename Record, typename Key>
struct Listing {
  std::function<Key(const Record&)> key;
  std::function<std::string(const Key&)> cursor_of;
  std::function<std::string(const Record&)> full_name;
  std::function<std::string(const Record&)> last_part;  // of the name
  // All texts that a field of the listing's own has; a condition holds when one of them fits.
  std::function<std::vector<std::string>(const Record&, absl::string_view field)> texts;
};

template <typename Record, typename Key>
bool Holds(const registry::Condition& condition, const Record& record, const Listing<Record, Key>& listing) {
  using registry::Comparison;
  if (condition.field == "create_time") {
    return Compare(condition.comparison, record.header.create_time, condition.time);
  }
  if (condition.field == "update_time") {
    return Compare(condition.comparison, record.header.update_time, condition.time);
  }
  bool equal = false;
  if (condition.field == "name") {
    equal = listing.full_name(record) == condition.text || listing.last_part(record) == condition.text;
  } else if (condition.field == "labels") {
    const auto label = record.header.labels.find(condition.key);
    equal = label != record.header.labels.end() && label->second == condition.text;
  } else {
    const std::vector<std::string> texts = listing.texts(record, condition.field);
    equal = std::find(texts.begin(), texts.end(), condition.text) != texts.end();
  }
  return equal == (condition.comparison == Comparison::kEqual);
}

// `after` is query.after as a key; read when query.after.name is not empty.
template <typename Record, typename Key>
registry::Page<Record> ListRecords(std::vector<Record> records, const registry::ListQuery& query, const Key& after,
                                   const Listing<Record, Key>& listing) {
  const auto place = [&](const Record& record) {
    absl::Time time;
    if (query.order == registry::OrderField::kCreateTime) time = record.header.create_time;
    if (query.order == registry::OrderField::kUpdateTime) time = record.header.update_time;
    return std::pair(time, listing.key(record));
  };
  const auto comes_before = [&](const auto& left, const auto& right) {
    return query.descending ? right < left : left < right;
  };
  const bool by_name = query.order == registry::OrderField::kName;
  const auto start = std::pair(by_name ? absl::Time() : query.after.time, after);
  const auto is_out = [&](const Record& record) {
    if (!query.after.name.empty() && !comes_before(start, place(record))) return true;
    return !std::all_of(query.conditions.begin(), query.conditions.end(),
                        [&](const registry::Condition& condition) { return Holds(condition, record, listing); });
  };
  records.erase(std::remove_if(records.begin(), records.end(), is_out), records.end());
  std::sort(records.begin(), records.end(),
            [&](const Record& left, const Record& right) { return comes_before(place(left), place(right)); });

  registry::Page<Record> page;
  page.more = records.size() > static_cast<size_t>(query.page_size);
  if (page.more) {
    records.resize(static_cast<size_t>(query.page_size));
    page.next = {.name = listing.cursor_of(listing.key(records.back())), .time = place(records.back()).first};
  }
  page.records = std::move(records);
  return page;
}

}  // namespace ll::testing

#endif  // LL_TESTS_TESTING_MEMORY_LIST_H_
