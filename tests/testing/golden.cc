#include "tests/testing/golden.h"

#include <cstdlib>

#include "base/env.h"

namespace ll::testing {

::testing::AssertionResult MatchesRepositoryFile(const std::string& path, const std::string& text) {
  const char* root = std::getenv("LL_SOURCE_DIR");
  if (root == nullptr) return ::testing::AssertionFailure() << "LL_SOURCE_DIR is not set; run the test with ctest";
  const std::string file = JoinPath(root, path);
  if (std::getenv("LL_UPDATE_GOLDEN") != nullptr) {
    const absl::Status status = Env::Posix().WriteFileAtomically(file, text);
    if (!status.ok()) return ::testing::AssertionFailure() << status;
    return ::testing::AssertionSuccess();
  }
  const absl::StatusOr<std::string> expected = Env::Posix().ReadFile(file);
  if (!expected.ok()) return ::testing::AssertionFailure() << expected.status() << "; got:\n" << text;
  if (*expected == text) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << path << " holds:\n" << *expected << "--- but the text is now:\n" << text;
}

::testing::AssertionResult MatchesGolden(const std::string& name, const std::string& text) {
  return MatchesRepositoryFile(JoinPath("tests/golden", name), text);
}

}  // namespace ll::testing
