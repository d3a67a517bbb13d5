#include "base/executor.h"

namespace ll {

ThreadPool::ThreadPool(int workers) : workers_(workers) {
  for (int worker = 1; worker < workers_; ++worker) {
    threads_.emplace_back([this, worker] { WorkerLoop(worker); });
  }
}

ThreadPool::~ThreadPool() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

void ThreadPool::RunOnAll(absl::FunctionRef<void(int)> body) {
  if (workers_ > 1) {
    MutexLock lock(&mutex_);
    body_ = &body;
    running_ = workers_ - 1;
    ++generation_;
  }
  body(0);
  if (workers_ > 1) {
    MutexLock lock(&mutex_);
    mutex_.Await([this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return running_ == 0; });
    body_ = nullptr;
  }
}

void ThreadPool::WorkerLoop(int worker) {
  int64_t seen = 0;
  while (true) {
    const absl::FunctionRef<void(int)>* body;
    {
      MutexLock lock(&mutex_);
      mutex_.Await([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || generation_ != seen; });
      if (stopping_) return;
      seen = generation_;
      body = body_;
    }
    (*body)(worker);
    MutexLock lock(&mutex_);
    --running_;
  }
}

}  // namespace ll
