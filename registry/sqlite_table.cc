#include "registry/sqlite_table.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

namespace ll::registry {
namespace {

std::string Parameters(size_t count) { return absl::StrJoin(std::vector<absl::string_view>(count, "?"), ", "); }

SqlClause TimeClause(const Condition& condition) {
  return {.sql = absl::StrCat(condition.field, " ", ComparisonText(condition.comparison), " ?"),
          .values = {absl::ToUnixNanos(condition.time)}};
}

SqlClause LabelClause(const std::string& labels, const Condition& condition) {
  return {.sql = absl::StrCat("row_id ", condition.comparison == Comparison::kNotEqual ? "NOT " : "",
                              "IN (SELECT row_id FROM ", labels, " WHERE key = ? AND value = ?)"),
          .values = {condition.key, condition.text}};
}

// Row values compare from left to right, as ORDER BY does, and SQLite walks an index on the same columns for them.
SqlClause AfterClause(const std::vector<std::string>& columns, bool descending, std::vector<SqlValue> values) {
  return {.sql = absl::StrCat("(", absl::StrJoin(columns, ", "), ") ", descending ? "<" : ">", " (",
                              Parameters(columns.size()), ")"),
          .values = std::move(values)};
}

}  // namespace

SqliteTable::SqliteTable(std::string name, std::vector<std::string> keys, std::vector<std::string> columns,
                         std::vector<std::string> computed, std::string labels)
    : keys_(std::move(keys)), labels_(std::move(labels)) {
  std::vector<std::string> read = keys_;
  read.insert(read.end(), columns.begin(), columns.end());
  read.insert(read.end(), computed.begin(), computed.end());
  std::vector<std::string> written = columns;
  written.insert(written.end(), keys_.begin(), keys_.end());
  const std::string where =
      absl::StrCat(" WHERE (", absl::StrJoin(keys_, ", "), ") = (", Parameters(keys_.size()), ")");

  select_ = absl::StrCat("SELECT ", absl::StrJoin(read, ", "), " FROM ", name);
  get_ = absl::StrCat(select_, where);
  insert_ = absl::StrCat("INSERT INTO ", name, " (", absl::StrJoin(written, ", "), ") VALUES (",
                         Parameters(written.size()), ")");
  update_ = absl::StrCat("UPDATE ", name, " SET (", absl::StrJoin(columns, ", "), ") = (", Parameters(columns.size()),
                         ")", where);
  remove_ = absl::StrCat("DELETE FROM ", name, where);
}

std::vector<std::string> HeaderAnd(std::vector<std::string> columns) {
  columns.insert(columns.begin(), {"create_time", "update_time", "etag", "labels", "annotations"});
  return columns;
}

void BindHeader(Statement& statement, const RecordHeader& header) {
  statement.Bind(header.create_time, header.update_time, header.etag, ToJson(header.labels),
                 ToJson(header.annotations));
}

void ReadHeader(Row& row, RecordHeader* header) {
  header->create_time = row.Time();
  header->update_time = row.Time();
  header->etag = row.Text();
  row.Json(&header->labels);
  row.Json(&header->annotations);
}

SqlClause TextClause(const std::string& column, const Condition& condition) {
  return {.sql = absl::StrCat(column, " ", ComparisonText(condition.comparison), " ?"), .values = {condition.text}};
}

SqlClause NameClause(const std::string& column, const std::string& collection, const Condition& condition) {
  Condition id = condition;
  id.text = std::string(absl::StripPrefix(condition.text, collection));
  return TextClause(column, id);
}

absl::StatusOr<Statement> PrepareList(Connection& connection, const ListPlan& plan, const ListQuery& query) {
  std::vector<SqlClause> clauses = plan.scope;
  for (const Condition& condition : query.conditions) {
    if (IsTimeField(condition.field)) {
      clauses.push_back(TimeClause(condition));
    } else if (condition.field == "labels") {
      clauses.push_back(LabelClause(plan.table.labels(), condition));
    } else {
      clauses.push_back(plan.clause(condition));
    }
  }
  std::vector<std::string> order = plan.order;
  std::vector<SqlValue> after = plan.after;
  if (query.order != OrderField::kName) {
    order.insert(order.begin(), query.order == OrderField::kCreateTime ? "create_time" : "update_time");
    after.insert(after.begin(), absl::ToUnixNanos(query.after.time));
  }
  if (!plan.after.empty()) clauses.push_back(AfterClause(order, query.descending, std::move(after)));

  std::string sql = plan.table.select();
  const char* separator = " WHERE ";
  for (const SqlClause& clause : clauses) {
    absl::StrAppend(&sql, separator, clause.sql);
    separator = " AND ";
  }
  const absl::string_view direction = query.descending ? " DESC" : "";
  absl::StrAppend(&sql, " ORDER BY ", absl::StrJoin(order, absl::StrCat(direction, ", ")), direction, " LIMIT ?");

  LL_ASSIGN_OR_RETURN(Statement statement, connection.Prepare(sql));
  for (const SqlClause& clause : clauses) statement.BindAll(clause.values);
  statement.Bind(int64_t{query.page_size} + 1);
  return statement;
}

}  // namespace ll::registry
