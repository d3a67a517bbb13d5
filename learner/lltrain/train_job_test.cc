#include "learner/lltrain/train_job.h"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/digest.h"
#include "base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "learner/artifact.h"
#include "nlohmann/json.hpp"
#include "tests/testing/fake_clock.h"
#include "tests/testing/fault_env.h"
#include "tests/testing/gzip.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll::lltrain {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

// Rows whose label is 1 where the sum of the two features is positive.
std::string Csv(int rows, uint64_t seed) {
  SeededRandom random(seed);
  std::string text;
  for (int i = 0; i < rows; ++i) {
    const double a = random.Uniform(-1, 1), b = random.Uniform(-1, 1);
    absl::StrAppend(&text, a + b > 0 ? 1 : 0, ",", a, ",", b, "\n");
  }
  return text;
}

class TrainJobTest : public ::testing::Test {
 protected:
  TrainJobTest() {
    SetHyperparameters(R"({"predictor_type": "binary_classifier", "mini_batch_size": "50", "epochs": "4"})");
  }

  void SetHyperparameters(absl::string_view json) { dir_.Write("input/config/hyperparameters.json", json); }
  void SetChannel(absl::string_view name, absl::string_view csv) {
    dir_.Write(absl::StrCat("input/data/", name, "/part.csv"), csv);
  }

  ExitCode Run() {
    log_text_.clear();
    events_.clear();
    TrainLog log(clock_, 1, [this](absl::string_view line) { absl::StrAppend(&log_text_, line); });
    ProgressEvents events([this](absl::string_view line) {
      events_.push_back(nlohmann::json::parse(std::string(line)));
      if (events_.back()["event"] == stop_after_event_ && --stop_after_count_ == 0) stop_ = true;
    });
    ThreadPool pool(threads_);
    return RunTrainJob(
        options_,
        {.env = env_, .clock = clock_, .executor = pool, .log = log, .events = events, .stop_requested = [this] {
           return stop_;
         }});
  }

  std::string Model() { return env_.ReadFile(dir_.File("model/model.tar.gz")).value_or(""); }
  std::string Failure() { return env_.ReadFile(dir_.File("output/failure")).value_or(""); }

  ll::testing::TempDir dir_;
  ll::testing::FaultEnv env_;
  ll::testing::FakeClock clock_;
  TrainJobOptions options_{.job_directory = dir_.path()};
  int threads_ = 2;
  bool stop_ = false;
  std::string stop_after_event_;
  int stop_after_count_ = 1;
  std::string log_text_;
  std::vector<nlohmann::json> events_;
};

TEST_F(TrainJobTest, TrainsARegressor) {
  SetHyperparameters(R"({"predictor_type": "regressor", "mini_batch_size": "50"})");
  std::string csv;
  for (int i = 0; i < 400; ++i) absl::StrAppend(&csv, 1000 + 3 * (i % 20), ",", i % 20, ",", i % 7, "\n");
  SetChannel("train", csv);
  SetChannel("test", csv);
  ASSERT_EQ(Run(), ExitCode::kSuccess) << log_text_;
  LL_ASSERT_OK_AND_ASSIGN(const learner::Model model, learner::ParseModel(Model()));
  EXPECT_NEAR(model.weights()[0], 3, 0.05);
  EXPECT_NEAR(model.bias()[0], 1000, 1);
  EXPECT_LT(model.training().metrics.at("test:rmse"), 0.5);
  EXPECT_THAT(log_text_, HasSubstr("\"mean_label\":1028.5,\"stdev_label\":17.29"));
  EXPECT_THAT(log_text_, ContainsRegex("#quality_metric: host=algo-1, epoch=0, train mse_objective <loss>=[0-9.]+"));
  EXPECT_THAT(log_text_, ContainsRegex("#quality_metric: host=algo-1, test mse <loss>=[0-9.]+"));
}

