// Text packed with gzip, for tests of what unpacks it.
#ifndef LL_TESTS_TESTING_GZIP_H_
#define LL_TESTS_TESTING_GZIP_H_

#include <string>

#include "absl/strings/string_view.h"

namespace ll::testing {

std::string Gzip(absl::string_view bytes);

}  // namespace ll::testing

#endif  // LL_TESTS_TESTING_GZIP_H_
