#include "learner/lltrain/tool_commands.h"

#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "learner/artifact.h"
#include "tests/testing/fault_env.h"
#include "tests/testing/golden.h"
#include "tests/testing/gzip.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll::lltrain {
namespace {

using ::ll::testing::MatchesGolden;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class ToolTest : public ::testing::Test {
 protected:
  ToolTest() { Save(Binary(), "model.tar.gz"); }

  // margin = x0 - 2 x1 + 0.5
  static learner::Model::Parts Binary() {
    learner::Model::Parts parts;
    parts.schema = {.feature_dim = 2};
    parts.weights = {1, -2};
    parts.bias = {0.5};
    parts.threshold = 0.25f;
    parts.feature_names = {"age", "height"};
    parts.class_names = {"stays", "goes"};
    return parts;
  }
  static learner::Model::Parts Three() {
    learner::Model::Parts parts;
    parts.schema = {.predictor_type = learner::PredictorType::kMulticlassClassifier,
                    .loss = learner::Loss::kSoftmax,
                    .feature_dim = 2,
                    .outputs = 3};
    parts.weights = {1, 0, 0, 1, -1, -1};
    parts.bias = {0, 0, 0};
    return parts;
  }

  void Save(const learner::Model::Parts& parts, absl::string_view name) {
    LL_ASSERT_OK(learner::SaveModel(*learner::Model::Create(parts), env_, dir_.File(name)));
  }

  ExitCode Run(const ToolCommand& command) {
    out_.str("");
    err_.str("");
    written_.clear();
    pieces_ = 0;
    return RunTool(command, {.env = env_, .out = out_, .err = err_, .write = [this](absl::string_view bytes) {
                               written_.append(bytes.data(), bytes.size());
                               return ++pieces_ < listen_for_pieces_;
                             }});
  }

  std::string Score(absl::string_view rows, absl::string_view accept, absl::string_view content_type = "") {
    const std::string input = dir_.Write("rows", rows);
    const ExitCode exit_code = Run(ScoreOptions{.model = dir_.File("model.tar.gz"),
                                                .input = input,
                                                .content_type = std::string(content_type),
                                                .accept = std::string(accept)});
    return exit_code == ExitCode::kSuccess ? written_ : err_.str();
  }

  ll::testing::TempDir dir_;
  ll::testing::FaultEnv env_;
  std::ostringstream out_, err_;
  std::string written_;
  int pieces_ = 0;
  int listen_for_pieces_ = 1'000'000;
};

TEST_F(ToolTest, ScoresRowsOfAnyFormatAsAnyFormat) {
  EXPECT_EQ(
      Score("0.5,0.5\n-0.5,0.5\n", ""),
      R"({"predictions": [{"score": 0.5, "predicted_label": 1}, {"score": 0.2689414322376251, "predicted_label": 1}]})");
  EXPECT_EQ(Score("0.5,0.5\n", "text/csv; header=present", "text/csv"), "score,predicted_label\n0.5,1\n");
  EXPECT_EQ(Score("1,0.5,0.5\n", "text/csv", "text/csv; label_size=1"), "0.5,1\n");
  EXPECT_EQ(Score("1 1:0.5 2:0.5\n", "application/jsonlines"), "{\"score\": 0.5, \"predicted_label\": 1}\n");
  EXPECT_EQ(Score(R"({"instances": [{"features": [0.5, 0.5]}]})", "text/csv"), "0.5,1\n");
  EXPECT_EQ(Score(ll::testing::Gzip("0.5,0.5\n"), "text/csv"), "0.5,1\n");
  EXPECT_EQ(Score("0.5,\n", "text/csv", "text/csv; missing=zero"), "0.7310586,1\n");
  EXPECT_EQ(Score("0.5,0.5\n", "application/x-recordio-protobuf").size(), 56u);
}

TEST_F(ToolTest, ALongInputIsScoredInPieces) {
  std::string rows, expected = "{\"predictions\": [";
  for (int i = 0; i < 100'000; ++i) {
    rows += "0.5,0.5\n";
    absl::StrAppend(&expected, i > 0 ? ", " : "", "{\"score\": 0.5, \"predicted_label\": 1}");
  }
  EXPECT_TRUE(Score(rows, "") == expected + "]}");
  EXPECT_GT(pieces_, 3);
  // Whoever reads the predictions may have enough of them.
  listen_for_pieces_ = 2;
  EXPECT_THAT(Score(rows, "application/jsonlines"), StartsWith("{\"score\": 0.5, \"predicted_label\": 1}\n"));
  EXPECT_EQ(pieces_, 2);
}

TEST_F(ToolTest, ScoringSaysWhatIsWrong) {
  EXPECT_THAT(Score("1,2,3\n", ""), AllOf(StartsWith("ClientError: cannot read row 1 of "),
                                          HasSubstr("expected 2 features (by the model), got 3")));
  EXPECT_THAT(Score("1,abc\n", ""), HasSubstr("row 1, column 2"));
  EXPECT_THAT(Score("1,2\n", "text/html"), HasSubstr("Accept application/json"));
  EXPECT_THAT(Score("1,2\n", "", "text/plain"), HasSubstr("cannot read content type"));
  EXPECT_THAT(Score("1,\n", "", "text/csv; missing=mean"), HasSubstr("does not keep the means"));
  EXPECT_EQ(Run(ScoreOptions{.model = dir_.File("none"), .input = "-"}), ExitCode::kCustomerError);
  EXPECT_THAT(err_.str(), HasSubstr("none"));
  dir_.Write("bad.tar.gz", "\x1f\x8b rubbish");
  EXPECT_EQ(Run(ScoreOptions{.model = dir_.File("bad.tar.gz"), .input = "-"}), ExitCode::kCustomerError);
  EXPECT_THAT(err_.str(), HasSubstr("(caused by INVALID_ARTIFACT)"));
}

TEST_F(ToolTest, InspectShowsModels) {
  learner::Model::Parts parts = Binary();
  parts.training = {
      .hyperparameters = {{"predictor_type", "binary_classifier"}, {"epochs", "3"}},
      .metrics = {{"validation:roc_auc_score", 0.96875}, {"train:objective_loss", 0.125}},
      .candidates = {{.index = 0, .hyperparameters = {{"learning_rate", "0.005"}}, .validation_loss = {}},
                     {.index = 1, .hyperparameters = {{"learning_rate", "0.1"}, {"l1", "0"}}, .validation_loss = {}}},
      .best_candidate = 1,
      .best_epoch = 2,
      .epochs_run = 3,
      .seed = 7,
      .train_rows = 1000};
  Save(parts, "trained.tar.gz");
  ASSERT_EQ(Run(InspectOptions{.model = dir_.File("trained.tar.gz")}), ExitCode::kSuccess);
  EXPECT_TRUE(MatchesGolden("lltrain/inspect_binary.txt", written_));
  Save(Three(), "three.tar.gz");
  ASSERT_EQ(Run(InspectOptions{.model = dir_.File("three.tar.gz"), .top = 1}), ExitCode::kSuccess);
  EXPECT_TRUE(MatchesGolden("lltrain/inspect_multiclass.txt", written_));
  EXPECT_EQ(Run(InspectOptions{.model = dir_.File("none")}), ExitCode::kCustomerError);
}

TEST_F(ToolTest, ExportAndImportAreEachOthersInverse) {
  LL_ASSERT_OK_AND_ASSIGN(const std::string artifact, env_.ReadFile(dir_.File("model.tar.gz")));
  for (const learner::ModelFormat format : {learner::ModelFormat::kJson, learner::ModelFormat::kArtifact}) {
    ASSERT_EQ(Run(ExportOptions{.model = dir_.File("model.tar.gz"), .format = format}), ExitCode::kSuccess);
    dir_.Write("exported", written_);
    ASSERT_EQ(Run(ImportOptions{.model = dir_.File("exported"), .defaults = {}, .output = dir_.File("again.tar.gz")}),
              ExitCode::kSuccess)
        << err_.str();
    EXPECT_THAT(out_.str(), EndsWith("a binary_classifier with loss logistic of 2 features\n"));
    LL_ASSERT_OK_AND_ASSIGN(const std::string again, env_.ReadFile(dir_.File("again.tar.gz")));
    EXPECT_EQ(again, artifact);
  }
}

TEST_F(ToolTest, CsvIsWhatAPersonExpects) {
  ASSERT_EQ(Run(ExportOptions{.model = dir_.File("model.tar.gz"), .format = learner::ModelFormat::kCsv}),
            ExitCode::kSuccess);
  EXPECT_EQ(written_, "feature,weight\n(bias),0.5\nage,1\nheight,-2\n");
  Save(Three(), "three.tar.gz");
  ASSERT_EQ(Run(ExportOptions{.model = dir_.File("three.tar.gz"), .format = learner::ModelFormat::kCsv}),
            ExitCode::kSuccess);
  EXPECT_EQ(written_, "feature,weight_0,weight_1,weight_2\n(bias),0,0,0\nx0,1,0,-1\nx1,0,1,-1\n");
}

TEST_F(ToolTest, ImportAsksForWhatItCannotKnow) {
  const std::string csv = dir_.Write("weights.csv", "feature,weight\nage,1\n");
  EXPECT_EQ(Run(ImportOptions{.model = csv, .defaults = {}, .output = dir_.File("m")}), ExitCode::kCustomerError);
  EXPECT_THAT(err_.str(), HasSubstr("weights.csv: cannot import the model: nothing says whether it is a"));
  EXPECT_FALSE(env_.Exists(dir_.File("m")));
}

TEST_F(ToolTest, OutputsAppearWholeOrNotAtAll) {
  const ExportOptions options{
      .model = dir_.File("model.tar.gz"), .format = learner::ModelFormat::kOnnx, .output = dir_.File("model.onnx")};
  const int64_t first = env_.operations();
  ASSERT_EQ(Run(options), ExitCode::kSuccess);
  const int64_t operations = env_.operations() - first;
  LL_ASSERT_OK_AND_ASSIGN(const std::string whole, env_.ReadFile(dir_.File("model.onnx")));
  EXPECT_EQ(written_, "");
  for (int64_t allowed = 0; allowed < operations; ++allowed) {
    env_.FailAfter(allowed, absl::ResourceExhaustedError("disk full"));
    env_.set_short_writes(true);
    EXPECT_NE(Run(options), ExitCode::kSuccess);
    env_.Heal();
    LL_ASSERT_OK_AND_ASSIGN(const std::string left, env_.ReadFile(dir_.File("model.onnx")));
    EXPECT_EQ(left, whole);
  }
}

// ---- validate

class ValidateTest : public ToolTest {
 protected:
  ValidateTest() {
    dir_.Write("input/config/hyperparameters.json", R"({"predictor_type": "binary_classifier", "momentum": "0.5"})");
    dir_.Write("input/data/train", "0,1,2\n1,3,4\n1,5,6\n");
  }
  ExitCode Validate(int64_t rows = 1000) { return Run(ValidateOptions{.job_directory = dir_.path(), .rows = rows}); }
};

TEST_F(ValidateTest, ReportsWhatIsThere) {
  dir_.Write("input/data/test", "1,2,3\n");
  ASSERT_EQ(Validate(), ExitCode::kSuccess) << err_.str();
  EXPECT_TRUE(MatchesGolden("lltrain/validate.txt", out_.str()));
  EXPECT_THAT(err_.str(), IsEmpty());
  EXPECT_FALSE(env_.Exists(dir_.File("model")));
  EXPECT_FALSE(env_.Exists(dir_.File("output")));
}

TEST_F(ValidateTest, LooksAtTheBeginningAlone) {
  dir_.Write("input/config/inputdataconfig.json", R"({"train": {"ContentType": "text/csv"}})");
  std::string rows;
  for (int i = 0; i < 100'000; ++i) rows += "0,1,2\n";
  dir_.Write("input/data/train", rows + "9,1,2\n");
  ASSERT_EQ(Validate(2), ExitCode::kSuccess);
  EXPECT_THAT(out_.str(), HasSubstr("the first 2 rows are well-formed, labels 0 (2x)"));
  EXPECT_EQ(Validate(0), ExitCode::kCustomerError);
  EXPECT_THAT(err_.str(), HasSubstr("row 100001, column 1"));
}

TEST_F(ValidateTest, EveryErrorIsFound) {
  dir_.Write("input/config/resourceconfig.json", R"({"current_host": "a", "hosts": ["a", "b"]})");
  dir_.Write("input/data/train", "0,1,2\n2,3,4\n");
  dir_.Write("input/data/validation", "0,1,x\n");
  EXPECT_EQ(Validate(), ExitCode::kCustomerError);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("hosts"), HasSubstr("channel 'train': cannot read row 2, column 1"),
                                HasSubstr("channel 'validation': cannot read row 1, column 3")));
  dir_.Write("input/config/hyperparameters.json", R"({"predictor_type": "binary_classifier", "epochs": "many"})");
  dir_.Write("input/data/holdout", "0,1\n");
  EXPECT_EQ(Validate(), ExitCode::kCustomerError);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("epochs"), HasSubstr("'holdout': there is no such channel")));
}

TEST_F(ValidateTest, OtherChannelsHaveTheWidthOfTrain) {
  dir_.Write("input/data/validation", "0,1,2,3\n");
  EXPECT_EQ(Validate(), ExitCode::kCustomerError);
  EXPECT_THAT(err_.str(), HasSubstr("expected 2 features (by channel train), got 3"));
}

TEST_F(ValidateTest, FifosAreLeftToTraining) {
  dir_.Write("input/config/inputdataconfig.json", R"({"train": {"TrainingInputMode": "Pipe"}})");
  LL_ASSERT_OK(env_.RemoveFile(dir_.File("input/data/train")));
  dir_.Write("input/data/train_0", "never read");
  EXPECT_EQ(Validate(), ExitCode::kSuccess) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("Channel train: a FIFO, which only training may read."));
}

}  // namespace
}  // namespace ll::lltrain
