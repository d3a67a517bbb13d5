#include "clients/cpp/backoff.h"

#include <algorithm>
#include <utility>

#include "base/mutex.h"

namespace ll::client {

bool Backoff::Wait(std::stop_token stop, absl::Time deadline) {
  const absl::Time end = clock_.Now() + delay_;
  delay_ = std::min(2 * delay_, kLongest);
  Mutex mutex;
  // A stop is no change of guarded state: releasing the mutex makes the waiter look at its predicate again.
  const auto wake = [&mutex] { MutexLock lock(&mutex); };
  const std::stop_callback on_stop(stop, wake);
  MutexLock lock(&mutex);
  const bool stopped = clock_.AwaitUntil(
      &mutex, [&stop] { return stop.stop_requested(); }, std::min(end, deadline));
  return !stopped && end <= deadline;
}

}  // namespace ll::client