TEST_F(TrainJobTest, TrainsAMulticlassClassifier) {
  SetHyperparameters(R"({"predictor_type": "multiclass_classifier", "num_classes": "3", "mini_batch_size": "50"})");
  std::string csv;
  for (int i = 0; i < 600; ++i) absl::StrAppend(&csv, i % 3, ",", i % 3 == 1 ? 2 : i % 7, ",", i % 3 == 2, "\n");
  SetChannel("train", csv);
  SetChannel("validation", csv);
  ASSERT_EQ(Run(), ExitCode::kSuccess) << log_text_;
  LL_ASSERT_OK_AND_ASSIGN(const learner::Model model, learner::ParseModel(Model()));
  EXPECT_EQ(model.schema().outputs, 3);
  EXPECT_GT(model.training().metrics.at("validation:multiclass_accuracy"), 0.6);
  EXPECT_THAT(log_text_, ContainsRegex("epoch=0, validation multiclass_cross_entropy_objective <loss>=[0-9.]+"));
  EXPECT_THAT(log_text_, ContainsRegex("validation multiclass_top_k_accuracy_3 <score>=1"));
  EXPECT_THAT(log_text_, ContainsRegex("validation macro_f_1.000 <score>=[0-9.]+"));
}

TEST_F(TrainJobTest, TrainsFromTheDirectoryIntoTheDirectory) {
  SetChannel("train", Csv(1000, 1));
  SetChannel("validation", Csv(300, 2));
  SetChannel("test", Csv(200, 3));
  ASSERT_EQ(Run(), ExitCode::kSuccess) << log_text_;
  EXPECT_EQ(Failure(), "");

  LL_ASSERT_OK_AND_ASSIGN(const learner::Model model, learner::ParseModel(Model()));
  EXPECT_EQ(model.schema().feature_dim, 2);
  const learner::TrainingRecord& training = model.training();
  EXPECT_EQ(training.hyperparameters.at("mini_batch_size"), "50");
  EXPECT_EQ(training.hyperparameters.size(), 3u);
  EXPECT_EQ(training.seed, learner::kDefaultSeed);
  EXPECT_EQ(training.train_rows, 1000);
  EXPECT_EQ(training.candidates.size(), 32u);
  EXPECT_GT(training.metrics.at("validation:binary_classification_accuracy"), 0.95);
  EXPECT_GT(training.metrics.at("test:binary_classification_accuracy"), 0.95);
  EXPECT_GT(training.metrics.at("test:roc_auc_score"), 0.95);
  EXPECT_EQ(training.metrics.count("train:objective_loss"), 1u);

  ASSERT_EQ(events_.size(), 6u);
  EXPECT_EQ(events_[0]["event"], "prepared");
  EXPECT_EQ(events_[0]["train_rows"], 1000);
  EXPECT_EQ(events_[0]["validation_rows"], 300);
  EXPECT_EQ(events_[0]["test_rows"], 200);
  EXPECT_EQ(events_[0]["models"], 32);
  for (int epoch = 0; epoch < 4; ++epoch) {
    EXPECT_EQ(events_[static_cast<size_t>(epoch) + 1]["event"], "epoch");
    EXPECT_EQ(events_[static_cast<size_t>(epoch) + 1]["epoch"], epoch);
    EXPECT_EQ(events_[static_cast<size_t>(epoch) + 1]["candidates"].size(), 32u);
  }
  EXPECT_EQ(events_[5]["event"], "done");
  EXPECT_EQ(events_[5]["interrupted"], false);
  EXPECT_EQ(events_[5]["artifact"]["sha256"], Sha256Hex(Model()));
  EXPECT_EQ(events_[5]["training"]["metrics"]["test:roc_auc_score"], training.metrics.at("test:roc_auc_score"));

  EXPECT_THAT(log_text_, HasSubstr("Seed: 20171129, threads: 2"));
  EXPECT_THAT(log_text_, HasSubstr("#quality_metric: host=algo-1, epoch=3, validation"));
  EXPECT_THAT(log_text_, HasSubstr("#quality_metric: host=algo-1, test roc_auc_score <score>="));
  EXPECT_THAT(log_text_, HasSubstr("#validation_score (algo-1) : ('binary_classification_accuracy', "));
}

