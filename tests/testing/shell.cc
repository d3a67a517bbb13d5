#include "tests/testing/shell.h"

#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace ll::testing {

std::string ProgramFolder() {
  const char* folder = std::getenv("LL_BIN_DIR");
  EXPECT_NE(folder, nullptr) << "LL_BIN_DIR is not set; run the test with ctest";
  return folder == nullptr ? "" : folder;
}

Shell::Shell(const std::string& directory, const std::map<std::string, std::string>& variables)
    : setup_(absl::StrCat("unset LL_ADDRESS LL_OUTPUT NO_COLOR XDG_CONFIG_HOME\nexport PATH='", ProgramFolder(),
                          "':$PATH HOME='", directory, "' TERM=xterm\n")) {
  for (const auto& [name, value] : variables) absl::StrAppend(&setup_, "export ", name, "='", value, "'\n");
  absl::StrAppend(&setup_, "cd '", directory, "'\nexec 2>&1\n");
}

ShellResult Shell::Run(const std::string& script) const {
  ShellResult result;
  FILE* pipe = popen(absl::StrCat(setup_, script).c_str(), "r");
  if (pipe == nullptr) {
    ADD_FAILURE() << "cannot start a shell";
    return result;
  }
  char buffer[4096];
  for (size_t size; (size = fread(buffer, 1, sizeof buffer, pipe)) > 0;) result.out.append(buffer, size);
  const int status = pclose(pipe);
  result.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

}  // namespace ll::testing
