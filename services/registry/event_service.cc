#include "services/registry/event_service.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "base/status_macros.h"
#include "registry/event_store.h"
#include "services/registry/event_convert.h"
#include "services/rpc/paging.h"
#include "services/rpc/resource_names.h"
#include "services/rpc/server_stream.h"
#include "services/rpc/unary.h"

namespace ll::catalog {
namespace {

using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;
using grpc::ServerWriteReactor;
using registry::EventRecord;
using registry::EventStore;
using registry::Page;
using rpc::RequestContext;
using rpc::StreamStep;
using rpc::Unary;
using v1::WatchEventsResponse;

class WatchSource final : public rpc::StreamSource<WatchEventsResponse> {
 public:
  explicit WatchSource(std::unique_ptr<EventWatch> watch) : watch_(std::move(watch)) {}

  absl::StatusOr<StreamStep> Next(WatchEventsResponse* response) override {
    LL_ASSIGN_OR_RETURN(const std::optional<EventRecord> event, watch_->Next());
    if (!event.has_value()) return StreamStep::kWait;
    *response->mutable_event() = ToProto(*event);
    return StreamStep::kMessage;
  }

 private:
  const std::unique_ptr<EventWatch> watch_;
};

}  // namespace

ServerUnaryReactor* EventService::GetEvent(CallbackServerContext* context, const v1::GetEventRequest* request,
                                           v1::Event* response) {
  return Unary(runtime_, context, request, response,
               [this](const RequestContext&, const auto& request, auto* response) -> absl::Status {
                 LL_ASSIGN_OR_RETURN(const int64_t number, rpc::ParseEventName(request.name(), "name"));
                 LL_ASSIGN_OR_RETURN(const EventRecord event, log_.Get(number));
                 *response = ToProto(event);
                 return absl::OkStatus();
               });
}

ServerUnaryReactor* EventService::ListEvents(CallbackServerContext* context, const v1::ListEventsRequest* request,
                                             v1::ListEventsResponse* response) {
  return Unary(runtime_, context, request, response,
               [this](const RequestContext&, const auto& request, auto* response) -> absl::Status {
                 const rpc::PageTokens& tokens = runtime_.page_tokens();
                 LL_ASSIGN_OR_RETURN(const auto query,
                                     rpc::ParseListRequest(request, EventStore::kFilterFields, tokens));
                 LL_ASSIGN_OR_RETURN(const Page<EventRecord> page, log_.List(query));
                 for (const EventRecord& event : page.records) *response->add_events() = ToProto(event);
                 response->set_next_page_token(rpc::NextPageToken(request, page, tokens));
                 return absl::OkStatus();
               });
}

ServerWriteReactor<WatchEventsResponse>* EventService::WatchEvents(CallbackServerContext* context,
                                                                   const v1::WatchEventsRequest* request) {
  return rpc::ServerStream<WatchEventsResponse>(
      runtime_, context, request,
      [this](const RequestContext&, const auto& request,
             rpc::StreamWaker& waker) -> absl::StatusOr<std::unique_ptr<rpc::StreamSource<WatchEventsResponse>>> {
        LL_ASSIGN_OR_RETURN(WatchRequest watch, FromProto(request));
        LL_ASSIGN_OR_RETURN(std::unique_ptr<EventWatch> opened,
                            log_.Watch(watch.start, std::move(watch.conditions), [&waker] { waker.Wake(); }));
        return std::make_unique<WatchSource>(std::move(opened));
      });
}

}  // namespace ll::catalog