TEST_F(TrainJobTest, PipesGiveTheModelThatFilesGive) {
  const std::string csv = Csv(5000, 1);  // more than a pipe holds
  SetChannel("train", csv);
  SetChannel("validation", csv);
  ASSERT_EQ(Run(), ExitCode::kSuccess) << log_text_;
  const std::string model = Model();

  LL_ASSERT_OK(env_.RemoveTree(dir_.File("input/data")));
  dir_.Write("input/config/inputdataconfig.json", R"({
    "train": {"TrainingInputMode": "Pipe", "ContentType": "text/csv"},
    "validation": {"TrainingInputMode": "Pipe", "CompressionType": "Gzip"}})");
  LL_ASSERT_OK(env_.CreateDirectories(dir_.File("input/data")));
  const auto feed = [this](const char* name, const std::string& bytes) {
    const std::string path = dir_.File(absl::StrCat("input/data/", name));
    EXPECT_EQ(mkfifo(path.c_str(), 0600), 0);
    return std::thread([path, bytes] { std::ofstream(path, std::ios::binary) << bytes; });
  };
  std::thread train = feed("train_0", csv);
  std::thread validation = feed("validation_0", ll::testing::Gzip(csv));
  EXPECT_EQ(Run(), ExitCode::kSuccess) << log_text_;
  train.join();
  validation.join();
  EXPECT_EQ(Model(), model);
  EXPECT_THAT(log_text_, HasSubstr("The channel 'train' is in pipe input mode under "));
}

TEST_F(TrainJobTest, RowsAreShuffledByTheSeedOfTheirChannel) {
  std::string sorted = Csv(1000, 1);
  std::vector<std::string> lines = absl::StrSplit(sorted, '\n', absl::SkipEmpty());
  std::sort(lines.begin(), lines.end());
  SetChannel("train", absl::StrJoin(lines, "\n"));
  ASSERT_EQ(Run(), ExitCode::kSuccess);
  const std::string unshuffled = Model();
  dir_.Write("input/config/inputdataconfig.json", R"({"train": {"ShuffleConfig": {"Seed": 7}}})");
  ASSERT_EQ(Run(), ExitCode::kSuccess);
  const std::string shuffled = Model();
  EXPECT_THAT(log_text_, HasSubstr("shuffled"));
  EXPECT_NE(shuffled, unshuffled);
  ASSERT_EQ(Run(), ExitCode::kSuccess);
  EXPECT_EQ(Model(), shuffled);
}

TEST_F(TrainJobTest, MissingFeaturesAreRefusedUnlessTheContentTypeSaysWhatStandsInForThem) {
  const auto run = [this](absl::string_view missing, absl::string_view train, absl::string_view test) {
    const std::string type = absl::StrCat(R"({"ContentType": "text/csv)", missing, R"("})");
    dir_.Write("input/config/inputdataconfig.json", absl::StrCat(R"({"train": )", type, R"(, "test": )", type, "}"));
    SetChannel("train", train);
    SetChannel("test", test);
    const ExitCode exit_code = Run();
    return exit_code == ExitCode::kSuccess ? Model() : Failure();
  };
  const std::string rows = Csv(200, 1);
  const auto with = [&](absl::string_view cell) { return absl::StrCat(rows, "1,", cell, ",4\n0,6,2\n1,2,3\n"); };
  EXPECT_THAT(run("", with(""), rows), HasSubstr("missing"));
  EXPECT_EQ(run("; missing=zero", with(""), rows), run("", with("0"), rows));
  // The mean of train, to a float's precision, in both channels.
  const std::string imputed = run("; missing=mean", with("NA"), with(""));
  EXPECT_THAT(log_text_, HasSubstr("'train': 1 missing feature was replaced by means of channel 'train'"));
  EXPECT_THAT(log_text_, HasSubstr("'test': 1 missing feature was replaced by means of channel 'train'"));
  LL_ASSERT_OK(learner::ParseModel(imputed));
}

