// What tests of endpoints share: a catalogue in memory with the model "m", whose versions are made in advance.
#ifndef LL_TESTS_TESTING_ENDPOINT_FIXTURE_H_
#define LL_TESTS_TESTING_ENDPOINT_FIXTURE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "registry/registry.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/memory_registry.h"

namespace ll::testing {

class EndpointFixture : public ::testing::Test {
 protected:
  // Versions 1, 2 and 3 take 2 features; version 4 takes 5. Alias "champion" is version 1.
  EndpointFixture();

  static std::string Version(int64_t number);  // its full name

  // Everything in one transaction by "tester".
  void Write(const std::function<absl::Status(registry::Transaction&)>& body);
  void MoveAlias(const std::string& alias, int64_t number);
  void SetVersionState(int64_t number, registry::VersionState state);

  registry::EndpointRecord Get(const std::string& id);
  registry::VersionRecord GetVersion(int64_t number);
  int64_t NewestEvent();
  // Returns the endpoint once `condition` holds of it.
  registry::EndpointRecord AwaitEndpoint(const std::string& id,
                                         const std::function<bool(const registry::EndpointRecord&)>& condition);
  registry::EndpointRecord AwaitState(const std::string& id, registry::EndpointState state);
  void AwaitGone(const std::string& id);
  // The states that the endpoint has had, by the events, without repetitions.
  std::vector<registry::EndpointState> StatesOf(const std::string& id);

  static registry::VariantSpec Numbered(int64_t number) { return {.version = {.model_id = "m", .number = number}}; }
  static registry::VariantSpec Following(const std::string& alias) {
    return {.version = {.model_id = "m", .alias = alias}};
  }

  FakeClock clock_;
  MemoryRegistry registry_{clock_};

 private:
  // Returns once `condition`, asked after every commit, holds.
  void AwaitCommitted(const std::function<bool(const registry::View&)>& condition);
};

}  // namespace ll::testing

#endif  // LL_TESTS_TESTING_ENDPOINT_FIXTURE_H_
