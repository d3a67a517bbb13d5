#include "registry/sqlite_model_store.h"

#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "registry/sqlite_table.h"
#include "registry/store_errors.h"

namespace ll::registry {
namespace {

// Models. Aliases are rows of their own; both they and the newest READY version are computed when a model is read.

const SqliteTable& Models() {
  static const SqliteTable& table =
      *new SqliteTable("models", {"id"}, HeaderAnd({"description"}),
                       {"(SELECT json_group_object(alias, number) FROM model_aliases WHERE model_id = models.id)",
                        "(SELECT max(number) FROM versions WHERE model_id = models.id AND state = 'READY')"},
                       "model_labels");
  return table;
}

void BindModel(Statement& statement, const ModelRecord& model) {
  BindHeader(statement, model.header);
  statement.Bind(model.description, model.id);
}

ModelRecord ReadModel(Row& row) {
  ModelRecord model;
  model.id = row.Text();
  ReadHeader(row, &model.header);
  model.description = row.Text();
  row.Json(&model.aliases);
  model.latest_version = row.Integer();
  return model;
}

// Versions.

const SqliteTable& Versions() {
  static const SqliteTable& table =
      *new SqliteTable("versions", {"model_id", "number"},
                       HeaderAnd({"state", "state_reason", "description", "artifact_sha256", "artifact_bytes",
                                  "algorithm", "hyperparameters", "schema", "metrics", "training_job", "lineage"}),
                       {}, "version_labels");
  return table;
}

void BindVersion(Statement& statement, const VersionRecord& version) {
  BindHeader(statement, version.header);
  statement.Bind(StateName(version.state), version.state_reason, version.description, version.artifact_sha256,
                 version.artifact_bytes, version.algorithm, ToJson(version.hyperparameters), ToJson(version.schema),
                 ToJson(version.metrics), version.training_job, ToJson(version.lineage));
  statement.Bind(version.model_id, version.number);
}

VersionRecord ReadVersion(Row& row) {
  VersionRecord version;
  version.model_id = row.Text();
  version.number = row.Integer();
  ReadHeader(row, &version.header);
  row.State(&version.state);
  version.state_reason = row.Text();
  version.description = row.Text();
  version.artifact_sha256 = row.Text();
  version.artifact_bytes = row.Integer();
  version.algorithm = row.Text();
  row.Json(&version.hyperparameters);
  row.Json(&version.schema);
  row.Json(&version.metrics);
  version.training_job = row.Text();
  row.Json(&version.lineage);
  return version;
}

SqlClause VersionClause(const Condition& condition) {
  if (condition.field == "state") return TextClause("state", condition);
  const bool is_full = condition.text.find('/') != std::string::npos;
  return TextClause(is_full ? "'models/' || model_id || '/versions/' || number" : "CAST(number AS TEXT)", condition);
}

}  // namespace

absl::StatusOr<ModelRecord> SqliteModelStore::Get(const std::string& id) const {
  LL_ASSIGN_OR_RETURN(Statement select, connection_.Prepare(Models().get()));
  LL_ASSIGN_OR_RETURN(const bool is_row, select.Bind(id).Step());
  if (!is_row) return ModelNotFound(id);
  Row row(select);
  ModelRecord model = ReadModel(row);
  LL_RETURN_IF_ERROR(row.status());
  return model;
}

absl::StatusOr<Page<ModelRecord>> SqliteModelStore::List(const ListQuery& query) const {
  LL_RETURN_IF_ERROR(CheckQuery(query, kFilterFields));
  ListPlan plan{.table = Models(), .order = {"id"}, .after = {}, .scope = {}, .clause = [](const Condition& condition) {
                  return NameClause("id", "models/", condition);
                }};
  if (!query.after.name.empty()) plan.after = {query.after.name};
  LL_ASSIGN_OR_RETURN(Statement select, PrepareList(connection_, plan, query));
  return ReadPage<ModelRecord>(select, query, ReadModel, [](const ModelRecord& model) { return model.id; });
}

absl::StatusOr<VersionRecord> SqliteModelStore::GetVersion(const std::string& model_id, int64_t number) const {
  LL_ASSIGN_OR_RETURN(Statement select, connection_.Prepare(Versions().get()));
  LL_ASSIGN_OR_RETURN(const bool is_row, select.Bind(model_id, number).Step());
  if (!is_row) return VersionNotFound(model_id, number);
  Row row(select);
  VersionRecord version = ReadVersion(row);
  LL_RETURN_IF_ERROR(row.status());
  return version;
}

absl::StatusOr<Page<VersionRecord>> SqliteModelStore::ListVersions(const std::string& model_id,
                                                                   const ListQuery& query) const {
  LL_RETURN_IF_ERROR(CheckQuery(query, kVersionFilterFields, StateNames<VersionState>()));
  ListPlan plan{
      .table = Versions(), .order = {"model_id", "number"}, .after = {}, .scope = {}, .clause = VersionClause};
  if (model_id != "-") {
    LL_RETURN_IF_ERROR(Get(model_id).status());
    plan.scope = {{.sql = "model_id = ?", .values = {model_id}}};
  }
  if (!query.after.name.empty()) {
    LL_ASSIGN_OR_RETURN(const auto after, ParseVersionCursor(query.after.name));
    plan.after = {after.first, after.second};
  }
  LL_ASSIGN_OR_RETURN(Statement select, PrepareList(connection_, plan, query));
  return ReadPage<VersionRecord>(select, query, ReadVersion, [](const VersionRecord& version) {
    return VersionCursor(version.model_id, version.number);
  });
}

absl::StatusOr<ModelRecord> SqliteModelStore::Insert(const ModelRecord& record) {
  const absl::Status existing = Get(record.id).status();
  if (existing.ok()) return AlreadyExists(ModelName(record.id));
  if (!absl::IsNotFound(existing)) return existing;
  ModelRecord stored = record;
  stored.header = events_.Stamp(record.header, events_.now());
  stored.latest_version = 0;
  LL_RETURN_IF_ERROR(CheckAliases(ModelRecord{}, stored));
  LL_ASSIGN_OR_RETURN(Statement insert, connection_.Prepare(Models().insert()));
  BindModel(insert, stored);
  LL_RETURN_IF_ERROR(insert.Run());
  LL_RETURN_IF_ERROR(events_.Append("create", ModelName(record.id), "", ToJson(stored)));
  return stored;
}

absl::StatusOr<ModelRecord> SqliteModelStore::Update(const ModelRecord& record, const std::string& verb) {
  LL_ASSIGN_OR_RETURN(const ModelRecord before, Get(record.id));
  if (!record.header.etag.empty() && record.header.etag != before.header.etag) {
    return EtagMismatch(ModelName(record.id));
  }
  LL_RETURN_IF_ERROR(CheckAliases(before, record));
  ModelRecord after = record;
  after.header = events_.Stamp(record.header, before.header.create_time);
  after.latest_version = before.latest_version;
  LL_ASSIGN_OR_RETURN(Statement update, connection_.Prepare(Models().update()));
  BindModel(update, after);
  LL_RETURN_IF_ERROR(update.Run());
  LL_RETURN_IF_ERROR(WriteAliases(before, after));
  LL_RETURN_IF_ERROR(events_.Append(verb, ModelName(record.id), ToJson(before), ToJson(after)));
  return after;
}

absl::Status SqliteModelStore::CheckAliases(const ModelRecord& before, const ModelRecord& after) const {
  for (const auto& [alias, number] : after.aliases) LL_RETURN_IF_ERROR(GetVersion(after.id, number).status());
  for (const auto& [alias, number] : before.aliases) {
    if (after.aliases.contains(alias)) continue;
    LL_ASSIGN_OR_RETURN(std::vector<std::string> followers, endpoints_.FollowersOf(after.id, alias));
    if (followers.empty()) continue;
    for (std::string& follower : followers) follower = EndpointName(follower);
    return InUse(VersionRefName({.model_id = after.id, .alias = alias}), followers);
  }
  return absl::OkStatus();
}

absl::Status SqliteModelStore::WriteAliases(const ModelRecord& before, const ModelRecord& after) {
  for (const auto& [alias, number] : before.aliases) {
    if (after.aliases.contains(alias)) continue;
    LL_ASSIGN_OR_RETURN(Statement remove,
                        connection_.Prepare("DELETE FROM model_aliases WHERE model_id = ? AND alias = ?"));
    LL_RETURN_IF_ERROR(remove.Bind(after.id, alias).Run());
  }
  for (const auto& [alias, number] : after.aliases) {
    LL_ASSIGN_OR_RETURN(Statement set,
                        connection_.Prepare("INSERT INTO model_aliases (model_id, alias, number) VALUES (?, ?, ?) "
                                            "ON CONFLICT DO UPDATE SET number = excluded.number"));
    LL_RETURN_IF_ERROR(set.Bind(after.id, alias, number).Run());
  }
  return absl::OkStatus();
}

absl::Status SqliteModelStore::Delete(const std::string& id) {
  LL_ASSIGN_OR_RETURN(const ModelRecord before, Get(id));
  {
    LL_ASSIGN_OR_RETURN(Statement select, connection_.Prepare("SELECT 1 FROM versions WHERE model_id = ? LIMIT 1"));
    LL_ASSIGN_OR_RETURN(const bool is_row, select.Bind(id).Step());
    if (is_row) return ModelNotEmpty(id);
  }
  LL_ASSIGN_OR_RETURN(Statement remove, connection_.Prepare(Models().remove()));
  LL_RETURN_IF_ERROR(remove.Bind(id).Run());
  return events_.Append("delete", ModelName(id), ToJson(before), "");
}

absl::StatusOr<int64_t> SqliteModelStore::NextNumber(const std::string& model_id) {
  LL_ASSIGN_OR_RETURN(Statement take,
                      connection_.Prepare("INSERT INTO model_numbers (model_id, highest) VALUES (?, 1) "
                                          "ON CONFLICT DO UPDATE SET highest = highest + 1 RETURNING highest"));
  LL_RETURN_IF_ERROR(take.Bind(model_id).Step().status());
  return Row(take).Integer();
}

absl::StatusOr<VersionRecord> SqliteModelStore::InsertVersion(const VersionRecord& record) {
  LL_RETURN_IF_ERROR(Get(record.model_id).status());
  VersionRecord stored = record;
  LL_ASSIGN_OR_RETURN(stored.number, NextNumber(record.model_id));
  stored.header = events_.Stamp(record.header, events_.now());
  LL_ASSIGN_OR_RETURN(Statement insert, connection_.Prepare(Versions().insert()));
  BindVersion(insert, stored);
  LL_RETURN_IF_ERROR(insert.Run());
  LL_RETURN_IF_ERROR(events_.Append("create", VersionName(stored.model_id, stored.number), "", ToJson(stored)));
  return stored;
}

absl::StatusOr<VersionRecord> SqliteModelStore::UpdateVersion(const VersionRecord& record, const std::string& verb) {
  LL_ASSIGN_OR_RETURN(const VersionRecord before, GetVersion(record.model_id, record.number));
  const std::string name = VersionName(record.model_id, record.number);
  if (!record.header.etag.empty() && record.header.etag != before.header.etag) return EtagMismatch(name);
  VersionRecord after = before;
  after.header = events_.Stamp(record.header, before.header.create_time);
  after.description = record.description;
  after.state = record.state;
  after.state_reason = record.state_reason;
  LL_ASSIGN_OR_RETURN(Statement update, connection_.Prepare(Versions().update()));
  BindVersion(update, after);
  LL_RETURN_IF_ERROR(update.Run());
  LL_RETURN_IF_ERROR(events_.Append(verb, name, ToJson(before), ToJson(after)));
  return after;
}

absl::Status SqliteModelStore::DeleteVersion(const std::string& model_id, int64_t number) {
  LL_ASSIGN_OR_RETURN(const VersionRecord before, GetVersion(model_id, number));
  const std::string name = VersionName(model_id, number);
  LL_ASSIGN_OR_RETURN(const ModelRecord model, Get(model_id));
  std::vector<std::string> users;
  for (const auto& [alias, target] : model.aliases) {
    if (target == number) users.push_back(VersionRefName({.model_id = model_id, .alias = alias}));
  }
  LL_ASSIGN_OR_RETURN(const std::vector<std::string> endpoints, endpoints_.UsersOf(model_id, number));
  for (const std::string& endpoint : endpoints) users.push_back(EndpointName(endpoint));
  if (!users.empty()) return InUse(name, users);
  LL_ASSIGN_OR_RETURN(Statement remove, connection_.Prepare(Versions().remove()));
  LL_RETURN_IF_ERROR(remove.Bind(model_id, number).Run());
  return events_.Append("delete", name, ToJson(before), "");
}

}  // namespace ll::registry
