#include "services/endpoints/rollout_policy.h"

#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "registry/stored_error.h"

namespace ll::endpoints {
namespace {

using prediction::HostedVersion;
using prediction::PlacementPhase;
using prediction::PlacementStatus;
using registry::EndpointState;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);
const absl::Status kCorrupt = absl::DataLossError("its bytes have changed");
const absl::Status kDisk = absl::InternalError("the disk does not answer");

HostedVersion V(int64_t number) {
  return {.variant = "default", .model_id = "m", .number = number, .artifact_sha256 = absl::StrCat("sha", number)};
}

Action Load(int64_t number, int attempt = 1, int64_t generation = 1) {
  return {.kind = Action::Kind::kLoad, .version = V(number), .attempt = {generation, attempt}};
}
Action Swap(int64_t number) { return {.kind = Action::Kind::kSwap, .version = V(number)}; }
Action Unload(int64_t number) { return {.kind = Action::Kind::kUnload, .version = V(number)}; }
Action SetState(EndpointState state, absl::Status error = absl::OkStatus()) {
  return {.kind = Action::Kind::kSetState, .state = state, .error = std::move(error)};
}
Action Settle(EndpointState state, absl::Status error = absl::OkStatus()) {
  return {.kind = Action::Kind::kSettle, .state = state, .error = std::move(error)};
}
Action RetryAt(absl::Time time) { return {.kind = Action::Kind::kRetryAt, .time = time}; }
Action Remove() { return {.kind = Action::Kind::kRemove}; }

PlacementStatus Placed(int64_t number, PlacementPhase phase) {
  return {.endpoint = "e", .version = V(number), .attempt = {1, 1}, .phase = phase, .since = kNow};
}
PlacementStatus Loading(int64_t number) { return Placed(number, PlacementPhase::kLoading); }
PlacementStatus Ready(int64_t number) { return Placed(number, PlacementPhase::kReady); }
PlacementStatus Draining(int64_t number) { return Placed(number, PlacementPhase::kDraining); }
PlacementStatus Serving(int64_t number) {
  PlacementStatus status = Ready(number);
  status.serving = true;
  return status;
}
PlacementStatus Failed(int64_t number, absl::Status error, int attempt = 1, int64_t generation = 1) {
  PlacementStatus status = Placed(number, PlacementPhase::kFailed);
  status.error = std::move(error);
  status.attempt = {generation, attempt};
  return status;
}

DesiredEndpoint Want(int64_t number, int64_t generation = 1) { return {.generation = generation, .target = V(number)}; }

// The row as it stands: `served` 0 is nothing.
ObservedEndpoint Row(EndpointState state, int64_t generation, int64_t served, std::vector<PlacementStatus> placements,
                     const absl::Status& error = absl::OkStatus()) {
  ObservedEndpoint observed{.state = state, .generation = generation, .placements = std::move(placements)};
  if (served != 0) observed.last_served = V(served);
  if (!error.ok()) observed.error = registry::ToStoredError(error);
  return observed;
}

constexpr EndpointState kCreating = EndpointState::kCreating;
constexpr EndpointState kInService = EndpointState::kInService;
constexpr EndpointState kUpdating = EndpointState::kUpdating;
constexpr EndpointState kRollingBack = EndpointState::kRollingBack;
constexpr EndpointState kDeleting = EndpointState::kDeleting;
constexpr EndpointState kFailed = EndpointState::kFailed;

struct Case {
  std::string name;
  DesiredEndpoint desired;
  ObservedEndpoint observed;
  std::vector<Action> actions;
  bool settled = false;
};

const std::vector<Case>& Cases() {
  static const auto* const cases = new std::vector<Case>{
      // A new endpoint.
      {"CreateLoads", Want(1), Row(kCreating, 0, 0, {}), {Load(1)}},
      {"CreateWaitsForTheLoad", Want(1), Row(kCreating, 0, 0, {Loading(1)}), {}},
      {"CreateServesWhenReady", Want(1), Row(kCreating, 0, 0, {Ready(1)}), {Swap(1)}},
      {"CreateSettles", Want(1), Row(kCreating, 0, 0, {Serving(1)}), {Settle(kInService)}},
      {"InServiceRests", Want(1), Row(kInService, 1, 1, {Serving(1)}), {}, true},
      {"CreateFailsOnBadBytesAtOnce",
       Want(1),
       Row(kCreating, 0, 0, {Failed(1, kCorrupt)}),
       {Settle(kFailed, kCorrupt)}},
      {"CreateFailsWhenItsVersionIsGone",
       {.target_error = absl::NotFoundError("no such version")},
       Row(kCreating, 0, 0, {}),
       {Settle(kFailed, absl::NotFoundError("no such version"))}},
      {"FailedRests", Want(1), Row(kFailed, 1, 0, {Failed(1, kCorrupt)}, kCorrupt), {}, true},

      // Loads that may succeed later.
      {"RetryWaits", Want(1), Row(kCreating, 0, 0, {Failed(1, kDisk)}), {RetryAt(kNow + absl::Milliseconds(200))}},
      {"RetryWaitsLonger",
       Want(1),
       Row(kCreating, 0, 0, {Failed(1, kDisk, 3)}),
       {RetryAt(kNow + absl::Milliseconds(800))}},
      {"RetryGivesUp", Want(1), Row(kCreating, 0, 0, {Failed(1, kDisk, 5)}), {Settle(kFailed, kDisk)}},
      {"RetryIsAskedForAnew", Want(1, 2), Row(kCreating, 1, 0, {Failed(1, kCorrupt, 5)}), {Load(1, 1, 2)}},

      // An update, by number or because an alias moved.
      {"UpdateLoadsBesideTheOld", Want(2, 2), Row(kUpdating, 1, 1, {Serving(1)}), {Load(2, 1, 2)}},
      {"AliasMoved", Want(2), Row(kInService, 1, 1, {Serving(1)}), {Load(2), SetState(kUpdating)}},
      {"UpdateKeepsTheOldWhileLoading", Want(2, 2), Row(kUpdating, 1, 1, {Serving(1), Loading(2)}), {}},
      {"UpdateSwapsWhenReady", Want(2, 2), Row(kUpdating, 1, 1, {Serving(1), Ready(2)}), {Swap(2)}},
      {"UpdateSettlesAndLetsTheOldGo",
       Want(2, 2),
       Row(kUpdating, 1, 1, {Ready(1), Serving(2)}),
       {Settle(kInService), Unload(1)}},
      {"UpdateRestsWhileTheOldDrains", Want(2, 2), Row(kInService, 2, 2, {Serving(2), Draining(1)}), {}, true},
      {"AliasMovedAgainDuringALoad", Want(3), Row(kUpdating, 1, 1, {Serving(1), Loading(2)}), {Load(3), Unload(2)}},
      {"AliasMovedBackDuringALoad",
       Want(1),
       Row(kUpdating, 1, 1, {Serving(1), Loading(2)}),
       {Settle(kInService), Unload(2)}},
      {"AliasMovedBackToADrainingVersion",
       Want(1),
       Row(kInService, 1, 2, {Serving(2), Draining(1)}),
       {Load(1), SetState(kUpdating)}},
      {"AliasMovedOnAFailedEndpoint",
       Want(2),
       Row(kFailed, 1, 0, {Failed(1, kCorrupt)}, kCorrupt),
       {Load(2), Unload(1)}},

      // An update that does not go through.
      {"BadUpdateRollsBack",
       Want(2, 2),
       Row(kUpdating, 1, 1, {Serving(1), Failed(2, kCorrupt, 1, 2)}),
       {SetState(kRollingBack, kCorrupt)}},
      {"RollingBackEndsInService",
       Want(2, 2),
       Row(kRollingBack, 1, 1, {Serving(1), Failed(2, kCorrupt, 1, 2)}, kCorrupt),
       {Settle(kInService, kCorrupt)}},
      {"RolledBackRests",
       Want(2, 2),
       Row(kInService, 2, 1, {Serving(1), Failed(2, kCorrupt, 1, 2)}, kCorrupt),
       {},
       true},
      {"UpdateRetriesBeforeRollingBack",
       Want(2, 2),
       Row(kUpdating, 1, 1, {Serving(1), Failed(2, kDisk, 1, 2)}),
       {RetryAt(kNow + absl::Milliseconds(200))}},
      {"UpdateToAVersionThatIsGoneRollsBack",
       {.generation = 2, .target_error = absl::NotFoundError("gone")},
       Row(kUpdating, 1, 1, {Serving(1)}),
       {SetState(kRollingBack, absl::NotFoundError("gone"))}},
      {"UpdateAfterABadOneForgetsItsError",
       Want(1, 3),
       Row(kUpdating, 2, 1, {Serving(1), Failed(2, kCorrupt)}),
       {Settle(kInService), Unload(2)}},
      {"AliasMovedBackAfterABadMoveForgetsItsError",
       Want(1),
       Row(kInService, 1, 1, {Serving(1), Failed(2, kCorrupt)}, kCorrupt),
       {Settle(kInService), Unload(2)}},

      // A restart: the row says what was, the host holds nothing.
      {"RestartLoadsWithoutTouchingTheRow", Want(1), Row(kInService, 1, 1, {}), {Load(1)}},
      {"RestartRestsWhenItServesAgain", Want(1), Row(kInService, 1, 1, {Serving(1)}), {}, true},
      {"RestartFailsOnBadBytes", Want(1), Row(kInService, 1, 1, {Failed(1, kCorrupt)}), {Settle(kFailed, kCorrupt)}},
      {"RestartOfAFailedEndpointTriesAgain", Want(1), Row(kFailed, 1, 0, {}, kCorrupt), {Load(1)}},
      {"RestartOfAFailedEndpointRecovers", Want(1), Row(kFailed, 1, 0, {Serving(1)}, kCorrupt), {Settle(kInService)}},
      {"RestartDuringAnUpdateLoadsBoth", Want(2, 2), Row(kUpdating, 1, 1, {}), {Load(2, 1, 2), Load(1, 1, 2)}},
      {"RestartServesTheOldWhileTheNewLoads", Want(2, 2), Row(kUpdating, 1, 1, {Ready(1), Loading(2)}), {Swap(1)}},
      {"RestartServesTheNewWhenItIsFirst", Want(2, 2), Row(kUpdating, 1, 1, {Loading(1), Ready(2)}), {Swap(2)}},
      {"RestartAfterABadUpdateServesTheOld",
       Want(2, 2),
       Row(kInService, 2, 1, {Ready(1), Failed(2, kCorrupt, 5)}, kCorrupt),
       {Load(2, 1, 2), Swap(1)}},
      {"RestartWithTwoBadVersionsFails",
       Want(2),
       Row(kInService, 1, 1, {Failed(1, kCorrupt), Failed(2, kCorrupt)}, kCorrupt),
       {Settle(kFailed, kCorrupt)}},
      {"RestartWaitsForTheOldWhenTheNewIsBad",
       Want(2),
       Row(kInService, 1, 1, {Loading(1), Failed(2, kCorrupt)}, kCorrupt),
       {}},
      {"RestartWhileRollingBack",
       Want(2),
       Row(kRollingBack, 0, 1, {Serving(1), Failed(2, kCorrupt)}, kCorrupt),
       {Settle(kInService, kCorrupt)}},

      // Deletion, in any state.
      {"DeleteLetsEverythingGo",
       {.deleted = true, .target = V(1)},
       Row(kDeleting, 1, 1, {Serving(1), Loading(2), Failed(3, kCorrupt)}),
       {Unload(1), Unload(2), Unload(3)}},
      {"DeleteWaitsForTheLastRequest",
       {.deleted = true, .target = V(1)},
       Row(kDeleting, 1, 1, {Draining(1)}),
       {},
       true},
      {"DeleteRemovesTheRow", {.deleted = true, .target = V(1)}, Row(kDeleting, 1, 1, {}), {Remove()}},
  };
  return *cases;
}

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class NextActionsTest : public ::testing::TestWithParam<Case> {};

TEST_P(NextActionsTest, IsAsTheTableSays) {
  const Case& c = GetParam();
  const std::vector<Action> actions = NextActions(c.desired, c.observed, RolloutLimits{}, kNow);
  EXPECT_THAT(actions, ElementsAreArray(c.actions));
  EXPECT_EQ(IsSettled(actions, c.observed), c.settled);
}

INSTANTIATE_TEST_SUITE_P(Table, NextActionsTest, ::testing::ValuesIn(Cases()),
                         [](const ::testing::TestParamInfo<Case>& info) { return info.param.name; });

TEST(RolloutPolicyTest, RetriesWhenTheDelayIsOver) {
  const ObservedEndpoint observed = Row(kCreating, 0, 0, {Failed(1, kDisk, 2)});
  EXPECT_THAT(NextActions(Want(1), observed, {}, kNow + absl::Milliseconds(399)),
              ElementsAre(RetryAt(kNow + absl::Milliseconds(400))));
  EXPECT_THAT(NextActions(Want(1), observed, {}, kNow + absl::Milliseconds(400)), ElementsAre(Load(1, 3)));
}

TEST(RolloutPolicyTest, DelaysDoubleUpToTheirLimit) {
  const RolloutLimits limits{.first_retry_delay = absl::Seconds(1), .max_retry_delay = absl::Seconds(6)};
  EXPECT_EQ(RetryDelay(limits, 1), absl::Seconds(1));
  EXPECT_EQ(RetryDelay(limits, 2), absl::Seconds(2));
  EXPECT_EQ(RetryDelay(limits, 3), absl::Seconds(4));
  EXPECT_EQ(RetryDelay(limits, 4), absl::Seconds(6));
  EXPECT_EQ(RetryDelay(limits, 1000), absl::Seconds(6));
}

TEST(RolloutPolicyTest, OnlyFaultsOfTheMomentAreRetried) {
  const auto error = [](absl::StatusCode code, ErrorReason reason) { return MakeError(code, reason, {"what", "why"}); };
  for (const absl::Status& status :
       {absl::InternalError(""), absl::UnavailableError(""), absl::ResourceExhaustedError(""),
        absl::PermissionDeniedError(""), absl::UnknownError(""),
        error(absl::StatusCode::kNotFound, ErrorReason::kStorageFailed),
        error(absl::StatusCode::kResourceExhausted, ErrorReason::kOverloaded)}) {
    EXPECT_TRUE(IsWorthRetrying(status)) << status;
  }
  for (const absl::Status& status : {absl::DataLossError(""), absl::InvalidArgumentError(""), absl::NotFoundError(""),
                                     absl::FailedPreconditionError(""), absl::UnimplementedError(""),
                                     error(absl::StatusCode::kNotFound, ErrorReason::kCorruptBlob),
                                     error(absl::StatusCode::kResourceExhausted, ErrorReason::kInvalidArtifact)}) {
    EXPECT_FALSE(IsWorthRetrying(status)) << status;
  }
}

// Executes actions as a host and a manager would and follows the endpoint until it rests. Version 13 is corrupt.
class Simulation {
 public:
  explicit Simulation(EndpointState state, int64_t served, int64_t generation)
      : observed_(Row(state, generation, served, {})) {}

