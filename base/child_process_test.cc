#include "base/child_process.h"

#include <signal.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "base/env.h"
#include "base/lifeline.h"
#include "base/mutex.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll {
namespace {

using testing::StatusIs;
using testing::TempDir;

std::unique_ptr<ChildProcess> Shell(const std::string& script, const std::string& log = "") {
  auto child = ChildProcess::Spawn({.program = "/bin/sh", .arguments = {"-c", script}, .log_path = log});
  EXPECT_THAT(child, testing::IsOk());
  return child.ok() ? *std::move(child) : nullptr;
}

std::string ReadAllEvents(ChildProcess& child) {
  std::string events;
  char buffer[64];
  while (true) {
    const auto count = child.ReadEvents(absl::MakeSpan(buffer));
    EXPECT_THAT(count, testing::IsOk());
    if (!count.ok() || *count == 0) return events;
    events.append(buffer, *count);
  }
}

TEST(ChildProcessTest, ExitCodeIsRead) {
  const auto child = Shell("exit 7");
  EXPECT_EQ(child->Wait().code, 7);
  EXPECT_FALSE(child->Wait().success());
  EXPECT_EQ(child->Wait().ToString(), "exited with code 7");
  EXPECT_TRUE(Shell("exit 0")->Wait().success());
}

TEST(ChildProcessTest, DeathBySignalIsTold) {
  const auto child = Shell("kill -9 $$");
  const ExitStatus status = child->Wait();
  EXPECT_TRUE(status.signalled);
  EXPECT_EQ(status.code, SIGKILL);
  EXPECT_EQ(status.ToString(), "was killed by signal 9 (Killed)");
}

TEST(ChildProcessTest, OutputGoesToTheLogAndEventsToThePipe) {
  TempDir dir;
  const std::string log = dir.File("log");
  const auto child = Shell("echo out; echo err >&2; echo one >&3; echo two >&3", log);
  EXPECT_EQ(ReadAllEvents(*child), "one\ntwo\n");
  EXPECT_TRUE(child->Wait().success());
  LL_ASSERT_OK_AND_ASSIGN(const std::string text, Env::Posix().ReadFile(log));
  EXPECT_EQ(text, "out\nerr\n");
}

TEST(ChildProcessTest, InheritsNoOtherDescriptor) {
  // The listing itself needs one more than stdin, stdout, stderr, events and lifeline.
  const auto child = Shell("ls /proc/self/fd | tr '\\n' ' ' >&3");
  EXPECT_EQ(ReadAllEvents(*child), "0 1 2 3 4 5 ");
}

TEST(ChildProcessTest, ATerminalsSignalsAreForTheParentAlone) {
  const auto child = Shell("echo started >&3; read line <&4");
  char buffer[16];
  ASSERT_THAT(child->ReadEvents(absl::MakeSpan(buffer)), testing::IsOk());
  EXPECT_EQ(getpgid(child->pid()), child->pid());
}

TEST(ChildProcessTest, SignalsReachTheChildEvenWhenBlockedHere) {
  sigset_t term, old;
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &term, &old);
  const auto child = Shell("echo ready >&3; while :; do sleep 1000; done");
  char buffer[16];
  LL_ASSERT_OK(child->ReadEvents(absl::MakeSpan(buffer)).status());
  LL_ASSERT_OK(child->Signal(SIGTERM));
  EXPECT_TRUE(child->Wait().signalled);
  LL_EXPECT_OK(child->Signal(SIGTERM));  // it has ended: nothing to do, and no other process is hit
  pthread_sigmask(SIG_SETMASK, &old, nullptr);
}

TEST(ChildProcessTest, DestructorLeavesNoProcess) {
  auto child = Shell("echo ready >&3; exec sleep 1000");
  char buffer[16];
  LL_ASSERT_OK(child->ReadEvents(absl::MakeSpan(buffer)).status());
  const pid_t pid = child->pid();
  child.reset();
  EXPECT_EQ(kill(pid, 0), -1);
}

TEST(ChildProcessTest, MissingProgramIsAnError) {
  EXPECT_THAT(ChildProcess::Spawn({.program = "/nonexistent/program", .arguments = {}, .log_path = ""}),
              StatusIs(absl::StatusCode::kNotFound, ::testing::HasSubstr("/nonexistent/program")));
}

TEST(ChildProcessTest, LifelineClosesWithItsOwner) {
  // The child's read of fd 4 ends only when the parent's side is gone.
  auto child = Shell("echo ready >&3; read line <&4; echo closed >&3");
  char buffer[16];
  LL_ASSERT_OK(child->ReadEvents(absl::MakeSpan(buffer)).status());
  LL_EXPECT_OK(child->Signal(0));
}

TEST(LifelineTest, TellsWhenTheOtherEndIsGone) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  Notification closed;
  Lifeline lifeline(ends[0], [&] { closed.Notify(); });
  EXPECT_FALSE(closed.HasBeenNotified());
  close(ends[1]);
  closed.Wait();
  close(ends[0]);
}

TEST(LifelineTest, StopsQuietly) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  {
    Lifeline lifeline(ends[0], [] { ADD_FAILURE() << "the other end is still open"; });
  }
  close(ends[0]);
  close(ends[1]);
}

TEST(SiblingProgramTest, IsBesideTheRunningOne) {
  const std::string path = SiblingProgram("lltrain");
  EXPECT_EQ(path.front(), '/');
  EXPECT_EQ(FileNameOf(path), "lltrain");
}

}  // namespace
}  // namespace ll
