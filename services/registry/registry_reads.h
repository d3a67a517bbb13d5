// Registry::Read with an answer, and the error of a row whose bytes are gone.
#ifndef LL_SERVICES_REGISTRY_REGISTRY_READS_H_
#define LL_SERVICES_REGISTRY_REGISTRY_READS_H_

#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "registry/registry.h"

namespace ll::catalog {

// `body`: StatusOr<T>(const registry::View&).
template <typename Body>
auto ReadFrom(registry::Registry& registry, Body body) -> std::invoke_result_t<Body, const registry::View&> {
  std::invoke_result_t<Body, const registry::View&> answer = absl::InternalError("not read");
  const absl::Status read = registry.Read([&](const registry::View& view) {
    answer = body(view);
    return answer.status();
  });
  if (!read.ok()) return read;
  return answer;
}

inline absl::StatusOr<bool> IsBlobNamed(registry::Registry& registry, const std::string& sha256) {
  return ReadFrom(registry, [&](const registry::View& view) { return view.IsBlobNamed(sha256); });
}

inline absl::Status LostBlob(const std::string& name, const std::string& sha256) {
  return MakeError(absl::StatusCode::kDataLoss, ErrorReason::kCorruptBlob,
                   {.what = absl::StrCat("cannot read ", name),
                    .why = absl::StrCat("its bytes with SHA-256 ", sha256, " are not in the data directory any more"),
                    .remedy = "Restore the data directory from a backup, or upload or train again."},
                   {.metadata = {{"name", name}, {"sha256", sha256}}});
}

}  // namespace ll::catalog

#endif  // LL_SERVICES_REGISTRY_REGISTRY_READS_H_
