// What every implementation of the registry must do: one suite, run against each of AllRegistries().
//
// A test changes things with Change and looks at them with See; both return what their body returns:
//
//   TEST_P(ModelContract, ...) {
//     LL_ASSERT_OK_AND_ASSIGN(const ModelRecord model, Change([](Transaction& tx) { return tx.models().Insert(...);
//     })); EXPECT_THAT(See([](const View& view) { return view.models().Get("churn"); }), IsOkAndHolds...);
#ifndef LL_TESTS_CONTRACT_REGISTRY_CONTRACT_H_
#define LL_TESTS_CONTRACT_REGISTRY_CONTRACT_H_

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtest/gtest.h"
#include "registry/registry.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/temp_dir.h"

namespace ll::registry {

struct RegistryKind {
  std::string name;
  // `directory` is empty and the registry's own.
  std::function<std::unique_ptr<Registry>(Clock& clock, const std::string& directory)> make;
  friend std::ostream& operator<<(std::ostream& out, const RegistryKind& kind) { return out << kind.name; }
};

std::vector<RegistryKind> AllRegistries();
std::string NameOfKind(const ::testing::TestParamInfo<RegistryKind>& info);

class RegistryContract : public ::testing::TestWithParam<RegistryKind> {
 protected:
  RegistryContract();

  Registry& registry() { return *registry_; }
  testing::FakeClock& clock() { return clock_; }

  // One write that runs `body` and returns what it returns, a Status or a StatusOr.
  template <typename Body>
  auto Change(Body body, const WriteOptions& options = {}) {
    using Result = std::invoke_result_t<Body, Transaction&>;
    Result result = absl::InternalError("the body did not run");
    const absl::Status written = registry_->Write(options, [&](Transaction& transaction) {
      result = body(transaction);
      return StatusOf(result);
    });
    if (!written.ok()) result = written;
    return result;
  }

  // The same for a read.
  template <typename Body>
  auto See(Body body) {
    using Result = std::invoke_result_t<Body, const View&>;
    Result result = absl::InternalError("the body did not run");
    const absl::Status read = registry_->Read([&](const View& view) {
      result = body(view);
      return StatusOf(result);
    });
    if (!read.ok()) result = read;
    return result;
  }

  // Shorthands; each is one write that must succeed.
  ModelRecord AddModel(const std::string& id);
  VersionRecord AddVersion(const std::string& model_id, VersionState state = VersionState::kReady);
  ModelRecord SetAlias(const std::string& model_id, const std::string& alias, int64_t number);
  EndpointRecord AddEndpoint(const std::string& id, const VersionRef& version);

  // All events so far, oldest first.
  std::vector<EventRecord> Events();
  // "verb resource" of each.
  std::vector<std::string> EventTexts();

 private:
  static absl::Status StatusOf(const absl::Status& status) { return status; }
  template <typename T>
  static absl::Status StatusOf(const absl::StatusOr<T>& result) {
    return result.status();
  }

  const testing::TempDir directory_;
  testing::FakeClock clock_;
  const std::unique_ptr<Registry> registry_;
};

}  // namespace ll::registry

#endif  // LL_TESTS_CONTRACT_REGISTRY_CONTRACT_H_
