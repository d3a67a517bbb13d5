#include "clients/cpp/watch.h"

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "clients/cpp/grpc_status.h"

namespace ll::client {

WatchLoop::WatchLoop(const Connection& connection, absl::string_view method, const WaitOptions& options)
    : connection_(connection),
      method_(method),
      options_(options),
      deadline_(options.clock->Now() + options.call.timeout.value_or(absl::InfiniteDuration())),
      backoff_(*options.clock) {}

// One stream lasts at most the method's default time, so that a connection which died without a word is noticed.
CallOptions WatchLoop::NextCall() const {
  return {.timeout = std::min(connection_.DefaultTimeout(method_), deadline_ - options_.clock->Now()),
          .stop = options_.call.stop};
}

void WatchLoop::NoteContact() {
  last_contact_ = options_.clock->Now();
  backoff_.Reset();
}

absl::Status WatchLoop::PrepareReconnect(const absl::Status& status) {
  const absl::Status cancelled = MakeError(absl::StatusCode::kCancelled, ErrorReason::kCancelled,
                                           {.what = "stopped waiting", .why = "a stop was requested"});
  const absl::Status timed_out = MakeError(absl::StatusCode::kDeadlineExceeded, ErrorReason::kDeadlineExceeded,
                                           {.what = "stopped waiting", .why = "it took longer than the time allowed"});
  if (options_.call.stop.stop_requested()) return cancelled;
  const absl::Time now = options_.clock->Now();
  if (now >= deadline_) return timed_out;
  if (absl::IsUnavailable(status)) {
    if (WasConnected(status)) NoteContact();
    if (!last_contact_.has_value() || now - *last_contact_ > options_.patience) return status;
    if (options_.on_reconnect) options_.on_reconnect(status);
  } else if (!status.ok() && !absl::IsDeadlineExceeded(status)) {
    return status;
  }
  if (backoff_.Wait(options_.call.stop, deadline_)) return absl::OkStatus();
  return options_.call.stop.stop_requested() ? cancelled : timed_out;
}

}  // namespace ll::client
