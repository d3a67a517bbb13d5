// Pauses between attempts to reach a server again: 0.2 s, then twice as long each time, up to 5 s.
//
//   Backoff backoff(clock);
//   while (!Try()) {
//     if (!backoff.Wait(stop, deadline)) return;   // told to stop, or no time left
//   }
#ifndef LL_CLIENTS_CPP_BACKOFF_H_
#define LL_CLIENTS_CPP_BACKOFF_H_

#include <stop_token>

#include "absl/time/time.h"
#include "base/clock.h"

namespace ll::client {

// Not thread-safe.
class Backoff {
 public:
  explicit Backoff(Clock& clock) : clock_(clock) {}

  // Waits for the next pause to pass; false when a stop was requested meanwhile or `deadline` comes before its end.
  bool Wait(std::stop_token stop, absl::Time deadline);
  // After a success: the next pause is the shortest again.
  void Reset() { delay_ = kFirst; }

 private:
  static constexpr absl::Duration kFirst = absl::Milliseconds(200);
  static constexpr absl::Duration kLongest = absl::Seconds(5);

  Clock& clock_;
  absl::Duration delay_ = kFirst;
};

}  // namespace ll::client

#endif  // LL_CLIENTS_CPP_BACKOFF_H_
