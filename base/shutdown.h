// SIGTERM and SIGINT as an ordinary event.
//
//   int main() {
//     ShutdownSignal shutdown;        // first thing: before any thread exists
//     ... build and start everything ...
//     shutdown.Wait();                // returns when asked to stop
//     ... drain and destroy in reverse order ...
//   }
//
// Both signals are blocked in every thread and read by one thread of this object's own, so no code ever runs inside a
// signal handler. A second signal ends the process at once with code 128 + its number.
#ifndef LL_BASE_SHUTDOWN_H_
#define LL_BASE_SHUTDOWN_H_

#include <atomic>
#include <functional>
#include <thread>

#include "base/mutex.h"

namespace ll {

// Thread-safe.
class ShutdownSignal {
 public:
  // `on_request` is called once, on the signal thread, when the first signal arrives or Request() is called.
  explicit ShutdownSignal(std::function<void()> on_request = nullptr);
  ~ShutdownSignal();
  ShutdownSignal(const ShutdownSignal&) = delete;
  ShutdownSignal& operator=(const ShutdownSignal&) = delete;

  // As if a first signal had arrived.
  void Request();
  bool requested() const { return requested_.HasBeenNotified(); }
  void Wait() const { requested_.Wait(); }

 private:
  void Loop();

  const std::function<void()> on_request_;
  int wake_fd_;                    // eventfd: Request() or the destructor
  std::atomic<bool> stop_{false};  // the destructor runs
  Notification requested_;
  std::thread thread_;
};

}  // namespace ll

#endif  // LL_BASE_SHUTDOWN_H_
