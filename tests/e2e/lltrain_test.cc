// The real lltrain, as a platform runs it: a job directory, a child process, its events, its exit code.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/child_process.h"
#include "base/digest.h"
#include "base/env.h"
#include "base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "learner/artifact.h"
#include "learner/readers/recordio_writer.h"
#include "nlohmann/json.hpp"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

constexpr char kHyperparameters[] =
    R"({"predictor_type": "binary_classifier", "mini_batch_size": "100", "epochs": "3"})";
// Never ends by itself.
constexpr char kEndless[] = R"({"predictor_type": "binary_classifier", "mini_batch_size": "100",
                                "epochs": "1000000000", "early_stopping_patience": "1000000000"})";

// Row i of the sample data: label 1 where the sum of three features is positive.
struct Row {
  std::vector<float> features;
  float label;
};

Row SampleRow(SeededRandom& random) {
  Row row;
  double sum = 0;
  for (int j = 0; j < 3; ++j) {
    row.features.push_back(static_cast<float>(random.Uniform(-1, 1)));
    sum += row.features.back();
  }
  row.label = sum > 0 ? 1 : 0;
  return row;
}

std::string SampleCsv(int rows) {
  SeededRandom random(1);
  std::string text;
  for (int i = 0; i < rows; ++i) {
    const Row row = SampleRow(random);
    absl::StrAppend(&text, row.label, ",", row.features[0], ",", row.features[1], ",", row.features[2], "\n");
  }
  return text;
}

std::string SampleRecordIo(int rows) {
  SeededRandom random(1);
  std::string bytes;
  for (int i = 0; i < rows; ++i) {
    const Row row = SampleRow(random);
    learner::AppendRecord({{"values", row.features}}, {{"values", {row.label}}}, &bytes);
  }
  return bytes;
}

class LltrainTest : public ::testing::Test {
 protected:
  LltrainTest() { SetHyperparameters(kHyperparameters); }

  void SetHyperparameters(absl::string_view json) { job_.Write("input/config/hyperparameters.json", json); }
  void SetInput(absl::string_view name, absl::string_view contents) {
    job_.Write(absl::StrCat("input/", name), contents);
  }

  static std::string Program() { return JoinPath(getenv("LL_BIN_DIR"), "lltrain"); }

  void Start(const std::vector<std::string>& more_arguments = {}) {
    std::vector<std::string> arguments = {"train", "--job-dir",     job_.path(), "--progress-fd",
                                          "3",     "--lifeline-fd", "4"};
    arguments.insert(arguments.end(), more_arguments.begin(), more_arguments.end());
    StartProgram(Program(), arguments);
  }

  void StartProgram(const std::string& program, const std::vector<std::string>& arguments) {
    auto child = ChildProcess::Spawn({.program = program, .arguments = arguments, .log_path = job_.File("log")});
    LL_ASSERT_OK(child);
    child_ = *std::move(child);
    unread_.clear();
    events_.clear();
  }

  void Kill() {
    LL_ASSERT_OK(child_->Signal(SIGKILL));
    EXPECT_TRUE(child_->Wait().signalled);
  }

  // Reads events up to and including the next one called `name`; false when the child ends before.
  bool AwaitEvent(absl::string_view name) {
    while (true) {
      const size_t end = unread_.find('\n');
      if (end != std::string::npos) {
        events_.push_back(Json::parse(unread_.substr(0, end)));
        unread_.erase(0, end + 1);
        if (events_.back()["event"] == std::string(name)) return true;
        continue;
      }
      char buffer[4096];
      const auto count = child_->ReadEvents(absl::MakeSpan(buffer));
      if (!count.ok() || *count == 0) return false;
      unread_.append(buffer, *count);
    }
  }

  // Runs to the end; the exit code.
  int Finish() {
    AwaitEvent("no such event");
    const ExitStatus status = child_->Wait();
    EXPECT_FALSE(status.signalled) << status.ToString();
    return status.code;
  }

  int Run(const std::vector<std::string>& more_arguments = {}) {
    Start(more_arguments);
    return child_ == nullptr ? -1 : Finish();
  }

  std::string ReadOrEmpty(absl::string_view name) { return Env::Posix().ReadFile(job_.File(name)).value_or(""); }
  std::string Artifact() { return ReadOrEmpty("model/model.tar.gz"); }
  std::string Failure() { return ReadOrEmpty("output/failure"); }
  std::string Log() { return ReadOrEmpty("log"); }

