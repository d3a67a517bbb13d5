#include "registry/records.h"

#include <type_traits>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"

namespace ll::registry {
namespace {

template <typename State>
struct NamedState {
  State state;
  absl::string_view name;
};

// In the order of the enums, without gaps.
constexpr NamedState<VersionState> kVersionStates[] = {
    {VersionState::kReady, "READY"}, {VersionState::kCorrupt, "CORRUPT"}, {VersionState::kDeleting, "DELETING"}};

constexpr NamedState<JobState> kJobStates[] = {
    {JobState::kQueued, "QUEUED"},         {JobState::kPreparing, "PREPARING"}, {JobState::kTraining, "TRAINING"},
    {JobState::kUploading, "UPLOADING"},   {JobState::kSucceeded, "SUCCEEDED"}, {JobState::kFailed, "FAILED"},
    {JobState::kCancelling, "CANCELLING"}, {JobState::kCancelled, "CANCELLED"}};

constexpr NamedState<EndpointState> kEndpointStates[] = {
    {EndpointState::kCreating, "CREATING"}, {EndpointState::kInService, "IN_SERVICE"},
    {EndpointState::kUpdating, "UPDATING"}, {EndpointState::kRollingBack, "ROLLING_BACK"},
    {EndpointState::kDeleting, "DELETING"}, {EndpointState::kFailed, "FAILED"}};

template <typename State>
constexpr absl::Span<const NamedState<State>> Table() {
  if constexpr (std::is_same_v<State, VersionState>) {
    return kVersionStates;
  } else if constexpr (std::is_same_v<State, JobState>) {
    return kJobStates;
  } else {
    return kEndpointStates;
  }
}

template <typename State>
absl::string_view NameIn(State state) {
  return Table<State>()[static_cast<size_t>(state)].name;
}

}  // namespace

absl::string_view StateName(VersionState state) { return NameIn(state); }
absl::string_view StateName(JobState state) { return NameIn(state); }
absl::string_view StateName(EndpointState state) { return NameIn(state); }

template <typename State>
std::optional<State> ParseState(absl::string_view name) {
  for (const NamedState<State>& entry : Table<State>()) {
    if (entry.name == name) return entry.state;
  }
  return std::nullopt;
}
template std::optional<VersionState> ParseState<VersionState>(absl::string_view name);
template std::optional<JobState> ParseState<JobState>(absl::string_view name);
template std::optional<EndpointState> ParseState<EndpointState>(absl::string_view name);

template <typename State>
std::vector<absl::string_view> StateNames() {
  std::vector<absl::string_view> names;
  for (const NamedState<State>& entry : Table<State>()) names.push_back(entry.name);
  return names;
}
template std::vector<absl::string_view> StateNames<VersionState>();
template std::vector<absl::string_view> StateNames<JobState>();
template std::vector<absl::string_view> StateNames<EndpointState>();

bool IsTerminal(JobState state) {
  return state == JobState::kSucceeded || state == JobState::kFailed || state == JobState::kCancelled;
}

std::string ModelName(const std::string& model_id) { return absl::StrCat("models/", model_id); }

std::string VersionName(const std::string& model_id, int64_t number) {
  return absl::StrCat("models/", model_id, "/versions/", number);
}

std::string JobName(const std::string& job_id) { return absl::StrCat("trainingJobs/", job_id); }

std::string EndpointName(const std::string& endpoint_id) { return absl::StrCat("endpoints/", endpoint_id); }

std::string BucketName(const std::string& bucket_id) { return absl::StrCat("buckets/", bucket_id); }

std::string ObjectName(const std::string& bucket_id, const std::string& key) {
  return absl::StrCat("buckets/", bucket_id, "/objects/", key);
}

std::string VersionRefName(const VersionRef& ref) {
  return ref.alias.empty() ? VersionName(ref.model_id, ref.number)
                           : absl::StrCat("models/", ref.model_id, "@", ref.alias);
}

}  // namespace ll::registry
