#include "registry/sqlite_event_store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "registry/sqlite_table.h"
#include "registry/store_errors.h"

namespace ll::registry {
namespace {

const SqliteTable& EventTable() {
  static const SqliteTable& table = *new SqliteTable(
      "events", {"sequence"}, {"time", "actor", "verb", "resource", "request_id", "before_json", "after_json"}, {}, "");
  return table;
}

EventRecord ReadEvent(Row& row) {
  EventRecord event;
  event.sequence = row.Integer();
  event.time = row.Time();
  event.actor = row.Text();
  event.verb = row.Text();
  event.resource = row.Text();
  event.request_id = row.Text();
  event.before_json = row.Text();
  event.after_json = row.Text();
  return event;
}

absl::StatusOr<std::vector<EventRecord>> ReadEvents(Statement& select) {
  std::vector<EventRecord> events;
  while (true) {
    LL_ASSIGN_OR_RETURN(const bool is_row, select.Step());
    if (!is_row) return events;
    Row row(select);
    events.push_back(ReadEvent(row));
  }
}

// 0: no such row.
absl::StatusOr<int64_t> FirstInteger(Statement select) {
  LL_ASSIGN_OR_RETURN(const bool is_row, select.Step());
  return is_row ? Row(select).Integer() : 0;
}

}  // namespace

absl::StatusOr<EventRecord> SqliteEventStore::Get(int64_t sequence) const {
  LL_ASSIGN_OR_RETURN(Statement select, connection_.Prepare(EventTable().get()));
  LL_ASSIGN_OR_RETURN(const bool is_row, select.Bind(sequence).Step());
  if (!is_row) return EventNotFound(sequence);
  Row row(select);
  return ReadEvent(row);
}

absl::StatusOr<Page<EventRecord>> SqliteEventStore::List(const ListQuery& query) const {
  LL_RETURN_IF_ERROR(CheckQuery(query, kFilterFields));
  if (query.order != OrderField::kName) return EventsHaveOneOrder();
  int64_t after = query.descending ? INT64_MAX : 0;
  if (!query.after.name.empty()) {
    LL_ASSIGN_OR_RETURN(after, ParseEventCursor(query.after.name));
  }
  std::string sql = absl::StrCat(EventTable().select(), " WHERE sequence ", query.descending ? "<" : ">", " ?");
  std::vector<SqlValue> values = {after};
  for (const Condition& condition : query.conditions) {
    absl::StrAppend(&sql, " AND ", condition.field, " ", ComparisonText(condition.comparison), " ?");
    if (IsTimeField(condition.field)) {
      values.emplace_back(absl::ToUnixNanos(condition.time));
    } else {
      values.emplace_back(condition.text);
    }
  }
  absl::StrAppend(&sql, " ORDER BY sequence", query.descending ? " DESC" : "", " LIMIT ?");
  LL_ASSIGN_OR_RETURN(Statement select, connection_.Prepare(sql));
  select.BindAll(values).Bind(int64_t{query.page_size} + 1);
  Page<EventRecord> page;
  LL_ASSIGN_OR_RETURN(page.records, ReadEvents(select));
  page.more = page.records.size() > static_cast<size_t>(query.page_size);
  if (page.more) {
    page.records.pop_back();
    page.next.name = absl::StrCat(page.records.back().sequence);
  }
  return page;
}

absl::StatusOr<std::vector<EventRecord>> SqliteEventStore::After(int64_t sequence, int limit) const {
  sequence = std::max<int64_t>(sequence, 0);
  LL_ASSIGN_OR_RETURN(Statement oldest, connection_.Prepare("SELECT min(sequence) FROM events"));
  LL_ASSIGN_OR_RETURN(const int64_t oldest_sequence, FirstInteger(std::move(oldest)));
  if (oldest_sequence > sequence + 1) return EventsExpired(sequence, oldest_sequence);
  LL_ASSIGN_OR_RETURN(Statement select, connection_.Prepare(absl::StrCat(
                                            EventTable().select(), " WHERE sequence > ? ORDER BY sequence LIMIT ?")));
  select.Bind(sequence, limit);
  return ReadEvents(select);
}

absl::StatusOr<int64_t> SqliteEventStore::Newest() const {
  LL_ASSIGN_OR_RETURN(Statement select, connection_.Prepare("SELECT max(sequence) FROM events"));
  return FirstInteger(std::move(select));
}

absl::StatusOr<int64_t> SqliteEventStore::DropBefore(absl::Time time) {
  // Times may run backwards when someone sets the clock; sequences do not. So only a beginning of the log goes.
  LL_ASSIGN_OR_RETURN(Statement select,
                      connection_.Prepare("SELECT sequence FROM events WHERE time >= ? ORDER BY sequence LIMIT 1"));
  select.Bind(time);
  LL_ASSIGN_OR_RETURN(const int64_t first_young, FirstInteger(std::move(select)));
  LL_ASSIGN_OR_RETURN(const int64_t newest, Newest());
  LL_ASSIGN_OR_RETURN(Statement drop, connection_.Prepare("DELETE FROM events WHERE sequence < ?"));
  LL_RETURN_IF_ERROR(drop.Bind(first_young == 0 ? newest : first_young).Run());
  return connection_.changes();
}

absl::Status SqliteEventStore::BeginWrite(const WriteOptions& options, absl::Time now) {
  actor_ = options.actor;
  request_id_ = options.request_id;
  now_ = now;
  has_appended_ = false;
  LL_ASSIGN_OR_RETURN(newest_, Newest());
  return absl::OkStatus();
}

RecordHeader SqliteEventStore::Stamp(const RecordHeader& given, absl::Time create_time) const {
  RecordHeader header = given;
  header.create_time = create_time;
  header.update_time = now_;
  header.etag = absl::StrCat(newest_ + 1);
  return header;
}

absl::Status SqliteEventStore::Append(const std::string& verb, const std::string& resource,
                                      const std::string& before_json, const std::string& after_json) {
  LL_ASSIGN_OR_RETURN(Statement insert, connection_.Prepare(EventTable().insert()));
  insert.Bind(now_, actor_, verb, resource, request_id_, before_json, after_json, newest_ + 1);
  LL_RETURN_IF_ERROR(insert.Run());
  ++newest_;
  has_appended_ = true;
  return absl::OkStatus();
}

}  // namespace ll::registry
