// The threads that do the work of calls which may block. The few threads that carry a server's connections carry all of
// its calls and streams, predictions above all: whatever blocks there delays every one of them, so it runs here.
//
//   if (!workers.TryPost([&] { ... })) return Overloaded();   // a new call: refused when too many wait
//   workers.Post([&] { ... });                                // the next step of a call that was accepted
#ifndef LL_BASE_WORKER_POOL_H_
#define LL_BASE_WORKER_POOL_H_

#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"

namespace ll {

// Thread-safe. Tasks start in the order in which they were posted.
class WorkerPool {
 public:
  WorkerPool(int threads, size_t max_waiting);
  // Runs what was posted, then joins.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // False, without running `task`, when no thread is free and `max_waiting` tasks wait already.
  bool TryPost(std::function<void()> task);
  // Always accepted. Each stream has at most one step waiting, so this is bounded by the open streams.
  void Post(std::function<void()> task);

 private:
  void Loop();

  const size_t max_waiting_;
  Mutex mutex_;
  std::deque<std::function<void()>> waiting_ ABSL_GUARDED_BY(mutex_);
  size_t idle_ ABSL_GUARDED_BY(mutex_);  // threads without a task
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace ll

#endif  // LL_BASE_WORKER_POOL_H_