  // The states that were written, in order; ends when settled.
  std::vector<EndpointState> RunTo(const DesiredEndpoint& desired) {
    std::vector<EndpointState> states;
    for (int step = 0; step < 100 && !removed_; ++step) {
      const std::vector<Action> actions = NextActions(desired, observed_, {}, kNow);
      if (IsSettled(actions, observed_)) return states;
      for (const Action& action : actions) Execute(desired, action, &states);
      for (PlacementStatus& placement : observed_.placements) {
        if (actions.empty() && placement.phase == PlacementPhase::kLoading) FinishLoad(&placement);
      }
    }
    EXPECT_TRUE(removed_) << "it never rests";
    return states;
  }

  const ObservedEndpoint& observed() const { return observed_; }
  bool removed() const { return removed_; }
  int64_t serving() const {
    for (const PlacementStatus& placement : observed_.placements) {
      if (placement.serving) return placement.version.number;
    }
    return 0;
  }
  bool gap() const { return gap_; }

 private:
  static void FinishLoad(PlacementStatus* placement) {
    const bool corrupt = placement->version.number == 13;
    placement->phase = corrupt ? PlacementPhase::kFailed : PlacementPhase::kReady;
    if (corrupt) placement->error = kCorrupt;
  }

  void Execute(const DesiredEndpoint& desired, const Action& action, std::vector<EndpointState>* states) {
    std::vector<PlacementStatus>& placements = observed_.placements;
    const int64_t before = serving();
    switch (action.kind) {
      case Action::Kind::kLoad: placements.push_back(Loading(action.version.number)); break;
      case Action::Kind::kSwap:
        for (PlacementStatus& placement : placements) placement.serving = placement.version == action.version;
        break;
      case Action::Kind::kUnload:
        std::erase_if(placements, [&](const PlacementStatus& p) { return p.version == action.version; });
        break;
      case Action::Kind::kSettle:
        observed_.generation = desired.generation;
        observed_.last_served = serving() == 0 ? std::nullopt : std::optional(V(serving()));
        [[fallthrough]];
      case Action::Kind::kSetState:
        observed_.state = action.state;
        observed_.error.reset();
        if (!action.error.ok()) observed_.error = registry::ToStoredError(action.error);
        states->push_back(action.state);
        break;
      case Action::Kind::kRetryAt: break;
      case Action::Kind::kRemove: removed_ = true; break;
    }
    if (before != 0 && serving() == 0 && !desired.deleted) gap_ = true;
  }

