// What a prediction server shall hold and serve, and what it does hold: the words between whoever decides (the endpoint
// manager) and whoever hosts. Both are complete: a plan replaces the plan before it, and what a plan does not name
// goes.
#ifndef LL_SERVICES_PREDICTION_HOSTING_PLAN_H_
#define LL_SERVICES_PREDICTION_HOSTING_PLAN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "registry/records.h"

namespace ll::prediction {

// One model version as a variant of one endpoint, with what its artifact must turn out to be.
struct HostedVersion {
  std::string variant = {};
  std::string model_id = {};
  int64_t number = 0;
  std::string artifact_sha256 = {};
  registry::FeatureSchema schema = {};

  std::string name() const { return registry::VersionName(model_id, number); }
  friend bool operator==(const HostedVersion&, const HostedVersion&) = default;
};

// Which try of loading a version. A load that failed is repeated when the plan carries another one; a version that is
// loading or ready stays as it is.
struct LoadAttempt {
  int64_t generation = 1;  // of the endpoint's desired part, when it asked for the version
  int number = 1;          // within the generation
  friend bool operator==(const LoadAttempt&, const LoadAttempt&) = default;
};

struct Placement {
  HostedVersion version = {};
  LoadAttempt attempt = {};
  friend bool operator==(const Placement&, const Placement&) = default;
};

struct EndpointPlan {
  std::string endpoint = {};                      // id
  std::vector<Placement> placements = {};         // to be held in memory
  std::optional<HostedVersion> serving = {};      // answers requests; one of the placements, and ready
  absl::Status refusal = absl::UnknownError("");  // what requests get while nothing serves; not OK
  friend bool operator==(const EndpointPlan&, const EndpointPlan&) = default;
};

using HostingPlan = std::vector<EndpointPlan>;  // endpoints are distinct

enum class PlacementPhase {
  kLoading,   // waiting for a loader or being loaded
  kReady,     // loaded, verified and warm
  kFailed,    // see error
  kDraining,  // not in the plan any more, but still in memory: a request uses it, or it is being freed
};

struct PlacementStatus {
  std::string endpoint = {};
  HostedVersion version = {};
  LoadAttempt attempt = {};  // the last one
  PlacementPhase phase = PlacementPhase::kLoading;
  absl::Time since = {};      // when the phase began
  absl::Status error = {};    // kFailed
  bool serving = false;       // new requests go to it
  int64_t in_flight = 0;      // requests that use it now
  uint64_t memory_bytes = 0;  // kReady, kDraining
  friend bool operator==(const PlacementStatus&, const PlacementStatus&) = default;
};

}  // namespace ll::prediction

#endif  // LL_SERVICES_PREDICTION_HOSTING_PLAN_H_
