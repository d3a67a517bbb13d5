#include "services/prediction/model_host.h"

#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/fake_model_loader.h"
#include "tests/testing/status_matchers.h"

namespace ll::prediction {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::StatusIs;
using ::testing::IsEmpty;

HostedVersion Version(int64_t number) {
  return {.variant = "default",
          .model_id = "m",
          .number = number,
          .artifact_sha256 = absl::StrCat("sha", number),
          .schema = {.predictor_type = "binary_classifier", .feature_dim = 2, .outputs = 1}};
}

std::string Name(int64_t number) { return Version(number).name(); }

Placement Place(int64_t number, int attempt = 1) { return {.version = Version(number), .attempt = {1, attempt}}; }

EndpointPlan Plan(std::string endpoint, std::vector<Placement> placements,
                  std::optional<HostedVersion> serving = std::nullopt) {
  return {.endpoint = std::move(endpoint),
          .placements = std::move(placements),
          .serving = std::move(serving),
          .refusal = absl::UnavailableError("still loading")};
}

class ModelHostTest : public ::testing::Test {
 protected:
  ModelHostTest() {
    host_->SetListener([this] {
      MutexLock lock(&mutex_);
      ++changes_;
    });
  }
  ~ModelHostTest() override {
    host_.reset();
    EXPECT_EQ(loader_.live(), 0);
    EXPECT_EQ(loader_.graves().count(std::this_thread::get_id()), 0u) << "a model was freed outside the loader threads";
  }

  // Waits for the listener until `condition` holds of Observe().
  void AwaitObserved(const std::function<bool(const std::vector<PlacementStatus>&)>& condition) {
    int64_t seen = -1;
    while (true) {
      {
        MutexLock lock(&mutex_);
        mutex_.Await([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return changes_ != seen; });
        seen = changes_;
      }
      if (condition(host_->Observe())) return;
    }
  }
  void AwaitPhase(int64_t number, PlacementPhase phase) {
    AwaitObserved([&](const std::vector<PlacementStatus>& all) {
      for (const PlacementStatus& status : all) {
        if (status.version.number == number && status.phase == phase) return true;
      }
      return false;
    });
  }
  void AwaitGone(int64_t number) {
    AwaitObserved([&](const std::vector<PlacementStatus>& all) {
      for (const PlacementStatus& status : all) {
        if (status.version.number == number) return false;
      }
      return true;
    });
  }
  void Serve(int64_t number) {
    host_->Apply({Plan("e", {Place(number)})});
    AwaitPhase(number, PlacementPhase::kReady);
    host_->Apply({Plan("e", {Place(number)}, Version(number))});
  }
  // Number of the version that answers, by its score.
  int64_t AnswerOf(const PredictorHandle& handle) {
    const float row[] = {1, 2};
    learner::Scores scores;
    EXPECT_THAT(handle->Predict(row, 1, &scores), testing::IsOk());
    return static_cast<int64_t>(scores.values.at(0));
  }

