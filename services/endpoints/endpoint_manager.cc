#include "services/endpoints/endpoint_manager.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/log.h"
#include "registry/stored_error.h"

namespace ll::endpoints {
namespace {

using prediction::EndpointPlan;
using prediction::HostedVersion;
using prediction::Placement;
using prediction::PlacementPhase;
using prediction::PlacementStatus;
using registry::EndpointState;

// A first version is usually there within milliseconds.
constexpr absl::Duration kNotYetServingRetryDelay = absl::Milliseconds(50);

std::map<std::string, std::vector<PlacementStatus>> ByEndpoint(std::vector<PlacementStatus> all) {
  std::map<std::string, std::vector<PlacementStatus>> by_endpoint;
  for (PlacementStatus& placement : all) {
    std::vector<PlacementStatus>& of_endpoint = by_endpoint[placement.endpoint];
    of_endpoint.push_back(std::move(placement));
  }
  return by_endpoint;
}

const PlacementStatus* ServingOf(const std::vector<PlacementStatus>& placements) {
  const auto found = std::find_if(placements.begin(), placements.end(),
                                  [](const PlacementStatus& placement) { return placement.serving; });
  return found == placements.end() ? nullptr : &*found;
}

ObservedEndpoint ToObserved(const ResolvedEndpoint& endpoint, std::vector<PlacementStatus> placements) {
  ObservedEndpoint observed{.state = endpoint.record.state,
                            .generation = endpoint.record.observed_generation,
                            .error = endpoint.record.error,
                            .placements = std::move(placements)};
  if (endpoint.last_served.has_value()) observed.last_served = endpoint.last_served->hosted;
  return observed;
}

DesiredEndpoint ToDesired(const ResolvedEndpoint& endpoint) {
  DesiredEndpoint desired{.deleted = endpoint.record.deleted,
                          .generation = endpoint.record.generation,
                          .target_error = endpoint.target_error};
  if (endpoint.target.has_value()) desired.target = endpoint.target->hosted;
  return desired;
}

// What the load of a version says about its bytes, where the catalogue says otherwise.
void MarkVersion(const std::optional<ResolvedVersion>& version, const std::vector<PlacementStatus>& placements,
                 std::vector<VersionMark>* marks) {
  if (!version.has_value()) return;
  for (const PlacementStatus& placement : placements) {
    if (placement.version != version->hosted) continue;
    const bool corrupt =
        placement.phase == PlacementPhase::kFailed && HasReason(placement.error, ErrorReason::kCorruptBlob);
    const bool sound = placement.phase == PlacementPhase::kReady;
    if ((corrupt && !version->corrupt) || (sound && version->corrupt)) {
      marks->push_back({.model_id = version->hosted.model_id,
                        .number = version->hosted.number,
                        .corrupt = corrupt,
                        .reason = std::string(placement.error.message())});
    }
  }
}

// Changes the plan; returns whether that made a difference.
bool Place(const Placement& placement, EndpointPlan* plan) {
  for (Placement& existing : plan->placements) {
    if (existing.version == placement.version)
      return std::exchange(existing.attempt, placement.attempt) != placement.attempt;
  }
  plan->placements.push_back(placement);
  return true;
}

}  // namespace

EndpointManager::EndpointManager(registry::Registry& registry, HostProvider& host, Clock& clock, Options options)
    : registry_(registry), host_(host), clock_(clock), options_(std::move(options)) {
  commits_ = registry_.OnCommit([this](int64_t newest_sequence) {
    MutexLock lock(&mutex_);
    committed_ = newest_sequence;
    look_ = true;
  });
  host_.SetListener([this] { Wake(); });
  thread_ = std::thread([this] { Loop(); });
  AwaitApplied();
}

EndpointManager::~EndpointManager() {
  commits_.reset();
  host_.SetListener(nullptr);
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void EndpointManager::Wake() {
  MutexLock lock(&mutex_);
  look_ = true;
}

void EndpointManager::AwaitApplied() {
  MutexLock lock(&mutex_);
  const int64_t committed = committed_;
  mutex_.Await([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || applied_ >= committed; });
}

bool EndpointManager::settled() const {
  MutexLock lock(&mutex_);
  return settled_;
}

void EndpointManager::AwaitSettled() {
  MutexLock lock(&mutex_);
  mutex_.Await([this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || settled_; });
}

void EndpointManager::Loop() {
  absl::Time wake_time = absl::InfinitePast();
  while (true) {
    {
      MutexLock lock(&mutex_);
      if (!MustLook()) {
        clock_.AwaitUntil(
            &mutex_, [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return MustLook(); }, wake_time);
      }
      if (stopping_) return;
      look_ = false;
    }
    wake_time = LookOnce();
  }
}

absl::Time EndpointManager::LookOnce() {
  int64_t committed;
  {
    MutexLock lock(&mutex_);
    committed = committed_;
  }
  const absl::Status read = snapshot_.Refresh(registry_);
  const Placements placements = ByEndpoint(host_.Observe());
  Findings findings = Examine(placements);
  if (findings.plan_changed) ApplyPlan();
  TellServing(findings.plan_changed ? ByEndpoint(host_.Observe()) : placements);
  {
    MutexLock lock(&mutex_);
    applied_ = committed;
    if (read.ok() && findings.settled) settled_ = true;
    if (findings.plan_changed) look_ = true;  // what the host has done at once is to be recorded
  }
  absl::Status written;
  if (!findings.endpoints.empty() || !findings.versions.empty()) {
    written = WriteObserved(registry_, findings.endpoints, findings.versions);
  }
  for (const absl::Status& status : {read, written}) {
    if (status.ok()) continue;
    LogWarning("endpoints cannot be brought up to date; trying again", {{"error", std::string(status.message())}});
    findings.wake_time = std::min(findings.wake_time, clock_.Now() + options_.registry_retry_delay);
  }
  return findings.wake_time;
}

EndpointManager::Findings EndpointManager::Examine(const Placements& placements) {
  const std::vector<PlacementStatus> none;
  Findings findings;
  ForgetGone(&findings);
  for (const auto& [id, endpoint] : snapshot_.endpoints()) {
    const auto found = placements.find(id);
    ExamineEndpoint(endpoint, found == placements.end() ? none : found->second, &findings);
  }
  return findings;
}

void EndpointManager::ExamineEndpoint(const ResolvedEndpoint& endpoint, const std::vector<PlacementStatus>& placements,
                                      Findings* findings) {
  const ObservedEndpoint observed = ToObserved(endpoint, placements);
  const std::vector<Action> actions = NextActions(ToDesired(endpoint), observed, options_.limits, clock_.Now());
  if (!IsSettled(actions, observed)) findings->settled = false;

  Managed deleted;  // has no plan: what it says goes nowhere
  Managed* const managed = endpoint.record.deleted ? &deleted : &managed_[endpoint.record.id];
  managed->plan.endpoint = endpoint.record.id;
  Standing standing{.state = endpoint.record.state, .error = endpoint.record.error};
  for (const Action& action : actions) {
    Execute(action, endpoint, observed, managed, findings);
    if (action.kind != Action::Kind::kSetState && action.kind != Action::Kind::kSettle) continue;
    standing = {.state = action.state, .error = std::nullopt};
    if (!action.error.ok()) standing.error = registry::ToStoredError(action.error);
  }
  // Requests hear of it before anyone can read it in the catalogue.
  if (!endpoint.record.deleted && managed->refused_with != standing) {
    managed->plan.refusal = Refusal(endpoint.record.id, standing);
    managed->refused_with = std::move(standing);
    findings->plan_changed = true;
  }
  MarkVersion(endpoint.target, placements, &findings->versions);
  if (endpoint.target != endpoint.last_served) MarkVersion(endpoint.last_served, placements, &findings->versions);
}

void EndpointManager::Execute(const Action& action, const ResolvedEndpoint& endpoint, const ObservedEndpoint& observed,
                              Managed* managed, Findings* findings) {
  EndpointPlan& plan = managed->plan;
  EndpointChange change{.id = endpoint.record.id,
                        .generation = endpoint.record.generation,
                        .deleted = endpoint.record.deleted,
                        .state = action.state,
                        .error = action.error};
  switch (action.kind) {
    case Action::Kind::kLoad:
      findings->plan_changed |= Place({.version = action.version, .attempt = action.attempt}, &plan);
      return;
    case Action::Kind::kSwap:
      findings->plan_changed |= std::exchange(plan.serving, action.version) != action.version;
      return;
    case Action::Kind::kUnload:
      findings->plan_changed |= std::erase_if(plan.placements, [&](const Placement& placement) {
                                  return placement.version == action.version;
                                }) > 0;
      return;
    case Action::Kind::kRetryAt: findings->wake_time = std::min(findings->wake_time, action.time); return;
    case Action::Kind::kSetState: change.kind = EndpointChange::Kind::kSetState; break;
    case Action::Kind::kSettle:
      change.kind = EndpointChange::Kind::kSettle;
      if (const PlacementStatus* serving = ServingOf(observed.placements)) {
        change.serving = serving->version;
        change.ready_time = serving->since;
      }
      break;
    case Action::Kind::kRemove: change.kind = EndpointChange::Kind::kRemove; break;
  }
  findings->endpoints.push_back(std::move(change));
}

absl::Status EndpointManager::Refusal(const std::string& endpoint_id, const Standing& standing) {
  const std::string name = registry::EndpointName(endpoint_id);
  const std::string what = absl::StrCat("cannot predict with ", name);
  const std::string state(registry::StateName(standing.state));
  if (standing.state == EndpointState::kFailed) {
    return MakeError(absl::StatusCode::kFailedPrecondition, ErrorReason::kWrongState,
                     {.what = what,
                      .why = absl::StrCat("it is FAILED: ", standing.error.has_value() ? standing.error->message : ""),
                      .remedy = "Update it to another model version."},
                     {.metadata = {{"endpoint", name}, {"state", state}}});
  }
  return MakeError(absl::StatusCode::kUnavailable, ErrorReason::kWrongState,
                   {.what = what,
                    .why = absl::StrCat("it is ", state, " and its model version is being loaded"),
                    .remedy = absl::StrCat("Try again, or wait with `llctl endpoint wait ", endpoint_id, "`.")},
                   {.metadata = {{"endpoint", name}, {"state", state}}, .retry_delay = kNotYetServingRetryDelay});
}

void EndpointManager::ForgetGone(Findings* findings) {
  for (auto it = managed_.begin(); it != managed_.end();) {
    const auto endpoint = snapshot_.endpoints().find(it->first);
    if (endpoint != snapshot_.endpoints().end() && !endpoint->second.record.deleted) {
      ++it;
    } else {
      it = managed_.erase(it);
      findings->plan_changed = true;
    }
  }
}

void EndpointManager::ApplyPlan() {
  prediction::HostingPlan plan;
  plan.reserve(managed_.size());
  for (const auto& [id, managed] : managed_) plan.push_back(managed.plan);
  host_.Apply(plan);
}

void EndpointManager::TellServing(const Placements& placements) {
  std::map<std::string, bool> serving;
  for (const auto& [id, managed] : managed_) {
    const auto found = placements.find(id);
    serving[id] = found != placements.end() && ServingOf(found->second) != nullptr;
  }
  if (options_.on_serving) {
    for (const auto& [id, serves] : serving) {
      const auto told = told_serving_.find(id);
      if (told == told_serving_.end() || told->second != serves) options_.on_serving(id, serves);
    }
    for (const auto& [id, serves] : told_serving_) {
      if (serving.count(id) == 0) options_.on_serving(id, std::nullopt);
    }
  }
  told_serving_ = std::move(serving);
}

}  // namespace ll::endpoints