  ObservedEndpoint observed_;
  bool removed_ = false;
  bool gap_ = false;  // it stopped serving in between
};

TEST(RolloutPolicyTest, WholeLifeOfAnEndpoint) {
  Simulation endpoint(kCreating, 0, 0);
  EXPECT_THAT(endpoint.RunTo(Want(1)), ElementsAre(kInService));
  EXPECT_EQ(endpoint.serving(), 1);
  EXPECT_THAT(endpoint.RunTo(Want(2)), ElementsAre(kUpdating, kInService));
  EXPECT_EQ(endpoint.serving(), 2);
  EXPECT_EQ(endpoint.observed().placements.size(), 1u);
  EXPECT_THAT(endpoint.RunTo(Want(13)), ElementsAre(kUpdating, kRollingBack, kInService));
  EXPECT_EQ(endpoint.serving(), 2);
  EXPECT_TRUE(endpoint.observed().error.has_value());
  EXPECT_THAT(endpoint.RunTo(Want(3)), ElementsAre(kUpdating, kInService));
  EXPECT_EQ(endpoint.serving(), 3);
  EXPECT_FALSE(endpoint.observed().error.has_value());
  EXPECT_FALSE(endpoint.gap());
  endpoint.RunTo({.deleted = true, .generation = 5, .target = V(3)});
  EXPECT_TRUE(endpoint.removed());
}

// From every state that a crash can leave behind, with every desired version, the endpoint comes to rest serving
// something whenever anything can serve.
TEST(RolloutPolicyTest, RestsFromEveryStateThatARestartCanFind) {
  for (const EndpointState state : {kCreating, kInService, kUpdating, kRollingBack, kFailed}) {
    for (const int64_t served : {0, 1, 13}) {
      for (const int64_t wanted : {1, 2, 13}) {
        Simulation endpoint(state, served, 0);
        endpoint.RunTo(Want(wanted));
        const int64_t expected = wanted != 13 ? wanted : (served == 1 ? 1 : 0);
        EXPECT_EQ(endpoint.serving(), expected) << registry::StateName(state) << " " << served << " " << wanted;
        EXPECT_EQ(endpoint.observed().state, expected == 0 ? kFailed : kInService);
        EXPECT_EQ(endpoint.observed().error.has_value(), expected != wanted);
        EXPECT_FALSE(endpoint.gap());
      }
    }
  }
}

}  // namespace
}  // namespace ll::endpoints
