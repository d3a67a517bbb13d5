// When an alias may point at a version. Endpoints that follow the alias serve whatever it points at, so moving it is
// deploying: only a version that can be deployed will do, and none that would break the clients of a follower.
#ifndef LL_SERVICES_REGISTRY_FOLLOWER_RULES_H_
#define LL_SERVICES_REGISTRY_FOLLOWER_RULES_H_

#include <string>

#include "absl/status/status.h"
#include "registry/registry.h"

namespace ll::catalog {

// Whether rows for the one are rows for the other, and their scores alike: equal feature count and output width.
bool Interchangeable(const registry::FeatureSchema& a, const registry::FeatureSchema& b);

// FAILED_PRECONDITION / WRONG_STATE when the version is not READY; / SCHEMA_MISMATCH, with one violation for each
// follower that serves something not interchangeable with it, unless `allow_schema_change`.
absl::Status CheckAliasTarget(const registry::View& view, const std::string& alias,
                              const registry::VersionRecord& version, bool allow_schema_change);

}  // namespace ll::catalog

#endif  // LL_SERVICES_REGISTRY_FOLLOWER_RULES_H_
