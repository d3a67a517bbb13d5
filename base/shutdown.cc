#include "base/shutdown.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <utility>

namespace ll {
namespace {

sigset_t ShutdownSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

ShutdownSignal::ShutdownSignal(std::function<void()> on_request)
    : on_request_(std::move(on_request)), wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  const sigset_t set = ShutdownSignals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  thread_ = std::thread([this] { Loop(); });
}

ShutdownSignal::~ShutdownSignal() {
  stop_ = true;
  eventfd_write(wake_fd_, 1);
  thread_.join();
  close(wake_fd_);
}

void ShutdownSignal::Request() { eventfd_write(wake_fd_, 1); }

void ShutdownSignal::Loop() {
  const sigset_t set = ShutdownSignals();
  const int signal_fd = signalfd(-1, &set, SFD_CLOEXEC);
  pollfd watched[] = {{signal_fd, POLLIN, 0}, {wake_fd_, POLLIN, 0}};
  while (true) {
    if (poll(watched, 2, -1) < 0) continue;
    if (stop_) break;
    if (watched[0].revents != 0) {
      signalfd_siginfo info{};
      if (read(signal_fd, &info, sizeof info) != sizeof info) continue;
      if (requested_.HasBeenNotified()) _exit(128 + static_cast<int>(info.ssi_signo));
    } else {
      eventfd_t ignored;
      eventfd_read(wake_fd_, &ignored);
      if (requested_.HasBeenNotified()) continue;
    }
    requested_.Notify();
    if (on_request_) on_request_();
  }
  close(signal_fd);
}

}  // namespace ll
