// What must hold in a fuzz target: ends the process where an assertion would, in every build.
#ifndef LL_TESTS_FUZZ_REQUIRE_H_
#define LL_TESTS_FUZZ_REQUIRE_H_

#include <cstdio>
#include <cstdlib>

namespace ll::testing {

inline void Require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "violated: %s\n", what);
  std::abort();
}

}  // namespace ll::testing

#endif  // LL_TESTS_FUZZ_REQUIRE_H_
