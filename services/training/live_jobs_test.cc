#include "services/training/live_jobs.h"

#include <limits>
#include <memory>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_job_launcher.h"

namespace ll::training {
namespace {

using ::ll::testing::EpochOf;
using registry::JobRecord;
using registry::JobState;
using ::testing::ElementsAre;
using ::testing::SizeIs;

TEST(ToLiveProgressTest, TheBestLossIsTheLowestOfTheEpoch) {
  const LiveProgress live = ToLiveProgress(EpochOf(1, {0.5, 0.25, 0.75}));
  EXPECT_EQ(
      live.progress,
      (registry::JobProgress{.epoch = 2, .epochs = 3, .best_loss = 0.25, .best_candidate = 1, .rows_per_second = 200}));
  ASSERT_THAT(live.candidates, SizeIs(3));
  EXPECT_EQ(live.candidates[2], (registry::CandidateRecord{.index = 2, .train_loss = 0.75}));
}

TEST(ToLiveProgressTest, ValidationCountsWhereThereIsSome) {
  learner::EpochReport report = EpochOf(0, {0.5, 0.25});
  report.candidates[0].validation_loss = 0.3;
  report.candidates[1].validation_loss = 0.4;
  const LiveProgress live = ToLiveProgress(report);
  EXPECT_EQ(live.progress.best_candidate, 0);
  EXPECT_EQ(live.progress.best_loss, 0.3);
  EXPECT_EQ(live.candidates[1].validation_loss, 0.4);
}

TEST(ToLiveProgressTest, WhatHasDivergedIsNeverTheBest) {
  learner::EpochReport report = EpochOf(0, {std::numeric_limits<double>::quiet_NaN(), 0.1, 0.2});
  report.candidates[0].diverged = report.candidates[1].diverged = true;
  EXPECT_EQ(ToLiveProgress(report).progress.best_candidate, 2);
  report.candidates[2].diverged = true;
  EXPECT_EQ(ToLiveProgress(report).progress.best_loss, 0);
}

TEST(ToLiveProgressTest, AnEpochThatTookNoTimeHasNoRate) {
  learner::EpochReport report = EpochOf(0, {0.5});
  report.duration = absl::ZeroDuration();
  EXPECT_EQ(ToLiveProgress(report).progress.rows_per_second, 0);
}

TEST(LiveJobsTest, ListenersHearOfTheirJobUntilTheyGo) {
  LiveJobs live;
  std::vector<int> heard;
  auto first = live.Listen("mnist", [&] { heard.push_back(1); });
  const auto second = live.Listen("mnist", [&] { heard.push_back(2); });
  live.Notify("other");
  live.Notify("mnist");
  first.reset();
  live.Publish("mnist", {});
  live.Forget("mnist");
  EXPECT_THAT(heard, ElementsAre(1, 2, 2, 2));
}

TEST(LiveJobsTest, TheNewestProgressLiesOverARowThatHasNotEnded) {
  LiveJobs live;
  live.Publish("mnist", ToLiveProgress(EpochOf(1, {0.5})));
  JobRecord job{.id = "mnist", .state = JobState::kTraining};
  live.Overlay(&job);
  EXPECT_EQ(job.progress.epoch, 2);
  EXPECT_THAT(job.candidates, SizeIs(1));

  JobRecord ended{.id = "mnist", .state = JobState::kSucceeded};
  live.Overlay(&ended);
  EXPECT_EQ(ended, (JobRecord{.id = "mnist", .state = JobState::kSucceeded}));

  live.Forget("mnist");
  JobRecord forgotten{.id = "mnist", .state = JobState::kTraining};
  live.Overlay(&forgotten);
  EXPECT_EQ(forgotten.progress.epoch, 0);
}

}  // namespace
}  // namespace ll::training
