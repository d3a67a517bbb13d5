// The statements that every store needs, made from one list of columns, and the query behind every listing.
//
// A row is bound and read in the order of the list: BindX(statement, record) binds `columns`, the keys follow; ReadX
// reads the keys, then `columns`, then what is computed.
#ifndef LL_REGISTRY_SQLITE_TABLE_H_
#define LL_REGISTRY_SQLITE_TABLE_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/status_macros.h"
#include "registry/list_query.h"
#include "registry/records.h"
#include "registry/sqlite_connection.h"
#include "registry/statement.h"

namespace ll::registry {

class SqliteTable {
 public:
  // `computed` are expressions that are read but not stored. `labels` is the table's table of labels.
  SqliteTable(std::string name, std::vector<std::string> keys, std::vector<std::string> columns,
              std::vector<std::string> computed, std::string labels);

  const std::vector<std::string>& keys() const { return keys_; }
  const std::string& labels() const { return labels_; }

  const std::string& select() const { return select_; }  // of all rows
  const std::string& get() const { return get_; }        // parameters: keys
  const std::string& insert() const { return insert_; }  // parameters: columns, keys
  const std::string& update() const { return update_; }  // parameters: columns, keys
  const std::string& remove() const { return remove_; }  // parameters: keys

 private:
  const std::vector<std::string> keys_;
  const std::string labels_;
  std::string select_;
  std::string get_;
  std::string insert_;
  std::string update_;
  std::string remove_;
};

// The columns that all tables of resources have in common, before `columns`.
std::vector<std::string> HeaderAnd(std::vector<std::string> columns);
void BindHeader(Statement& statement, const RecordHeader& header);
void ReadHeader(Row& row, RecordHeader* header);

// A condition of a WHERE clause with the values of its parameters.
struct SqlClause {
  std::string sql = {};
  std::vector<SqlValue> values = {};
};

// The clause of an ordinary text column.
SqlClause TextClause(const std::string& column, const Condition& condition);
// "name" where the id is one column: `collection` is what stands before it in the full name, "models/".
SqlClause NameClause(const std::string& column, const std::string& collection, const Condition& condition);

struct ListPlan {
  const SqliteTable& table;
  std::vector<std::string> order;                     // columns that the order by name compares
  std::vector<SqlValue> after;                        // their values in the cursor; empty: from the beginning
  std::vector<SqlClause> scope;                       // what always holds
  std::function<SqlClause(const Condition&)> clause;  // of conditions on other fields than labels and times
};

// The rows of a page and one more, which tells whether another page follows.
absl::StatusOr<Statement> PrepareList(Connection& connection, const ListPlan& plan, const ListQuery& query);

// Reads what PrepareList made. `read` makes a record of a row; `name_of` gives its Cursor::name.
template <typename Record, typename Read, typename NameOf>
absl::StatusOr<Page<Record>> ReadPage(Statement& statement, const ListQuery& query, Read read, NameOf name_of) {
  Page<Record> page;
  while (true) {
    LL_ASSIGN_OR_RETURN(const bool is_row, statement.Step());
    if (!is_row) return page;
    if (page.records.size() == static_cast<size_t>(query.page_size)) break;
    Row row(statement);
    page.records.push_back(read(row));
    LL_RETURN_IF_ERROR(row.status());
  }
  page.more = true;
  const Record& last = page.records.back();
  page.next.name = name_of(last);
  if (query.order == OrderField::kCreateTime) page.next.time = last.header.create_time;
  if (query.order == OrderField::kUpdateTime) page.next.time = last.header.update_time;
  return page;
}

}  // namespace ll::registry

#endif  // LL_REGISTRY_SQLITE_TABLE_H_
