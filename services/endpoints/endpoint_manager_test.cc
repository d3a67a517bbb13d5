#include "services/endpoints/endpoint_manager.h"

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/endpoint_fixture.h"
#include "tests/testing/fake_host.h"
#include "tests/testing/status_matchers.h"

namespace ll::endpoints {
namespace {

using registry::EndpointRecord;
using registry::EndpointState;
using registry::Transaction;
using registry::VersionState;
using ::testing::AllOf;
using ::testing::ElementsAre;
using testing::FakeHost;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr EndpointState kCreating = EndpointState::kCreating;
constexpr EndpointState kInService = EndpointState::kInService;
constexpr EndpointState kUpdating = EndpointState::kUpdating;
constexpr EndpointState kRollingBack = EndpointState::kRollingBack;
constexpr EndpointState kDeleting = EndpointState::kDeleting;
constexpr EndpointState kFailed = EndpointState::kFailed;

absl::Status Corrupt() {
  return MakeError(absl::StatusCode::kDataLoss, ErrorReason::kCorruptBlob,
                   {.what = "cannot read the artifact", .why = "its bytes have changed"});
}

class EndpointManagerTest : public testing::EndpointFixture {
 protected:
  EndpointManagerTest() { Start(); }

  void Start() {
    EndpointManager::Options options;
    options.on_serving = [this](const std::string& id, std::optional<bool> serving) {
      MutexLock lock(&mutex_);
      told_.push_back(absl::StrCat(id, serving.has_value() ? (*serving ? " serves" : " waits") : " gone"));
    };
    manager_.emplace(registry_, *host_, clock_, std::move(options));
  }
  // As after a crash: the catalogue is as it was, the host is empty.
  void Restart() {
    manager_.reset();
    host_.emplace(clock_);
    MutexLock lock(&mutex_);
    told_.clear();
  }

  void Create(const std::string& id, const registry::VariantSpec& variant) {
    Write([&](Transaction& transaction) {
      return transaction.endpoints().Insert({.id = id, .variants = {variant}}).status();
    });
  }
  // As the catalogue does for a request.
  void Desire(const std::string& id, const std::function<void(EndpointRecord*)>& change) {
    Write([&](Transaction& transaction) -> absl::Status {
      LL_ASSIGN_OR_RETURN(EndpointRecord record, transaction.endpoints().Get(id));
      change(&record);
      return transaction.endpoints().Update(record).status();
    });
  }
  void UpdateTo(const std::string& id, const registry::VariantSpec& variant) {
    Desire(id, [&](EndpointRecord* record) {
      record->variants = {variant};
      record->state = kUpdating;
      ++record->generation;
    });
  }
  void Delete(const std::string& id) {
    Desire(id, [](EndpointRecord* record) {
      record->deleted = true;
      record->state = kDeleting;
    });
  }
  void CreateInService(const std::string& id, const registry::VariantSpec& variant) {
    Create(id, variant);
    AwaitState(id, kInService);
  }
  // Waits until the loop has nothing to do.
  void AwaitIdle() {
    manager_->AwaitApplied();
    clock_.AwaitWaiters(1);
  }
  std::vector<std::string> told() {
    MutexLock lock(&mutex_);
    return told_;
  }

  std::optional<FakeHost> host_{std::in_place, clock_};
  Mutex mutex_;
  std::vector<std::string> told_ ABSL_GUARDED_BY(mutex_);
  std::optional<EndpointManager> manager_;
};

TEST_F(EndpointManagerTest, BringsANewEndpointIntoService) {
  Create("e", Numbered(1));
  manager_->AwaitApplied();
  EXPECT_EQ(host_->ServingOf("e"), 0);
  EXPECT_THAT(host_->RefusalOf("e"), testing::StatusIs(absl::StatusCode::kUnavailable, HasSubstr("endpoints/e")));
  EXPECT_THAT(host_->RefusalOf("e"), testing::HasReason(ErrorReason::kWrongState));
  EXPECT_EQ(Get("e").state, kCreating);

  clock_.Advance(absl::Seconds(3));
  host_->SetOutcome(Version(1), absl::OkStatus());
  const EndpointRecord record = AwaitState("e", kInService);
  EXPECT_EQ(host_->ServingOf("e"), 1);
  EXPECT_EQ(record.observed_generation, 1);
  EXPECT_FALSE(record.error.has_value());
  EXPECT_THAT(record.observed,
              ElementsAre(registry::ObservedVariant{.model_id = "m", .version = 1, .ready_time = clock_.Now()}));
}

TEST_F(EndpointManagerTest, AVersionThatCannotBeLoadedFailsTheEndpointAndSaysWhy) {
  host_->SetOutcome(Version(1), Corrupt());
  Create("e", Numbered(1));
  const EndpointRecord record = AwaitState("e", kFailed);
  ASSERT_TRUE(record.error.has_value());
  EXPECT_EQ(record.error->reason, "CORRUPT_BLOB");
  EXPECT_EQ(record.observed_generation, 1);
  EXPECT_THAT(record.observed, IsEmpty());
  EXPECT_EQ(GetVersion(1).state, VersionState::kCorrupt);
  EXPECT_THAT(GetVersion(1).state_reason, HasSubstr("its bytes have changed"));

  EXPECT_THAT(host_->RefusalOf("e"),
              testing::StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("its bytes have changed")))
      << "requests hear of it before anyone can read it";
  AwaitIdle();
  EXPECT_EQ(host_->loads(Version(1)), 1);
}

TEST_F(EndpointManagerTest, AnArtifactThatDoesNotParseDoesNotMarkTheVersion) {
  host_->SetOutcome(Version(1), MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidArtifact,
                                          {.what = "cannot read the artifact", .why = "it is not one"}));
  Create("e", Numbered(1));
  EXPECT_EQ(AwaitState("e", kFailed).error->reason, "INVALID_ARTIFACT");
  EXPECT_EQ(GetVersion(1).state, VersionState::kReady);
}

