// EventService on the wire.
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "tests/contract/catalog_doors.h"
#include "tests/testing/status_matchers.h"

namespace ll::catalog {
namespace {

using grpc::StatusCode;
using ::ll::testing::GrpcIsOk;
using ::ll::testing::GrpcStatusIs;
using ::ll::testing::NewContext;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class EventDoors : public CatalogDoors {
 protected:
  void CreateModel(const std::string& id, const std::string& request_id = "") {
    v1::CreateModelRequest request;
    request.set_model_id(id);
    request.set_request_id(request_id);
    v1::Model model;
    ASSERT_THAT(models_->CreateModel(NewContext().get(), request, &model), GrpcIsOk());
  }
  grpc::Status GetEvent(const std::string& name, v1::Event* event) {
    v1::GetEventRequest request;
    request.set_name(name);
    return events_->GetEvent(NewContext().get(), request, event);
  }
  // Returns when the watch is open: nothing that happens afterwards escapes it.
  std::unique_ptr<grpc::ClientReader<v1::WatchEventsResponse>> Watch(grpc::ClientContext* context,
                                                                     const v1::WatchEventsRequest& request) {
    auto reader = events_->WatchEvents(context, request);
    reader->WaitForInitialMetadata();
    return reader;
  }
  static v1::Event Next(grpc::ClientReader<v1::WatchEventsResponse>& reader) {
    v1::WatchEventsResponse response;
    EXPECT_TRUE(reader.Read(&response));
    return response.event();
  }
  void DropAllButTheNewest() {
    clock_.Advance(absl::Hours(1));
    Write([this](registry::Transaction& tx) { return tx.events().DropBefore(clock_.Now()).status(); });
  }
};

TEST_P(EventDoors, EveryChangeIsAnEvent) {
  CreateModel("m", "r1");
  v1::Event event;
  ASSERT_THAT(GetEvent("events/1", &event), GrpcIsOk());
  EXPECT_EQ(event.name(), "events/1");
  EXPECT_EQ(event.verb(), "create");
  EXPECT_EQ(event.resource(), "models/m");
  EXPECT_EQ(event.request_id(), "r1");
  EXPECT_THAT(event.actor(), StartsWith("anonymous@ipv4:127.0.0.1:"));
  EXPECT_EQ(event.time().seconds(), absl::ToUnixSeconds(clock_.Now()));
  EXPECT_FALSE(event.has_before());
  EXPECT_EQ(event.after().fields().at("id").string_value(), "m");
}

TEST_P(EventDoors, ListsInBothDirections) {
  for (int i = 1; i <= 5; ++i) CreateModel(absl::StrCat("m", i));
  const auto names = [this](const std::string& order, const std::string& filter) {
    v1::ListEventsRequest request;
    request.set_page_size(2);
    request.set_order_by(order);
    request.set_filter(filter);
    std::vector<std::string> names;
    do {
      v1::ListEventsResponse page;
      EXPECT_THAT(events_->ListEvents(NewContext().get(), request, &page), GrpcIsOk());
      for (const v1::Event& event : page.events()) names.push_back(event.name());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return names;
  };
  EXPECT_THAT(names("", ""), ElementsAre("events/1", "events/2", "events/3", "events/4", "events/5"));
  EXPECT_THAT(names("name desc", "resource != models/m3"), ElementsAre("events/5", "events/4", "events/2", "events/1"));

  v1::ListEventsRequest request;
  v1::ListEventsResponse page;
  request.set_order_by("create_time");
  EXPECT_THAT(events_->ListEvents(NewContext().get(), request, &page),
              GrpcStatusIs(StatusCode::INVALID_ARGUMENT, ErrorReason::kInvalidFilter));
  request.set_order_by("");
  request.set_filter("labels.a = b");
  EXPECT_THAT(events_->ListEvents(NewContext().get(), request, &page),
              GrpcStatusIs(StatusCode::INVALID_ARGUMENT, ErrorReason::kInvalidFilter));
}

TEST_P(EventDoors, Refusals) {
  CreateModel("m1");
  CreateModel("m2");
  v1::Event event;
  EXPECT_THAT(GetEvent("events/3", &event), GrpcStatusIs(StatusCode::NOT_FOUND, ErrorReason::kEventNotFound));
  EXPECT_THAT(GetEvent("events/x", &event), GrpcStatusIs(StatusCode::INVALID_ARGUMENT, ErrorReason::kInvalidName));
  DropAllButTheNewest();
  EXPECT_THAT(GetEvent("events/1", &event), GrpcStatusIs(StatusCode::OUT_OF_RANGE, ErrorReason::kEventsExpired));

  const auto refusal = [this](const std::string& token, bool from_oldest) {
    v1::WatchEventsRequest request;
    request.set_resume_token(token);
    request.set_from_oldest(from_oldest);
    const auto context = NewContext();
    return Watch(context.get(), request)->Finish();
  };
  const grpc::Status expired = refusal("v1-0", false);
  EXPECT_THAT(expired, GrpcStatusIs(StatusCode::OUT_OF_RANGE, ErrorReason::kEventsExpired));
  EXPECT_THAT(expired.error_message(), HasSubstr("event 2"));
  EXPECT_THAT(refusal("v1-99", false), GrpcStatusIs(StatusCode::INVALID_ARGUMENT, ErrorReason::kInvalidArgument));
  EXPECT_THAT(refusal("nonsense", false), GrpcStatusIs(StatusCode::INVALID_ARGUMENT, ErrorReason::kInvalidArgument));
  EXPECT_THAT(refusal("v1-2", true), GrpcStatusIs(StatusCode::INVALID_ARGUMENT, ErrorReason::kInvalidArgument));
}

TEST_P(EventDoors, AWatchSeesWhatComes) {
  CreateModel("before");
  const auto context = NewContext();
  const auto watch = Watch(context.get(), {});
  for (int i = 0; i < 20; ++i) {
    CreateModel(absl::StrCat("m", i));
    EXPECT_EQ(Next(*watch).resource(), absl::StrCat("models/m", i));
  }
}

TEST_P(EventDoors, AWatchMayLeaveEventsOut) {
  const auto context = NewContext();
  v1::WatchEventsRequest request;
  request.set_filter("resource = models/m7");
  const auto watch = Watch(context.get(), request);
  for (int i = 0; i < 10; ++i) CreateModel(absl::StrCat("m", i));
  EXPECT_EQ(Next(*watch).name(), "events/8");
}

// Writers, a reader that reconnects and a server that restarts: the reader sees every event once, in order.
TEST_P(EventDoors, AWatchThatBreaksOffResumesWithoutGaps) {
  constexpr int kEvents = 300;
  std::thread writer([this] {
    for (int i = 0; i < kEvents; ++i) {
      Write([&](registry::Transaction& tx) { return tx.models().Insert({.id = absl::StrCat("m", i)}).status(); });
    }
  });
  v1::WatchEventsRequest request;
  request.set_from_oldest(true);
  int seen = 0;
  while (seen < kEvents) {
    const auto context = NewContext();
    const auto watch = Watch(context.get(), request);
    for (int i = 0; i < 60 && seen < kEvents; ++i) {
      const v1::Event event = Next(*watch);
      ASSERT_EQ(event.name(), absl::StrCat("events/", ++seen));
      request.set_resume_token(event.resume_token());
      request.set_from_oldest(false);
    }
    context->TryCancel();
    if (seen == 120) Restart();
  }
  writer.join();
}

INSTANTIATE_TEST_SUITE_P(Registries, EventDoors, ::testing::ValuesIn(registry::AllRegistries()), registry::NameOfKind);

}  // namespace
}  // namespace ll::catalog
