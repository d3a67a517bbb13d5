#include "base/worker_pool.h"

#include <utility>

namespace ll {

WorkerPool::WorkerPool(int threads, size_t max_waiting)
    : max_waiting_(max_waiting), idle_(static_cast<size_t>(threads)) {
  threads_.reserve(static_cast<size_t>(threads));
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Loop(); });
}

WorkerPool::~WorkerPool() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

bool WorkerPool::TryPost(std::function<void()> task) {
  MutexLock lock(&mutex_);
  if (waiting_.size() >= idle_ + max_waiting_) return false;
  waiting_.push_back(std::move(task));
  return true;
}

void WorkerPool::Post(std::function<void()> task) {
  MutexLock lock(&mutex_);
  waiting_.push_back(std::move(task));
}

void WorkerPool::Loop() {
  while (true) {
    std::function<void()> task;
    {
      MutexLock lock(&mutex_);
      mutex_.Await([this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      task = std::move(waiting_.front());
      waiting_.pop_front();
      --idle_;
    }
    task();
    task = nullptr;
    MutexLock lock(&mutex_);
    ++idle_;
  }
}

}  // namespace ll
