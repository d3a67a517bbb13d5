#include "tests/testing/fake_services/fake_event_service.h"

#include <algorithm>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace ll::testing {

grpc::Status FakeEventService::GetEvent(grpc::ServerContext*, const v1::GetEventRequest* request, v1::Event* response) {
  MutexLock lock(&state_.mutex);
  if (const absl::Status fault = state_.Enter(*request); !fault.ok()) return ToGrpc(fault);
  for (const v1::Event& event : state_.events) {
    if (event.name() == request->name()) {
      *response = event;
      return grpc::Status::OK;
    }
  }
  return ToGrpc(NotFound(request->name(), ErrorReason::kEventNotFound));
}

grpc::Status FakeEventService::ListEvents(grpc::ServerContext*, const v1::ListEventsRequest* request,
                                          v1::ListEventsResponse* response) {
  MutexLock lock(&state_.mutex);
  if (const absl::Status fault = state_.Enter(*request); !fault.ok()) return ToGrpc(fault);
  std::vector<v1::Event> events = state_.events;
  if (request->order_by() == "name desc") std::reverse(events.begin(), events.end());
  size_t at = 0;
  if (!request->page_token().empty() && !absl::SimpleAtoi(request->page_token(), &at)) at = events.size();
  const int size = request->page_size() == 0 ? 50 : request->page_size();
  while (at < events.size() && response->events_size() < size) *response->add_events() = events[at++];
  if (at < events.size()) response->set_next_page_token(absl::StrCat(at));
  return grpc::Status::OK;
}

grpc::Status FakeEventService::WatchEvents(grpc::ServerContext* context, const v1::WatchEventsRequest* request,
                                           grpc::ServerWriter<v1::WatchEventsResponse>* writer) {
  size_t at = 0;
  {
    MutexLock lock(&state_.mutex);
    if (const absl::Status fault = state_.Enter(*request); !fault.ok()) return ToGrpc(fault);
    if (!request->from_oldest() && request->resume_token().empty()) at = state_.events.size();
  }
  if (!request->resume_token().empty() &&
      !absl::SimpleAtoi(absl::StripPrefix(request->resume_token(), "after-"), &at)) {
    return ToGrpc(MakeError(absl::StatusCode::kOutOfRange, ErrorReason::kEventsExpired,
                            {.what = "cannot watch events", .why = "the oldest event kept is events/1"}));
  }
  while (true) {
    v1::WatchEventsResponse response;
    {
      MutexLock lock(&state_.mutex);
      while (state_.events.size() <= at) {
        grpc::Status status;
        if (!state_.AwaitChange(state_.changes, context, &status)) return status;
      }
      *response.mutable_event() = state_.events[at++];
    }
    if (!writer->Write(response)) return grpc::Status::OK;
  }
}

grpc::Status FakeServerService::GetServerInfo(grpc::ServerContext*, const v1::GetServerInfoRequest* request,
                                              v1::ServerInfo* response) {
  MutexLock lock(&state_.mutex);
  if (const absl::Status fault = state_.Enter(*request); !fault.ok()) return ToGrpc(fault);
  *response = state_.server_info;
  return grpc::Status::OK;
}

grpc::Status FakeHealthService::Check(grpc::ServerContext*, const grpc::health::v1::HealthCheckRequest* request,
                                      grpc::health::v1::HealthCheckResponse* response) {
  MutexLock lock(&state_.mutex);
  if (!request->service().empty() && state_.endpoints.count(request->service()) == 0) {
    return ToGrpc(NotFound(request->service(), ErrorReason::kEndpointNotFound));
  }
  response->set_status(state_.serving ? grpc::health::v1::HealthCheckResponse::SERVING
                                      : grpc::health::v1::HealthCheckResponse::NOT_SERVING);
  return grpc::Status::OK;
}

}  // namespace ll::testing
