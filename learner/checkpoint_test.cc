#include "learner/checkpoint.h"

#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "base/digest.h"
#include "base/executor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "learner/artifact.h"
#include "learner/testing/synthetic_data.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/fault_env.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll::learner {
namespace {

using ::ll::learner::testing::MakeLogisticRows;
using ::ll::learner::testing::SyntheticRows;
using ::ll::testing::HasReason;
using ::ll::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Values = std::map<std::string, std::string>;

// Labels of any predictor, from the rows of a logistic one. The first column is far from zero, so that it has an
// offset.
SyntheticRows RowsFor(const std::string& predictor_type, int64_t rows, uint64_t seed) {
  SyntheticRows data = MakeLogisticRows(rows, 6, seed);
  for (int64_t i = 0; i < rows; ++i) {
    float& label = data.labels[static_cast<size_t>(i)];
    if (predictor_type == "multiclass_classifier") label += data.at(i, 1) > 0 ? 1.0f : 0.0f;
    if (predictor_type == "regressor") label = 500 + 40 * data.at(i, 0) - 7 * data.at(i, 2) + label;
    data.at(i, 0) += 1000;
  }
  return data;
}

struct Outcome {
  std::string artifact;
  std::vector<std::string> checkpoints;  // after each epoch
};

class ResumedTraining : public ::testing::TestWithParam<Values> {
 protected:
  // From the beginning, or from a checkpoint.
  Outcome Train(int threads, const std::string& from = "") {
    ThreadPool pool(threads);
    const std::string& predictor_type = GetParam().at("predictor_type");
    Dataset train = RowsFor(predictor_type, 330, 1).ToDataset();
    Dataset validation = RowsFor(predictor_type, 120, 2).ToDataset();
    Checkpoint checkpoint{
        .training = {.hyperparameters = GetParam(), .seed = 5, .warm_start = ""}, .state = {}, .history = {}};
    TrainHooks hooks{.executor = &pool, .seed = 5, .clock = &clock_};
    if (!from.empty()) {
      checkpoint = ParseCheckpoint(from).value();
      hooks.resume_from = &checkpoint.state;
    }
    const TrainingState resumed = checkpoint.state;
    if (hooks.resume_from != nullptr) hooks.resume_from = &resumed;
    Outcome run;
    hooks.on_epoch = [&](const EpochReport& report) { checkpoint.history.push_back(report); };
    hooks.on_state = [&](TrainingState state) {
      checkpoint.state = std::move(state);
      run.checkpoints.push_back(SerializeCheckpoint(checkpoint));
    };
    const Hyperparameters hyperparameters = ParseHyperparameters(GetParam()).value();
    const bool validates = GetParam().count("num_models") == 0;
    const auto result = learner::Train(train, validates ? &validation : nullptr, hyperparameters, hooks);
    EXPECT_TRUE(result.ok()) << result.status();
    if (result.ok()) run.artifact = SerializeModel(result->model).value();
    return run;
  }

