// The real llserver with the real lltrain, as their users run them: start-up contract, signals, training as processes.
#include <signal.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/env.h"
#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "gtest/gtest.h"
#include "learner/artifact.h"
#include "ll/v1/object_service.grpc.pb.h"
#include "nlohmann/json.hpp"
#include "tests/e2e/llserver_process.h"
#include "tests/testing/http_peer.h"
#include "tests/testing/platform_user.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll {
namespace {

using ::ll::testing::AwaitEndOf;
using ::ll::testing::HasReason;
using ::ll::testing::HttpPeer;
using ::ll::testing::IsOk;
using ::ll::testing::LlserverProcess;
using ::ll::testing::PlatformUser;
using ::ll::testing::SampleCsv;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using v1::TrainingJob;
using Json = nlohmann::json;

class LlserverTest : public ::testing::Test {
 protected:
  void Start(std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--data-dir", dir_.File("data")});
    server_ = std::make_unique<LlserverProcess>(more);
  }
  // With data to train on.
  void StartToTrain(const std::vector<std::string>& more = {}) {
    Start(more);
    user_.emplace(server_->AwaitAddress());
    user_->Upload("train.csv", SampleCsv());
  }
  void Restart() {
    Start();
    user_.emplace(server_->AwaitAddress());
  }
  // Starts and expects that it does not serve; its output.
  std::string FailToStart(const std::vector<std::string>& arguments, int exit_code) {
    LlserverProcess server(arguments);
    const ExitStatus status = server.Wait();
    EXPECT_EQ(status.ToString(), absl::StrCat("exited with code ", exit_code)) << server.output();
    EXPECT_THAT(server.output(), Not(HasSubstr("serves")));
    return server.output();
  }

