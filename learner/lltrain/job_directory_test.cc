#include "learner/lltrain/job_directory.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/fault_env.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll::lltrain {
namespace {

using ::ll::testing::FaultEnv;
using ::ll::testing::HasReason;
using ::ll::testing::StatusIs;
using ::ll::testing::TempDir;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(JobDirectoryTest, ChannelsAreFilesOrFolders) {
  const TempDir dir;
  dir.Write("input/config/inputdataconfig.json", R"({"train": {"ContentType": "text/csv"}})");
  dir.Write("input/data/train/b", "1,2\n");
  dir.Write("input/data/train/a", "1,2\n");
  dir.Write("input/data/validation", "1,2\n");
  dir.Write("input/data/.hidden", "");
  JobDirectory job(Env::Posix(), dir.path());
  LL_ASSERT_OK_AND_ASSIGN(const Channels channels, job.ReadChannels());
  EXPECT_THAT(channels.train.files, ElementsAre(dir.File("input/data/train/a"), dir.File("input/data/train/b")));
  EXPECT_EQ(channels.train.config.content_type->format, learner::DataFormat::kCsv);
  ASSERT_TRUE(channels.validation.has_value());
  EXPECT_THAT(channels.validation->files, ElementsAre(dir.File("input/data/validation")));
  EXPECT_EQ(channels.validation->config.content_type, std::nullopt);
  EXPECT_FALSE(channels.test.has_value());
}

TEST(JobDirectoryTest, InPipeModeAChannelIsTheFifoOfItsFirstEpoch) {
  const TempDir dir;
  dir.Write("input/config/inputdataconfig.json", R"({"train": {"TrainingInputMode": "Pipe"}, "test": {}})");
  for (const char* name : {"train_0", "train_1", "test"}) dir.Write(JoinPath("input/data", name), "1,2\n");
  LL_ASSERT_OK_AND_ASSIGN(const Channels channels, JobDirectory(Env::Posix(), dir.path()).ReadChannels());
  EXPECT_THAT(channels.train.files, ElementsAre(dir.File("input/data/train_0")));
  EXPECT_TRUE(channels.train.config.pipe);
  EXPECT_FALSE(channels.test->config.pipe);
}

TEST(JobDirectoryTest, ChannelsThatCannotBeReadAreNamed) {
  struct Case {
    const char* config;
    std::vector<const char*> files;
    const char* message;
  };
  const Case cases[] = {
      {"{}", {}, "Unable to read data channel 'train': there is nothing at"},
      {"{}", {"validation/a"}, "Unable to read data channel 'train'"},
      {"{}", {"train/.keep"}, "Unable to read data channel 'train'"},
      {R"({"test": {}})", {"train/a"}, "Unable to read data channel 'test': there is nothing at"},
      {"{}", {"train/a", "validaton/a"}, "'validaton': there is no such channel. Did you mean validation?"},
      {R"({"train": {"TrainingInputMode": "Pipe"}})", {}, "'train': there is nothing at"},
      {R"({"train": {"TrainingInputMode": "Pipe"}})", {"train_0", "trian_0"}, "Did you mean train?"},
      {"{}", {"train/a", "validation_0"}, "'validation_0': there is no such channel. Did you mean validation?"},
      {R"({"holdout": {}})",
       {"train/a"},
       "'holdout': there is no such channel. Channels are train, validation, test and model"},
  };
  for (const Case& c : cases) {
    const TempDir dir;
    dir.Write("input/config/inputdataconfig.json", c.config);
    for (const char* file : c.files) dir.Write(JoinPath("input/data", file), "1,2\n");
    EXPECT_THAT(JobDirectory(Env::Posix(), dir.path()).ReadChannels(),
                AllOf(StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(c.message)),
                      HasReason(ErrorReason::kInvalidChannel)))
        << c.message;
  }
}

TEST(JobDirectoryTest, HyperparametersMustBeThere) {
  const TempDir dir;
  JobDirectory job(Env::Posix(), dir.path());
  EXPECT_THAT(job.ReadHyperparameters(),
              AllOf(StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("there is no file")),
                    HasReason(ErrorReason::kInvalidHyperparameter)));
  dir.Write("input/config/hyperparameters.json", R"({"epochs": "3"})");
  LL_ASSERT_OK_AND_ASSIGN(const auto values, job.ReadHyperparameters());
  EXPECT_EQ(values.at("epochs"), "3");
}

TEST(JobDirectoryTest, TheHostHasADefault) {
  const TempDir dir;
  JobDirectory job(Env::Posix(), dir.path());
  LL_ASSERT_OK_AND_ASSIGN(std::string host, job.ReadCurrentHost());
  EXPECT_EQ(host, "algo-1");
  dir.Write("input/config/resourceconfig.json", R"({"current_host": "me", "hosts": ["me"]})");
  LL_ASSERT_OK_AND_ASSIGN(host, job.ReadCurrentHost());
  EXPECT_EQ(host, "me");
}

TEST(JobDirectoryTest, PrepareRemovesTheOutputsOfAnEarlierRun) {
  const TempDir dir;
  dir.Write("model/model.tar.gz", "old");
  dir.Write("output/failure", "old");
  dir.Write("output/data/kept", "kept");
  JobDirectory job(Env::Posix(), dir.path());
  LL_ASSERT_OK(job.Prepare());
  EXPECT_FALSE(Env::Posix().Exists(job.model_path()));
  EXPECT_FALSE(Env::Posix().Exists(job.failure_path()));
  EXPECT_TRUE(Env::Posix().Exists(dir.File("output/data/kept")));
  LL_ASSERT_OK(job.Prepare());
}

TEST(JobDirectoryTest, OutputsAppearWholeOrNotAtAll) {
  const TempDir dir;
  FaultEnv env;
  JobDirectory job(env, dir.path());
  LL_ASSERT_OK(job.Prepare());
  for (int64_t allowed = 0;; ++allowed) {
    env.FailAfter(allowed, absl::ResourceExhaustedError("disk full"));
    env.set_short_writes(true);
    const absl::Status model = job.WriteModel("artifact", {{"metrics.json", "{}"}});
    env.Heal();
    if (model.ok()) break;
    // The last operation syncs the folder; when that fails the file is already there, whole, and so is what belongs to
    // it.
    if (!env.Exists(job.model_path())) continue;
    LL_ASSERT_OK_AND_ASSIGN(const std::string contents, env.ReadFile(job.model_path()));
    EXPECT_EQ(contents, "artifact");
    EXPECT_TRUE(env.Exists(dir.File("model/metrics.json")));
  }
  LL_ASSERT_OK(job.WriteFailure("why"));
  LL_ASSERT_OK_AND_ASSIGN(const std::string why, env.ReadFile(job.failure_path()));
  EXPECT_EQ(why, "why");
}

}  // namespace
}  // namespace ll::lltrain
