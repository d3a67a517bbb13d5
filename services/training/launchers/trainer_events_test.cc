#include "services/training/launchers/trainer_events.h"

#include <cmath>
#include <string>
#include <vector>

#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace ll::training {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::IsOk;
using ::ll::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Recorder final : JobObserver {
  void OnEpoch(const learner::EpochReport& report) override { epochs.push_back(report); }
  void OnWarning(const std::string& warning) override { warnings.push_back(warning); }
  void OnExit(const JobExit&) override { ADD_FAILURE() << "the launcher says when a run has ended"; }
  std::vector<learner::EpochReport> epochs;
  std::vector<std::string> warnings;
};

constexpr char kEpoch[] =
    R"({"event":"epoch","epoch":1,"epochs":15,"rows":50000,"seconds":0.25,"rows_per_second":200000,)"
    R"("best_candidate":1,"criterion":{"name":"accuracy","value":0.99},"improved":true,"candidates":[)"
    R"({"train_loss":null,"diverged":true},)"
    R"({"train_loss":0.125,"validation_loss":0.25,"criterion":0.99,"diverged":false}]})"
    "\n";

TEST(TrainerEventsTest, AnEpochIsReportedWhole) {
  Recorder recorder;
  TrainerEvents events(recorder);
  events.Append(kEpoch);
  ASSERT_THAT(recorder.epochs, SizeIs(1));
  const learner::EpochReport& report = recorder.epochs[0];
  EXPECT_EQ(report.epoch, 1);
  EXPECT_EQ(report.epochs, 15);
  EXPECT_EQ(report.rows, 50000);
  EXPECT_EQ(report.duration, absl::Milliseconds(250));
  EXPECT_EQ(report.best_candidate, 1);
  EXPECT_EQ(report.criterion_name, "accuracy");
  EXPECT_DOUBLE_EQ(report.criterion_value, 0.99);
  EXPECT_TRUE(report.improved);
  ASSERT_THAT(report.candidates, SizeIs(2));
  EXPECT_TRUE(std::isnan(report.candidates[0].train_loss));
  EXPECT_TRUE(report.candidates[0].diverged);
  EXPECT_FALSE(report.candidates[0].validation_loss.has_value());
  EXPECT_DOUBLE_EQ(*report.candidates[1].validation_loss, 0.25);
  EXPECT_DOUBLE_EQ(*report.candidates[1].criterion, 0.99);
}

TEST(TrainerEventsTest, LinesMayComeInAnyPieces) {
  Recorder recorder;
  TrainerEvents events(recorder);
  const std::string stream = std::string(kEpoch) + R"({"event":"warning","message":"small"})" + "\n" + kEpoch;
  for (const char c : stream) events.Append(absl::string_view(&c, 1));
  EXPECT_THAT(recorder.epochs, SizeIs(2));
  EXPECT_THAT(recorder.warnings, ElementsAre("small"));
}

TEST(TrainerEventsTest, TheEndIsWhatTheTrainerSaid) {
  Recorder recorder;
  TrainerEvents done(recorder);
  EXPECT_FALSE(done.end().has_value());
  done.Append("{\"event\":\"done\",\"interrupted\":true,\"stopped_early\":false}\n");
  ASSERT_TRUE(done.end().has_value());
  EXPECT_THAT(done.end()->status, IsOk());
  EXPECT_TRUE(done.end()->interrupted);

  TrainerEvents failed(recorder);
  failed.Append(
      R"({"event":"failed","exit_code":2,"code":"INVALID_ARGUMENT","reason":"INVALID_DATA","message":"row 3 is odd",)"
      R"("metadata":{"row":"3"},"field_violations":[{"field":"epochs","description":"is 0"}]})"
      "\n");
  ASSERT_TRUE(failed.end().has_value());
  EXPECT_FALSE(failed.end()->interrupted);
  EXPECT_THAT(failed.end()->status, StatusIs(absl::StatusCode::kInvalidArgument, "row 3 is odd"));
  EXPECT_THAT(failed.end()->status, HasReason(ErrorReason::kInvalidData));
  const ErrorDetails details = *GetErrorDetails(failed.end()->status);
  EXPECT_EQ(details.metadata.at("row"), "3");
  EXPECT_EQ(details.field_violations[0].field, "epochs");
}

TEST(TrainerEventsTest, ARunThatWasStoppedBeforeItHadAModelIsInterrupted) {
  Recorder recorder;
  TrainerEvents events(recorder);
  events.Append(
      R"({"event":"failed","code":"CANCELLED","reason":"INTERRUPTED","message":"","metadata":{},"field_violations":[]})"
      "\n");
  EXPECT_TRUE(events.end()->interrupted);
  EXPECT_THAT(events.end()->status, StatusIs(absl::StatusCode::kCancelled));
}

TEST(TrainerEventsTest, WhatIsNotKnownIsPassedOver) {
  Recorder recorder;
  TrainerEvents events(recorder);
  events.Append("{\"event\":\"prepared\",\"seed\":1}\n{\"event\":\"new\"}\nnot json\n[]\n{}\n{\"event\":7}\n");
  events.Append("{\"event\":\"epoch\",\"epoch\":\"one\"}\n");
  EXPECT_THAT(recorder.epochs, IsEmpty());
  EXPECT_FALSE(events.end().has_value());
  events.Append(kEpoch);
  EXPECT_THAT(recorder.epochs, SizeIs(1));
}

}  // namespace
}  // namespace ll::training
