#include "tests/testing/endpoint_fixture.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/mutex.h"
#include "base/status_macros.h"
#include "registry/record_json.h"
#include "tests/testing/status_matchers.h"

namespace ll::testing {

using registry::EndpointRecord;
using registry::EndpointState;
using registry::Transaction;
using registry::VersionRecord;
using registry::View;

EndpointFixture::EndpointFixture() {
  Write([](Transaction& transaction) -> absl::Status {
    LL_ASSIGN_OR_RETURN(registry::ModelRecord model, transaction.models().Insert({.id = "m"}));
    for (int64_t number = 1; number <= 4; ++number) {
      VersionRecord version{.model_id = "m", .artifact_sha256 = absl::StrCat("sha", number)};
      version.schema = {.predictor_type = "binary_classifier", .feature_dim = number == 4 ? 5 : 2, .outputs = 1};
      LL_RETURN_IF_ERROR(transaction.models().InsertVersion(version).status());
    }
    model.header.etag.clear();
    model.aliases = {{"champion", 1}};
    return transaction.models().Update(model).status();
  });
}

std::string EndpointFixture::Version(int64_t number) { return registry::VersionName("m", number); }

void EndpointFixture::Write(const std::function<absl::Status(Transaction&)>& body) {
  LL_ASSERT_OK(registry_.Write({.actor = "tester"}, body));
}

void EndpointFixture::MoveAlias(const std::string& alias, int64_t number) {
  Write([&](Transaction& transaction) -> absl::Status {
    LL_ASSIGN_OR_RETURN(registry::ModelRecord model, transaction.models().Get("m"));
    model.aliases[alias] = number;
    return transaction.models().Update(model, "set-alias").status();
  });
}

void EndpointFixture::SetVersionState(int64_t number, registry::VersionState state) {
  Write([&](Transaction& transaction) -> absl::Status {
    LL_ASSIGN_OR_RETURN(VersionRecord version, transaction.models().GetVersion("m", number));
    version.state = state;
    return transaction.models().UpdateVersion(version).status();
  });
}

EndpointRecord EndpointFixture::Get(const std::string& id) {
  EndpointRecord record;
  LL_EXPECT_OK(registry_.Read([&](const View& view) -> absl::Status {
    LL_ASSIGN_OR_RETURN(record, view.endpoints().Get(id));
    return absl::OkStatus();
  }));
  return record;
}

VersionRecord EndpointFixture::GetVersion(int64_t number) {
  VersionRecord record;
  LL_EXPECT_OK(registry_.Read([&](const View& view) -> absl::Status {
    LL_ASSIGN_OR_RETURN(record, view.models().GetVersion("m", number));
    return absl::OkStatus();
  }));
  return record;
}

int64_t EndpointFixture::NewestEvent() {
  int64_t newest = 0;
  LL_EXPECT_OK(registry_.Read([&](const View& view) -> absl::Status {
    LL_ASSIGN_OR_RETURN(newest, view.events().Newest());
    return absl::OkStatus();
  }));
  return newest;
}

void EndpointFixture::AwaitCommitted(const std::function<bool(const View&)>& condition) {
  Mutex mutex;
  int64_t commits = 0;  // guarded by mutex
  const auto subscription = registry_.OnCommit([&](int64_t /*newest*/) {
    MutexLock lock(&mutex);
    ++commits;
  });
  int64_t seen = 0;
  while (true) {
    bool holds = false;
    LL_ASSERT_OK(registry_.Read([&](const View& view) {
      holds = condition(view);
      return absl::OkStatus();
    }));
    if (holds) return;
    MutexLock lock(&mutex);
    mutex.Await([&] { return commits != seen; });
    seen = commits;
  }
}

EndpointRecord EndpointFixture::AwaitEndpoint(const std::string& id,
                                              const std::function<bool(const EndpointRecord&)>& condition) {
  EndpointRecord record;
  AwaitCommitted([&](const View& view) {
    const absl::StatusOr<EndpointRecord> found = view.endpoints().Get(id);
    if (!found.ok() || !condition(*found)) return false;
    record = *found;
    return true;
  });
  return record;
}

EndpointRecord EndpointFixture::AwaitState(const std::string& id, EndpointState state) {
  return AwaitEndpoint(id, [state](const EndpointRecord& record) { return record.state == state; });
}

void EndpointFixture::AwaitGone(const std::string& id) {
  AwaitCommitted([&](const View& view) { return absl::IsNotFound(view.endpoints().Get(id).status()); });
}

std::vector<EndpointState> EndpointFixture::StatesOf(const std::string& id) {
  std::vector<EndpointState> states;
  LL_EXPECT_OK(registry_.Read([&](const View& view) -> absl::Status {
    LL_ASSIGN_OR_RETURN(const std::vector<registry::EventRecord> events, view.events().After(0, 10'000));
    for (const registry::EventRecord& event : events) {
      if (event.resource != registry::EndpointName(id) || event.after_json.empty()) continue;
      LL_ASSIGN_OR_RETURN(const EndpointRecord record, registry::FromJson<EndpointRecord>(event.after_json));
      if (states.empty() || states.back() != record.state) states.push_back(record.state);
    }
    return absl::OkStatus();
  }));
  return states;
}

}  // namespace ll::testing