  testing::TempDir job_;
  std::unique_ptr<ChildProcess> child_;
  std::string unread_;
  std::vector<Json> events_;
};

TEST_F(LltrainTest, TrainsOnCsvWithEveryChannel) {
  SetInput("config/inputdataconfig.json", R"({"train": {"ContentType": "text/csv"}, "test": {"ContentType": "csv"}})");
  SetInput("config/resourceconfig.json", R"({"current_host": "algo-9", "hosts": ["algo-9"]})");
  SetInput("data/train/part-0", SampleCsv(1500));
  SetInput("data/train/part-1", SampleCsv(500));
  SetInput("data/validation", SampleRecordIo(300));
  SetInput("data/test/part-0", SampleCsv(400));
  ASSERT_EQ(Run(), 0) << Log();

  LL_ASSERT_OK_AND_ASSIGN(const learner::Model model, learner::ParseModel(Artifact()));
  EXPECT_EQ(model.schema().feature_dim, 3);
  EXPECT_EQ(model.training().train_rows, 2000);
  learner::Scores scores;
  const std::vector<float> rows = {0.9f, 0.8f, 0.7f, -0.9f, -0.8f, -0.7f};
  model.Score(rows.data(), 2, &scores);
  EXPECT_THAT(scores.labels, ::testing::ElementsAre(1, 0));

  ASSERT_EQ(events_.size(), 5u);
  EXPECT_EQ(events_[0]["event"], "prepared");
  EXPECT_EQ(events_[0]["train_rows"], 2000);
  EXPECT_EQ(events_[3]["event"], "epoch");
  EXPECT_EQ(events_[3]["epoch"], 2);
  EXPECT_EQ(events_[4]["event"], "done");
  EXPECT_EQ(events_[4]["artifact"]["sha256"], Sha256Hex(Artifact()));
  EXPECT_GT(events_[4]["training"]["metrics"]["test:binary_classification_accuracy"], 0.95);

  EXPECT_THAT(Log(), HasSubstr("#quality_metric: host=algo-9, epoch=2, validation "
                               "binary_classification_cross_entropy_objective <loss>="));
  EXPECT_THAT(Log(), HasSubstr("#quality_metric: host=algo-9, test roc_auc_score <score>="));
  EXPECT_THAT(Log(), HasSubstr("#progress_metric: host=algo-9, completed 100 % of epochs"));
  EXPECT_FALSE(Env::Posix().Exists(job_.File("output/failure")));
}

TEST_F(LltrainTest, RunsAreRepeatable) {
  SetInput("data/train/train.pbr", SampleRecordIo(1000));
  ASSERT_EQ(Run(), 0) << Log();
  const std::string artifact = Artifact();
  EXPECT_THAT(Log(), HasSubstr("Seed: 20171129"));
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {}, {"--threads", "1"}, {"--threads", "3"}, {"--seed", "20171129", "--threads", "2"}}) {
    ASSERT_EQ(Run(arguments), 0);
    EXPECT_TRUE(Artifact() == artifact);
  }
  ASSERT_EQ(Run({"--seed", "5"}), 0);
  EXPECT_FALSE(Artifact() == artifact);
}

