// The real llserver as a child of the test, and what the test can know of it: its output as it comes, its exit, the
// training processes that it started.
//
//   LlserverProcess server({"--data-dir", dir.File("data")});
//   PlatformUser user(server.AwaitAddress());
//   ...
//   EXPECT_TRUE(server.Stop().success());
#ifndef LL_TESTS_E2E_LLSERVER_PROCESS_H_
#define LL_TESTS_E2E_LLSERVER_PROCESS_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/child_process.h"
#include "base/mutex.h"
#include "tests/testing/temp_dir.h"

namespace ll::testing {

class LlserverProcess {
 public:
  // Listens on a free port unless `arguments` say otherwise.
  explicit LlserverProcess(std::vector<std::string> arguments);
  // Kills it if it still runs.
  ~LlserverProcess();

  pid_t pid() const { return child_->pid(); }
  // Where it serves, as soon as it does; empty, and a failed test, when it ends before.
  std::string AwaitAddress();
  std::string AwaitHttpAddress();  // likewise
  // SIGTERM, then its exit.
  ExitStatus Stop();
  void Signal(int signal);
  ExitStatus Wait();
  // Everything it has printed; all of it after Wait().
  std::string output();
  // Waits until it has printed this; false when it ended without.
  bool AwaitOutput(const std::string& text);

  // The process that trains the job with this id. It must be there.
  pid_t TrainerOf(const std::string& job_id);

 private:
  void ReadOutput(int fd);
  std::string AwaitWordBehind(const std::string& text);

  TempDir dir_;
  std::unique_ptr<ChildProcess> child_;
  std::thread reader_;
  Mutex mutex_;
  std::string output_ ABSL_GUARDED_BY(mutex_);
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
};

// Waits until a process, child or not, has ended; false when it has not within a time that only a broken test needs.
bool AwaitEndOf(pid_t pid);

}  // namespace ll::testing

#endif  // LL_TESTS_E2E_LLSERVER_PROCESS_H_