TEST_F(TrainJobTest, NamesOfAHeaderAndOfClassesAreKept) {
  dir_.Write("input/config/inputdataconfig.json",
             R"({"train": {"ContentType": "text/csv; header=present"}, "test": {"ContentType": "text/csv"}})");
  dir_.Write("input/config/names.json", R"({"classes": ["below", "above"]})");
  SetChannel("train", absl::StrCat("label,age,height\n", Csv(200, 1)));
  SetChannel("test", Csv(50, 2));
  ASSERT_EQ(Run(), ExitCode::kSuccess) << log_text_;
  LL_ASSERT_OK_AND_ASSIGN(const learner::Model model, learner::ParseModel(Model()));
  EXPECT_THAT(model.feature_names(), ::testing::ElementsAre("age", "height"));
  EXPECT_THAT(model.class_names(), ::testing::ElementsAre("below", "above"));

  dir_.Write("input/config/names.json", R"({"features": ["a", "b"]})");  // more than the header says
  ASSERT_EQ(Run(), ExitCode::kSuccess) << log_text_;
  LL_ASSERT_OK_AND_ASSIGN(const learner::Model renamed, learner::ParseModel(Model()));
  EXPECT_THAT(renamed.feature_names(), ::testing::ElementsAre("a", "b"));

  dir_.Write("input/config/names.json", R"({"features": ["a"]})");
  EXPECT_EQ(Run(), ExitCode::kCustomerError);
  EXPECT_THAT(Failure(), HasSubstr("cannot use the names of the features: names.json has 1, and there are 2"));
  dir_.Write("input/config/names.json", R"({"classes": ["a", "b", "c"]})");
  EXPECT_EQ(Run(), ExitCode::kCustomerError);
  EXPECT_THAT(Failure(), HasSubstr("names.json has 3, and there are 2"));
}

TEST_F(TrainJobTest, ColumnsInAnotherOrderAreRefused) {
  const std::string type = R"({"ContentType": "text/csv; header=present"})";
  dir_.Write("input/config/inputdataconfig.json",
             absl::StrCat(R"({"train": )", type, R"(, "validation": )", type, "}"));
  SetChannel("train", absl::StrCat("label,age,height\n", Csv(200, 1)));
  SetChannel("validation", absl::StrCat("label,height,age\n", Csv(200, 1)));
  EXPECT_EQ(Run(), ExitCode::kCustomerError);
  EXPECT_THAT(Failure(), HasSubstr("feature 1 is called \"height\", and \"age\" in another channel"));
}

TEST_F(TrainJobTest, ReportsLieBesideTheModel) {
  SetChannel("train", Csv(500, 1));
  SetChannel("validation", Csv(200, 2));
  ASSERT_EQ(Run(), ExitCode::kSuccess) << log_text_;
  const auto metrics = nlohmann::json::parse(env_.ReadFile(dir_.File("model/metrics.json")).value());
  EXPECT_EQ(metrics["epochs"].size(), 4u);
  EXPECT_EQ(metrics["epochs"][0]["train_loss"].size(), 32u);
  EXPECT_EQ(metrics["epochs"][0]["validation_loss"].size(), 32u);
  EXPECT_GT(metrics["metrics"]["validation:roc_auc_score"], 0.95);
  EXPECT_THAT(env_.ReadFile(dir_.File("model/loss.svg")).value(), HasSubstr("validation, candidate "));
  EXPECT_THAT(env_.ReadFile(dir_.File("model/threshold.svg")).value(), HasSubstr("recall on validation"));
  EXPECT_FALSE(env_.Exists(dir_.File("model/weights.svg")));
  // A job that fails leaves none.
  SetChannel("train", "1,x\n");
  EXPECT_EQ(Run(), ExitCode::kCustomerError);
  EXPECT_THAT(env_.List(dir_.File("model")).value(), ::testing::IsEmpty());
}

