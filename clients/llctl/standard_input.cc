#include "clients/llctl/standard_input.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <utility>

#include "base/error_reason.h"

namespace ll::llctl {
namespace {

void Wake(int fd) {
  const uint64_t one = 1;
  // An eventfd takes eight bytes unless its counter is full, and it is then readable anyway.
  [[maybe_unused]] const ssize_t written = write(fd, &one, sizeof one);
}

}  // namespace

StandardInput::StandardInput(int fd, std::stop_token stop)
    : fd_(fd), wake_fd_(eventfd(0, EFD_CLOEXEC)), on_stop_(std::move(stop), [this] { Wake(wake_fd_); }) {}

StandardInput::~StandardInput() { close(wake_fd_); }

absl::StatusOr<size_t> StandardInput::Read(absl::Span<char> buffer) {
  while (true) {
    pollfd fds[] = {{fd_, POLLIN, 0}, {wake_fd_, POLLIN, 0}};
    if (poll(fds, 2, -1) < 0 && errno != EINTR) return ErrnoError(errno, "cannot read standard input");
    if (fds[1].revents != 0) {
      return MakeError(absl::StatusCode::kCancelled, ErrorReason::kCancelled,
                       {.what = "interrupted", .why = "while reading standard input"});
    }
    if (fds[0].revents == 0) continue;
    const ssize_t size = read(fd_, buffer.data(), buffer.size());
    if (size >= 0) return static_cast<size_t>(size);
    if (errno != EINTR) return ErrnoError(errno, "cannot read standard input");
  }
}

}  // namespace ll::llctl