TEST_F(EndpointManagerTest, FaultsOfTheMomentAreRetriedWithGrowingDelays) {
  host_->SetOutcome(Version(1), absl::InternalError("the disk does not answer"));
  Create("e", Numbered(1));
  host_->AwaitLoads(Version(1), 1);
  int loads = 1;
  for (const int delay_ms : {200, 400, 800}) {
    AwaitIdle();
    clock_.Advance(absl::Milliseconds(delay_ms - 1));
    EXPECT_EQ(host_->loads(Version(1)), loads);
    clock_.Advance(absl::Milliseconds(1));
    host_->AwaitLoads(Version(1), ++loads);
  }
  host_->SetOutcome(Version(1), absl::OkStatus());
  AwaitIdle();
  clock_.Advance(absl::Seconds(2));
  AwaitState("e", kInService);
  EXPECT_EQ(host_->loads(Version(1)), 5);
}

TEST_F(EndpointManagerTest, RetriesEnd) {
  host_->SetOutcome(Version(1), absl::InternalError("the disk does not answer"));
  Create("e", Numbered(1));
  for (int attempt = 1; attempt < RolloutLimits().max_attempts; ++attempt) {
    host_->AwaitLoads(Version(1), attempt);
    AwaitIdle();
    clock_.Advance(absl::Seconds(10));
  }
  EXPECT_THAT(AwaitState("e", kFailed).error->message, HasSubstr("does not answer"));
}

TEST_F(EndpointManagerTest, AnUpdateServesTheOldVersionUntilTheNewOneIsReady) {
  host_->SetOutcome(Version(1), absl::OkStatus());
  CreateInService("e", Numbered(1));
  UpdateTo("e", Numbered(2));
  host_->AwaitLoads(Version(2), 1);
  EXPECT_EQ(host_->ServingOf("e"), 1);
  EXPECT_EQ(Get("e").observed.at(0).version, 1);

  host_->SetOutcome(Version(2), absl::OkStatus());
  const EndpointRecord record = AwaitState("e", kInService);
  EXPECT_EQ(host_->ServingOf("e"), 2);
  EXPECT_EQ(record.observed.at(0).version, 2);
  EXPECT_EQ(record.observed_generation, 2);
  AwaitIdle();
  EXPECT_EQ(host_->Observe().size(), 1u) << "the old version was let go";
}

TEST_F(EndpointManagerTest, AnUpdateThatFailsRollsBackAndKeepsItsError) {
  host_->SetOutcome(Version(1), absl::OkStatus());
  host_->SetOutcome(Version(2), Corrupt());
  CreateInService("e", Numbered(1));
  ::testing::internal::CaptureStderr();
  UpdateTo("e", Numbered(2));
  const EndpointRecord record = AwaitState("e", kInService);
  EXPECT_EQ(record.error->reason, "CORRUPT_BLOB");
  EXPECT_EQ(record.observed.at(0).version, 1);
  EXPECT_EQ(record.observed_generation, 2);
  EXPECT_EQ(host_->ServingOf("e"), 1);
  EXPECT_THAT(StatesOf("e"), ElementsAre(kCreating, kInService, kUpdating, kRollingBack, kInService));
  EXPECT_EQ(GetVersion(2).state, VersionState::kCorrupt);
  AwaitIdle();
  EXPECT_EQ(host_->loads(Version(2)), 1);
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("ERROR model version version=models/m/versions/2 state=CORRUPT"));
  EXPECT_THAT(log, HasSubstr("WARNING endpoint endpoint=e state=IN_SERVICE serves=models/m/versions/1 error="));
}