TEST_F(TrainJobTest, DataOfOneClassIsTrainedOnWithAWarning) {
  SetChannel("train", "1,1,2\n1,2,3\n1,3,5\n");
  ASSERT_EQ(Run(), ExitCode::kSuccess) << log_text_;
  EXPECT_THAT(log_text_, HasSubstr("every label of the train channel is 1: no model can learn"));
  SetHyperparameters(
      R"({"predictor_type": "multiclass_classifier", "num_classes": "4", "balance_multiclass_weights": "true"})");
  SetChannel("train", "0,1,2\n1,2,3\n3,3,5\n");  // no 2
  EXPECT_EQ(Run(), ExitCode::kSuccess) << log_text_;
}

TEST_F(TrainJobTest, SeveralHostsAreRefused) {
  SetChannel("train", Csv(100, 1));
  dir_.Write("input/config/resourceconfig.json",
             R"({"current_host": "algo-1", "hosts": ["algo-1", "algo-2"], "network_interface_name": "eth0"})");
  EXPECT_EQ(Run(), ExitCode::kCustomerError);
  EXPECT_THAT(Failure(), HasSubstr("the job is spread over 2 hosts, and this release trains on one"));
}

TEST_F(TrainJobTest, WithoutValidationScoresAreThoseOfTrain) {
  SetChannel("train", Csv(500, 1));
  ASSERT_EQ(Run(), ExitCode::kSuccess);
  EXPECT_THAT(log_text_, HasSubstr("#train_score (algo-1) : ('binary_classification_accuracy', "));
  EXPECT_THAT(log_text_, HasSubstr("Test data is not provided."));
  EXPECT_THAT(log_text_, Not(HasSubstr("validation binary")));
  EXPECT_FALSE(events_[0].contains("validation_rows"));
}

TEST_F(TrainJobTest, TheSameSeedGivesTheSameBytesOnAnyNumberOfThreads) {
  SetChannel("train", Csv(500, 1));
  ASSERT_EQ(Run(), ExitCode::kSuccess);
  const std::string model = Model();
  threads_ = 3;
  ASSERT_EQ(Run(), ExitCode::kSuccess);
  EXPECT_EQ(Model(), model);
  options_.seed = 7;
  ASSERT_EQ(Run(), ExitCode::kSuccess);
  EXPECT_NE(Model(), model);
}

TEST_F(TrainJobTest, WarningsAreLoggedAndSent) {
  SetHyperparameters(R"({"predictor_type": "binary_classifier", "momentum": "0.5", "mini_batch_size": "1000000"})");
  SetChannel("train", Csv(100, 1));
  ASSERT_EQ(Run(), ExitCode::kSuccess);
  EXPECT_EQ(events_[0]["event"], "warning");
  EXPECT_THAT(events_[0]["message"].get<std::string>(), HasSubstr("momentum has no effect"));
  EXPECT_THAT(log_text_, HasSubstr("WARNING 1] Hyperparameter momentum has no effect"));
  int clamped = 0;
  for (const auto& event : events_) {
    if (event["event"] == "warning" && absl::StrContains(event["message"].get<std::string>(), "mini_batch_size")) {
      ++clamped;
    }
  }
  EXPECT_EQ(clamped, 1);
}

struct BadJob {
  const char* name;
  const char* hyperparameters;
  const char* train;  // CSV; empty: no channel
  ExitCode exit_code;
  const char* failure;
  const char* reason;
};

class BadJobTest : public TrainJobTest, public ::testing::WithParamInterface<BadJob> {};

