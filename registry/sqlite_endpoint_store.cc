#include "registry/sqlite_endpoint_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "registry/sqlite_table.h"
#include "registry/store_errors.h"

namespace ll::registry {
namespace {

const SqliteTable& Endpoints() {
  static const SqliteTable& table = *new SqliteTable(
      "endpoints", {"id"}, HeaderAnd({"state", "generation", "deleted", "observed_generation", "error"}), {},
      "endpoint_labels");
  return table;
}

void BindEndpoint(Statement& statement, const EndpointRecord& endpoint) {
  BindHeader(statement, endpoint.header);
  statement.Bind(StateName(endpoint.state), endpoint.generation, endpoint.deleted, endpoint.observed_generation,
                 ToJson(endpoint.error), endpoint.id);
}

// Without its variants.
EndpointRecord ReadEndpoint(Row& row) {
  EndpointRecord endpoint;
  endpoint.id = row.Text();
  ReadHeader(row, &endpoint.header);
  row.State(&endpoint.state);
  endpoint.generation = row.Integer();
  endpoint.deleted = row.Bool();
  endpoint.observed_generation = row.Integer();
  row.Json(&endpoint.error);
  return endpoint;
}

SqlClause EndpointClause(const Condition& condition) {
  if (condition.field == "state") return TextClause("state", condition);
  if (condition.field == "name") return NameClause("id", "endpoints/", condition);
  return {.sql = absl::StrCat("id ", condition.comparison == Comparison::kNotEqual ? "NOT " : "",
                              "IN (SELECT endpoint_id FROM endpoint_variants WHERE model_id = ?)"),
          .values = {condition.text}};
}

absl::StatusOr<std::vector<std::string>> ReadTexts(Statement& select) {
  std::vector<std::string> texts;
  while (true) {
    LL_ASSIGN_OR_RETURN(const bool is_row, select.Step());
    if (!is_row) return texts;
    texts.push_back(Row(select).Text());
  }
}

}  // namespace

absl::StatusOr<EndpointRecord> SqliteEndpointStore::Get(const std::string& id) const {
  LL_ASSIGN_OR_RETURN(Statement select, connection_.Prepare(Endpoints().get()));
  LL_ASSIGN_OR_RETURN(const bool is_row, select.Bind(id).Step());
  if (!is_row) return EndpointNotFound(id);
  Row row(select);
  EndpointRecord endpoint = ReadEndpoint(row);
  LL_RETURN_IF_ERROR(row.status());
  LL_RETURN_IF_ERROR(ReadVariants(&endpoint));
  return endpoint;
}

absl::StatusOr<Page<EndpointRecord>> SqliteEndpointStore::List(const ListQuery& query) const {
  LL_RETURN_IF_ERROR(CheckQuery(query, kFilterFields, StateNames<EndpointState>()));
  ListPlan plan{.table = Endpoints(), .order = {"id"}, .after = {}, .scope = {}, .clause = EndpointClause};
  if (!query.after.name.empty()) plan.after = {query.after.name};
  LL_ASSIGN_OR_RETURN(Statement select, PrepareList(connection_, plan, query));
  LL_ASSIGN_OR_RETURN(Page<EndpointRecord> page,
                      ReadPage<EndpointRecord>(select, query, ReadEndpoint,
                                               [](const EndpointRecord& endpoint) { return endpoint.id; }));
  for (EndpointRecord& endpoint : page.records) LL_RETURN_IF_ERROR(ReadVariants(&endpoint));
  return page;
}

absl::StatusOr<std::vector<EndpointRecord>> SqliteEndpointStore::ListAll() const {
  LL_ASSIGN_OR_RETURN(Statement select, connection_.Prepare(absl::StrCat(Endpoints().select(), " ORDER BY id")));
  std::vector<EndpointRecord> endpoints;
  while (true) {
    LL_ASSIGN_OR_RETURN(const bool is_row, select.Step());
    if (!is_row) return endpoints;
    Row row(select);
    endpoints.push_back(ReadEndpoint(row));
    LL_RETURN_IF_ERROR(row.status());
    LL_RETURN_IF_ERROR(ReadVariants(&endpoints.back()));
  }
}

absl::Status SqliteEndpointStore::ReadVariants(EndpointRecord* record) const {
  LL_ASSIGN_OR_RETURN(
      Statement variants,
      connection_.Prepare("SELECT name, model_id, IFNULL(number, 0), IFNULL(alias, '') FROM endpoint_variants "
                          "WHERE endpoint_id = ? ORDER BY position"));
  variants.Bind(record->id);
  while (true) {
    LL_ASSIGN_OR_RETURN(const bool is_row, variants.Step());
    if (!is_row) break;
    Row row(variants);
    VariantSpec& variant = record->variants.emplace_back();
    variant.name = row.Text();
    variant.version.model_id = row.Text();
    variant.version.number = row.Integer();
    variant.version.alias = row.Text();
  }
  LL_ASSIGN_OR_RETURN(Statement observed,
                      connection_.Prepare("SELECT name, model_id, number, ready_time FROM endpoint_observed "
                                          "WHERE endpoint_id = ? ORDER BY position"));
  observed.Bind(record->id);
  while (true) {
    LL_ASSIGN_OR_RETURN(const bool is_row, observed.Step());
    if (!is_row) return absl::OkStatus();
    Row row(observed);
    ObservedVariant& variant = record->observed.emplace_back();
    variant.name = row.Text();
    variant.model_id = row.Text();
    variant.version = row.Integer();
    variant.ready_time = row.Time();
  }
}

absl::StatusOr<std::vector<std::string>> SqliteEndpointStore::UsersOf(const std::string& model_id,
                                                                      int64_t number) const {
  if (number == 0) {
    LL_ASSIGN_OR_RETURN(Statement select,
                        connection_.Prepare("SELECT endpoint_id FROM endpoint_variants WHERE model_id = ?1 "
                                            "UNION SELECT endpoint_id FROM endpoint_observed WHERE model_id = ?1 "
                                            "ORDER BY endpoint_id"));
    return ReadTexts(select.Bind(model_id));
  }
  LL_ASSIGN_OR_RETURN(
      Statement select,
      connection_.Prepare("SELECT endpoint_id FROM endpoint_variants WHERE model_id = ?1 AND number = ?2 "
                          "UNION SELECT endpoint_id FROM endpoint_observed WHERE model_id = ?1 AND number = ?2 "
                          "UNION SELECT endpoint_id FROM model_aliases JOIN endpoint_variants USING (model_id, alias) "
                          "WHERE model_id = ?1 AND model_aliases.number = ?2 ORDER BY endpoint_id"));
  return ReadTexts(select.Bind(model_id, number));
}

absl::StatusOr<std::vector<std::string>> SqliteEndpointStore::FollowersOf(const std::string& model_id,
                                                                          const std::string& alias) const {
  LL_ASSIGN_OR_RETURN(Statement select, connection_.Prepare("SELECT DISTINCT endpoint_id FROM endpoint_variants "
                                                            "WHERE model_id = ? AND alias = ? ORDER BY endpoint_id"));
  return ReadTexts(select.Bind(model_id, alias));
}

absl::StatusOr<bool> SqliteEndpointStore::HasVersion(const std::string& model_id, int64_t number) const {
  LL_ASSIGN_OR_RETURN(Statement select,
                      connection_.Prepare("SELECT 1 FROM versions WHERE model_id = ? AND number = ?"));
  return select.Bind(model_id, number).Step();
}

absl::StatusOr<bool> SqliteEndpointStore::HasAlias(const std::string& model_id, const std::string& alias) const {
  LL_ASSIGN_OR_RETURN(Statement select,
                      connection_.Prepare("SELECT 1 FROM model_aliases WHERE model_id = ? AND alias = ?"));
  return select.Bind(model_id, alias).Step();
}

// Foreign keys would refuse the same, but could not say what is missing.
absl::Status SqliteEndpointStore::CheckVariants(const EndpointRecord& record) const {
  for (const VariantSpec& variant : record.variants) {
    const VersionRef& ref = variant.version;
    if (ref.alias.empty() == (ref.number == 0) || ref.alias == "latest") return InvalidVersionRef(ref);
    if (ref.alias.empty()) {
      LL_ASSIGN_OR_RETURN(const bool exists, HasVersion(ref.model_id, ref.number));
      if (!exists) return VersionNotFound(ref.model_id, ref.number);
    } else {
      LL_ASSIGN_OR_RETURN(const bool exists, HasAlias(ref.model_id, ref.alias));
      if (!exists) return AliasNotFound(ref);
    }
  }
  for (const ObservedVariant& variant : record.observed) {
    LL_ASSIGN_OR_RETURN(const bool exists, HasVersion(variant.model_id, variant.version));
    if (!exists) return VersionNotFound(variant.model_id, variant.version);
  }
  return absl::OkStatus();
}

absl::StatusOr<EndpointRecord> SqliteEndpointStore::Insert(const EndpointRecord& record) {
  const absl::Status existing = Get(record.id).status();
  if (existing.ok()) return AlreadyExists(EndpointName(record.id));
  if (!absl::IsNotFound(existing)) return existing;
  LL_RETURN_IF_ERROR(CheckVariants(record));
  EndpointRecord stored = record;
  stored.header = events_.Stamp(record.header, events_.now());
  LL_ASSIGN_OR_RETURN(Statement insert, connection_.Prepare(Endpoints().insert()));
  BindEndpoint(insert, stored);
  LL_RETURN_IF_ERROR(insert.Run());
  LL_RETURN_IF_ERROR(WriteVariants(stored));
  LL_RETURN_IF_ERROR(WriteObserved(stored));
  LL_RETURN_IF_ERROR(events_.Append("create", EndpointName(record.id), "", ToJson(stored)));
  return stored;
}

absl::StatusOr<EndpointRecord> SqliteEndpointStore::Update(const EndpointRecord& record, const std::string& verb) {
  LL_ASSIGN_OR_RETURN(const EndpointRecord before, Get(record.id));
  if (!record.header.etag.empty() && record.header.etag != before.header.etag) {
    return EtagMismatch(EndpointName(record.id));
  }
  LL_RETURN_IF_ERROR(CheckVariants(record));
  EndpointRecord after = record;
  after.header = events_.Stamp(record.header, before.header.create_time);
  LL_ASSIGN_OR_RETURN(Statement update, connection_.Prepare(Endpoints().update()));
  BindEndpoint(update, after);
  LL_RETURN_IF_ERROR(update.Run());
  // Most updates change one of the two, or neither.
  if (after.variants != before.variants) LL_RETURN_IF_ERROR(WriteVariants(after));
  if (after.observed != before.observed) LL_RETURN_IF_ERROR(WriteObserved(after));
  LL_RETURN_IF_ERROR(events_.Append(verb, EndpointName(record.id), ToJson(before), ToJson(after)));
  return after;
}

absl::Status SqliteEndpointStore::WriteVariants(const EndpointRecord& record) {
  LL_ASSIGN_OR_RETURN(Statement clear, connection_.Prepare("DELETE FROM endpoint_variants WHERE endpoint_id = ?"));
  LL_RETURN_IF_ERROR(clear.Bind(record.id).Run());
  int position = 0;
  for (const VariantSpec& variant : record.variants) {
    LL_ASSIGN_OR_RETURN(
        Statement insert,
        connection_.Prepare("INSERT INTO endpoint_variants (endpoint_id, position, name, model_id, number, alias) "
                            "VALUES (?, ?, ?, ?, NULLIF(?, 0), NULLIF(?, ''))"));
    const VersionRef& ref = variant.version;
    LL_RETURN_IF_ERROR(insert.Bind(record.id, position++, variant.name, ref.model_id, ref.number, ref.alias).Run());
  }
  return absl::OkStatus();
}

absl::Status SqliteEndpointStore::WriteObserved(const EndpointRecord& record) {
  LL_ASSIGN_OR_RETURN(Statement clear, connection_.Prepare("DELETE FROM endpoint_observed WHERE endpoint_id = ?"));
  LL_RETURN_IF_ERROR(clear.Bind(record.id).Run());
  int position = 0;
  for (const ObservedVariant& variant : record.observed) {
    LL_ASSIGN_OR_RETURN(
        Statement insert,
        connection_.Prepare("INSERT INTO endpoint_observed (endpoint_id, position, name, model_id, number, ready_time) "
                            "VALUES (?, ?, ?, ?, ?, ?)"));
    insert.Bind(record.id, position++, variant.name, variant.model_id, variant.version, variant.ready_time);
    LL_RETURN_IF_ERROR(insert.Run());
  }
  return absl::OkStatus();
}

absl::Status SqliteEndpointStore::Delete(const std::string& id) {
  LL_ASSIGN_OR_RETURN(const EndpointRecord before, Get(id));
  LL_ASSIGN_OR_RETURN(Statement remove, connection_.Prepare(Endpoints().remove()));
  LL_RETURN_IF_ERROR(remove.Bind(id).Run());
  return events_.Append("delete", EndpointName(id), ToJson(before), "");
}

}  // namespace ll::registry
