// Which release this is.
#ifndef LL_BASE_VERSION_H_
#define LL_BASE_VERSION_H_

#include "absl/strings/string_view.h"

namespace ll {

// "0.1.0": the version of the project in CMakeLists.txt.
absl::string_view ReleaseVersion();

}  // namespace ll

#endif  // LL_BASE_VERSION_H_
