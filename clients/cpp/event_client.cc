#include "clients/cpp/event_client.h"

#include <utility>

#include "base/status_macros.h"
#include "clients/cpp/client_call.h"
#include "clients/cpp/list_call.h"

namespace ll::client {
namespace {

using Stub = v1::EventService::StubInterface;

}  // namespace

EventClient::EventClient(Connection connection)
    : connection_(std::move(connection)), stub_(v1::EventService::NewStub(connection_.channel())) {}

absl::StatusOr<v1::Event> EventClient::GetEvent(const std::string& name, const CallOptions& options) const {
  v1::GetEventRequest request;
  request.set_name(name);
  return CallUnary(connection_, "ll.v1.EventService/GetEvent", *stub_, &Stub::GetEvent, request, options);
}

ListRange<v1::Event> EventClient::ListEvents(v1::ListEventsRequest request, const CallOptions& options) const {
  return CallList("ll.v1.EventService/ListEvents", connection_, stub_, &Stub::ListEvents,
                  &v1::ListEventsResponse::mutable_events, std::move(request), options);
}

absl::Status EventClient::WatchEvents(v1::WatchEventsRequest request,
                                      absl::FunctionRef<bool(const v1::Event&)> on_event,
                                      const WaitOptions& options) const {
  if (request.resume_token().empty() && !request.from_oldest()) {
    LL_RETURN_IF_ERROR(StartAfterNewest(request, options.call));
  }
  WatchLoop loop(connection_, "ll.v1.EventService/WatchEvents", options);
  return loop.Run<v1::WatchEventsResponse>(
      [&](grpc::ClientContext* context) { return stub_->WatchEvents(context, request); },
      [&](v1::WatchEventsResponse& message) {
        request.clear_from_oldest();
        request.set_resume_token(message.event().resume_token());
        return on_event(message.event());
      });
}

absl::Status EventClient::StartAfterNewest(v1::WatchEventsRequest& request, const CallOptions& options) const {
  v1::ListEventsRequest newest;
  newest.set_order_by("name desc");
  newest.set_page_size(1);
  CallOptions call = options;
  call.timeout.reset();  // that of the whole watch, not of this call
  const absl::StatusOr<v1::ListEventsResponse> page =
      CallUnary(connection_, "ll.v1.EventService/ListEvents", *stub_, &Stub::ListEvents, newest, call);
  if (!page.ok()) return page.status();
  if (page->events().empty()) {
    request.set_from_oldest(true);
  } else {
    request.set_resume_token(page->events(0).resume_token());
  }
  return absl::OkStatus();
}

}  // namespace ll::client
