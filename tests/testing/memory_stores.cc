#include "tests/testing/memory_stores.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "registry/record_json.h"
#include "registry/store_errors.h"
#include "tests/testing/memory_list.h"

namespace ll::testing {

using registry::BucketName;
using registry::BucketRecord;
using registry::EndpointName;
using registry::EndpointRecord;
using registry::EventRecord;
using registry::JobName;
using registry::JobRecord;
using registry::ListQuery;
using registry::ObjectName;
using registry::ObjectRecord;
using registry::Page;
using registry::ToJson;

// Jobs.

absl::StatusOr<JobRecord> MemoryJobStore::Get(const std::string& id) const {
  const auto found = access_.state.jobs.find(id);
  if (found == access_.state.jobs.end()) return registry::JobNotFound(id);
  return found->second;
}

absl::StatusOr<Page<JobRecord>> MemoryJobStore::List(const ListQuery& query) const {
  LL_RETURN_IF_ERROR(CheckQuery(query, kFilterFields, registry::StateNames<registry::JobState>()));
  std::vector<JobRecord> all;
  for (const auto& [id, job] : access_.state.jobs) all.push_back(job);
  const Listing<JobRecord, std::string> listing = {
      .key = [](const JobRecord& job) { return job.id; },
      .cursor_of = [](const std::string& key) { return key; },
      .full_name = [](const JobRecord& job) { return JobName(job.id); },
      .last_part = [](const JobRecord& job) { return job.id; },
      .texts =
          [](const JobRecord& job, absl::string_view field) {
            return std::vector<std::string>{field == "state" ? std::string(StateName(job.state)) : job.spec.model_id};
          }};
  return ListRecords(std::move(all), query, query.after.name, listing);
}

absl::StatusOr<std::vector<JobRecord>> MemoryJobStore::ListUnfinished() const {
  std::vector<JobRecord> unfinished;
  for (const auto& [id, job] : access_.state.jobs) {
    if (!IsTerminal(job.state)) unfinished.push_back(job);
  }
  std::stable_sort(unfinished.begin(), unfinished.end(), [](const JobRecord& left, const JobRecord& right) {
    return left.header.create_time < right.header.create_time;
  });
  return unfinished;
}

absl::StatusOr<JobRecord> MemoryJobStore::Insert(const JobRecord& record) {
  if (access_.state.jobs.contains(record.id)) return registry::AlreadyExists(JobName(record.id));
  JobRecord stored = record;
  stored.header = access_.Stamp(record.header, access_.now);
  access_.changing->jobs[record.id] = stored;
  access_.Append("create", JobName(record.id), "", ToJson(stored));
  return stored;
}

absl::StatusOr<JobRecord> MemoryJobStore::Update(const JobRecord& record, const std::string& verb) {
  LL_ASSIGN_OR_RETURN(const JobRecord before, Get(record.id));
  if (!record.header.etag.empty() && record.header.etag != before.header.etag) {
    return registry::EtagMismatch(JobName(record.id));
  }
  JobRecord after = record;
  after.header = access_.Stamp(record.header, before.header.create_time);
  access_.changing->jobs[record.id] = after;
  access_.Append(verb, JobName(record.id), ToJson(before), ToJson(after));
  return after;
}

absl::Status MemoryJobStore::UpdateProgress(const std::string& id, const registry::JobProgress& progress,
                                            const std::vector<registry::CandidateRecord>& candidates) {
  LL_RETURN_IF_ERROR(Get(id).status());
  JobRecord& job = access_.changing->jobs[id];
  job.progress = progress;
  job.candidates = candidates;
  return absl::OkStatus();
}

absl::Status MemoryJobStore::Delete(const std::string& id) {
  LL_ASSIGN_OR_RETURN(const JobRecord before, Get(id));
  access_.changing->jobs.erase(id);
  access_.Append("delete", JobName(id), ToJson(before), "");
  return absl::OkStatus();
}

// Endpoints.

absl::StatusOr<EndpointRecord> MemoryEndpointStore::Get(const std::string& id) const {
  const auto found = access_.state.endpoints.find(id);
  if (found == access_.state.endpoints.end()) return registry::EndpointNotFound(id);
  return found->second;
}

absl::StatusOr<Page<EndpointRecord>> MemoryEndpointStore::List(const ListQuery& query) const {
  LL_RETURN_IF_ERROR(CheckQuery(query, kFilterFields, registry::StateNames<registry::EndpointState>()));
  LL_ASSIGN_OR_RETURN(std::vector<EndpointRecord> all, ListAll());
  const Listing<EndpointRecord, std::string> listing = {
      .key = [](const EndpointRecord& endpoint) { return endpoint.id; },
      .cursor_of = [](const std::string& key) { return key; },
      .full_name = [](const EndpointRecord& endpoint) { return EndpointName(endpoint.id); },
      .last_part = [](const EndpointRecord& endpoint) { return endpoint.id; },
      .texts =
          [](const EndpointRecord& endpoint, absl::string_view field) {
            if (field == "state") return std::vector<std::string>{std::string(StateName(endpoint.state))};
            std::vector<std::string> models;
            for (const registry::VariantSpec& variant : endpoint.variants) models.push_back(variant.version.model_id);
            return models;
          }};
  return ListRecords(std::move(all), query, query.after.name, listing);
}

absl::StatusOr<std::vector<EndpointRecord>> MemoryEndpointStore::ListAll() const {
  std::vector<EndpointRecord> all;
  for (const auto& [id, endpoint] : access_.state.endpoints) all.push_back(endpoint);
  return all;
}

absl::StatusOr<std::vector<std::string>> MemoryEndpointStore::UsersOf(const std::string& model_id,
                                                                      int64_t number) const {
  const auto names_it = [&](const registry::VersionRef& ref) {
    if (ref.model_id != model_id) return false;
    if (number == 0) return true;
    return (ref.alias.empty() ? ref.number : access_.state.models.at(model_id).aliases.at(ref.alias)) == number;
  };
  std::set<std::string> users;
  for (const auto& [id, endpoint] : access_.state.endpoints) {
    for (const registry::VariantSpec& variant : endpoint.variants) {
      if (names_it(variant.version)) users.insert(id);
    }
    for (const registry::ObservedVariant& observed : endpoint.observed) {
      if (names_it({.model_id = observed.model_id, .number = observed.version, .alias = ""})) users.insert(id);
    }
  }
  return std::vector<std::string>(users.begin(), users.end());
}

absl::StatusOr<std::vector<std::string>> MemoryEndpointStore::FollowersOf(const std::string& model_id,
                                                                          const std::string& alias) const {
  std::set<std::string> followers;
  if (alias.empty()) return std::vector<std::string>();
  for (const auto& [id, endpoint] : access_.state.endpoints) {
    for (const registry::VariantSpec& variant : endpoint.variants) {
      if (variant.version.model_id == model_id && variant.version.alias == alias) followers.insert(id);
    }
  }
  return std::vector<std::string>(followers.begin(), followers.end());
}

absl::Status MemoryEndpointStore::CheckVariants(const EndpointRecord& record) const {
  const MemoryModelStore models(access_);
  for (const registry::VariantSpec& variant : record.variants) {
    const registry::VersionRef& ref = variant.version;
    if (ref.alias.empty() == (ref.number == 0) || ref.alias == "latest") return registry::InvalidVersionRef(ref);
    if (ref.alias.empty()) {
      LL_RETURN_IF_ERROR(models.GetVersion(ref.model_id, ref.number).status());
      continue;
    }
    const auto model = access_.state.models.find(ref.model_id);
    if (model == access_.state.models.end() || !model->second.aliases.contains(ref.alias)) {
      return registry::AliasNotFound(ref);
    }
  }
  for (const registry::ObservedVariant& observed : record.observed) {
    LL_RETURN_IF_ERROR(models.GetVersion(observed.model_id, observed.version).status());
  }
  return absl::OkStatus();
}

absl::StatusOr<EndpointRecord> MemoryEndpointStore::Insert(const EndpointRecord& record) {
  if (access_.state.endpoints.contains(record.id)) return registry::AlreadyExists(EndpointName(record.id));
  LL_RETURN_IF_ERROR(CheckVariants(record));
  EndpointRecord stored = record;
  stored.header = access_.Stamp(record.header, access_.now);
  access_.changing->endpoints[record.id] = stored;
  access_.Append("create", EndpointName(record.id), "", ToJson(stored));
  return stored;
}

absl::StatusOr<EndpointRecord> MemoryEndpointStore::Update(const EndpointRecord& record, const std::string& verb) {
  LL_ASSIGN_OR_RETURN(const EndpointRecord before, Get(record.id));
  if (!record.header.etag.empty() && record.header.etag != before.header.etag) {
    return registry::EtagMismatch(EndpointName(record.id));
  }
  LL_RETURN_IF_ERROR(CheckVariants(record));
  EndpointRecord after = record;
  after.header = access_.Stamp(record.header, before.header.create_time);
  access_.changing->endpoints[record.id] = after;
  access_.Append(verb, EndpointName(record.id), ToJson(before), ToJson(after));
  return after;
}

absl::Status MemoryEndpointStore::Delete(const std::string& id) {
  LL_ASSIGN_OR_RETURN(const EndpointRecord before, Get(id));
  access_.changing->endpoints.erase(id);
  access_.Append("delete", EndpointName(id), ToJson(before), "");
  return absl::OkStatus();
}

// Buckets and objects.

absl::StatusOr<BucketRecord> MemoryObjectStore::GetBucket(const std::string& id) const {
  const auto found = access_.state.buckets.find(id);
  if (found == access_.state.buckets.end()) return registry::BucketNotFound(id);
  return found->second;
}

absl::StatusOr<Page<BucketRecord>> MemoryObjectStore::ListBuckets(const ListQuery& query) const {
  LL_RETURN_IF_ERROR(CheckQuery(query, kFilterFields));
  std::vector<BucketRecord> all;
  for (const auto& [id, bucket] : access_.state.buckets) all.push_back(bucket);
  const Listing<BucketRecord, std::string> listing = {
      .key = [](const BucketRecord& bucket) { return bucket.id; },
      .cursor_of = [](const std::string& key) { return key; },
      .full_name = [](const BucketRecord& bucket) { return BucketName(bucket.id); },
      .last_part = [](const BucketRecord& bucket) { return bucket.id; },
      .texts = nullptr};
  return ListRecords(std::move(all), query, query.after.name, listing);
}

absl::StatusOr<ObjectRecord> MemoryObjectStore::Get(const std::string& bucket_id, const std::string& key) const {
  LL_RETURN_IF_ERROR(GetBucket(bucket_id).status());
  const auto found = access_.state.objects.find({bucket_id, key});
  if (found == access_.state.objects.end()) return registry::ObjectNotFound(bucket_id, key);
  return found->second;
}

absl::StatusOr<Page<ObjectRecord>> MemoryObjectStore::List(const std::string& bucket_id, const std::string& prefix,
                                                           const ListQuery& query) const {
  LL_RETURN_IF_ERROR(CheckQuery(query, kFilterFields));
  LL_RETURN_IF_ERROR(GetBucket(bucket_id).status());
  std::vector<ObjectRecord> all;
  for (const auto& [name, object] : access_.state.objects) {
    if (name.first == bucket_id && absl::StartsWith(name.second, prefix)) all.push_back(object);
  }
  const Listing<ObjectRecord, std::string> listing = {
      .key = [](const ObjectRecord& object) { return object.key; },
      .cursor_of = [](const std::string& key) { return key; },
      .full_name = [](const ObjectRecord& object) { return ObjectName(object.bucket_id, object.key); },
      .last_part = [](const ObjectRecord& object) { return object.key; },
      .texts = nullptr};
  return ListRecords(std::move(all), query, query.after.name, listing);
}

absl::StatusOr<BucketRecord> MemoryObjectStore::InsertBucket(const BucketRecord& record) {
  if (access_.state.buckets.contains(record.id)) return registry::AlreadyExists(BucketName(record.id));
  BucketRecord stored = record;
  stored.header = access_.Stamp(record.header, access_.now);
  access_.changing->buckets[record.id] = stored;
  access_.Append("create", BucketName(record.id), "", ToJson(stored));
  return stored;
}

absl::Status MemoryObjectStore::DeleteBucket(const std::string& id) {
  LL_ASSIGN_OR_RETURN(const BucketRecord before, GetBucket(id));
  const auto first = access_.state.objects.lower_bound({id, ""});
  if (first != access_.state.objects.end() && first->first.first == id) return registry::BucketNotEmpty(id);
  access_.changing->buckets.erase(id);
  access_.Append("delete", BucketName(id), ToJson(before), "");
  return absl::OkStatus();
}

absl::StatusOr<ObjectRecord> MemoryObjectStore::Put(const ObjectRecord& record) {
  LL_RETURN_IF_ERROR(GetBucket(record.bucket_id).status());
  const auto before = access_.state.objects.find({record.bucket_id, record.key});
  const bool is_new = before == access_.state.objects.end();
  const std::string before_json = is_new ? "" : ToJson(before->second);
  ObjectRecord stored = record;
  stored.header = access_.Stamp(record.header, is_new ? access_.now : before->second.header.create_time);
  access_.changing->objects[{record.bucket_id, record.key}] = stored;
  access_.Append(is_new ? "create" : "update", ObjectName(record.bucket_id, record.key), before_json, ToJson(stored));
  return stored;
}

absl::Status MemoryObjectStore::Delete(const std::string& bucket_id, const std::string& key) {
  LL_ASSIGN_OR_RETURN(const ObjectRecord before, Get(bucket_id, key));
  access_.changing->objects.erase({bucket_id, key});
  access_.Append("delete", ObjectName(bucket_id, key), ToJson(before), "");
  return absl::OkStatus();
}

// Events.

absl::StatusOr<EventRecord> MemoryEventStore::Get(int64_t sequence) const {
  const auto found = access_.state.events.find(sequence);
  if (found == access_.state.events.end()) return registry::EventNotFound(sequence);
  return *found->second;
}

absl::StatusOr<Page<EventRecord>> MemoryEventStore::List(const ListQuery& query) const {
  LL_RETURN_IF_ERROR(CheckQuery(query, kFilterFields));
  if (query.order != registry::OrderField::kName) return registry::EventsHaveOneOrder();
  int64_t after = query.descending ? INT64_MAX : 0;
  if (!query.after.name.empty()) {
    LL_ASSIGN_OR_RETURN(after, registry::ParseEventCursor(query.after.name));
  }
  const auto holds = [](const registry::Condition& condition, const EventRecord& event) {
    if (condition.field == "time") return Compare(condition.comparison, event.time, condition.time);
    if (condition.field == "resource") return Compare(condition.comparison, event.resource, condition.text);
    if (condition.field == "verb") return Compare(condition.comparison, event.verb, condition.text);
    if (condition.field == "actor") return Compare(condition.comparison, event.actor, condition.text);
    return Compare(condition.comparison, event.request_id, condition.text);
  };
  std::vector<EventRecord> fitting;
  for (const auto& [sequence, event] : access_.state.events) {
    if (query.descending ? sequence >= after : sequence <= after) continue;
    const auto holds_here = [&, &event = *event](const registry::Condition& condition) {
      return holds(condition, event);
    };
    if (std::all_of(query.conditions.begin(), query.conditions.end(), holds_here)) fitting.push_back(*event);
  }
  if (query.descending) std::reverse(fitting.begin(), fitting.end());
  Page<EventRecord> page;
  page.more = fitting.size() > static_cast<size_t>(query.page_size);
  if (page.more) {
    fitting.resize(static_cast<size_t>(query.page_size));
    page.next.name = absl::StrCat(fitting.back().sequence);
  }
  page.records = std::move(fitting);
  return page;
}

absl::StatusOr<std::vector<EventRecord>> MemoryEventStore::After(int64_t sequence, int limit) const {
  const auto& events = access_.state.events;
  sequence = std::max<int64_t>(sequence, 0);
  if (!events.empty() && sequence + 1 < events.begin()->first) {
    return registry::EventsExpired(sequence, events.begin()->first);
  }
  std::vector<EventRecord> found;
  for (auto it = events.upper_bound(sequence); it != events.end() && found.size() < static_cast<size_t>(limit); ++it) {
    found.push_back(*it->second);
  }
  return found;
}

absl::StatusOr<int64_t> MemoryEventStore::DropBefore(absl::Time time) {
  auto& events = access_.changing->events;
  int64_t dropped = 0;
  while (events.size() > 1 && events.begin()->second->time < time) {
    events.erase(events.begin());
    ++dropped;
  }
  return dropped;
}

}  // namespace ll::testing
