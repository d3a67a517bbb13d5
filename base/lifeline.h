// The child's side of a lifeline: a pipe whose other end only the parent holds. When the parent dies, even by
// kill -9, the pipe closes and the child learns of it.
//
//   Lifeline lifeline(fd, [] { _exit(3); });
#ifndef LL_BASE_LIFELINE_H_
#define LL_BASE_LIFELINE_H_

#include <functional>
#include <thread>

namespace ll {

class Lifeline {
 public:
  // `on_closed` is called at most once, on a thread of the lifeline's own. Does not own `fd`.
  Lifeline(int fd, std::function<void()> on_closed);
  // Stops watching; waits for a call to `on_closed` that has begun.
  ~Lifeline();
  Lifeline(const Lifeline&) = delete;
  Lifeline& operator=(const Lifeline&) = delete;

 private:
  int stop_fd_;  // eventfd
  std::thread thread_;
};

}  // namespace ll

#endif  // LL_BASE_LIFELINE_H_