TEST_F(EndpointManagerTest, FollowsAnAlias) {
  host_->SetOutcome(Version(1), absl::OkStatus());
  host_->SetOutcome(Version(2), absl::OkStatus());
  CreateInService("e", Following("champion"));
  EXPECT_EQ(host_->ServingOf("e"), 1);
  MoveAlias("champion", 2);
  AwaitEndpoint("e", [](const EndpointRecord& record) {
    return record.state == kInService && record.observed.at(0).version == 2;
  });
  EXPECT_EQ(host_->ServingOf("e"), 2);
  EXPECT_THAT(StatesOf("e"), ElementsAre(kCreating, kInService, kUpdating, kInService));
}

TEST_F(EndpointManagerTest, AnAliasThatMovesDuringALoadWins) {
  host_->SetOutcome(Version(1), absl::OkStatus());
  host_->SetOutcome(Version(3), absl::OkStatus());
  CreateInService("e", Following("champion"));
  MoveAlias("champion", 2);
  host_->AwaitLoads(Version(2), 1);
  MoveAlias("champion", 3);
  AwaitEndpoint("e", [](const EndpointRecord& record) {
    return record.state == kInService && record.observed.at(0).version == 3;
  });
  EXPECT_EQ(host_->ServingOf("e"), 3);
  AwaitIdle();
  EXPECT_EQ(host_->Observe().size(), 1u);
}

TEST_F(EndpointManagerTest, ADeletedEndpointIsGoneForRequestsAtOnceAndForGoodWhenDrained) {
  host_->SetOutcome(Version(1), absl::OkStatus());
  CreateInService("e", Numbered(1));
  host_->HoldDraining(true);
  Delete("e");
  manager_->AwaitApplied();
  EXPECT_EQ(host_->ServingOf("e"), -1);
  AwaitIdle();
  EXPECT_EQ(Get("e").state, kDeleting);
  host_->HoldDraining(false);
  AwaitGone("e");
}

TEST_F(EndpointManagerTest, AnEndpointCanBeDeletedInEveryState) {
  host_->SetOutcome(Version(2), Corrupt());
  Create("loading", Numbered(1));
  Create("failed", Numbered(2));
  AwaitState("failed", kFailed);
  Delete("loading");
  Delete("failed");
  AwaitGone("loading");
  AwaitGone("failed");
  AwaitIdle();
  EXPECT_THAT(host_->Observe(), IsEmpty());
}

TEST_F(EndpointManagerTest, TellsWhoServes) {
  Create("e", Numbered(1));
  AwaitIdle();
  EXPECT_THAT(told(), ElementsAre("e waits"));
  host_->SetOutcome(Version(1), absl::OkStatus());
  AwaitState("e", kInService);
  EXPECT_THAT(told(), ElementsAre("e waits", "e serves"));
  Delete("e");
  AwaitGone("e");
  EXPECT_THAT(told(), ElementsAre("e waits", "e serves", "e gone"));
}

TEST_F(EndpointManagerTest, ARestartSettlesEveryEndpointAndWritesOnlyWhatHasChanged) {
  host_->SetOutcome(Version(1), absl::OkStatus());
  host_->SetOutcome(Version(2), absl::OkStatus());
  CreateInService("a", Numbered(1));
  CreateInService("b", Following("champion"));
  CreateInService("c", Numbered(2));
  const int64_t newest = NewestEvent();

  Restart();
  Start();
  host_->SetOutcome(Version(1), absl::OkStatus());
  AwaitIdle();
  EXPECT_FALSE(manager_->settled()) << "c is still loading";
  host_->SetOutcome(Version(2), absl::OkStatus());
  manager_->AwaitSettled();
  EXPECT_EQ(host_->ServingOf("a"), 1);
  EXPECT_EQ(host_->ServingOf("b"), 1);
  EXPECT_EQ(host_->ServingOf("c"), 2);
  EXPECT_EQ(NewestEvent(), newest);
}