  testing::TempDir dir_;
  std::unique_ptr<LlserverProcess> server_;
  std::optional<PlatformUser> user_;
};

// ---- Starting and stopping.

TEST_F(LlserverTest, ItSaysWhereItServesAndEndsWellOnSigterm) {
  const std::string ready_file = dir_.Write("ready.json", "left by an earlier server");
  Start({"--ready-file", ready_file});
  const std::string address = server_->AwaitAddress();
  const Json ready = Json::parse(Env::Posix().ReadFile(ready_file).value_or(""));
  const std::string http_address = server_->AwaitHttpAddress();
  EXPECT_EQ(ready, (Json{{"grpc", address}, {"http", http_address}, {"pid", server_->pid()}}));
  EXPECT_EQ(HttpPeer(http_address).Call("GET", "/ping").status, 200);
  EXPECT_THAT(server_->output(), HasSubstr("name=data-dir value=" + dir_.File("data") + " origin=flag"));
  EXPECT_THAT(server_->output(), HasSubstr("name=drain-timeout value=30s origin=default"));

  {
    const client::Client client = *client::Client::Open({.address = address});
    LL_ASSERT_OK_AND_ASSIGN(const v1::ServerInfo info, client.server().GetServerInfo());
    EXPECT_EQ(info.grpc_address(), address);
    EXPECT_EQ(info.data_directory(), dir_.File("data"));
    EXPECT_EQ(info.limits().max_running_training_jobs(), 1);
    EXPECT_GT(info.limits().max_inflight_bytes(), 0);
  }  // gRPC clients that are connected and idle notice the end of a server only after seconds

  EXPECT_TRUE(server_->Stop().success()) << server_->output();
  EXPECT_FALSE(Env::Posix().Exists(ready_file));
}

TEST_F(LlserverTest, ItServesHealthOfEveryService) {
  Start();
  const auto channel = client::Connection::Open({.address = server_->AwaitAddress()})->channel();
  const auto health = grpc::health::v1::Health::NewStub(channel);
  for (const char* service :
       {"", "ll.v1.ModelService", "ll.v1.ObjectService", "ll.v1.TrainingService", "ll.v1.EndpointService",
        "ll.v1.PredictionService", "ll.v1.EventService", "ll.v1.ServerService", "grpc.health.v1.Health"}) {
    grpc::ClientContext context;
    grpc::health::v1::HealthCheckRequest request;
    request.set_service(service);
    grpc::health::v1::HealthCheckResponse response;
    EXPECT_TRUE(health->Check(&context, request, &response).ok()) << service;
    EXPECT_EQ(response.status(), grpc::health::v1::HealthCheckResponse::SERVING) << service;
  }
}

TEST_F(LlserverTest, HelpAndVersionAreForPeople) {
  LlserverProcess help({"--help"});
  EXPECT_TRUE(help.Wait().success());
  EXPECT_THAT(help.output(), HasSubstr("--drain-timeout"));
  LlserverProcess version({"--version"});
  EXPECT_TRUE(version.Wait().success());
  EXPECT_THAT(version.output(), HasSubstr("llserver 0."));
}

TEST_F(LlserverTest, WrongFlagsAreToldTogether) {
  const std::string output = FailToStart({"--data-di", "x", "--max-queued-jobs", "none"}, 2);
  EXPECT_THAT(output, HasSubstr("did you mean --data-dir?"));
  EXPECT_THAT(output, HasSubstr("--max-queued-jobs is \"none\""));
}

TEST_F(LlserverTest, OtherMachinesAreNotServedByAccident) {
  EXPECT_THAT(FailToStart({"--listen", "0.0.0.0:0", "--data-dir", dir_.File("data")}, 2), HasSubstr("--insecure"));
  Start({"--listen", "0.0.0.0:0", "--insecure"});
  EXPECT_THAT(server_->AwaitAddress(), HasSubstr("0.0.0.0:"));
}

TEST_F(LlserverTest, APortThatIsTakenIsSaidToBeSo) {
  Start();
  const std::string address = server_->AwaitAddress();
  const std::string output = FailToStart({"--listen", address, "--data-dir", dir_.File("other")}, 1);
  EXPECT_THAT(output, HasSubstr(address));
  EXPECT_THAT(output, HasSubstr("in use"));
  EXPECT_FALSE(Env::Posix().Exists(dir_.File("other")));
}

TEST_F(LlserverTest, ASecondServerOnTheSameDataNamesTheFirst) {
  Start();
  server_->AwaitAddress();
  const std::string output = FailToStart({"--data-dir", dir_.File("data")}, 1);
  EXPECT_THAT(output, HasSubstr(absl::StrCat("process ", server_->pid(), ",")));
  EXPECT_THAT(output, HasSubstr(dir_.File("data")));
}

TEST_F(LlserverTest, AnUnusableDataDirectoryIsNamed) {
  const std::string file = dir_.Write("file", "");
  EXPECT_THAT(FailToStart({"--data-dir", file + "/data"}, 1), HasSubstr("cannot use the data directory " + file));
}

// ---- Draining. An upload that never ends keeps a server busy.

class StuckUpload {
 public:
  explicit StuckUpload(const std::string& address)
      : stub_(v1::ObjectService::NewStub(client::Connection::Open({.address = address})->channel())),
        writer_(stub_->WriteObject(&context_, &object_)) {
    v1::WriteObjectRequest header;
    header.mutable_header()->mutable_object()->set_name("buckets/data/objects/stuck");
    EXPECT_TRUE(writer_->Write(header));
    v1::WriteObjectRequest chunk;
    chunk.set_chunk("begun");
    EXPECT_TRUE(writer_->Write(chunk));
  }
  ~StuckUpload() { context_.TryCancel(); }