  ll::testing::FakeClock clock_;
};

TEST_P(ResumedTraining, GivesTheBitsOfOneThatNeverStopped) {
  const Outcome whole = Train(2);
  ASSERT_GE(whole.checkpoints.size(), 2u);
  for (size_t epoch = 0; epoch < whole.checkpoints.size(); ++epoch) {
    const Outcome rest = Train(epoch % 2 == 0 ? 1 : 3, whole.checkpoints[epoch]);
    EXPECT_EQ(rest.artifact, whole.artifact) << "resumed after epoch " << epoch;
    EXPECT_EQ(rest.checkpoints, std::vector<std::string>(whole.checkpoints.begin() + static_cast<int64_t>(epoch) + 1,
                                                         whole.checkpoints.end()));
  }
}

const Values kTrainings[] = {
    {{"predictor_type", "binary_classifier"}, {"epochs", "4"}},
    {{"predictor_type", "binary_classifier"}, {"epochs", "3"}, {"optimizer", "sgd"}, {"momentum", "0.8"}},
    {{"predictor_type", "binary_classifier"},
     {"epochs", "12"},
     {"loss", "hinge_loss"},
     {"early_stopping_patience", "1"},
     {"early_stopping_tolerance", "0.3"},
     {"binary_classifier_model_selection_criteria", "loss_function"},
     {"positive_example_weight_mult", "auto"}},
    {{"predictor_type", "binary_classifier"}, {"epochs", "3"}, {"num_models", "1"}, {"learning_rate", "0.01"}},
    {{"predictor_type", "multiclass_classifier"},
     {"num_classes", "3"},
     {"epochs", "3"},
     {"balance_multiclass_weights", "true"}},
    {{"predictor_type", "multiclass_classifier"}, {"num_classes", "3"}, {"epochs", "3"}, {"optimizer", "rmsprop"}},
    {{"predictor_type", "regressor"}, {"epochs", "3"}, {"num_models", "7"}},
    {{"predictor_type", "regressor"}, {"epochs", "3"}, {"loss", "huber_loss"}, {"optimizer", "sgd"}},
};
INSTANTIATE_TEST_SUITE_P(AllKinds, ResumedTraining, ::testing::ValuesIn(kTrainings));

// Rows that lie in memory, that are sparse, and that are read from their source in every epoch.
TEST(ResumedTrainingTest, DoesNotDependOnWhereRowsAre) {
  const SyntheticRows rows = testing::MakeSparseRows(20000, 20, 1);
  Hyperparameters hyperparameters;
  hyperparameters.epochs = 3;
  hyperparameters.mini_batch_size = 500;
  hyperparameters.num_models = 8;
  for (const RowLayout layout : {RowLayout::kDense, RowLayout::kSparse}) {
    for (const uint64_t max_bytes : {uint64_t{0}, uint64_t{400'000}}) {
      const auto train = [&](const TrainingState* from, std::vector<TrainingState>* states) {
        ThreadPool pool(2);
        Dataset data = Dataset::Open(std::make_unique<testing::RowsAsSource>(rows, layout),
                                     {.max_bytes = max_bytes, .layout = layout})
                           .value();
        EXPECT_EQ(data.streamed(), max_bytes > 0);
        TrainHooks hooks{.executor = &pool, .resume_from = from};
        if (states != nullptr) hooks.on_state = [&](TrainingState state) { states->push_back(std::move(state)); };
        const auto result = learner::Train(data, nullptr, hyperparameters, hooks);
        EXPECT_TRUE(result.ok()) << result.status();
        return SerializeModel(result->model).value();
      };
      std::vector<TrainingState> states;
      const std::string whole = train(nullptr, &states);
      ASSERT_EQ(states.size(), 3u);
      for (const TrainingState& state : states) EXPECT_EQ(train(&state, nullptr), whole);
    }
  }
}

// Training goes on from the newest state where candidates diverge, too.
TEST(ResumedTrainingTest, KeepsWhatHasDiverged) {
  ThreadPool pool(2);
  Dataset train = RowsFor("binary_classifier", 200, 1).ToDataset();
  Hyperparameters hyperparameters;
  hyperparameters.epochs = 3;
  hyperparameters.optimizer = Optimizer::kSgd;
  hyperparameters.learning_rate = 3e38;
  hyperparameters.wd = 1.0;
  std::vector<TrainingState> states;
  const auto result = Train(train, nullptr, hyperparameters,
                            {.executor = &pool, .on_state = [&](TrainingState state) { states.push_back(state); }});
  EXPECT_THAT(result.status(), HasReason(ErrorReason::kTrainingDiverged));
  ASSERT_EQ(states.size(), 1u);
  EXPECT_TRUE(states[0].summaries[0].diverged);
  int epochs = 0;
  const auto again =
      Train(train, nullptr, hyperparameters,
            {.executor = &pool, .on_epoch = [&](const EpochReport&) { ++epochs; }, .resume_from = &states[0]});
  EXPECT_THAT(again.status(), HasReason(ErrorReason::kTrainingDiverged));
  EXPECT_EQ(epochs, 0);
}

class CheckpointTest : public ::testing::Test {
 protected:
  CheckpointTest() {
    Dataset train = RowsFor("binary_classifier", 100, 1).ToDataset();
    TrainHooks hooks{.executor = &pool_};
    hooks.on_epoch = [this](const EpochReport& report) { checkpoint_.history.push_back(report); };
    hooks.on_state = [this](TrainingState state) { checkpoint_.state = std::move(state); };
    Train(train, nullptr, hyperparameters_, hooks).value();
  }

  absl::Status Resume(SyntheticRows rows, bool validates = false) {
    Dataset train = rows.ToDataset();
    Dataset validation = rows.ToDataset();
    return Train(train, validates ? &validation : nullptr, hyperparameters_,
                 {.executor = &pool_, .resume_from = &checkpoint_.state})
        .status();
  }

  ThreadPool pool_{2};
  Hyperparameters hyperparameters_ =
      ParseHyperparameters({{"predictor_type", "binary_classifier"}, {"epochs", "2"}}).value();
  Checkpoint checkpoint_{.training = {.hyperparameters = {{"predictor_type", "binary_classifier"}, {"epochs", "2"}},
                                      .seed = kDefaultSeed,
                                      .warm_start = ""},
                         .state = {},
                         .history = {}};
  ll::testing::TempDir dir_;
  ll::testing::FaultEnv env_;
  const std::string path_ = dir_.File(kCheckpointFileName);
};

TEST_F(CheckpointTest, IsReadAsItWasWritten) {
  checkpoint_.history[0].criterion_value = std::nan("");
  const std::string bytes = SerializeCheckpoint(checkpoint_);
  LL_ASSERT_OK_AND_ASSIGN(const Checkpoint read, ParseCheckpoint(bytes));
  EXPECT_EQ(SerializeCheckpoint(read), bytes);
  EXPECT_EQ(read.state.candidates, checkpoint_.state.candidates);
  EXPECT_EQ(read.state.bank.weights, checkpoint_.state.bank.weights);
  EXPECT_EQ(read.history.size(), 2u);
  EXPECT_EQ(read.training.seed, kDefaultSeed);
}

TEST_F(CheckpointTest, NothingThatIsDamagedIsRead) {
  const std::string bytes = SerializeCheckpoint(checkpoint_);
  EXPECT_THAT(ParseCheckpoint("").status(), HasReason(ErrorReason::kInvalidCheckpoint));
  for (size_t size = 1; size < bytes.size(); size += 997) {
    EXPECT_THAT(ParseCheckpoint(bytes.substr(0, size)).status(), HasReason(ErrorReason::kInvalidCheckpoint)) << size;
  }
  for (size_t at = 0; at < bytes.size(); at += 997) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    EXPECT_THAT(ParseCheckpoint(damaged).status(), HasReason(ErrorReason::kInvalidCheckpoint)) << at;
  }
  EXPECT_THAT(ParseCheckpoint(bytes + "x").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("damaged")));
}

// Whoever can make the digest right must not get further with counts that are wrong.
TEST_F(CheckpointTest, ContentThatContradictsItselfIsRefused) {
  checkpoint_.history[1].best_candidate = 32;
  EXPECT_THAT(ParseCheckpoint(SerializeCheckpoint(checkpoint_)).status(), HasReason(ErrorReason::kInvalidCheckpoint));
  checkpoint_.history.pop_back();
  EXPECT_THAT(ParseCheckpoint(SerializeCheckpoint(checkpoint_)).status(), HasReason(ErrorReason::kInvalidCheckpoint));
  checkpoint_.state.epochs_run = 1;
  LL_EXPECT_OK(ParseCheckpoint(SerializeCheckpoint(checkpoint_)).status());
  checkpoint_.state.kept->function.weights.pop_back();
  EXPECT_THAT(Resume(RowsFor("binary_classifier", 100, 1)), HasReason(ErrorReason::kInvalidCheckpoint));
  checkpoint_.state.kept.reset();
  checkpoint_.state.bank.weights.pop_back();
  EXPECT_THAT(Resume(RowsFor("binary_classifier", 100, 1)), HasReason(ErrorReason::kInvalidCheckpoint));
}

TEST_F(CheckpointTest, ANewerFormatIsNamed) {
  std::string bytes = SerializeCheckpoint(checkpoint_);
  bytes.resize(bytes.size() - 64);
  bytes[8] = 9;
  EXPECT_THAT(ParseCheckpoint(bytes + Sha256Hex(bytes)).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("format version 9"), HasSubstr("written by release "))));
}

