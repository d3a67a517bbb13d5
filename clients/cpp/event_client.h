// The log of every change on the server. A thin typed layer over ll.v1.EventService.
//
//   EventClient events(connection);
//   events.WatchEvents({}, [](const v1::Event& event) { Print(event); return true; });
//
// Copyable; thread-safe.
#ifndef LL_CLIENTS_CPP_EVENT_CLIENT_H_
#define LL_CLIENTS_CPP_EVENT_CLIENT_H_

#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/call_options.h"
#include "clients/cpp/connection.h"
#include "clients/cpp/list_range.h"
#include "clients/cpp/watch.h"
#include "ll/v1/event_service.grpc.pb.h"

namespace ll::client {

class EventClient {
 public:
  explicit EventClient(Connection connection);

  absl::StatusOr<v1::Event> GetEvent(const std::string& name, const CallOptions& options = {}) const;
  ListRange<v1::Event> ListEvents(v1::ListEventsRequest request = {}, const CallOptions& options = {}) const;

  // Calls `on_event` for every matching event, in order and without gaps, until it returns false (OK). When the
  // connection breaks it goes on after the last event seen. OUT_OF_RANGE / EVENTS_EXPIRED when the server no longer
  // keeps what comes next; DEADLINE_EXCEEDED and CANCELLED as `options` ask.
  absl::Status WatchEvents(v1::WatchEventsRequest request, absl::FunctionRef<bool(const v1::Event&)> on_event,
                           const WaitOptions& options = {}) const;

 private:
  // Where to go on after the newest event, so that none is missed however the watch begins.
  absl::Status StartAfterNewest(v1::WatchEventsRequest& request, const CallOptions& options) const;

  Connection connection_;
  std::shared_ptr<v1::EventService::StubInterface> stub_;
};

}  // namespace ll::client

#endif  // LL_CLIENTS_CPP_EVENT_CLIENT_H_
