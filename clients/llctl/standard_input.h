// Standard input that can be interrupted: a read ends with CANCELLED when a stop is requested, also while it waits.
#ifndef LL_CLIENTS_LLCTL_STANDARD_INPUT_H_
#define LL_CLIENTS_LLCTL_STANDARD_INPUT_H_

#include <functional>
#include <stop_token>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/env.h"

namespace ll::llctl {

// Not thread-safe.
class StandardInput final : public SequentialFile {
 public:
  // Reads the descriptor `fd`, which stays open.
  StandardInput(int fd, std::stop_token stop);
  ~StandardInput() override;
  StandardInput(const StandardInput&) = delete;
  StandardInput& operator=(const StandardInput&) = delete;

  absl::StatusOr<size_t> Read(absl::Span<char> buffer) override;

 private:
  const int fd_;
  const int wake_fd_;  // becomes readable when a stop is requested
  const std::stop_callback<std::function<void()>> on_stop_;
};

}  // namespace ll::llctl

#endif  // LL_CLIENTS_LLCTL_STANDARD_INPUT_H_
