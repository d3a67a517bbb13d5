#include "services/rpc/health_service.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/utf8.h"
#include "services/rpc/server_stream.h"
#include "services/rpc/unary.h"

namespace ll::rpc {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

HealthCheckResponse::ServingStatus ToProto(HealthState state) {
  switch (state) {
    case HealthState::kServing: return HealthCheckResponse::SERVING;
    case HealthState::kNotServing: return HealthCheckResponse::NOT_SERVING;
    case HealthState::kUnknown: break;
  }
  return HealthCheckResponse::SERVICE_UNKNOWN;
}

// The state now, whenever it is another one than the last that was sent.
class StateSource final : public StreamSource<HealthCheckResponse> {
 public:
  StateSource(HealthStates& states, std::string name, StreamWaker& waker)
      : states_(states), name_(std::move(name)), on_change_(states.OnChange([&waker] { waker.Wake(); })) {}

  absl::StatusOr<StreamStep> Next(HealthCheckResponse* response) override {
    const HealthState state = states_.Get(name_);
    if (sent_ == state) return StreamStep::kWait;
    sent_ = state;
    response->set_status(ToProto(state));
    return StreamStep::kMessage;
  }

 private:
  HealthStates& states_;
  const std::string name_;
  std::optional<HealthState> sent_;
  const std::unique_ptr<ListenerSet::Registration> on_change_;
};

}  // namespace

grpc::ServerUnaryReactor* HealthService::Check(grpc::CallbackServerContext* context, const HealthCheckRequest* request,
                                               HealthCheckResponse* response) {
  // Answered even when every worker is busy: a server at work is not a server that is down.
  return InlineUnary(
      runtime_, context, request, response,
      [this](const RequestContext&, const HealthCheckRequest& request, HealthCheckResponse* response) -> absl::Status {
        const HealthState state = states_.Get(request.service());
        if (state == HealthState::kUnknown) {
          return MakeError(
              absl::StatusCode::kNotFound, ErrorReason::kServiceNotFound,
              {.what = absl::StrCat("cannot check ", Quoted(request.service())),
               .why = "there is no such service",
               .remedy = "Give \"\", the full name of a gRPC service such as ll.v1.ModelService, or endpoints/{id}."},
              {.metadata = {{"service", request.service()}}});
        }
        response->set_status(ToProto(state));
        return absl::OkStatus();
      });
}

grpc::ServerWriteReactor<HealthCheckResponse>* HealthService::Watch(grpc::CallbackServerContext* context,
                                                                    const HealthCheckRequest* request) {
  return ServerStream<HealthCheckResponse>(
      runtime_, context, request,
      [this](const RequestContext&, const HealthCheckRequest& request,
             StreamWaker& waker) -> absl::StatusOr<std::unique_ptr<StreamSource<HealthCheckResponse>>> {
        return std::make_unique<StateSource>(states_, request.service(), waker);
      });
}

}  // namespace ll::rpc
