#include "base/lifeline.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace ll {

Lifeline::Lifeline(int fd, std::function<void()> on_closed) : stop_fd_(eventfd(0, EFD_CLOEXEC)) {
  thread_ = std::thread([fd, stop_fd = stop_fd_, on_closed = std::move(on_closed)] {
    pollfd watched[] = {{fd, POLLIN, 0}, {stop_fd, POLLIN, 0}};
    while (poll(watched, 2, -1) < 0 && errno == EINTR) {
    }
    if (watched[1].revents == 0 && watched[0].revents != 0) on_closed();
  });
}

Lifeline::~Lifeline() {
  eventfd_write(stop_fd_, 1);
  thread_.join();
  close(stop_fd_);
}

}  // namespace ll
