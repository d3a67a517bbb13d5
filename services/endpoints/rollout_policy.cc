#include "services/endpoints/rollout_policy.h"

#include <algorithm>
#include <string>

#include "base/error_reason.h"
#include "registry/stored_error.h"

namespace ll::endpoints {
namespace {

using prediction::HostedVersion;
using prediction::PlacementPhase;
using prediction::PlacementStatus;
using registry::EndpointState;

// The rules, one method each, over one snapshot.
class Rollout final {
 public:
  Rollout(const DesiredEndpoint& desired, const ObservedEndpoint& observed, const RolloutLimits& limits, absl::Time now)
      : desired_(desired), observed_(observed), limits_(limits), now_(now) {
    for (const PlacementStatus& placement : observed.placements) {
      if (placement.serving) serving_ = placement.version;
    }
  }

  std::vector<Action> Next() {
    if (desired_.deleted) {
      Delete();
      return actions_;
    }
    const Progress target = desired_.target.has_value() ? Advance(*desired_.target) : Progress::kFailed;
    if (target == Progress::kReady) {
      Serve(*desired_.target);
    } else {
      KeepServing(target);
    }
    UnloadOthers();
    return actions_;
  }

 private:
  enum class Progress { kUnderWay, kReady, kFailed };

  const PlacementStatus* Find(const HostedVersion& version) const {
    for (const PlacementStatus& placement : observed_.placements) {
      if (placement.phase != PlacementPhase::kDraining && placement.version == version) return &placement;
    }
    return nullptr;
  }

  void Delete() {
    if (observed_.placements.empty()) {
      actions_.push_back({.kind = Action::Kind::kRemove});
      return;
    }
    UnloadOthers();
  }

  // Loads the version as far as that is possible; says how far it is.
  Progress Advance(const HostedVersion& version) {
    const PlacementStatus* const placement = Find(version);
    if (placement == nullptr) return Load(version, 1);
    switch (placement->phase) {
      case PlacementPhase::kReady: return Progress::kReady;
      case PlacementPhase::kFailed: break;
      default: return Progress::kUnderWay;
    }
    if (placement->attempt.generation != desired_.generation) return Load(version, 1);  // asked for anew
    const int attempt = placement->attempt.number;
    if (!IsWorthRetrying(placement->error) || attempt >= limits_.max_attempts) return Progress::kFailed;
    const absl::Time due = placement->since + RetryDelay(limits_, attempt);
    if (now_ >= due) return Load(version, attempt + 1);
    actions_.push_back({.kind = Action::Kind::kRetryAt, .time = due});
    return Progress::kUnderWay;
  }

  Progress Load(const HostedVersion& version, int attempt) {
    actions_.push_back({.kind = Action::Kind::kLoad, .version = version, .attempt = {desired_.generation, attempt}});
    return Progress::kUnderWay;
  }

  // The target is ready.
  void Serve(const HostedVersion& target) {
    if (serving_ != target) {
      Swap(target);  // recorded by the next call, when the host says that it serves
    } else {
      Settle(EndpointState::kInService, absl::OkStatus());
    }
  }

  // The target is not ready (yet): what serves goes on serving, and what served last is brought back.
  void KeepServing(Progress target) {
    const Progress last = serving_.has_value() ? Progress::kReady : BringBackLast();
    if (target == Progress::kFailed) {
      Fail(last);
    } else if (serving_.has_value() && observed_.state != EndpointState::kUpdating) {
      SetState(EndpointState::kUpdating, absl::OkStatus());
    }
  }

  Progress BringBackLast() {
    if (!observed_.last_served.has_value() || observed_.last_served == desired_.target) return Progress::kFailed;
    const Progress last = Advance(*observed_.last_served);
    if (last == Progress::kReady) Swap(*observed_.last_served);
    return last;
  }

  // The target will not come. `last`: whether something serves in its place.
  void Fail(Progress last) {
    const absl::Status error = TargetError();
    if (!serving_.has_value()) {
      if (last == Progress::kFailed) Settle(EndpointState::kFailed, error);
    } else if (observed_.state == EndpointState::kUpdating || observed_.state == EndpointState::kCreating) {
      SetState(EndpointState::kRollingBack, error);
    } else {
      Settle(EndpointState::kInService, error);
    }
  }