 private:
  const std::unique_ptr<v1::ObjectService::Stub> stub_;
  grpc::ClientContext context_;
  v1::Object object_;
  const std::unique_ptr<grpc::ClientWriter<v1::WriteObjectRequest>> writer_;
};

TEST_F(LlserverTest, DrainingHasAnEnd) {
  StartToTrain({"--drain-timeout", "1s"});
  const StuckUpload upload(server_->AwaitAddress());
  EXPECT_TRUE(server_->Stop().success()) << server_->output();
}

TEST_F(LlserverTest, ASecondSignalEndsItAtOnce) {
  StartToTrain({"--drain-timeout", "1h"});
  const StuckUpload upload(server_->AwaitAddress());
  server_->Signal(SIGTERM);
  ASSERT_TRUE(server_->AwaitOutput("shutting down"));
  server_->Signal(SIGTERM);
  EXPECT_EQ(server_->Wait().ToString(), absl::StrCat("exited with code ", 128 + SIGTERM));
}

// ---- Training.

TEST_F(LlserverTest, AJobIsAProcessOfItsOwn) {
  StartToTrain();
  user_->Create(PlatformUser::EndlessJob("endless"));
  user_->AwaitEpoch("endless", 1);
  EXPECT_GT(server_->TrainerOf("endless"), 0);
  user_->Cancel("endless", /*keep_model=*/false);
  user_->AwaitState("endless", TrainingJob::CANCELLED);

  user_->Create(PlatformUser::Job("mnist"));
  const TrainingJob done = user_->AwaitEnd("mnist");
  ASSERT_EQ(done.state(), TrainingJob::SUCCEEDED) << done.ShortDebugString();
  EXPECT_THAT(learner::ParseModel(user_->Download(done.model_version())), IsOk());
  EXPECT_THAT(user_->Log("mnist"), Contains(HasSubstr("completed 100 % of epochs")));
}

TEST_F(LlserverTest, ACancelledJobKeepsItsModelWhenAsked) {
  StartToTrain();
  for (const bool keep_model : {false, true}) {
    const std::string id = keep_model ? "keeps" : "drops";
    user_->Create(PlatformUser::EndlessJob(id));
    user_->AwaitEpoch(id, 1);
    const pid_t trainer = server_->TrainerOf(id);
    user_->Cancel(id, keep_model);
    const TrainingJob cancelled = user_->AwaitState(id, TrainingJob::CANCELLED);
    EXPECT_EQ(cancelled.model_version(), keep_model ? "models/digits/versions/1" : "");
    EXPECT_TRUE(AwaitEndOf(trainer));
  }
  EXPECT_THAT(user_->Versions("digits"), ElementsAre("models/digits/versions/1"));
}

TEST_F(LlserverTest, AJobThatRunsTooLongIsStopped) {
  StartToTrain();
  v1::CreateTrainingJobRequest request = PlatformUser::EndlessJob("slow");
  request.mutable_training_job()->mutable_spec()->mutable_stopping_condition()->mutable_max_runtime()->set_nanos(
      300'000'000);
  user_->Create(request);
  const TrainingJob failed = user_->AwaitEnd("slow");
  EXPECT_EQ(failed.state(), TrainingJob::FAILED);
  EXPECT_THAT(client::OutcomeOf(failed), HasReason(ErrorReason::kStoppingCondition));
  EXPECT_THAT(user_->Versions("digits"), IsEmpty());
}

TEST_F(LlserverTest, ATrainerThatIsKilledFailsItsJobAndNoOther) {
  StartToTrain();
  user_->Create(PlatformUser::EndlessJob("killed"));
  user_->Create(PlatformUser::Job("next"));
  user_->AwaitEpoch("killed", 1);
  ASSERT_EQ(kill(server_->TrainerOf("killed"), SIGKILL), 0);
  const TrainingJob failed = user_->AwaitEnd("killed");
  EXPECT_EQ(failed.state(), TrainingJob::FAILED);
  EXPECT_THAT(client::OutcomeOf(failed), HasReason(ErrorReason::kTrainingFailed));
  EXPECT_THAT(failed.error().message(), HasSubstr("killed by signal 9"));
  EXPECT_EQ(user_->AwaitEnd("next").state(), TrainingJob::SUCCEEDED);
}

TEST_F(LlserverTest, AServerThatIsToldToStopStopsItsTrainersAndKeepsItsQueue) {
  StartToTrain();
  user_->Create(PlatformUser::EndlessJob("runs"));
  user_->Create(PlatformUser::Job("waits"));
  user_->AwaitEpoch("runs", 1);
  const pid_t trainer = server_->TrainerOf("runs");
  user_.reset();
  EXPECT_TRUE(server_->Stop().success()) << server_->output();
  EXPECT_TRUE(AwaitEndOf(trainer));
  Restart();
  user_->AwaitEpoch("runs", user_->Get("runs").progress().epoch() + 2);
  EXPECT_THAT(user_->Log("runs"), Contains(HasSubstr("Loaded checkpoint")));
  user_->Cancel("runs", false);
  EXPECT_EQ(user_->AwaitEnd("waits").state(), TrainingJob::SUCCEEDED);
}

TEST_F(LlserverTest, AServerThatIsKilledTakesItsTrainersAlongAndTheNextOneSettles) {
  StartToTrain();
  user_->Create(PlatformUser::EndlessJob("runs"));
  user_->Create(PlatformUser::Job("waits"));
  user_->AwaitEpoch("runs", 1);
  const pid_t trainer = server_->TrainerOf("runs");
  server_->Signal(SIGKILL);
  server_->Wait();
  EXPECT_TRUE(AwaitEndOf(trainer));
  Restart();
  user_->AwaitEpoch("runs", 1);
  user_->Cancel("runs", false);
  EXPECT_EQ(user_->AwaitEnd("waits").model_version(), "models/digits/versions/1");
  EXPECT_THAT(user_->Log("runs"), Contains(HasSubstr("#progress_metric")));
  EXPECT_FALSE(Env::Posix().Exists(dir_.File("data/jobs/runs/input")));
}

// Whatever interrupts a job, the model is the one of a job that nothing interrupted.
TEST_F(LlserverTest, AJobThatIsInterruptedTwiceMakesTheModelOfOneThatIsNot) {
  StartToTrain();
  v1::CreateTrainingJobRequest request = PlatformUser::Job("whole");
  auto& hyperparameters = *request.mutable_training_job()->mutable_spec()->mutable_hyperparameters();
  hyperparameters["epochs"] = hyperparameters["early_stopping_patience"] = "300";
  user_->Create(request);
  const std::string whole = user_->Download(user_->AwaitEnd("whole").model_version());
  request.set_training_job_id("interrupted");
  user_->Create(request);
  user_->AwaitEpoch("interrupted", 20);
  user_.reset();
  EXPECT_TRUE(server_->Stop().success()) << server_->output();
  Restart();
  user_->AwaitEpoch("interrupted", 40);
  server_->Signal(SIGKILL);
  server_->Wait();
  Restart();
  const TrainingJob done = user_->AwaitEnd("interrupted");
  ASSERT_EQ(done.state(), TrainingJob::SUCCEEDED) << done.error().message();
  EXPECT_TRUE(user_->Download(done.model_version()) == whole);
  EXPECT_EQ(done.progress().epoch(), 300);
}

// Kills the server at many moments of a job's life. Whatever the moment: the job succeeds after all, with one version,
// which is whole.
TEST_F(LlserverTest, KilledAtAnyMomentItLeavesNothingHalfRegistered) {
  StartToTrain();
  std::set<std::string> artifacts;
  for (int changes = 1; changes <= 8; ++changes) {
    const std::string id = absl::StrCat("job-", changes);
    v1::CreateTrainingJobRequest request = PlatformUser::Job(id);
    request.mutable_training_job()->mutable_spec()->set_output_model("models/" + id);
    user_->Create(request);
    // The n-th change that a watcher sees is the moment; which one that is differs from run to run.
    int seen = 0;
    user_->client()
        .training()
        .WatchTrainingJob("trainingJobs/" + id, [&](const TrainingJob&) { return ++seen < changes; })
        .IgnoreError();
    server_->Signal(SIGKILL);
    server_->Wait();
    Restart();
    const TrainingJob job = user_->AwaitEnd(id);
    ASSERT_EQ(job.state(), TrainingJob::SUCCEEDED) << job.error().message();
    EXPECT_THAT(user_->Versions(id), ElementsAre(job.model_version()));
    const std::string artifact = user_->Download(job.model_version());
    EXPECT_THAT(learner::ParseModel(artifact), IsOk());
    artifacts.insert(artifact);
  }
  EXPECT_EQ(artifacts.size(), 1u) << "the same job makes the same model, interrupted or not";
}

}  // namespace
}  // namespace ll