TEST_F(LltrainTest, EveryFailureIsReportedWithItsCode) {
  std::string narrow_row_40000 = SampleCsv(40000);
  narrow_row_40000.resize(narrow_row_40000.rfind('\n', narrow_row_40000.size() - 2) + 1);
  narrow_row_40000 += "1,0.5\n";
  const std::string records = SampleRecordIo(100);
  struct Case {
    const char* hyperparameters;
    const char* config;
    const char* file;
    std::string contents;
    const char* reason;
    std::string message;
  };
  const std::vector<Case> cases = {
      {R"({"predictor_type": "binary_classifier", "mini_batch_siz": "100"})", "{}", "train/a.csv", SampleCsv(10),
       "INVALID_HYPERPARAMETER", "mini_batch_siz (did you mean mini_batch_size?)"},
      {kHyperparameters, "{}", "train/a.csv", "1,2,3,4\n0,nan,3,4\n", "INVALID_DATA",
       absl::StrCat("row 2, column 2 of ", job_.File("input/data/train/a.csv"), ": \"nan\" is not a finite number")},
      {kHyperparameters, "{}", "train/a.csv", "1,2,3\n0,hello,3\n", "INVALID_DATA", "\"hello\" is not a number"},
      {kHyperparameters, "{}", "train/a.pbr", records.substr(0, records.size() - 7), "INVALID_DATA", "was cut short"},
      {kHyperparameters, "{}", "train/a.pbr", SampleCsv(10), "INVALID_DATA",
       "Does this file hold application/x-recordio-protobuf?"},
      {kHyperparameters, R"({"train": {"ContentType": "text/plain"}})", "train/a.csv", SampleCsv(10), "INVALID_CHANNEL",
       "Accepted are application/x-recordio-protobuf"},
      {kHyperparameters, "{}", "train/.hidden", "x", "INVALID_CHANNEL", "holds no data files"},
      {kHyperparameters, "{}", "train/a.csv", "", "INVALID_DATA", "the file is empty"},
      {kHyperparameters, "{}", "validation/a.csv", SampleCsv(10), "INVALID_CHANNEL",
       "Unable to read data channel 'train'"},
      {kHyperparameters, "{}", "train/a.csv", "2,3,4\n", "INVALID_DATA", "the label is 2, and labels are 0 or 1"},
      {R"({"predictor_type": "binary_classifier", "feature_dim": "784"})", "{}", "train/a.csv", "1,2,3\n",
       "INVALID_DATA", "row 1 of "},
      {kHyperparameters, "{}", "train/a.csv", narrow_row_40000, "INVALID_DATA", "row 40000 of "},
  };
  for (const Case& c : cases) {
    LL_ASSERT_OK(Env::Posix().RemoveTree(job_.File("input/data")));
    SetHyperparameters(c.hyperparameters);
    SetInput("config/inputdataconfig.json", c.config);
    SetInput(absl::StrCat("data/", c.file), c.contents);
    EXPECT_EQ(Run(), 2) << c.message;
    EXPECT_THAT(Failure(), HasSubstr(c.message));
    EXPECT_EQ(Failure().substr(0, 13), "ClientError: ");
    EXPECT_EQ(Artifact(), "");
    ASSERT_FALSE(events_.empty());
    EXPECT_EQ(events_.back()["event"], "failed");
    EXPECT_EQ(events_.back()["code"], "INVALID_ARGUMENT");
    EXPECT_EQ(events_.back()["reason"], c.reason);
    EXPECT_THAT(events_.back()["message"].get<std::string>(), HasSubstr(c.message));
  }
}

TEST_F(LltrainTest, SeveralHostsAreRefused) {
  SetInput("config/resourceconfig.json", R"({"current_host": "a", "hosts": ["a", "b"]})");
  SetInput("data/train/a.csv", SampleCsv(10));
  EXPECT_EQ(Run(), 2);
  EXPECT_THAT(Failure(), HasSubstr("spread over 2 hosts"));
}

TEST_F(LltrainTest, ADirectoryThatCannotBeWrittenIsAFailureOfTheMachine) {
  // Not by permissions, which do not bind root: the place of the folder is taken by a file.
  job_.Write("model", "a file");
  SetInput("data/train/a.csv", SampleCsv(10));
  EXPECT_EQ(Run(), 3);
  EXPECT_EQ(events_.back()["reason"], "STORAGE_FAILED");
  EXPECT_EQ(Failure().substr(0, 20), "InternalServerError:");
}

TEST_F(LltrainTest, SigtermStopsWithTheBestModelSoFar) {
  SetHyperparameters(kEndless);
  SetInput("data/train/a.csv", SampleCsv(1000));
  Start();
  ASSERT_TRUE(AwaitEvent("epoch")) << Log();
  LL_ASSERT_OK(child_->Signal(SIGTERM));
  EXPECT_EQ(Finish(), 0);
  EXPECT_EQ(events_.back()["event"], "done");
  EXPECT_EQ(events_.back()["interrupted"], true);
  LL_ASSERT_OK_AND_ASSIGN(const learner::Model model, learner::ParseModel(Artifact()));
  EXPECT_GE(model.training().epochs_run, 1);
}

