#include "tests/e2e/llserver_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/env.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace ll::testing {
namespace {

constexpr absl::string_view kServes = " serves gRPC on ";
constexpr absl::string_view kHttp = "HTTP on ";

std::string ReadProcFile(const std::filesystem::path& path) {
  std::ifstream file(path);
  return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

}  // namespace

LlserverProcess::LlserverProcess(std::vector<std::string> arguments) {
  for (const char* flag : {"--listen", "--http-listen"}) {
    if (std::find(arguments.begin(), arguments.end(), flag) == arguments.end()) {
      arguments.insert(arguments.end(), {flag, "127.0.0.1:0"});
    }
  }
  // What it prints comes through a FIFO, so that tests wait for lines instead of looking at a file again and again. Its
  // reading end is there before the child opens the other one.
  const std::string fifo = dir_.File("output");
  EXPECT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  const int fd = open(fifo.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  EXPECT_GE(fd, 0);
  absl::StatusOr<std::unique_ptr<ChildProcess>> child =
      ChildProcess::Spawn({.program = JoinPath(std::getenv("LL_BIN_DIR"), "llserver"),
                           .arguments = std::move(arguments),
                           .log_path = fifo});
  EXPECT_THAT(child, IsOk());
  child_ = *std::move(child);
  fcntl(fd, F_SETFL, 0);  // blocking from now on
  reader_ = std::thread([this, fd] { ReadOutput(fd); });
}

LlserverProcess::~LlserverProcess() {
  Signal(SIGKILL);
  Wait();
}

void LlserverProcess::ReadOutput(int fd) {
  std::vector<char> buffer(64 << 10);
  ssize_t count = 0;
  while ((count = read(fd, buffer.data(), buffer.size())) > 0) {
    MutexLock lock(&mutex_);
    output_.append(buffer.data(), static_cast<size_t>(count));
  }
  close(fd);
  MutexLock lock(&mutex_);
  ended_ = true;
}

std::string LlserverProcess::AwaitAddress() { return AwaitWordBehind(std::string(kServes)); }

std::string LlserverProcess::AwaitHttpAddress() { return AwaitWordBehind(std::string(kHttp)); }

std::string LlserverProcess::AwaitWordBehind(const std::string& text) {
  if (!AwaitOutput(text)) {
    ADD_FAILURE() << "llserver does not serve: " << output();
    return "";
  }
  const std::string printed = output();
  const size_t begin = printed.find(text) + text.size();
  return printed.substr(begin, printed.find_first_of(",\n", begin) - begin);
}

bool LlserverProcess::AwaitOutput(const std::string& text) {
  MutexLock lock(&mutex_);
  // Only whole lines: what follows the text on its line is there, too.
  const auto printed = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const size_t at = output_.find(text);
    return at != std::string::npos && output_.find('\n', at) != std::string::npos;
  };
  mutex_.Await([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return ended_ || printed(); });
  return printed();
}

ExitStatus LlserverProcess::Stop() {
  Signal(SIGTERM);
  return Wait();
}

void LlserverProcess::Signal(int signal) { EXPECT_THAT(child_->Signal(signal), IsOk()); }

ExitStatus LlserverProcess::Wait() {
  const ExitStatus status = child_->Wait();
  if (reader_.joinable()) reader_.join();
  return status;
}

std::string LlserverProcess::output() {
  MutexLock lock(&mutex_);
  return output_;
}

pid_t LlserverProcess::TrainerOf(const std::string& job_id) {
  const std::string parent = absl::StrCat("PPid:\t", pid(), "\n");
  const std::string argument = absl::StrCat("/jobs/", job_id);
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string process = entry.path().filename();
    if (process.find_first_not_of("0123456789") != std::string::npos) continue;
    // A process that ends meanwhile is not the one.
    const std::string status = ReadProcFile(entry.path() / "status");
    if (!absl::StrContains(status, parent)) continue;
    if (absl::StrContains(ReadProcFile(entry.path() / "cmdline"), argument)) return std::stoi(process);
  }
  ADD_FAILURE() << "no process trains " << job_id;
  return -1;
}

bool AwaitEndOf(pid_t pid) {
  const int fd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (fd < 0) return errno == ESRCH;
  pollfd ended{fd, POLLIN, 0};
  const int count = poll(&ended, 1, 60'000);
  close(fd);
  return count == 1;
}

}  // namespace ll::testing
