// lltrain: trains one job, or does one other thing with models, and ends. Composition only; the job itself is in
// train_job.h, everything else in tool_commands.h.
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <functional>
#include <iostream>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/string_view.h"
#include "base/lifeline.h"
#include "base/shutdown.h"
#include "learner/lltrain/command_line.h"

namespace {

// False when the listener is gone. That changes nothing for a job: if it was the parent, the lifeline ends the process.
bool WriteAll(int fd, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

uint64_t PhysicalMemory() {
  return static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace

int main(int argc, char** argv) {
  const ll::ShutdownSignal shutdown;
  signal(SIGPIPE, SIG_IGN);
  const int cores = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  const ll::lltrain::CommandLine command_line =
      ll::lltrain::ParseCommandLine(argc, argv, cores, PhysicalMemory(), std::cout, std::cerr);
  if (command_line.tool.has_value()) {
    return static_cast<int>(ll::lltrain::RunTool(
        *command_line.tool,
        {.env = ll::Env::Posix(), .out = std::cout, .err = std::cerr, .write = [](absl::string_view bytes) {
           return WriteAll(STDOUT_FILENO, bytes);
         }}));
  }
  if (!command_line.train.has_value()) return command_line.exit_code;
  const ll::lltrain::TrainCommand& command = *command_line.train;

  std::optional<ll::Lifeline> lifeline;
  if (command.lifeline_fd >= 0) {
    lifeline.emplace(command.lifeline_fd, [] { _exit(static_cast<int>(ll::lltrain::ExitCode::kPlatformError)); });
  }
  std::function<void(absl::string_view)> write_event;
  if (command.progress_fd >= 0) write_event = [fd = command.progress_fd](auto line) { WriteAll(fd, line); };

  ll::lltrain::TrainLog log(ll::Clock::Real(), getpid(), [](absl::string_view line) { WriteAll(STDOUT_FILENO, line); });
  ll::lltrain::ProgressEvents events(std::move(write_event));
  ll::ThreadPool pool(command.threads);
  const ll::lltrain::ExitCode exit_code =
      ll::lltrain::RunTrainJob(command.job, {.env = ll::Env::Posix(),
                                             .clock = ll::Clock::Real(),
                                             .executor = pool,
                                             .log = log,
                                             .events = events,
                                             .stop_requested = [&shutdown] { return shutdown.requested(); }});
  return static_cast<int>(exit_code);
}