  testing::FakeClock clock_;
  testing::FakeModelLoader loader_;
  std::optional<ModelHost> host_{std::in_place, loader_.function(), clock_, ModelHost::Options{.loader_threads = 2}};
  Mutex mutex_;
  int64_t changes_ ABSL_GUARDED_BY(mutex_) = 0;
};

TEST_F(ModelHostTest, AnUnknownEndpointIsNotFound) {
  EXPECT_THAT(host_->Acquire("e"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(host_->Acquire("e"), HasReason(ErrorReason::kEndpointNotFound));
}

TEST_F(ModelHostTest, LoadsThenServesWhenToldTo) {
  loader_.Block(Name(1));
  host_->Apply({Plan("e", {Place(1)})});
  EXPECT_THAT(host_->Acquire("e"), StatusIs(absl::StatusCode::kUnavailable));
  loader_.AwaitBlocked(Name(1));
  ASSERT_EQ(host_->Observe().size(), 1u);
  EXPECT_EQ(host_->Observe()[0].phase, PlacementPhase::kLoading);
  loader_.Unblock(Name(1));
  AwaitPhase(1, PlacementPhase::kReady);
  EXPECT_THAT(host_->Acquire("e"), StatusIs(absl::StatusCode::kUnavailable)) << "nobody has said that it serves";

  host_->Apply({Plan("e", {Place(1)}, Version(1))});
  LL_ASSERT_OK_AND_ASSIGN(const PredictorHandle handle, host_->Acquire("e"));
  EXPECT_EQ(handle->model_version(), Name(1));
  EXPECT_EQ(handle.variant(), "default");
  EXPECT_EQ(AnswerOf(handle), 1);
}

TEST_F(ModelHostTest, TellsPhaseTimeAndUse) {
  clock_.Advance(absl::Seconds(5));
  Serve(1);
  std::optional<PredictorHandle> handle = *host_->Acquire("e");
  const std::vector<PlacementStatus> all = host_->Observe();
  EXPECT_THAT(all, ::testing::ElementsAre(PlacementStatus{.endpoint = "e",
                                                          .version = Version(1),
                                                          .attempt = {1, 1},
                                                          .phase = PlacementPhase::kReady,
                                                          .since = clock_.Now(),
                                                          .error = {},
                                                          .serving = true,
                                                          .in_flight = 1,
                                                          .memory_bytes = 1000}));
  handle.reset();
  EXPECT_EQ(host_->Observe()[0].in_flight, 0);
}

TEST_F(ModelHostTest, ApplyingTheSamePlanAgainChangesNothing) {
  Serve(1);
  host_->Apply({Plan("e", {Place(1)}, Version(1))});
  EXPECT_EQ(loader_.loads(Name(1)), 1);
  EXPECT_EQ(AnswerOf(*host_->Acquire("e")), 1);
}

TEST_F(ModelHostTest, SwapsAndFreesTheOldVersionAfterItsLastUse) {
  Serve(1);
  std::optional<PredictorHandle> old = *host_->Acquire("e");
  host_->Apply({Plan("e", {Place(1), Place(2)}, Version(1))});
  AwaitPhase(2, PlacementPhase::kReady);
  EXPECT_EQ(AnswerOf(*host_->Acquire("e")), 1) << "the old one serves until told otherwise";
  host_->Apply({Plan("e", {Place(2)}, Version(2))});
  EXPECT_EQ(AnswerOf(*host_->Acquire("e")), 2);

  EXPECT_EQ(host_->Observe().back().phase, PlacementPhase::kDraining);
  EXPECT_EQ(host_->Observe().back().in_flight, 1);
  EXPECT_EQ(AnswerOf(*old), 1) << "a request that has begun keeps its version";
  EXPECT_EQ(loader_.live(), 2);
  old.reset();
  loader_.AwaitLive(1);
  AwaitGone(1);
}

TEST_F(ModelHostTest, AFailedLoadTellsWhyAndLeavesTheServingVersionAlone) {
  Serve(1);
  loader_.Fail(Name(2), absl::DataLossError("bad bytes"));
  host_->Apply({Plan("e", {Place(1), Place(2)}, Version(1))});
  AwaitPhase(2, PlacementPhase::kFailed);
  EXPECT_THAT(host_->Observe()[1].error, StatusIs(absl::StatusCode::kDataLoss, "bad bytes"));
  EXPECT_EQ(AnswerOf(*host_->Acquire("e")), 1);
}

TEST_F(ModelHostTest, AnotherAttemptLoadsAgain) {
  loader_.Fail(Name(1), absl::InternalError("disk"));
  host_->Apply({Plan("e", {Place(1, 1)})});
  AwaitPhase(1, PlacementPhase::kFailed);
  host_->Apply({Plan("e", {Place(1, 1)})});
  EXPECT_EQ(host_->Observe()[0].phase, PlacementPhase::kFailed) << "the same attempt is not repeated";

  loader_.Fail(Name(1), absl::OkStatus());
  host_->Apply({Plan("e", {Place(1, 2)})});
  AwaitPhase(1, PlacementPhase::kReady);
  EXPECT_EQ(host_->Observe()[0].attempt, (LoadAttempt{1, 2}));
  EXPECT_EQ(loader_.loads(Name(1)), 2);
}

TEST_F(ModelHostTest, MemoryThatRunsOutIsAnErrorOfThatVersion) {
  ModelHost host(
      [](const HostedVersion&) -> absl::StatusOr<std::unique_ptr<const Predictor>> { throw std::bad_alloc(); }, clock_,
      {.loader_threads = 1});
  Notification changed;
  host.SetListener([&] { changed.Notify(); });
  host.Apply({Plan("e", {Place(1)})});
  changed.Wait();
  EXPECT_THAT(host.Observe().at(0).error, StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST_F(ModelHostTest, OneVersionThatHangsOrFailsDoesNotKeepTheOthersDown) {
  loader_.Block(Name(1));
  loader_.Fail(Name(2), absl::DataLossError("bad bytes"));
  host_->Apply({Plan("a", {Place(1)}), Plan("b", {Place(2)}), Plan("c", {Place(3)}), Plan("d", {Place(4)})});
  AwaitPhase(3, PlacementPhase::kReady);
  AwaitPhase(4, PlacementPhase::kReady);
  AwaitPhase(2, PlacementPhase::kFailed);
  loader_.Unblock(Name(1));
  AwaitPhase(1, PlacementPhase::kReady);
}

TEST_F(ModelHostTest, LoadsAsManyAtATimeAsItHasLoaders) {
  HostingPlan plan;
  for (int64_t n = 1; n <= 6; ++n) {
    loader_.Block(Name(n));
    plan.push_back(Plan(absl::StrCat("e", n), {Place(n)}));
  }
  host_->Apply(plan);
  loader_.AwaitBlocked(Name(1));
  loader_.AwaitBlocked(Name(2));
  for (int64_t n = 1; n <= 6; ++n) loader_.Unblock(Name(n));
  for (int64_t n = 1; n <= 6; ++n) AwaitPhase(n, PlacementPhase::kReady);
  EXPECT_EQ(loader_.most_at_once(), 2);
}

TEST_F(ModelHostTest, AVersionDroppedWhileLoadingIsFreedWhenItsLoadEnds) {
  loader_.Block(Name(1));
  host_->Apply({Plan("e", {Place(1)})});
  loader_.AwaitBlocked(Name(1));
  host_->Apply({});
  EXPECT_THAT(host_->Acquire("e"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(host_->Observe().at(0).phase, PlacementPhase::kDraining);
  loader_.Unblock(Name(1));
  AwaitGone(1);
  EXPECT_EQ(loader_.live(), 0);
}

TEST_F(ModelHostTest, AVersionDroppedBeforeItsLoadBeganIsNeverLoaded) {
  loader_.Block(Name(1));
  loader_.Block(Name(2));
  host_->Apply({Plan("a", {Place(1)}), Plan("b", {Place(2)}), Plan("c", {Place(3)})});
  loader_.AwaitBlocked(Name(1));
  loader_.AwaitBlocked(Name(2));
  host_->Apply({Plan("a", {Place(1)}), Plan("b", {Place(2)})});
  loader_.Unblock(Name(1));
  loader_.Unblock(Name(2));
  AwaitGone(3);
  EXPECT_EQ(loader_.loads(Name(3)), 0);
}

TEST_F(ModelHostTest, AVersionThatComesBackWhileTheOldOneDrainsIsLoadedAgain) {
  Serve(1);
  std::optional<PredictorHandle> handle = *host_->Acquire("e");
  host_->Apply({});
  Serve(1);
  EXPECT_EQ(loader_.loads(Name(1)), 2);
  EXPECT_EQ(loader_.live(), 2);
  handle.reset();
  loader_.AwaitLive(1);
  EXPECT_EQ(AnswerOf(*host_->Acquire("e")), 1);
}

TEST_F(ModelHostTest, DeletingRefusesAtOnceAndAnswersWhatHasBegun) {
  Serve(1);
  std::optional<PredictorHandle> handle = *host_->Acquire("e");
  host_->Apply({});
  EXPECT_THAT(host_->Acquire("e"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(AnswerOf(*handle), 1);
  handle.reset();
  AwaitGone(1);
  EXPECT_THAT(host_->Observe(), IsEmpty());
}

TEST_F(ModelHostTest, AServingVersionThatIsNotReadyIsRefusedWithThePlansWords) {
  EndpointPlan plan = Plan("e", {Place(1)}, Version(1));
  plan.refusal = absl::FailedPreconditionError("it failed");
  loader_.Fail(Name(1), absl::DataLossError("bad bytes"));
  host_->Apply({plan});
  EXPECT_THAT(host_->Acquire("e"), StatusIs(absl::StatusCode::kFailedPrecondition, "it failed"));
}

// Requests on several threads while versions are swapped and freed: every request is answered by a version that was
// live, nothing leaks, nothing is freed too early (the sanitizers watch).
TEST_F(ModelHostTest, EverySwapUnderLoadIsSeamless) {
  constexpr int64_t kSwaps = 100;
  Serve(1);
  std::atomic<bool> done{false};
  std::atomic<int64_t> newest{1};
  std::atomic<int64_t> wrong{0};
  std::atomic<int64_t> answered{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 3; ++i) {
    clients.emplace_back([&] {
      const float row[] = {1, 2};
      learner::Scores scores;
      while (!done) {
        const int64_t before = newest;
        const absl::StatusOr<PredictorHandle> handle = host_->Acquire("e");
        if (!handle.ok() || !(*handle)->Predict(row, 1, &scores).ok() ||
            static_cast<int64_t>(scores.values[0]) < before) {
          ++wrong;
        }
        ++answered;
      }
    });
  }
  for (int64_t n = 2; n <= kSwaps; ++n) {
    host_->Apply({Plan("e", {Place(n - 1), Place(n)}, Version(n - 1))});
    AwaitPhase(n, PlacementPhase::kReady);
    host_->Apply({Plan("e", {Place(n)}, Version(n))});
    newest = n;
  }
  while (answered < 1000) std::this_thread::yield();
  done = true;
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(wrong, 0);
  loader_.AwaitLive(1);
}

TEST_F(ModelHostTest, ThousandsOfLoadsLeaveNothingBehind) {
  for (int round = 0; round < 2000; ++round) {
    Serve(1 + round % 3);
    host_->Apply({});
  }
  loader_.AwaitLive(0);
  AwaitObserved([](const std::vector<PlacementStatus>& all) { return all.empty(); });
}

}  // namespace
}  // namespace ll::prediction
