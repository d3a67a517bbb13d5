// EventService and ServerService in memory, and health.
#ifndef LL_TESTS_TESTING_FAKE_SERVICES_FAKE_EVENT_SERVICE_H_
#define LL_TESTS_TESTING_FAKE_SERVICES_FAKE_EVENT_SERVICE_H_

#include "grpc/health/v1/health.grpc.pb.h"
#include "ll/v1/event_service.grpc.pb.h"
#include "ll/v1/server_service.grpc.pb.h"
#include "tests/testing/fake_services/fake_state.h"

namespace ll::testing {

class FakeEventService final : public v1::EventService::Service {
 public:
  explicit FakeEventService(FakeState& state) : state_(state) {}

  grpc::Status GetEvent(grpc::ServerContext*, const v1::GetEventRequest* request, v1::Event* response) override;
  grpc::Status ListEvents(grpc::ServerContext*, const v1::ListEventsRequest* request,
                          v1::ListEventsResponse* response) override;
  grpc::Status WatchEvents(grpc::ServerContext* context, const v1::WatchEventsRequest* request,
                           grpc::ServerWriter<v1::WatchEventsResponse>* writer) override;

 private:
  FakeState& state_;
};

class FakeServerService final : public v1::ServerService::Service {
 public:
  explicit FakeServerService(FakeState& state) : state_(state) {}
  grpc::Status GetServerInfo(grpc::ServerContext*, const v1::GetServerInfoRequest* request,
                             v1::ServerInfo* response) override;

 private:
  FakeState& state_;
};

class FakeHealthService final : public grpc::health::v1::Health::Service {
 public:
  explicit FakeHealthService(FakeState& state) : state_(state) {}
  grpc::Status Check(grpc::ServerContext*, const grpc::health::v1::HealthCheckRequest* request,
                     grpc::health::v1::HealthCheckResponse* response) override;

 private:
  FakeState& state_;
};

}  // namespace ll::testing

#endif  // LL_TESTS_TESTING_FAKE_SERVICES_FAKE_EVENT_SERVICE_H_
