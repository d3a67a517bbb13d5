// docs/hyperparameters.md has the table of the code: every hyperparameter, in its order, and no other.
#include <cstdlib>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/env.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "learner/hyperparameters.h"
#include "tests/testing/status_matchers.h"

namespace ll::learner {
namespace {

std::string Cell(const std::string& text) { return absl::StrReplaceAll(text, {{"|", "\\|"}}); }

std::string Table() {
  std::string table =
      "| name | type | values | default | applies to | meaning |\n"
      "| --- | --- | --- | --- | --- | --- |\n";
  for (const HyperparameterInfo& info : DescribeHyperparameters()) {
    if (absl::StartsWith(info.name, "_")) continue;
    absl::StrAppend(&table, "| `", info.name, "` | ", info.type, " | ", Cell(info.range), " | ",
                    info.default_value.empty() ? "required" : absl::StrCat("`", info.default_value, "`"), " | ",
                    info.applies_to, " | ", info.description, " |\n");
  }
  return table;
}

TEST(HyperparametersPageTest, HasTheTableOfTheCode) {
  LL_ASSERT_OK_AND_ASSIGN(const std::string page, Env::Posix().ReadFile(std::string(std::getenv("LL_SOURCE_DIR")) +
                                                                        "/docs/hyperparameters.md"));
  EXPECT_TRUE(absl::StrContains(page, Table())) << "docs/hyperparameters.md should contain:\n" << Table();
}

}  // namespace
}  // namespace ll::learner
