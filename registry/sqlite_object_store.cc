#include "registry/sqlite_object_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "registry/sqlite_table.h"
#include "registry/store_errors.h"

namespace ll::registry {
namespace {

const SqliteTable& Buckets() {
  static const SqliteTable& table = *new SqliteTable("buckets", {"id"}, HeaderAnd({}), {}, "bucket_labels");
  return table;
}

BucketRecord ReadBucket(Row& row) {
  BucketRecord bucket;
  bucket.id = row.Text();
  ReadHeader(row, &bucket.header);
  return bucket;
}

const SqliteTable& Objects() {
  static const SqliteTable& table = *new SqliteTable(
      "objects", {"bucket_id", "key"},
      HeaderAnd({"sha256", "md5", "size_bytes", "content_type", "content_encoding", "metadata"}), {}, "object_labels");
  return table;
}

void BindObject(Statement& statement, const ObjectRecord& object) {
  BindHeader(statement, object.header);
  statement.Bind(object.sha256, object.md5, object.size_bytes, object.content_type, object.content_encoding,
                 ToJson(object.metadata), object.bucket_id, object.key);
}

ObjectRecord ReadObject(Row& row) {
  ObjectRecord object;
  object.bucket_id = row.Text();
  object.key = row.Text();
  ReadHeader(row, &object.header);
  object.sha256 = row.Text();
  object.md5 = row.Text();
  object.size_bytes = row.Integer();
  object.content_type = row.Text();
  object.content_encoding = row.Text();
  row.Json(&object.metadata);
  return object;
}

// Keys that begin with `prefix` are those from it up to the next text of its length: a range of the index. Texts are
// compared as bytes, so counting the last byte up is right although it may leave UTF-8.
SqlClause PrefixClause(std::string prefix) {
  SqlClause clause{.sql = "key >= ?", .values = {prefix}};
  while (!prefix.empty() && prefix.back() == '\xff') prefix.pop_back();
  if (prefix.empty()) return clause;
  ++prefix.back();
  absl::StrAppend(&clause.sql, " AND key < ?");
  clause.values.push_back(std::move(prefix));
  return clause;
}

// A key may look like a full name, so both readings of the text count.
SqlClause ObjectNameClause(const std::string& bucket_id, const Condition& condition) {
  const std::string key(absl::StripPrefix(condition.text, ObjectName(bucket_id, "")));
  return {.sql = absl::StrCat("key ", condition.comparison == Comparison::kNotEqual ? "NOT " : "", "IN (?, ?)"),
          .values = {condition.text, key}};
}

}  // namespace

absl::StatusOr<BucketRecord> SqliteObjectStore::GetBucket(const std::string& id) const {
  LL_ASSIGN_OR_RETURN(Statement select, connection_.Prepare(Buckets().get()));
  LL_ASSIGN_OR_RETURN(const bool is_row, select.Bind(id).Step());
  if (!is_row) return BucketNotFound(id);
  Row row(select);
  BucketRecord bucket = ReadBucket(row);
  LL_RETURN_IF_ERROR(row.status());
  return bucket;
}

absl::StatusOr<Page<BucketRecord>> SqliteObjectStore::ListBuckets(const ListQuery& query) const {
  LL_RETURN_IF_ERROR(CheckQuery(query, kFilterFields));
  ListPlan plan{
      .table = Buckets(), .order = {"id"}, .after = {}, .scope = {}, .clause = [](const Condition& condition) {
        return NameClause("id", "buckets/", condition);
      }};
  if (!query.after.name.empty()) plan.after = {query.after.name};
  LL_ASSIGN_OR_RETURN(Statement select, PrepareList(connection_, plan, query));
  return ReadPage<BucketRecord>(select, query, ReadBucket, [](const BucketRecord& bucket) { return bucket.id; });
}

absl::StatusOr<ObjectRecord> SqliteObjectStore::Get(const std::string& bucket_id, const std::string& key) const {
  LL_ASSIGN_OR_RETURN(Statement select, connection_.Prepare(Objects().get()));
  LL_ASSIGN_OR_RETURN(const bool is_row, select.Bind(bucket_id, key).Step());
  if (!is_row) {
    LL_RETURN_IF_ERROR(GetBucket(bucket_id).status());
    return ObjectNotFound(bucket_id, key);
  }
  Row row(select);
  ObjectRecord object = ReadObject(row);
  LL_RETURN_IF_ERROR(row.status());
  return object;
}

absl::StatusOr<Page<ObjectRecord>> SqliteObjectStore::List(const std::string& bucket_id, const std::string& prefix,
                                                           const ListQuery& query) const {
  LL_RETURN_IF_ERROR(CheckQuery(query, kFilterFields));
  LL_RETURN_IF_ERROR(GetBucket(bucket_id).status());
  ListPlan plan{.table = Objects(),
                .order = {"key"},
                .after = {},
                .scope = {{.sql = "bucket_id = ?", .values = {bucket_id}}, PrefixClause(prefix)},
                .clause = [&](const Condition& condition) { return ObjectNameClause(bucket_id, condition); }};
  if (!query.after.name.empty()) plan.after = {query.after.name};
  LL_ASSIGN_OR_RETURN(Statement select, PrepareList(connection_, plan, query));
  return ReadPage<ObjectRecord>(select, query, ReadObject, [](const ObjectRecord& object) { return object.key; });
}

absl::StatusOr<BucketRecord> SqliteObjectStore::InsertBucket(const BucketRecord& record) {
  const absl::Status existing = GetBucket(record.id).status();
  if (existing.ok()) return AlreadyExists(BucketName(record.id));
  if (!absl::IsNotFound(existing)) return existing;
  BucketRecord stored = record;
  stored.header = events_.Stamp(record.header, events_.now());
  LL_ASSIGN_OR_RETURN(Statement insert, connection_.Prepare(Buckets().insert()));
  BindHeader(insert, stored.header);
  LL_RETURN_IF_ERROR(insert.Bind(stored.id).Run());
  LL_RETURN_IF_ERROR(events_.Append("create", BucketName(record.id), "", ToJson(stored)));
  return stored;
}

absl::Status SqliteObjectStore::DeleteBucket(const std::string& id) {
  LL_ASSIGN_OR_RETURN(const BucketRecord before, GetBucket(id));
  {
    LL_ASSIGN_OR_RETURN(Statement select, connection_.Prepare("SELECT 1 FROM objects WHERE bucket_id = ? LIMIT 1"));
    LL_ASSIGN_OR_RETURN(const bool is_row, select.Bind(id).Step());
    if (is_row) return BucketNotEmpty(id);
  }
  LL_ASSIGN_OR_RETURN(Statement remove, connection_.Prepare(Buckets().remove()));
  LL_RETURN_IF_ERROR(remove.Bind(id).Run());
  return events_.Append("delete", BucketName(id), ToJson(before), "");
}

absl::StatusOr<ObjectRecord> SqliteObjectStore::Put(const ObjectRecord& record) {
  const absl::StatusOr<ObjectRecord> before = Get(record.bucket_id, record.key);
  const bool is_new = absl::IsNotFound(before.status());
  if (is_new) {
    LL_RETURN_IF_ERROR(GetBucket(record.bucket_id).status());
  } else if (!before.ok()) {
    return before.status();
  }
  ObjectRecord stored = record;
  stored.header = events_.Stamp(record.header, is_new ? events_.now() : before->header.create_time);
  LL_ASSIGN_OR_RETURN(Statement write, connection_.Prepare(is_new ? Objects().insert() : Objects().update()));
  BindObject(write, stored);
  LL_RETURN_IF_ERROR(write.Run());
  LL_RETURN_IF_ERROR(events_.Append(is_new ? "create" : "update", ObjectName(record.bucket_id, record.key),
                                    is_new ? "" : ToJson(*before), ToJson(stored)));
  return stored;
}

absl::Status SqliteObjectStore::Delete(const std::string& bucket_id, const std::string& key) {
  LL_ASSIGN_OR_RETURN(const ObjectRecord before, Get(bucket_id, key));
  LL_ASSIGN_OR_RETURN(Statement remove, connection_.Prepare(Objects().remove()));
  LL_RETURN_IF_ERROR(remove.Bind(bucket_id, key).Run());
  return events_.Append("delete", ObjectName(bucket_id, key), ToJson(before), "");
}

}  // namespace ll::registry
