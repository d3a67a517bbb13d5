#include "base/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "base/env.h"
#include "base/error_reason.h"

namespace ll {
namespace {

// Descriptors that are dup'ed onto 3 and 4 must not already be 3 or 4, so pipes are moved above this.
constexpr int kFirstFreeFd = 10;

struct Pipe {
  int read_end = -1;
  int write_end = -1;
  ~Pipe() {
    if (read_end >= 0) close(read_end);
    if (write_end >= 0) close(write_end);
  }
  bool Open() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return false;
    read_end = fcntl(ends[0], F_DUPFD_CLOEXEC, kFirstFreeFd);
    write_end = fcntl(ends[1], F_DUPFD_CLOEXEC, kFirstFreeFd);
    close(ends[0]);
    close(ends[1]);
    return read_end >= 0 && write_end >= 0;
  }
};

struct SpawnSettings {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  SpawnSettings() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
};

}  // namespace

std::string ExitStatus::ToString() const {
  if (!signalled) return absl::StrCat("exited with code ", code);
  return absl::StrCat("was killed by signal ", code, " (", strsignal(code), ")");
}

absl::StatusOr<std::unique_ptr<ChildProcess>> ChildProcess::Spawn(const ChildOptions& options) {
  Pipe events, lifeline;
  if (!events.Open() || !lifeline.Open()) return ErrnoError(errno, "cannot create pipes for a child process");

  SpawnSettings settings;
  const std::string log_path = options.log_path.empty() ? "/dev/null" : options.log_path;
  posix_spawn_file_actions_addopen(&settings.actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&settings.actions, 1, log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  posix_spawn_file_actions_adddup2(&settings.actions, 1, 2);
  posix_spawn_file_actions_adddup2(&settings.actions, events.write_end, kChildEventFd);
  posix_spawn_file_actions_adddup2(&settings.actions, lifeline.read_end, kChildLifelineFd);
  posix_spawn_file_actions_addclosefrom_np(&settings.actions, kChildLifelineFd + 1);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&settings.attributes, &none);
  posix_spawnattr_setsigdefault(&settings.attributes, &all);
  posix_spawnattr_setpgroup(&settings.attributes, 0);
  posix_spawnattr_setflags(&settings.attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);

  std::string program = options.program;
  std::vector<std::string> arguments = options.arguments;
  std::vector<char*> argv = {program.data()};
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);

  pid_t pid = 0;
  const int error = posix_spawn(&pid, program.c_str(), &settings.actions, &settings.attributes, argv.data(), environ);
  if (error != 0) return ErrnoError(error, absl::StrCat("cannot start ", program));
  auto child = std::unique_ptr<ChildProcess>(new ChildProcess(pid, events.read_end, lifeline.write_end));
  events.read_end = lifeline.write_end = -1;  // now the child's owner closes them
  return child;
}

ChildProcess::~ChildProcess() {
  Signal(SIGKILL).IgnoreError();
  Wait();
  close(event_fd_);
  close(lifeline_fd_);
}

absl::Status ChildProcess::Signal(int signal) {
  MutexLock lock(&mutex_);
  if (reaped_) return absl::OkStatus();
  if (kill(pid_, signal) != 0) return ErrnoError(errno, absl::StrCat("cannot signal process ", pid_));
  return absl::OkStatus();
}

absl::StatusOr<size_t> ChildProcess::ReadEvents(absl::Span<char> buffer) {
  while (true) {
    const ssize_t count = read(event_fd_, buffer.data(), buffer.size());
    if (count >= 0) return static_cast<size_t>(count);
    if (errno != EINTR) return ErrnoError(errno, absl::StrCat("cannot read events of process ", pid_));
  }
}

ExitStatus ChildProcess::Wait() {
  siginfo_t info{};
  // WNOWAIT leaves the zombie, so that the pid stays ours until it is reaped under the mutex.
  while (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  MutexLock lock(&mutex_);
  if (!reaped_) {
    int raw = 0;
    while (waitpid(pid_, &raw, 0) < 0 && errno == EINTR) {
    }
    status_.signalled = WIFSIGNALED(raw);
    status_.code = status_.signalled ? WTERMSIG(raw) : WEXITSTATUS(raw);
    reaped_ = true;
  }
  return status_;
}

std::string SiblingProgram(const std::string& name) {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  return JoinPath(self.parent_path().string(), name);
}

}  // namespace ll