TEST_P(BadJobTest, FailsWithTheSameWordsEverywhere) {
  const BadJob& bad = GetParam();
  SetHyperparameters(bad.hyperparameters);
  if (*bad.train != '\0') dir_.Write("input/data/train/part", bad.train);
  dir_.Write("model/model.tar.gz", "of an earlier run");
  EXPECT_EQ(Run(), bad.exit_code);
  EXPECT_EQ(Model(), "");
  EXPECT_THAT(Failure(), HasSubstr(bad.failure));
  EXPECT_THAT(log_text_, HasSubstr(Failure()));
  ASSERT_FALSE(events_.empty());
  EXPECT_EQ(events_.back()["event"], "failed");
  EXPECT_EQ(events_.back()["reason"], bad.reason);
  EXPECT_EQ(events_.back()["exit_code"], static_cast<int>(bad.exit_code));
  EXPECT_THAT(Failure(), HasSubstr(events_.back()["message"].get<std::string>()));
}

constexpr char kGood[] = R"({"predictor_type": "binary_classifier"})";

INSTANTIATE_TEST_SUITE_P(
    Table, BadJobTest,
    ::testing::Values(
        BadJob{"UnknownHyperparameter", R"({"predictor_type": "binary_classifier", "epoch": "3"})", "1,2\n",
               ExitCode::kCustomerError, "Extraneous hyperparameter found: epoch (did you mean epochs?)",
               "INVALID_HYPERPARAMETER"},
        BadJob{"HyperparametersAreCheckedBeforeData", R"({"predictor_type": "regressor", "loss": "logistic"})", "",
               ExitCode::kCustomerError, "logistic is not in [auto, squared_loss", "INVALID_HYPERPARAMETER"},
        BadJob{"NoTrainChannel", kGood, "", ExitCode::kCustomerError,
               "ClientError: Unable to read data channel 'train': there is nothing at", "INVALID_CHANNEL"},
        BadJob{"Text", kGood, "1,2\n0,abc\n", ExitCode::kCustomerError,
               "ClientError: Unable to read data channel 'train': cannot read row 2, column 2 of ", "INVALID_DATA"},
        BadJob{"LabelOutOfRange", kGood, "1,2\n3,2\n", ExitCode::kCustomerError, "labels are 0 or 1", "INVALID_DATA"},
        BadJob{"RowsOfDifferentLength", kGood, "1,2,3\n0,2\n", ExitCode::kCustomerError, "row 2 of ", "INVALID_DATA"},
        BadJob{"IndexBeyondFeatureDim", R"({"predictor_type": "binary_classifier", "feature_dim": "4"})",
               "1 1:0.5 5:2\n", ExitCode::kCustomerError, "\"5:2\" has index 5, and rows have 4 features",
               "INVALID_DATA"},
        BadJob{"DuplicateIndices", R"({"predictor_type": "binary_classifier", "feature_dim": "4"})", "1 1:0.5 1:2\n",
               ExitCode::kCustomerError, "row 1", "INVALID_DATA"},
        BadJob{"CorruptGzip", kGood, "\x1f\x8b\x08rubbish", ExitCode::kCustomerError, "gzip", "INVALID_DATA"},
        BadJob{"NoneOfTheFormats", kGood, "PAR1 or so", ExitCode::kCustomerError,
               "accepted are application/x-recordio-protobuf", "INVALID_CHANNEL"},
        BadJob{"MissingFeature", kGood, "1,2\n0,\n", ExitCode::kCustomerError, "column 2", "INVALID_DATA"},
        BadJob{"InfiniteFeature", kGood, "1,2\n0,inf\n", ExitCode::kCustomerError, "column 2", "INVALID_DATA"},
        BadJob{"EmptyFile", kGood, "\n", ExitCode::kCustomerError, "the file is empty", "INVALID_DATA"},
        BadJob{"WrongWidth", R"({"predictor_type": "binary_classifier", "feature_dim": "784"})", "1,2,3\n",
               ExitCode::kCustomerError, "expected 784 features (by the hyperparameter feature_dim), got 2",
               "INVALID_DATA"}),
    [](const auto& info) { return info.param.name; });

