// A fixed team of threads that run one function together: the fork-join shape of training.
//
//   ThreadPool pool(4);
//   pool.RunOnAll([&](int worker) { ... });   // four calls at once, worker = 0..3; returns when all have returned
//
// Because all workers are inside the function at the same time, they may meet at a std::barrier(workers()).
#ifndef LL_BASE_EXECUTOR_H_
#define LL_BASE_EXECUTOR_H_

#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "base/mutex.h"

namespace ll {

class Executor {
 public:
  virtual ~Executor() = default;
  virtual int workers() const = 0;
  // Calls body(0), ..., body(workers() - 1) at the same time on different threads and waits for all of them.
  // One call at a time; `body` must not call RunOnAll.
  virtual void RunOnAll(absl::FunctionRef<void(int worker)> body) = 0;
};

// The calling thread is worker 0; workers - 1 threads are started once and joined by the destructor.
class ThreadPool final : public Executor {
 public:
  explicit ThreadPool(int workers);  // at least 1
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool() override;

  int workers() const override { return workers_; }
  void RunOnAll(absl::FunctionRef<void(int worker)> body) override;

 private:
  void WorkerLoop(int worker);

  const int workers_;
  Mutex mutex_;
  const absl::FunctionRef<void(int)>* body_ ABSL_GUARDED_BY(mutex_) = nullptr;
  int64_t generation_ ABSL_GUARDED_BY(mutex_) = 0;  // of the body that is to be run
  int running_ ABSL_GUARDED_BY(mutex_) = 0;         // workers that have not finished it
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace ll

#endif  // LL_BASE_EXECUTOR_H_