TEST_F(EndpointManagerTest, AfterAStartEveryEndpointIsKnownThoughNotYetLoaded) {
  host_->SetOutcome(Version(1), absl::OkStatus());
  CreateInService("e", Numbered(1));
  Restart();
  Start();
  EXPECT_THAT(host_->RefusalOf("e"), testing::StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(EndpointManagerTest, OneCorruptVersionAtARestartDoesNotKeepTheOthersDown) {
  host_->SetOutcome(Version(1), absl::OkStatus());
  host_->SetOutcome(Version(2), absl::OkStatus());
  CreateInService("good", Numbered(1));
  CreateInService("bad", Numbered(2));
  Restart();
  host_->SetOutcome(Version(1), absl::OkStatus());
  host_->SetOutcome(Version(2), Corrupt());
  Start();
  manager_->AwaitSettled();
  EXPECT_EQ(Get("good").state, kInService);
  EXPECT_EQ(host_->ServingOf("good"), 1);
  EXPECT_EQ(Get("bad").state, kFailed);
  EXPECT_EQ(Get("bad").error->reason, "CORRUPT_BLOB");
  EXPECT_THAT(Get("bad").observed, IsEmpty());
}

TEST_F(EndpointManagerTest, ARestartAfterAnUpdateThatFailedServesTheOldVersionAgain) {
  host_->SetOutcome(Version(1), absl::OkStatus());
  host_->SetOutcome(Version(2), Corrupt());
  CreateInService("e", Numbered(1));
  UpdateTo("e", Numbered(2));
  AwaitEndpoint("e",
                [](const EndpointRecord& record) { return record.state == kInService && record.error.has_value(); });
  Restart();
  host_->SetOutcome(Version(1), absl::OkStatus());
  host_->SetOutcome(Version(2), Corrupt());
  Start();
  manager_->AwaitSettled();
  EXPECT_EQ(host_->ServingOf("e"), 1);
  EXPECT_EQ(Get("e").state, kInService);
  EXPECT_EQ(Get("e").error->reason, "CORRUPT_BLOB");
}

TEST_F(EndpointManagerTest, ARestartFinishesADeletion) {
  host_->SetOutcome(Version(1), absl::OkStatus());
  CreateInService("e", Numbered(1));
  manager_.reset();
  Delete("e");
  host_.emplace(clock_);
  Start();
  AwaitGone("e");
}

TEST_F(EndpointManagerTest, AVersionThatIsSoundAgainIsMarkedSo) {
  host_->SetOutcome(Version(1), Corrupt());
  Create("e", Numbered(1));
  AwaitState("e", kFailed);
  ASSERT_EQ(GetVersion(1).state, VersionState::kCorrupt);
  Restart();
  host_->SetOutcome(Version(1), absl::OkStatus());
  Start();
  AwaitState("e", kInService);
  EXPECT_EQ(GetVersion(1).state, VersionState::kReady);
  EXPECT_EQ(GetVersion(1).state_reason, "");
}

TEST_F(EndpointManagerTest, AServingVersionThatIsMarkedCorruptGoesOnServing) {
  host_->SetOutcome(Version(1), absl::OkStatus());
  CreateInService("e", Following("champion"));
  SetVersionState(1, VersionState::kCorrupt);
  AwaitIdle();
  EXPECT_EQ(host_->ServingOf("e"), 1);
  EXPECT_EQ(Get("e").state, kInService);
}

TEST_F(EndpointManagerTest, CommitsThatConcernNoEndpointDoNotReachTheHost) {
  host_->SetOutcome(Version(1), absl::OkStatus());
  CreateInService("e", Numbered(1));
  AwaitIdle();
  const int applies = host_->applies();
  Write([](Transaction& transaction) { return transaction.objects().InsertBucket({.id = "bucket"}).status(); });
  Write([](Transaction& transaction) { return transaction.models().Insert({.id = "other"}).status(); });
  AwaitIdle();
  EXPECT_EQ(host_->applies(), applies);
}

TEST_F(EndpointManagerTest, AStorageThatFailsIsTriedAgain) {
  registry_.FailWrites(absl::OkStatus());
  Create("e", Numbered(1));
  AwaitIdle();
  registry_.FailWrites(absl::ResourceExhaustedError("disk full"));
  host_->SetOutcome(Version(1), absl::OkStatus());
  AwaitIdle();
  EXPECT_EQ(Get("e").state, kCreating);
  registry_.FailWrites(absl::OkStatus());
  clock_.Advance(absl::Seconds(1));
  AwaitState("e", kInService);
}

TEST_F(EndpointManagerTest, StoppingLeavesWhatServesServing) {
  host_->SetOutcome(Version(1), absl::OkStatus());
  CreateInService("e", Numbered(1));
  manager_.reset();
  EXPECT_EQ(host_->ServingOf("e"), 1);
}

TEST_F(EndpointManagerTest, ManyEndpointsComeIntoServiceTogether) {
  constexpr int kEndpoints = 200;
  Write([](Transaction& transaction) -> absl::Status {
    for (int i = 0; i < kEndpoints; ++i) {
      LL_RETURN_IF_ERROR(
          transaction.endpoints().Insert({.id = absl::StrCat("e", i), .variants = {Numbered(1)}}).status());
    }
    return absl::OkStatus();
  });
  host_->SetOutcome(Version(1), absl::OkStatus());
  for (int i = 0; i < kEndpoints; ++i) AwaitState(absl::StrCat("e", i), kInService);
  EXPECT_LT(host_->applies(), 50) << "they share plans and transactions";
}

}  // namespace
}  // namespace ll::endpoints