TEST_F(CheckpointTest, AnotherTrainingIsRefused) {
  const TrainingIdentity& then = checkpoint_.training;
  TrainingIdentity now = then;
  now.hyperparameters["use_bias"] = "True";
  now.hyperparameters["wd"] = "auto";
  LL_EXPECT_OK(CheckSameTraining(then, now));
  now.hyperparameters["epochs"] = "3";
  now.hyperparameters["l1"] = "0.1";
  EXPECT_THAT(
      CheckSameTraining(then, now),
      AllOf(HasReason(ErrorReason::kInvalidCheckpoint),
            StatusIs(absl::StatusCode::kFailedPrecondition,
                     AllOf(HasSubstr("epochs was \"2\" and is \"3\""), HasSubstr("l1 was not set and is \"0.1\"")))));
  now = then;
  now.seed = 7;
  EXPECT_THAT(CheckSameTraining(then, now), HasReason(ErrorReason::kInvalidCheckpoint));
  now = then;
  now.warm_start = "digest";
  EXPECT_THAT(CheckSameTraining(then, now),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("began without a model")));
}

TEST_F(CheckpointTest, OtherDataIsRefused) {
  const SyntheticRows rows = RowsFor("binary_classifier", 100, 1);
  LL_EXPECT_OK(Resume(rows));
  EXPECT_THAT(Resume(rows, /*validates=*/true),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("no validation")));
  EXPECT_THAT(
      Resume(RowsFor("binary_classifier", 90, 1)),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("had 100 rows of 6 features, and now has 90 of 6")));
  SyntheticRows other = rows;
  other.at(99, 5) += 1;
  EXPECT_THAT(Resume(other), AllOf(HasReason(ErrorReason::kInvalidCheckpoint),
                                   StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("other rows"))));
  other = rows;
  other.labels[7] = 1 - other.labels[7];
  EXPECT_THAT(Resume(other), HasReason(ErrorReason::kInvalidCheckpoint));
}

