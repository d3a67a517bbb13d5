#include "base/env.h"

#include <sys/stat.h>

#include <string>
#include <vector>

#include "tests/testing/fault_env.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll {
namespace {

using testing::FaultEnv;
using testing::IsOk;
using testing::StatusIs;
using testing::TempDir;

class EnvTest : public ::testing::Test {
 protected:
  TempDir dir_;
  Env& env_ = Env::Posix();
};

TEST_F(EnvTest, WritesAndReadsBack) {
  const std::string path = dir_.File("a");
  LL_ASSERT_OK_AND_ASSIGN(auto file, env_.NewWritableFile(path));
  LL_ASSERT_OK(file->Append("hello "));
  LL_ASSERT_OK(file->Append("world"));
  LL_ASSERT_OK(file->Sync());
  LL_ASSERT_OK(file->Close());
  LL_ASSERT_OK_AND_ASSIGN(const std::string text, env_.ReadFile(path));
  EXPECT_EQ(text, "hello world");
  LL_ASSERT_OK_AND_ASSIGN(const FileInfo info, env_.Stat(path));
  EXPECT_EQ(info.type, FileInfo::Type::kRegular);
  EXPECT_EQ(info.size_bytes, 11u);
}

TEST_F(EnvTest, ReadsAtOffsets) {
  const std::string path = dir_.Write("a", "0123456789");
  LL_ASSERT_OK_AND_ASSIGN(auto file, env_.NewRandomAccessFile(path));
  EXPECT_EQ(file->size(), 10u);
  char buffer[4];
  LL_ASSERT_OK_AND_ASSIGN(size_t count, file->ReadAt(3, absl::MakeSpan(buffer)));
  EXPECT_EQ(std::string(buffer, count), "3456");
  LL_ASSERT_OK_AND_ASSIGN(count, file->ReadAt(8, absl::MakeSpan(buffer)));
  EXPECT_EQ(std::string(buffer, count), "89");
  LL_ASSERT_OK_AND_ASSIGN(count, file->ReadAt(10, absl::MakeSpan(buffer)));
  EXPECT_EQ(count, 0u);
}

TEST_F(EnvTest, MissingFileSaysWhichAndWhy) {
  const std::string path = dir_.File("none");
  EXPECT_THAT(env_.ReadFile(path),
              StatusIs(absl::StatusCode::kNotFound, ::testing::HasSubstr(path + ": No such file or directory")));
  EXPECT_THAT(env_.NewRandomAccessFile(path), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(env_.List(path), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(env_.RemoveFile(path), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_FALSE(env_.Exists(path));
}

TEST_F(EnvTest, ModesAreKept) {
  const std::string path = dir_.File("secret");
  LL_ASSERT_OK(env_.WriteFileAtomically(path, "x", FileMode::kPrivate));
  struct stat info {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777u, 0600u);
}

TEST_F(EnvTest, ListIsSorted) {
  dir_.Write("b", "");
  dir_.Write("a", "");
  dir_.Write("c/d", "");
  LL_ASSERT_OK_AND_ASSIGN(const std::vector<std::string> names, env_.List(dir_.path()));
  EXPECT_EQ(names, (std::vector<std::string>{"a", "b", "c"}));
}

TEST_F(EnvTest, LinksShareBytesAndOutliveTheFirstName) {
  const std::string a = dir_.Write("a", "x"), b = dir_.File("b");
  LL_ASSERT_OK(env_.Link(a, b));
  EXPECT_THAT(env_.Link(a, b), StatusIs(absl::StatusCode::kAlreadyExists));
  LL_ASSERT_OK(env_.RemoveFile(a));
  LL_ASSERT_OK_AND_ASSIGN(const std::string text, env_.ReadFile(b));
  EXPECT_EQ(text, "x");
}

TEST_F(EnvTest, TreesComeAndGo) {
  const std::string deep = dir_.File("x/y/z");
  LL_ASSERT_OK(env_.CreateDirectories(deep));
  LL_ASSERT_OK(env_.CreateDirectories(deep));
  dir_.Write("x/y/z/file", "1");
  LL_ASSERT_OK(env_.RemoveTree(dir_.File("x")));
  EXPECT_FALSE(env_.Exists(dir_.File("x")));
  LL_ASSERT_OK(env_.RemoveTree(dir_.File("x")));
}

TEST_F(EnvTest, LockKeepsOthersOutUntilItIsGone) {
  const std::string path = dir_.File("lock");
  LL_ASSERT_OK_AND_ASSIGN(auto held, env_.Lock(path));
  EXPECT_THAT(env_.Lock(path), StatusIs(absl::StatusCode::kFailedPrecondition, ::testing::HasSubstr(path)));
  held.reset();
  EXPECT_THAT(env_.Lock(path), IsOk());
}

TEST_F(EnvTest, AtomicWriteLeavesOldOrNewWhereverItFails) {
  FaultEnv env;
  const std::string path = dir_.File("config");
  LL_ASSERT_OK(env.WriteFileAtomically(path, "old"));
  const int64_t before = env.operations();
  LL_ASSERT_OK(env.WriteFileAtomically(path, "old"));
  const int64_t steps = env.operations() - before;
  ASSERT_GE(steps, 6);  // open, append, sync, close, rename, directory sync

  for (int64_t step = 0; step < steps; ++step) {
    LL_ASSERT_OK(env.WriteFileAtomically(path, "old"));
    env.set_short_writes(true);
    env.FailAfter(step, absl::ResourceExhaustedError("disk full"));
    EXPECT_THAT(env.WriteFileAtomically(path, "new!"), StatusIs(absl::StatusCode::kResourceExhausted)) << step;
    env.Heal();
    LL_ASSERT_OK_AND_ASSIGN(const std::string text, env.ReadFile(path));
    EXPECT_TRUE(text == "old" || text == "new!") << "after a failure at step " << step << ": " << text;
  }
}

TEST_F(EnvTest, AtomicWriteSurvivesPowerLoss) {
  FaultEnv env;
  const std::string path = dir_.File("config");
  LL_ASSERT_OK(env.WriteFileAtomically(path, "kept"));
  LL_ASSERT_OK_AND_ASSIGN(auto file, env.NewWritableFile(dir_.File("unsynced")));
  LL_ASSERT_OK(file->Append("lost"));
  env.LosePower();
  LL_ASSERT_OK_AND_ASSIGN(const std::string text, env.ReadFile(path));
  EXPECT_EQ(text, "kept");
  EXPECT_FALSE(env.Exists(dir_.File("unsynced")));
}

TEST(PathTest, JoinsAndSplits) {
  EXPECT_EQ(JoinPath("a", "b"), "a/b");
  EXPECT_EQ(JoinPath("a/", "b"), "a/b");
  EXPECT_EQ(JoinPath("", "b"), "b");
  EXPECT_EQ(DirectoryOf("a/b/c"), "a/b");
  EXPECT_EQ(DirectoryOf("/c"), "/");
  EXPECT_EQ(DirectoryOf("c"), ".");
  EXPECT_EQ(FileNameOf("a/b/c"), "c");
  EXPECT_EQ(FileNameOf("c"), "c");
}

}  // namespace
}  // namespace ll
