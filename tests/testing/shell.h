// Commands as a user types them: a script run by /bin/sh, with the programs that were built first in its PATH.
//
//   Shell shell(dir.path(), {{"LL_ADDRESS", server.address()}});
//   ShellResult result = shell.Run("llctl model list | head -n 1");
#ifndef LL_TESTS_TESTING_SHELL_H_
#define LL_TESTS_TESTING_SHELL_H_

#include <map>
#include <string>

namespace ll::testing {

struct ShellResult {
  int code = 0;
  std::string out;  // both streams, as a terminal would show them
};

class Shell {
 public:
  // Scripts run in `directory`, which is their home too, with `variables` and no settings of whoever runs the test.
  Shell(const std::string& directory, const std::map<std::string, std::string>& variables);

  ShellResult Run(const std::string& script) const;

 private:
  std::string setup_;  // what comes before each script
};

// The folder of the programs that were built: LL_BIN_DIR, which ctest sets.
std::string ProgramFolder();

}  // namespace ll::testing

#endif  // LL_TESTS_TESTING_SHELL_H_