  absl::Status TargetError() const {
    return desired_.target.has_value() ? Find(*desired_.target)->error : desired_.target_error;
  }

  void Swap(const HostedVersion& version) { actions_.push_back({.kind = Action::Kind::kSwap, .version = version}); }

  void SetState(EndpointState state, const absl::Status& error) {
    actions_.push_back({.kind = Action::Kind::kSetState, .state = state, .error = error});
  }

  // Unless it is what the row says already.
  void Settle(EndpointState state, const absl::Status& error) {
    std::optional<registry::StoredError> stored;
    if (!error.ok()) stored = registry::ToStoredError(error);
    if (observed_.state == state && observed_.generation == desired_.generation && observed_.error == stored &&
        observed_.last_served == serving_) {
      return;
    }
    actions_.push_back({.kind = Action::Kind::kSettle, .state = state, .error = error});
  }

  // A failed target stays placed: it holds no memory, and tells the next call that it has been tried.
  void UnloadOthers() {
    for (const PlacementStatus& placement : observed_.placements) {
      if (placement.phase == PlacementPhase::kDraining) continue;
      const HostedVersion& version = placement.version;
      if (!desired_.deleted) {
        if (version == desired_.target || version == serving_) continue;
        if (!serving_.has_value() && version == observed_.last_served) continue;
      }
      actions_.push_back({.kind = Action::Kind::kUnload, .version = version});
    }
  }

  const DesiredEndpoint& desired_;
  const ObservedEndpoint& observed_;
  const RolloutLimits& limits_;
  const absl::Time now_;
  std::optional<HostedVersion> serving_;
  std::vector<Action> actions_;
};

absl::string_view KindName(Action::Kind kind) {
  switch (kind) {
    case Action::Kind::kLoad: return "load";
    case Action::Kind::kSwap: return "swap";
    case Action::Kind::kUnload: return "unload";
    case Action::Kind::kSetState: return "set state";
    case Action::Kind::kSettle: return "settle";
    case Action::Kind::kRetryAt: return "retry at";
    case Action::Kind::kRemove: return "remove";
  }
  return "?";
}

}  // namespace

std::vector<Action> NextActions(const DesiredEndpoint& desired, const ObservedEndpoint& observed,
                                const RolloutLimits& limits, absl::Time now) {
  return Rollout(desired, observed, limits, now).Next();
}

bool IsSettled(const std::vector<Action>& next_actions, const ObservedEndpoint& observed) {
  return next_actions.empty() &&
         std::none_of(observed.placements.begin(), observed.placements.end(),
                      [](const PlacementStatus& placement) { return placement.phase == PlacementPhase::kLoading; });
}

bool IsWorthRetrying(const absl::Status& load_error) {
  if (HasReason(load_error, ErrorReason::kStorageFailed)) return true;
  if (HasReason(load_error, ErrorReason::kInvalidArtifact) || HasReason(load_error, ErrorReason::kCorruptBlob)) {
    return false;
  }
  switch (load_error.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kDataLoss:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kUnimplemented: return false;
    default: return true;
  }
}

absl::Duration RetryDelay(const RolloutLimits& limits, int attempt) {
  absl::Duration delay = limits.first_retry_delay;
  for (int i = 1; i < attempt && delay < limits.max_retry_delay; ++i) delay *= 2;
  return std::min(delay, limits.max_retry_delay);
}

std::ostream& operator<<(std::ostream& out, const Action& action) {
  out << KindName(action.kind);
  if (action.version.number != 0) out << " " << action.version.name();
  if (action.kind == Action::Kind::kLoad) {
    out << " attempt " << action.attempt.generation << "/" << action.attempt.number;
  }
  if (action.kind == Action::Kind::kSetState || action.kind == Action::Kind::kSettle) {
    out << " " << registry::StateName(action.state) << " " << action.error.ToString();
  }
  if (action.kind == Action::Kind::kRetryAt) out << " " << absl::FormatTime(action.time);
  return out;
}

}  // namespace ll::endpoints