TEST_F(TrainJobTest, OtherChannelsMustHaveTheWidthOfTrain) {
  SetChannel("train", Csv(100, 1));
  SetChannel("validation", "1,2,3,4\n");
  EXPECT_EQ(Run(), ExitCode::kCustomerError);
  EXPECT_THAT(Failure(), HasSubstr("Unable to read data channel 'validation'"));
  EXPECT_THAT(Failure(), HasSubstr("expected 2 features (by channel train), got 3"));
}

// Rows beyond the limit are read again in every pass, from whatever they come in; the model is the same.
TEST_F(TrainJobTest, DataThatDoesNotFitIntoMemoryIsStreamed) {
  const std::string csv = Csv(6000, 1);
  SetChannel("train", csv);
  SetChannel("validation", Csv(2500, 2));
  ASSERT_EQ(Run(), ExitCode::kSuccess);
  const std::string model = Model();

  options_.memory_limit = 60'000;
  EXPECT_EQ(Run(), ExitCode::kSuccess) << log_text_;
  EXPECT_EQ(Model(), model);
  EXPECT_THAT(log_text_, HasSubstr("Data channel 'train': 6000 rows of 2 features from 1 file, streamed, in "));
  EXPECT_THAT(log_text_, HasSubstr("Data channel 'validation': 2500 rows of 2 features from 1 file, streamed, in "));

  SetChannel("train", ll::testing::Gzip(csv));
  EXPECT_EQ(Run(), ExitCode::kSuccess) << log_text_;
  EXPECT_EQ(Model(), model);

  // A FIFO is read once, and what came through it is kept on disk meanwhile.
  LL_ASSERT_OK(env_.RemoveTree(dir_.File("input/data/train")));
  dir_.Write("input/config/inputdataconfig.json", R"({"train": {"TrainingInputMode": "Pipe"}})");
  const std::string fifo = dir_.File("input/data/train_0");
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  std::thread writer([&] { std::ofstream(fifo, std::ios::binary) << csv; });
  EXPECT_EQ(Run(), ExitCode::kSuccess) << log_text_;
  writer.join();
  EXPECT_EQ(Model(), model);
  EXPECT_FALSE(env_.Exists(dir_.File("output/train.spool")));
}

TEST_F(TrainJobTest, WhatIsStreamedCannotBeShuffled) {
  SetChannel("train", Csv(4000, 1));
  dir_.Write("input/config/inputdataconfig.json", R"({"train": {"ShuffleConfig": {"Seed": 1}}})");
  options_.memory_limit = 40'000;
  EXPECT_EQ(Run(), ExitCode::kCustomerError);
  EXPECT_THAT(Failure(), HasSubstr("Unable to shuffle data channel 'train'"));
}

TEST_F(TrainJobTest, LabelsThatDoNotFitIntoMemoryAreRefused) {
  SetChannel("train", Csv(1000, 1));
  options_.memory_limit = 4000;
  EXPECT_EQ(Run(), ExitCode::kCustomerError);
  EXPECT_THAT(Failure(), HasSubstr("4000 bytes of memory"));
}

