#include "services/llserver/data_directory.h"

#include <unistd.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/fault_env.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll::llserver {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::IsOk;
using ::ll::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(DataDirectoryTest, ItIsCreatedAndKnownByItsWholePath) {
  const testing::TempDir dir;
  LL_ASSERT_OK_AND_ASSIGN(const auto data, DataDirectory::Open(Env::Posix(), dir.File("a/b")));
  EXPECT_EQ(data->path(), dir.File("a/b"));
  EXPECT_EQ(data->registry(), dir.File("a/b/registry.db"));
  EXPECT_TRUE(Env::Posix().Exists(data->path()));
}

TEST(DataDirectoryTest, OneServerAtATime) {
  const testing::TempDir dir;
  LL_ASSERT_OK_AND_ASSIGN(auto first, DataDirectory::Open(Env::Posix(), dir.path()));
  const absl::Status second = DataDirectory::Open(Env::Posix(), dir.path()).status();
  EXPECT_THAT(second, HasReason(ErrorReason::kDataDirectoryInUse));
  EXPECT_THAT(second,
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(absl::StrCat("process ", getpid(), ","))));
  EXPECT_THAT(second, StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(dir.path())));
  first.reset();
  EXPECT_THAT(DataDirectory::Open(Env::Posix(), dir.path()), IsOk());
}

TEST(DataDirectoryTest, AnUnknownHolderIsSaidToBeSo) {
  const testing::TempDir dir;
  LL_ASSERT_OK_AND_ASSIGN(const auto lock, Env::Posix().Lock(dir.File("lock")));
  EXPECT_THAT(DataDirectory::Open(Env::Posix(), dir.path()),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("another server has it open")));
}

TEST(DataDirectoryTest, AFolderThatCannotBeUsedIsNamed) {
  const testing::TempDir dir;
  const std::string file = dir.Write("file", "");
  const absl::Status status = DataDirectory::Open(Env::Posix(), JoinPath(file, "data")).status();
  EXPECT_THAT(std::string(status.message()), StartsWith(absl::StrCat("cannot use the data directory ", file, "/data")));
  EXPECT_THAT(status, HasReason(ErrorReason::kStorageFailed));
}

TEST(DataDirectoryTest, AFullDiskIsReported) {
  const testing::TempDir dir;
  testing::FaultEnv env;
  for (int64_t allowed = 0;; ++allowed) {
    env.FailAfter(allowed, ErrnoError(ENOSPC, "cannot write"));
    const absl::Status status = DataDirectory::Open(env, dir.path()).status();
    if (status.ok()) break;
    ASSERT_THAT(status, HasReason(ErrorReason::kStorageFull)) << allowed;
  }
}

}  // namespace
}  // namespace ll::llserver
