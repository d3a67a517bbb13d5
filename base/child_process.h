// Child processes: the only place that starts one.
//
// posix_spawn, never fork: the parent has threads and gRPC. A child gets
//   fd 0  /dev/null              fd 1, 2  a log file, appended to
//   fd 3  the write end of an event pipe that the parent reads with ReadEvents()
//   fd 4  the read end of a lifeline that closes when the parent dies, however it dies (see base/lifeline.h)
// and no other descriptor, with no signal blocked or ignored, in a process group of its own: what a terminal's Ctrl-C
// means for a child is for its parent to decide.
#ifndef LL_BASE_CHILD_PROCESS_H_
#define LL_BASE_CHILD_PROCESS_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/mutex.h"

namespace ll {

inline constexpr int kChildEventFd = 3;
inline constexpr int kChildLifelineFd = 4;

struct ChildOptions {
  std::string program;                 // path of the executable
  std::vector<std::string> arguments;  // without the program's own name
  std::string log_path;                // stdout and stderr; created when missing; empty: /dev/null
};

struct ExitStatus {
  bool signalled = false;
  int code = 0;  // exit code, or the signal's number when `signalled`
  bool success() const { return !signalled && code == 0; }
  std::string ToString() const;  // "exited with code 2", "was killed by signal 9 (Killed)"
};

// Thread-safe. The destructor kills the child if it still runs, and always reads its exit status.
class ChildProcess {
 public:
  // NOT_FOUND when there is no such program, INTERNAL when the system refuses.
  static absl::StatusOr<std::unique_ptr<ChildProcess>> Spawn(const ChildOptions& options);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }

  // Sends a signal; a child that has already ended is OK.
  absl::Status Signal(int signal);

  // Blocks until the child has written to its event pipe or closed it (0: it has closed it or ended).
  absl::StatusOr<size_t> ReadEvents(absl::Span<char> buffer);

  // Blocks until the child has ended. May be called again.
  ExitStatus Wait();

 private:
  ChildProcess(pid_t pid, int event_fd, int lifeline_fd) : pid_(pid), event_fd_(event_fd), lifeline_fd_(lifeline_fd) {}

  const pid_t pid_;
  const int event_fd_;     // read end
  const int lifeline_fd_;  // write end; nothing is ever written
  Mutex mutex_;
  bool reaped_ ABSL_GUARDED_BY(mutex_) = false;  // until then the pid cannot be reused
  ExitStatus status_ ABSL_GUARDED_BY(mutex_);
};

// The path of the program `name` in the folder of the running executable, where all of ours are installed.
std::string SiblingProgram(const std::string& name);

}  // namespace ll

#endif  // LL_BASE_CHILD_PROCESS_H_