// Whatever step of writing it fails, the checkpoint before stays readable, and nothing is left beside the next.
TEST_F(CheckpointTest, AFailedSaveLeavesTheOneBefore) {
  checkpoint_.training.seed = 1;
  LL_ASSERT_OK(SaveCheckpoint(checkpoint_, env_, path_));
  checkpoint_.training.seed = 2;
  bool saved = false;
  for (int operations = 0; !saved; ++operations) {
    ASSERT_LT(operations, 20);
    env_.set_short_writes(true);
    env_.FailAfter(operations, absl::ResourceExhaustedError("disk full"));
    saved = SaveCheckpoint(checkpoint_, env_, path_).ok();
    env_.Heal();
    LL_ASSERT_OK_AND_ASSIGN(const Checkpoint read, LoadCheckpoint(env_, path_));
    EXPECT_TRUE(read.training.seed == 1 || read.training.seed == 2);
  }
  LL_ASSERT_OK_AND_ASSIGN(const Checkpoint read, LoadCheckpoint(env_, path_));
  EXPECT_EQ(read.training.seed, 2u);
  dir_.Write(std::string(kCheckpointFileName) + ".tmp.1.2", "cut off");
  LL_ASSERT_OK(SaveCheckpoint(checkpoint_, env_, path_));
  EXPECT_TRUE(absl::EndsWith(SerializeCheckpoint(checkpoint_), CheckpointDigest(env_, path_).value()));
  EXPECT_THAT(env_.List(dir_.path()).value(), ElementsAre(kCheckpointFileName));
  env_.LosePower();
  LL_EXPECT_OK(LoadCheckpoint(env_, path_).status());
  LL_EXPECT_OK(RemoveCheckpoint(env_, path_));
  LL_EXPECT_OK(RemoveCheckpoint(env_, path_));
  EXPECT_THAT(LoadCheckpoint(env_, path_).status(), StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace ll::learner
