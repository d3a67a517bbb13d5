#include "services/training/job_states.h"

#include <optional>
#include <set>
#include <utility>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace ll::training {
namespace {

using ::ll::testing::IsOk;
using ::ll::testing::StatusIs;
using registry::JobRecord;
using registry::JobState;
using ::testing::HasSubstr;

constexpr JobState kAll[] = {JobState::kQueued,    JobState::kPreparing, JobState::kTraining,   JobState::kUploading,
                             JobState::kSucceeded, JobState::kFailed,    JobState::kCancelling, JobState::kCancelled};

const std::set<std::pair<JobState, JobState>>& Moves() {
  static const auto* const moves = new std::set<std::pair<JobState, JobState>>{
      {JobState::kQueued, JobState::kPreparing},     {JobState::kQueued, JobState::kCancelled},
      {JobState::kPreparing, JobState::kTraining},   {JobState::kPreparing, JobState::kFailed},
      {JobState::kPreparing, JobState::kCancelling}, {JobState::kTraining, JobState::kUploading},
      {JobState::kTraining, JobState::kFailed},      {JobState::kTraining, JobState::kCancelling},
      {JobState::kUploading, JobState::kSucceeded},  {JobState::kUploading, JobState::kFailed},
      {JobState::kUploading, JobState::kCancelling}, {JobState::kCancelling, JobState::kCancelled},
      {JobState::kPreparing, JobState::kQueued},     {JobState::kTraining, JobState::kQueued},
      {JobState::kUploading, JobState::kQueued},
  };
  return *moves;
}

TEST(JobStatesTest, OnlyTheMovesOfTheTableArePossible) {
  for (const JobState from : kAll) {
    for (const JobState to : kAll) {
      JobRecord job{.id = "mnist", .state = from};
      const JobRecord before = job;
      const absl::Status moved = MoveTo(to, absl::UnixEpoch(), &job);
      if (Moves().contains({from, to})) {
        EXPECT_THAT(moved, IsOk());
        EXPECT_EQ(job.state, to);
      } else {
        EXPECT_THAT(moved, StatusIs(absl::StatusCode::kInternal, HasSubstr("trainingJobs/mnist")));
        EXPECT_EQ(job, before);
      }
    }
  }
}

TEST(JobStatesTest, NothingFollowsATerminalStateAndEveryOtherStateLeadsToOne) {
  for (const JobState state : kAll) {
    EXPECT_EQ(NextStates(state).empty(), registry::IsTerminal(state)) << registry::StateName(state);
  }
}

TEST(JobStatesTest, StartAndEndAreRemembered) {
  JobRecord job{.id = "mnist"};
  ASSERT_THAT(MoveTo(JobState::kPreparing, absl::FromUnixSeconds(10), &job), IsOk());
  EXPECT_EQ(job.start_time, absl::FromUnixSeconds(10));
  ASSERT_THAT(MoveTo(JobState::kTraining, absl::FromUnixSeconds(11), &job), IsOk());
  EXPECT_EQ(job.end_time, std::nullopt);
  ASSERT_THAT(MoveTo(JobState::kFailed, absl::FromUnixSeconds(12), &job), IsOk());
  EXPECT_EQ(job.start_time, absl::FromUnixSeconds(10));
  EXPECT_EQ(job.end_time, absl::FromUnixSeconds(12));
}

TEST(JobStatesTest, AJobThatNeverRanHasNoStart) {
  JobRecord job{.id = "mnist"};
  ASSERT_THAT(MoveTo(JobState::kCancelled, absl::FromUnixSeconds(10), &job), IsOk());
  EXPECT_EQ(job.start_time, std::nullopt);
  EXPECT_EQ(job.end_time, absl::FromUnixSeconds(10));
}

}  // namespace
}  // namespace ll::training
