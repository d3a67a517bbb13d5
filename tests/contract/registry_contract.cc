#include "tests/contract/registry_contract.h"

#include "absl/strings/str_cat.h"
#include "base/env.h"
#include "registry/sqlite_registry.h"
#include "tests/testing/memory_registry.h"
#include "tests/testing/status_matchers.h"

namespace ll::registry {

std::vector<RegistryKind> AllRegistries() {
  const auto make_memory = [](Clock& clock, const std::string&) -> std::unique_ptr<Registry> {
    return std::make_unique<testing::MemoryRegistry>(clock);
  };
  const auto make_sqlite = [](Clock& clock, const std::string& directory) -> std::unique_ptr<Registry> {
    auto registry = OpenSqliteRegistry({.path = JoinPath(directory, "registry.db"), .clock = &clock});
    EXPECT_THAT(registry, testing::IsOk());
    return *std::move(registry);
  };
  return {{"Memory", make_memory}, {"Sqlite", make_sqlite}};
}

std::string NameOfKind(const ::testing::TestParamInfo<RegistryKind>& info) { return info.param.name; }

RegistryContract::RegistryContract() : registry_(GetParam().make(clock_, directory_.path())) {}

ModelRecord RegistryContract::AddModel(const std::string& id) {
  absl::StatusOr<ModelRecord> model = Change([&](Transaction& tx) { return tx.models().Insert({.id = id}); });
  EXPECT_THAT(model, testing::IsOk());
  return model.value_or(ModelRecord{});
}

VersionRecord RegistryContract::AddVersion(const std::string& model_id, VersionState state) {
  absl::StatusOr<VersionRecord> version =
      Change([&](Transaction& tx) { return tx.models().InsertVersion({.model_id = model_id, .state = state}); });
  EXPECT_THAT(version, testing::IsOk());
  return version.value_or(VersionRecord{});
}

ModelRecord RegistryContract::SetAlias(const std::string& model_id, const std::string& alias, int64_t number) {
  absl::StatusOr<ModelRecord> model = Change([&](Transaction& tx) -> absl::StatusOr<ModelRecord> {
    LL_ASSIGN_OR_RETURN(ModelRecord record, tx.models().Get(model_id));
    record.aliases[alias] = number;
    return tx.models().Update(record, "set-alias");
  });
  EXPECT_THAT(model, testing::IsOk());
  return model.value_or(ModelRecord{});
}

EndpointRecord RegistryContract::AddEndpoint(const std::string& id, const VersionRef& version) {
  absl::StatusOr<EndpointRecord> endpoint = Change([&](Transaction& tx) {
    return tx.endpoints().Insert({.id = id, .variants = {{.name = "main", .version = version}}});
  });
  EXPECT_THAT(endpoint, testing::IsOk());
  return endpoint.value_or(EndpointRecord{});
}

std::vector<EventRecord> RegistryContract::Events() {
  const auto events = See([](const View& view) { return view.events().After(0, 1'000'000); });
  EXPECT_THAT(events, testing::IsOk());
  return events.value_or(std::vector<EventRecord>{});
}

std::vector<std::string> RegistryContract::EventTexts() {
  std::vector<std::string> texts;
  for (const EventRecord& event : Events()) texts.push_back(absl::StrCat(event.verb, " ", event.resource));
  return texts;
}

}  // namespace ll::registry