// The same rows as CSV and as libsvm, most of them zeros.
TEST_F(TrainJobTest, SparseRowsGiveTheModelOfDenseOnes) {
  SeededRandom random(5);
  const auto rows = [&](int count, std::string* csv, std::string* svm) {
    for (int i = 0; i < count; ++i) {
      const int place = static_cast<int>(random.Below(20));
      const int label = place < 9 || random.Below(10) == 0 ? 1 : 0;
      absl::StrAppend(csv, label);
      absl::StrAppend(svm, label, " ", place + 1, ":1.5", place == 19 ? "" : " 20:0.5", "\n");
      for (int j = 0; j < 20; ++j) absl::StrAppend(csv, j == place ? ",1.5" : (j == 19 ? ",0.5" : ",0"));
      absl::StrAppend(csv, "\n");
    }
  };
  std::string train_csv, train_svm, validation_csv, validation_svm;
  rows(800, &train_csv, &train_svm);
  rows(300, &validation_csv, &validation_svm);
  SetChannel("train", train_csv);
  SetChannel("validation", validation_csv);
  ASSERT_EQ(Run(), ExitCode::kSuccess) << log_text_;
  const std::string model = Model();
  LL_ASSERT_OK(env_.RemoveTree(dir_.File("input/data")));
  dir_.Write("input/data/train", train_svm);
  dir_.Write("input/data/validation", validation_svm);
  EXPECT_EQ(Run(), ExitCode::kSuccess) << log_text_;
  EXPECT_THAT(log_text_, HasSubstr("800 rows of 20 features from 1 file, sparse, in "));
  EXPECT_EQ(Model(), model);
}

TEST_F(TrainJobTest, StoppedWhileReadingThereIsNoModel) {
  SetChannel("train", Csv(1000, 1));
  stop_ = true;
  EXPECT_EQ(Run(), ExitCode::kPlatformError);
  EXPECT_EQ(Model(), "");
  EXPECT_THAT(Failure(), HasSubstr("training was stopped"));
  EXPECT_EQ(events_.back()["reason"], "INTERRUPTED");
  EXPECT_EQ(events_.back()["code"], "CANCELLED");
}

TEST_F(TrainJobTest, StoppedInTheFirstEpochThereIsNoModel) {
  SetChannel("train", Csv(1000, 1));
  stop_after_event_ = "prepared";
  EXPECT_EQ(Run(), ExitCode::kPlatformError);
  EXPECT_EQ(Model(), "");
  EXPECT_EQ(events_.back()["reason"], "INTERRUPTED");
}

TEST_F(TrainJobTest, StoppedLaterTheBestModelSoFarIsWritten) {
  SetChannel("train", Csv(1000, 1));
  stop_after_event_ = "epoch";
  stop_after_count_ = 2;
  EXPECT_EQ(Run(), ExitCode::kSuccess);
  LL_ASSERT_OK_AND_ASSIGN(const learner::Model model, learner::ParseModel(Model()));
  EXPECT_EQ(model.training().epochs_run, 2);
  EXPECT_EQ(Failure(), "");
  EXPECT_EQ(events_.back()["event"], "done");
  EXPECT_EQ(events_.back()["interrupted"], true);
  EXPECT_THAT(log_text_, HasSubstr("Training was stopped; the best model so far is in"));
}

TEST_F(TrainJobTest, AFullDiskIsAFailureOfTheMachineAndLeavesNothingHalfWritten) {
  SetChannel("train", Csv(200, 1));
  ASSERT_EQ(Run(), ExitCode::kSuccess);
  const std::string model = Model();
  const int64_t first = env_.operations();
  ASSERT_EQ(Run(), ExitCode::kSuccess);
  const int64_t per_run = env_.operations() - first;
  for (int64_t allowed = 0; allowed < per_run; ++allowed) {
    env_.FailAfter(allowed, MakeError(absl::StatusCode::kResourceExhausted, ErrorReason::kStorageFull,
                                      {.what = "cannot write", .why = "the disk is full"}));
    env_.set_short_writes(true);
    EXPECT_EQ(Run(), ExitCode::kPlatformError) << allowed;
    env_.Heal();
    const std::string left = Model();
    EXPECT_TRUE(left.empty() || left == model) << allowed;
    EXPECT_EQ(events_.back()["event"], "failed");
    EXPECT_EQ(events_.back()["reason"], "STORAGE_FULL");
  }
}

}  // namespace
}  // namespace ll::lltrain
