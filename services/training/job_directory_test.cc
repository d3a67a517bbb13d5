#include "services/training/job_directory.h"

#include <string>

#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/fault_env.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll::training {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::IsOk;
using ::ll::testing::StatusIs;
using ::testing::ElementsAre;

class JobDirectoryTest : public ::testing::Test {
 protected:
  testing::TempDir dir_;
  testing::FaultEnv env_;
  const JobDirectory directory_{dir_.path(), "mnist"};
};

TEST_F(JobDirectoryTest, ARunBeginsWithEmptyFoldersButForLogAndCheckpoint) {
  dir_.Write("mnist/model/model.tar.gz", "of an earlier run");
  dir_.Write("mnist/logs/job.log", "of an earlier run");
  dir_.Write("mnist/checkpoints/training.checkpoint", "of an earlier run");
  ASSERT_THAT(directory_.Create(env_), IsOk());
  EXPECT_THAT(*env_.List(directory_.root()), ElementsAre("checkpoints", "input", "logs", "model", "output"));
  EXPECT_THAT(*env_.List(dir_.File("mnist/input")), ElementsAre("config", "data"));
  EXPECT_FALSE(env_.Exists(directory_.artifact()));
  EXPECT_TRUE(env_.Exists(directory_.log()));
  EXPECT_TRUE(env_.Exists(directory_.checkpoint()));
}

TEST_F(JobDirectoryTest, ARunThatWasCutOffIsFollowedByAnotherUnlessItGetsNoFurther) {
  ASSERT_THAT(directory_.Create(env_), IsOk());
  EXPECT_EQ(*directory_.MayGoOn(env_), true);
  for (const char* checkpoint : {"", "one", "two"}) {
    if (*checkpoint != '\0') dir_.Write("mnist/checkpoints/training.checkpoint", checkpoint);
    EXPECT_EQ(*directory_.MayGoOn(env_), true);
    ASSERT_THAT(directory_.NoteStart(env_), IsOk());
    EXPECT_EQ(*directory_.MayGoOn(env_), true);
    ASSERT_THAT(directory_.NoteStart(env_), IsOk());
    EXPECT_EQ(*directory_.MayGoOn(env_), false);
  }
  ASSERT_THAT(directory_.RemoveCheckpoint(env_), IsOk());
  EXPECT_THAT(*env_.List(directory_.root()), ElementsAre("input", "logs", "model", "output"));
  EXPECT_EQ(*directory_.MayGoOn(env_), true);
}

TEST_F(JobDirectoryTest, ErrorsNameFilesByTheirChannel) {
  const std::string file = dir_.File("mnist/input/data/train/a.csv");
  const absl::Status error = directory_.WithoutFolders(
      MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidData,
                {.what = "cannot read row 2 of " + file, .why = "it is shorter than row 1 of " + file},
                {.metadata = {{"file", file}}}));
  EXPECT_THAT(error, StatusIs(absl::StatusCode::kInvalidArgument,
                              "cannot read row 2 of train/a.csv: it is shorter than row 1 of train/a.csv"));
  EXPECT_THAT(error, HasReason(ErrorReason::kInvalidData));
  EXPECT_EQ(GetErrorDetails(error)->metadata.at("file"), "train/a.csv");
  EXPECT_THAT(directory_.WithoutFolders(absl::OkStatus()), IsOk());
}

TEST_F(JobDirectoryTest, TheLogOutlivesTheRun) {
  ASSERT_THAT(directory_.Create(env_), IsOk());
  dir_.Write("mnist/input/data/train/train.csv", "rows");
  dir_.Write("mnist/model/model.tar.gz", "model");
  dir_.Write("mnist/output/failure", "why");
  dir_.Write("mnist/logs/job.log", "lines");
  ASSERT_THAT(directory_.RemoveWorkFiles(env_), IsOk());
  EXPECT_THAT(*env_.List(directory_.root()), ElementsAre("checkpoints", "logs"));
  EXPECT_EQ(*env_.ReadFile(directory_.log()), "lines");
  EXPECT_THAT(directory_.RemoveWorkFiles(env_), IsOk());
}

TEST_F(JobDirectoryTest, AFullDiskIsReported) {
  env_.FailAfter(0, ErrnoError(ENOSPC, "cannot write"));
  EXPECT_THAT(directory_.Create(env_), HasReason(ErrorReason::kStorageFull));
}

TEST_F(JobDirectoryTest, CleaningGoesOnAfterAnError) {
  for (const char* id : {"a", "b", "c", "d"}) {
    for (const char* file : {"/input/x", "/logs/x", "/checkpoints/x"}) dir_.Write(std::string(id) + file, "x");
  }
  const absl::Status cleaned =
      CleanJobDirectories(env_, dir_.path(), [](const std::string& id) -> absl::StatusOr<WantedFiles> {
        if (id == "a") return absl::InternalError("cannot tell");
        return id == "b" ? WantedFiles::kNone : id == "c" ? WantedFiles::kLog : WantedFiles::kLogAndCheckpoint;
      });
  EXPECT_THAT(cleaned, StatusIs(absl::StatusCode::kInternal, "cannot tell"));
  EXPECT_THAT(*env_.List(dir_.path()), ElementsAre("a", "c", "d"));
  EXPECT_THAT(*env_.List(dir_.File("a")), ElementsAre("checkpoints", "input", "logs"));
  EXPECT_THAT(*env_.List(dir_.File("c")), ElementsAre("logs"));
  EXPECT_THAT(*env_.List(dir_.File("d")), ElementsAre("checkpoints", "logs"));
}

}  // namespace
}  // namespace ll::training
