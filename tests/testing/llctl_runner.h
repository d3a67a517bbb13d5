// Runs llctl in this process, over strings, against a server of the test.
//
//   LlctlRunner llctl(server.address());
//   LlctlResult result = llctl.Run({"model", "list"});
//   EXPECT_EQ(result.code, 0);
//   EXPECT_EQ(result.out, "NAME ...");
#ifndef LL_TESTS_TESTING_LLCTL_RUNNER_H_
#define LL_TESTS_TESTING_LLCTL_RUNNER_H_

#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "base/env.h"
#include "tests/testing/fake_clock.h"

namespace ll::testing {

struct LlctlResult {
  int code = 0;
  std::string out;
  std::string err;
};

// Not thread-safe, but for interrupt(). By default nothing is a terminal, there is no color and the clock stands at
// five minutes past its start, so that resources made at its start are "5m" old.
class LlctlRunner {
 public:
  // `address` is passed as LL_ADDRESS, and shown as SERVER in what comes back.
  explicit LlctlRunner(const std::string& address);

  LlctlResult Run(const std::vector<std::string>& arguments, const std::string& input = "");

  // As if at a terminal of this width, for the runs that follow.
  void UseTerminal(int width, bool color = false);
  std::map<std::string, std::string>& variables() { return variables_; }
  void set_env(Env& env) { env_ = &env; }
  FakeClock& clock() { return clock_; }
  // Ctrl-C, from any thread.
  void Interrupt() { interrupt_.request_stop(); }

 private:
  const std::string address_;
  std::map<std::string, std::string> variables_;
  Env* env_;
  FakeClock clock_;
  std::stop_source interrupt_;
  bool terminal_ = false;
  bool color_ = false;
  int width_ = 80;
};

}  // namespace ll::testing

#endif  // LL_TESTS_TESTING_LLCTL_RUNNER_H_
