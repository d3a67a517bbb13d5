// Waiting for something to happen on the server, across broken connections and restarts of it.
//
//   training.WaitForTrainingJob("trainingJobs/mnist-zero", on_update, {.call = {.timeout = absl::Minutes(10)}});
#ifndef LL_CLIENTS_CPP_WATCH_H_
#define LL_CLIENTS_CPP_WATCH_H_

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "clients/cpp/backoff.h"
#include "clients/cpp/client_call.h"
#include "grpcpp/support/sync_stream.h"

namespace ll::client {

struct WaitOptions {
  // `timeout` is that of the whole wait, all reconnects included; absent: as long as it takes.
  CallOptions call = {};
  // How long the server may be away, once it has been there. A server that is not there at first is an error at once.
  absl::Duration patience = absl::Minutes(1);
  // Called before each attempt to connect again, with what went wrong; may be empty.
  std::function<void(const absl::Status& error)> on_reconnect = {};
  Clock* clock = &Clock::Real();
};

// For the clients of this folder: one watch, over as many streams as it takes. Not thread-safe.
class WatchLoop {
 public:
  // `method` must outlive the object.
  WatchLoop(const Connection& connection, absl::string_view method, const WaitOptions& options);

  // Opens stream after stream with `open(context)` and gives every message to `on_message`, until that returns false
  // (OK), or the wait ends: DEADLINE_EXCEEDED when it took too long, CANCELLED when a stop was requested, or the error
  // that will not go away by itself.
  template <typename Response, typename Open>
  absl::Status Run(Open open, absl::FunctionRef<bool(Response& message)> on_message);

 private:
  CallOptions NextCall() const;
  void NoteContact();
  // OK: open another stream. `status` is how the last one ended.
  absl::Status PrepareReconnect(const absl::Status& status);

  const Connection connection_;
  const absl::string_view method_;
  const WaitOptions options_;
  const absl::Time deadline_;
  std::optional<absl::Time> last_contact_;  // when the server last showed that it was there
  Backoff backoff_;
};

template <typename Response, typename Open>
absl::Status WatchLoop::Run(Open open, absl::FunctionRef<bool(Response& message)> on_message) {
  while (true) {
    ClientCall call(connection_, method_, NextCall());
    const std::unique_ptr<grpc::ClientReaderInterface<Response>> reader = open(call.context());
    Response message;
    while (reader->Read(&message)) {
      NoteContact();
      if (!on_message(message)) {
        call.Cancel();
        reader->Finish();
        return absl::OkStatus();
      }
    }
    if (absl::Status status = PrepareReconnect(call.End(reader->Finish())); !status.ok()) return status;
  }
}

}  // namespace ll::client

#endif  // LL_CLIENTS_CPP_WATCH_H_
