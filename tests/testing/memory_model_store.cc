#include <utility>

#include "base/status_macros.h"
#include "registry/record_json.h"
#include "registry/store_errors.h"
#include "tests/testing/memory_list.h"
#include "tests/testing/memory_stores.h"

namespace ll::testing {

using registry::ListQuery;
using registry::ModelName;
using registry::ModelRecord;
using registry::Page;
using registry::ToJson;
using registry::VersionName;
using registry::VersionRecord;
using registry::VersionState;

ModelRecord MemoryModelStore::WithLatest(ModelRecord record) const {
  record.latest_version = 0;
  for (const auto& [key, version] : access_.state.versions) {
    if (key.first == record.id && version.state == VersionState::kReady) record.latest_version = key.second;
  }
  return record;
}

absl::StatusOr<ModelRecord> MemoryModelStore::Get(const std::string& id) const {
  const auto found = access_.state.models.find(id);
  if (found == access_.state.models.end()) return registry::ModelNotFound(id);
  return WithLatest(found->second);
}

absl::StatusOr<Page<ModelRecord>> MemoryModelStore::List(const ListQuery& query) const {
  LL_RETURN_IF_ERROR(CheckQuery(query, kFilterFields));
  std::vector<ModelRecord> all;
  for (const auto& [id, model] : access_.state.models) all.push_back(WithLatest(model));
  const Listing<ModelRecord, std::string> listing = {
      .key = [](const ModelRecord& model) { return model.id; },
      .cursor_of = [](const std::string& key) { return key; },
      .full_name = [](const ModelRecord& model) { return ModelName(model.id); },
      .last_part = [](const ModelRecord& model) { return model.id; },
      .texts = nullptr};
  return ListRecords(std::move(all), query, query.after.name, listing);
}

absl::StatusOr<VersionRecord> MemoryModelStore::GetVersion(const std::string& model_id, int64_t number) const {
  const auto found = access_.state.versions.find({model_id, number});
  if (found == access_.state.versions.end()) return registry::VersionNotFound(model_id, number);
  return found->second;
}

absl::StatusOr<Page<VersionRecord>> MemoryModelStore::ListVersions(const std::string& model_id,
                                                                   const ListQuery& query) const {
  LL_RETURN_IF_ERROR(CheckQuery(query, kVersionFilterFields, registry::StateNames<VersionState>()));
  if (model_id != "-") LL_RETURN_IF_ERROR(Get(model_id).status());
  using Key = std::pair<std::string, int64_t>;
  Key after;
  if (!query.after.name.empty()) {
    LL_ASSIGN_OR_RETURN(after, registry::ParseVersionCursor(query.after.name));
  }
  std::vector<VersionRecord> all;
  for (const auto& [key, version] : access_.state.versions) {
    if (model_id == "-" || key.first == model_id) all.push_back(version);
  }
  const Listing<VersionRecord, Key> listing = {
      .key = [](const VersionRecord& version) { return Key(version.model_id, version.number); },
      .cursor_of = [](const Key& key) { return registry::VersionCursor(key.first, key.second); },
      .full_name = [](const VersionRecord& version) { return VersionName(version.model_id, version.number); },
      .last_part = [](const VersionRecord& version) { return absl::StrCat(version.number); },
      .texts = [](const VersionRecord& version,
                  absl::string_view) { return std::vector<std::string>{std::string(StateName(version.state))}; }};
  return ListRecords(std::move(all), query, after, listing);
}

absl::Status MemoryModelStore::CheckAliases(const ModelRecord& record) const {
  for (const auto& [alias, number] : record.aliases) LL_RETURN_IF_ERROR(GetVersion(record.id, number).status());
  return absl::OkStatus();
}

absl::StatusOr<ModelRecord> MemoryModelStore::Insert(const ModelRecord& record) {
  if (access_.state.models.contains(record.id)) return registry::AlreadyExists(ModelName(record.id));
  LL_RETURN_IF_ERROR(CheckAliases(record));
  ModelRecord stored = record;
  stored.header = access_.Stamp(record.header, access_.now);
  stored = WithLatest(std::move(stored));
  access_.changing->models[record.id] = stored;
  access_.Append("create", ModelName(record.id), "", ToJson(stored));
  return stored;
}

absl::StatusOr<ModelRecord> MemoryModelStore::Update(const ModelRecord& record, const std::string& verb) {
  LL_ASSIGN_OR_RETURN(const ModelRecord before, Get(record.id));
  if (!record.header.etag.empty() && record.header.etag != before.header.etag) {
    return registry::EtagMismatch(ModelName(record.id));
  }
  LL_RETURN_IF_ERROR(CheckAliases(record));
  for (const auto& [alias, number] : before.aliases) {
    if (record.aliases.contains(alias)) continue;
    LL_ASSIGN_OR_RETURN(std::vector<std::string> followers, MemoryEndpointStore(access_).FollowersOf(record.id, alias));
    for (std::string& follower : followers) follower = registry::EndpointName(follower);
    if (!followers.empty()) {
      return registry::InUse(registry::VersionRefName({.model_id = record.id, .alias = alias}), followers);
    }
  }
  ModelRecord after = before;
  after.header = access_.Stamp(record.header, before.header.create_time);
  after.description = record.description;
  after.aliases = record.aliases;
  access_.changing->models[record.id] = after;
  access_.Append(verb, ModelName(record.id), ToJson(before), ToJson(after));
  return after;
}

absl::Status MemoryModelStore::Delete(const std::string& id) {
  LL_ASSIGN_OR_RETURN(const ModelRecord before, Get(id));
  const auto first = access_.state.versions.lower_bound({id, 0});
  if (first != access_.state.versions.end() && first->first.first == id) return registry::ModelNotEmpty(id);
  access_.changing->models.erase(id);
  access_.Append("delete", ModelName(id), ToJson(before), "");
  return absl::OkStatus();
}

absl::StatusOr<VersionRecord> MemoryModelStore::InsertVersion(const VersionRecord& record) {
  LL_RETURN_IF_ERROR(Get(record.model_id).status());
  VersionRecord stored = record;
  stored.number = ++access_.changing->highest_numbers[record.model_id];
  stored.header = access_.Stamp(record.header, access_.now);
  access_.changing->versions[{stored.model_id, stored.number}] = stored;
  access_.Append("create", VersionName(stored.model_id, stored.number), "", ToJson(stored));
  return stored;
}

absl::StatusOr<VersionRecord> MemoryModelStore::UpdateVersion(const VersionRecord& record, const std::string& verb) {
  LL_ASSIGN_OR_RETURN(const VersionRecord before, GetVersion(record.model_id, record.number));
  const std::string name = VersionName(record.model_id, record.number);
  if (!record.header.etag.empty() && record.header.etag != before.header.etag) return registry::EtagMismatch(name);
  VersionRecord after = before;
  after.header = access_.Stamp(record.header, before.header.create_time);
  after.description = record.description;
  after.state = record.state;
  after.state_reason = record.state_reason;
  access_.changing->versions[{record.model_id, record.number}] = after;
  access_.Append(verb, name, ToJson(before), ToJson(after));
  return after;
}

absl::Status MemoryModelStore::DeleteVersion(const std::string& model_id, int64_t number) {
  LL_ASSIGN_OR_RETURN(const VersionRecord before, GetVersion(model_id, number));
  const std::string name = VersionName(model_id, number);
  std::vector<std::string> users;
  for (const auto& [alias, target] : access_.state.models.at(model_id).aliases) {
    if (target == number) users.push_back(registry::VersionRefName({.model_id = model_id, .alias = alias}));
  }
  LL_ASSIGN_OR_RETURN(const std::vector<std::string> endpoints, MemoryEndpointStore(access_).UsersOf(model_id, number));
  for (const std::string& endpoint : endpoints) users.push_back(registry::EndpointName(endpoint));
  if (!users.empty()) return registry::InUse(name, users);
  access_.changing->versions.erase({model_id, number});
  access_.Append("delete", name, ToJson(before), "");
  return absl::OkStatus();
}

}  // namespace ll::testing
