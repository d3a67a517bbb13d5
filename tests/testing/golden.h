// Texts that must stay as they are, kept in files under tests/golden.
//
//   EXPECT_TRUE(MatchesGolden("llctl/model_list.txt", output));
//
// After a wanted change, run the test with LL_UPDATE_GOLDEN=1 in the environment: it writes the files anew. Read the
// difference before you commit it.
#ifndef LL_TESTS_TESTING_GOLDEN_H_
#define LL_TESTS_TESTING_GOLDEN_H_

#include <string>

#include "gtest/gtest.h"

namespace ll::testing {

// `name`: path below tests/golden. The failure message shows both texts.
::testing::AssertionResult MatchesGolden(const std::string& name, const std::string& text);

// The same for a file of the repository, by its path from the root.
::testing::AssertionResult MatchesRepositoryFile(const std::string& path, const std::string& text);

}  // namespace ll::testing

#endif  // LL_TESTS_TESTING_GOLDEN_H_
