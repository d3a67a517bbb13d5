#include "base/version.h"

namespace ll {

absl::string_view ReleaseVersion() { return LL_RELEASE_VERSION; }

}  // namespace ll
