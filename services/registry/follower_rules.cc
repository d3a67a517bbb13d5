#include "services/registry/follower_rules.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/error_reason.h"
#include "base/status_macros.h"

namespace ll::catalog {
namespace {

using registry::EndpointRecord;
using registry::FeatureSchema;
using registry::ObservedVariant;
using registry::VariantSpec;
using registry::VersionRecord;
using registry::VersionRef;
using registry::View;

std::string Describe(const FeatureSchema& schema) {
  const auto count = [](int64_t n, absl::string_view noun) { return absl::StrCat(n, " ", noun, n == 1 ? "" : "s"); };
  return absl::StrCat(count(schema.feature_dim, "feature"), " and ", count(schema.outputs, "output"));
}

absl::Status NotReady(const std::string& alias, const VersionRecord& version) {
  const std::string name = registry::VersionName(version.model_id, version.number);
  const std::string state(StateName(version.state));
  return MakeError(absl::StatusCode::kFailedPrecondition, ErrorReason::kWrongState,
                   {.what = absl::StrCat("cannot point alias ", alias, " at ", name),
                    .why = absl::StrCat("it is ", state),
                    .remedy = "Choose a version that is READY."},
                   {.metadata = {{"alias", alias}, {"version", name}, {"state", state}},
                    .precondition_violations = {{"WRONG_STATE", name, absl::StrCat("the version is ", state)}}});
}

// What the variant serves now, or will serve once it is up: the version that clients' rows are made for.
absl::StatusOr<VersionRecord> ServedBy(const View& view, const EndpointRecord& endpoint, const VariantSpec& variant) {
  const auto observed = std::find_if(endpoint.observed.begin(), endpoint.observed.end(),
                                     [&](const ObservedVariant& one) { return one.name == variant.name; });
  if (observed == endpoint.observed.end()) return view.models().Resolve(variant.version);
  return view.models().GetVersion(observed->model_id, observed->version);
}

}  // namespace

bool Interchangeable(const FeatureSchema& a, const FeatureSchema& b) {
  return a.feature_dim == b.feature_dim && a.outputs == b.outputs;
}

absl::Status CheckAliasTarget(const View& view, const std::string& alias, const VersionRecord& version,
                              bool allow_schema_change) {
  if (version.state != registry::VersionState::kReady) return NotReady(alias, version);
  if (allow_schema_change) return absl::OkStatus();

  const VersionRef followed{.model_id = version.model_id, .alias = alias};
  ErrorDetails details;
  std::vector<std::string> followers;
  LL_ASSIGN_OR_RETURN(const std::vector<std::string> ids, view.endpoints().FollowersOf(version.model_id, alias));
  for (const std::string& id : ids) {
    LL_ASSIGN_OR_RETURN(const EndpointRecord endpoint, view.endpoints().Get(id));
    for (const VariantSpec& variant : endpoint.variants) {
      if (variant.version != followed) continue;
      LL_ASSIGN_OR_RETURN(const VersionRecord served, ServedBy(view, endpoint, variant));
      if (Interchangeable(served.schema, version.schema)) continue;
      followers.push_back(registry::EndpointName(id));
      details.precondition_violations.push_back(
          {"SCHEMA_MISMATCH", registry::EndpointName(id), absl::StrCat("it serves ", Describe(served.schema))});
    }
  }
  if (followers.empty()) return absl::OkStatus();
  const std::string name = registry::VersionName(version.model_id, version.number);
  details.metadata = {{"alias", alias}, {"version", name}};
  return MakeError(absl::StatusCode::kFailedPrecondition, ErrorReason::kSchemaMismatch,
                   {.what = absl::StrCat("cannot point alias ", alias, " at ", name),
                    .why = absl::StrCat("it has ", Describe(version.schema), ", unlike what is served by ",
                                        absl::StrJoin(followers, ", ")),
                    .remedy = "Choose a version with the same schema, or set allow_schema_change."},
                   std::move(details));
}

}  // namespace ll::catalog