// Killed without warning, again and again, as soon as an epoch was reported: while its checkpoint is being written,
// before, or after.
TEST_F(LltrainTest, AJobThatIsKilledGoesOnToTheSameBytes) {
  SetHyperparameters(R"({"predictor_type": "binary_classifier", "epochs": "12", "early_stopping_patience": "99"})");
  SetInput("data/train/a.csv", SampleCsv(3000));
  ASSERT_EQ(Run(), 0) << Log();
  const std::string artifact = Artifact();
  const std::string metrics = ReadOrEmpty("model/metrics.json");
  const std::vector<std::string> keep = {"--checkpoint-dir", job_.File("kept"), "--checkpoint-interval", "0"};
  SeededRandom random(11);
  int resumed = 0;
  for (int kills = 0; kills < 8; ++kills) {
    Start(keep);
    for (uint64_t epochs = 1 + random.Below(2); epochs > 0 && AwaitEvent("epoch"); --epochs) {
    }
    Kill();
    for (const Json& event : events_) {
      if (event["event"] == "epoch" && event["epoch"] > 0) ++resumed;
    }
    EXPECT_EQ(Artifact(), "");
  }
  EXPECT_GT(resumed, 0) << "no run got beyond the first epoch";
  StartProgram(Program(),
               {"resume", "--job-dir", job_.path(), "--checkpoint-dir", job_.File("kept"), "--threads", "1"});
  EXPECT_EQ(Finish(), 0) << Log();
  EXPECT_TRUE(Artifact() == artifact);
  EXPECT_EQ(ReadOrEmpty("model/metrics.json"), metrics);
  EXPECT_THAT(Env::Posix().List(job_.File("kept")).value(), ::testing::IsEmpty());
}

TEST_F(LltrainTest, SigtermWritesACheckpointToGoOnFrom) {
  SetHyperparameters(kEndless);
  SetInput("data/train/a.csv", SampleCsv(1000));
  LL_ASSERT_OK(Env::Posix().CreateDirectories(job_.File("checkpoints")));
  Start();
  ASSERT_TRUE(AwaitEvent("epoch")) << Log();
  LL_ASSERT_OK(child_->Signal(SIGTERM));
  EXPECT_EQ(Finish(), 0);
  EXPECT_THAT(Log(), HasSubstr("Saved checkpoint to \""));
  const int last = events_[events_.size() - 2]["epoch"];
  Start({"--resume"});
  ASSERT_TRUE(AwaitEvent("epoch")) << Log();
  EXPECT_EQ(events_.back()["epoch"], last + 1);
  LL_ASSERT_OK(child_->Signal(SIGTERM));
  EXPECT_EQ(Finish(), 0);

  job_.Write("checkpoints/training.checkpoint", "something else");
  EXPECT_EQ(Run(), 2);
  EXPECT_EQ(events_.back()["reason"], "INVALID_CHECKPOINT");
}

TEST_F(LltrainTest, ItEndsWithItsParent) {
  SetHyperparameters(kEndless);
  SetInput("data/train/a.csv", SampleCsv(1000));
  const std::string fifo = job_.File("lifeline");
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  StartProgram("/bin/sh", {"-c", absl::StrCat("exec '", Program(), "' train --job-dir '", job_.path(),
                                              "' --progress-fd 3 --lifeline-fd 0 < '", fifo, "'")});
  const int parent_end = open(fifo.c_str(), O_WRONLY | O_CLOEXEC);
  ASSERT_GE(parent_end, 0);
  ASSERT_TRUE(AwaitEvent("epoch")) << Log();
  close(parent_end);
  EXPECT_EQ(Finish(), 3);
  EXPECT_EQ(Artifact(), "");
}

TEST_F(LltrainTest, AListenerThatGoesAwayDoesNotStopTheJob) {
  SetInput("data/train/a.csv", SampleCsv(1000));
  // A pipe whose reader has ended, for events and log alike; then no descriptor at all.
  for (const char* redirection : {"--progress-fd 5 5>&1 | true", "--progress-fd 9 9>&-"}) {
    StartProgram("/bin/sh",
                 {"-c", absl::StrCat("'", Program(), "' train --job-dir '", job_.path(), "' ", redirection)});
    EXPECT_EQ(Finish(), 0);
    LL_EXPECT_OK(learner::ParseModel(Artifact()));
    LL_ASSERT_OK(Env::Posix().RemoveFile(job_.File("model/model.tar.gz")));
  }
}

TEST_F(LltrainTest, HelpAndVersion) {
  StartProgram(Program(), {"--help"});
  EXPECT_EQ(Finish(), 0);
  EXPECT_THAT(Log(), HasSubstr("Examples:"));
  StartProgram(Program(), {"version"});
  EXPECT_EQ(Finish(), 0);
  EXPECT_THAT(Log(), HasSubstr("lltrain 0."));
  StartProgram(Program(), {"train", "--no-such-flag"});
  EXPECT_EQ(Finish(), 2);
}

}  // namespace
}  // namespace ll
