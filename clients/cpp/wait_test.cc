// Waiting for jobs, endpoints and events, across restarts of the server.
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/error_reason.h"
#include "base/mutex.h"
#include "clients/cpp/client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/fake_services/fake_llserver.h"
#include "tests/testing/status_matchers.h"

namespace ll::client {
namespace {

using ::ll::testing::FakeClock;
using ::ll::testing::FakeLlserver;
using ::ll::testing::FakeState;
using ::ll::testing::HasReason;
using ::ll::testing::IsOk;
using ::ll::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::SizeIs;

using v1::TrainingJob;

class WaitTest : public ::testing::Test {
 protected:
  TrainingJob CreateJob() {
    v1::CreateTrainingJobRequest request;
    request.set_training_job_id("job");
    request.mutable_training_job()->mutable_spec()->set_output_model("models/churn");
    return client_.training().CreateTrainingJob(request).value();
  }
  v1::Endpoint CreateEndpoint() {
    v1::CreateEndpointRequest request;
    request.set_endpoint_id("live");
    request.mutable_endpoint()->add_variants()->set_model_version("models/churn@latest");
    return client_.endpoints().CreateEndpoint(request).value();
  }

  FakeLlserver server_;
  const Client client_ = Client::Open({.address = server_.address()}).value();
};

TEST_F(WaitTest, AJobIsSeenThroughAllItsStates) {
  CreateJob();
  std::vector<std::string> seen;
  LL_ASSERT_OK_AND_ASSIGN(const TrainingJob job,
                          client_.training().WaitForTrainingJob("trainingJobs/job", [&](const TrainingJob& now) {
                            seen.push_back(TrainingJob::State_Name(now.state()) +
                                           (now.progress().epoch() > 0 ? std::to_string(now.progress().epoch()) : ""));
                          }));
  EXPECT_THAT(seen,
              ElementsAre("QUEUED", "PREPARING", "TRAINING1", "TRAINING2", "TRAINING3", "UPLOADING3", "SUCCEEDED3"));
  EXPECT_EQ(job.model_version(), "models/churn/versions/1");
  EXPECT_THAT(OutcomeOf(job), IsOk());
}

TEST_F(WaitTest, AFailedJobHasItsErrorAsOutcome) {
  server_.set_job_plan({[](TrainingJob& job) {
    job.set_state(TrainingJob::FAILED);
    job.mutable_error()->set_code(3);
    job.mutable_error()->set_message("row 7 of train.csv: \"abc\" is not a number");
  }});
  CreateJob();
  LL_ASSERT_OK_AND_ASSIGN(const TrainingJob job, client_.training().WaitForTrainingJob("trainingJobs/job"));
  EXPECT_THAT(OutcomeOf(job), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("row 7")));
}

TEST_F(WaitTest, ACancelledJobIsNoSuccess) {
  server_.set_job_plan({[](TrainingJob& job) { job.set_state(TrainingJob::CANCELLED); }});
  CreateJob();
  LL_ASSERT_OK_AND_ASSIGN(const TrainingJob job, client_.training().WaitForTrainingJob("trainingJobs/job"));
  EXPECT_THAT(OutcomeOf(job), HasReason(ErrorReason::kCancelled));
}

TEST_F(WaitTest, AnUnknownJobIsAnErrorAtOnce) {
  EXPECT_THAT(client_.training().WaitForTrainingJob("trainingJobs/none"), HasReason(ErrorReason::kTrainingJobNotFound));
}

TEST_F(WaitTest, AServerThatIsNotThereAtFirstIsAnErrorAtOnce) {
  server_.Stop();
  EXPECT_THAT(client_.training().WaitForTrainingJob("trainingJobs/job"), HasReason(ErrorReason::kServerUnreachable));
}

TEST_F(WaitTest, GoesOnAfterARestartOfTheServer) {
  server_.set_job_plan({[](TrainingJob& job) { job.set_state(TrainingJob::TRAINING); }});
  CreateJob();
  Notification training;
  std::thread restart([&] {
    training.Wait();
    server_.Stop();
    server_.UpdateJob("trainingJobs/job", [](TrainingJob& job) { job.set_state(TrainingJob::SUCCEEDED); });
    server_.Start();
  });
  int reconnects = 0;
  WaitOptions options;
  options.on_reconnect = [&](const absl::Status& error) {
    ++reconnects;
    EXPECT_THAT(error, StatusIs(absl::StatusCode::kUnavailable));
  };
  const absl::StatusOr<TrainingJob> job = client_.training().WaitForTrainingJob(
      "trainingJobs/job",
      [&](const TrainingJob& now) {
        if (now.state() == TrainingJob::TRAINING && !training.HasBeenNotified()) training.Notify();
      },
      options);
  restart.join();
  LL_ASSERT_OK(job);
  EXPECT_EQ(job->state(), TrainingJob::SUCCEEDED);
  EXPECT_THAT(reconnects, Ge(1));
}

TEST_F(WaitTest, PatienceWithAServerThatStaysAwayEnds) {
  server_.set_job_plan({[](TrainingJob& job) { job.set_state(TrainingJob::TRAINING); }});
  CreateJob();
  FakeClock clock;
  WaitOptions options;
  options.clock = &clock;
  options.patience = absl::Seconds(10);
  absl::StatusOr<TrainingJob> job;
  Notification training;
  Notification done;
  std::thread waiter([&] {
    job = client_.training().WaitForTrainingJob(
        "trainingJobs/job",
        [&](const TrainingJob& now) {
          if (now.state() == TrainingJob::TRAINING && !training.HasBeenNotified()) training.Notify();
        },
        options);
    done.Notify();
  });
  training.Wait();
  server_.Stop();
  clock.AwaitWaiters(1);  // pausing before it connects again
  clock.Advance(absl::Seconds(11));
  done.Wait();
  waiter.join();
  EXPECT_THAT(job, HasReason(ErrorReason::kServerUnreachable));
}

TEST_F(WaitTest, AWaitEndsWhenItsTimeIsUp) {
  server_.set_job_plan({});
  CreateJob();
  const absl::StatusOr<TrainingJob> job =
      client_.training().WaitForTrainingJob("trainingJobs/job", {}, {.call = {.timeout = absl::Milliseconds(50)}});
  EXPECT_THAT(job, StatusIs(absl::StatusCode::kDeadlineExceeded, HasSubstr("trainingJobs/job")));
  EXPECT_THAT(job, HasReason(ErrorReason::kDeadlineExceeded));
}

TEST_F(WaitTest, AStopEndsAWait) {
  server_.set_job_plan({});
  CreateJob();
  std::stop_source stop;
  const absl::StatusOr<TrainingJob> job = client_.training().WaitForTrainingJob(
      "trainingJobs/job", [&](const TrainingJob&) { stop.request_stop(); }, {.call = {.stop = stop.get_token()}});
  EXPECT_THAT(job, StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(WaitTest, LogsComeLineByLine) {
  CreateJob();
  server_.Edit([](FakeState& state) ABSL_EXCLUSIVE_LOCKS_REQUIRED(state.mutex) {
    state.logs["trainingJobs/job"] = {"one", "two", "three"};
  });
  v1::ReadTrainingJobLogsRequest request;
  request.set_name("trainingJobs/job");
  request.set_tail_lines(2);
  std::vector<std::string> lines;
  LL_ASSERT_OK(
      client_.training().ReadTrainingJobLogs(request, [&](absl::string_view line) { lines.emplace_back(line); }));
  EXPECT_THAT(lines, ElementsAre("two", "three"));
}

TEST_F(WaitTest, AnEndpointIsAwaitedUntilItServes) {
  server_.AddVersion("churn", 2);
  CreateEndpoint();
  std::vector<std::string> seen;
  LL_ASSERT_OK_AND_ASSIGN(const v1::Endpoint endpoint,
                          client_.endpoints().WaitForEndpoint("endpoints/live", [&](const v1::Endpoint& now) {
                            seen.push_back(v1::Endpoint::State_Name(now.state()));
                          }));
  EXPECT_THAT(seen, ElementsAre("CREATING", "IN_SERVICE"));
  EXPECT_THAT(OutcomeOf(endpoint), IsOk());
  EXPECT_EQ(endpoint.observed_variants(0).model_version(), "models/churn/versions/1");
}

TEST_F(WaitTest, AnEndpointThatFailsHasItsErrorAsOutcome) {
  server_.BreakVersion(server_.AddVersion("churn", 2), MakeError(absl::StatusCode::kDataLoss, ErrorReason::kCorruptBlob,
                                                                 {.what = "cannot load it", .why = "it is corrupt"}));
  CreateEndpoint();
  LL_ASSERT_OK_AND_ASSIGN(const v1::Endpoint endpoint, client_.endpoints().WaitForEndpoint("endpoints/live"));
  EXPECT_THAT(OutcomeOf(endpoint), HasReason(ErrorReason::kCorruptBlob));
}

TEST_F(WaitTest, TheEndOfAnEndpointIsAwaited) {
  server_.AddEndpoint("live", server_.AddVersion("churn", 2));
  v1::DeleteEndpointRequest request;
  request.set_name("endpoints/live");
  LL_ASSERT_OK(client_.endpoints().DeleteEndpoint(request));
  LL_ASSERT_OK(client_.endpoints().WaitForEndpointDeletion("endpoints/live"));
  EXPECT_THAT(client_.endpoints().GetEndpoint("endpoints/live"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(client_.endpoints().WaitForEndpointDeletion("endpoints/live"), IsOk());
  EXPECT_THAT(client_.endpoints().WaitForEndpoint("endpoints/live"), HasReason(ErrorReason::kEndpointNotFound));
}

TEST_F(WaitTest, EventsComeInOrderAndWithoutGapsAcrossARestart) {
  server_.AddVersion("before", 2);  // two events that nobody asked for
  std::thread changes([&] {
    server_.AwaitCalls("WatchEvents", 1);
    server_.AddVersion("one", 2);
    server_.Stop();
    server_.AddVersion("while-away", 2);
    server_.Start();
    server_.AddVersion("after", 2);
  });
  std::vector<std::string> names;
  const absl::Status status = client_.events().WatchEvents({}, [&](const v1::Event& event) {
    names.push_back(event.name());
    return names.size() < 6;
  });
  changes.join();
  LL_ASSERT_OK(status);
  EXPECT_THAT(names, ElementsAre("events/3", "events/4", "events/5", "events/6", "events/7", "events/8"));
}

TEST_F(WaitTest, EventsOfAnEmptyLogStartWithTheFirst) {
  std::thread changes([&] {
    server_.AwaitCalls("WatchEvents", 1);
    server_.AddVersion("one", 2);
  });
  std::string first;
  const absl::Status status = client_.events().WatchEvents({}, [&](const v1::Event& event) {
    first = event.name();
    return false;
  });
  changes.join();
  LL_ASSERT_OK(status);
  EXPECT_EQ(first, "events/1");
}

TEST_F(WaitTest, ATokenThatExpiredIsAnError) {
  v1::WatchEventsRequest request;
  request.set_resume_token("too old");
  EXPECT_THAT(client_.events().WatchEvents(request, [](const v1::Event&) { return true; }),
              HasReason(ErrorReason::kEventsExpired));
}

}  // namespace
}  // namespace ll::client
