#include <string>

#include "absl/strings/str_cat.h"
#include "clients/llctl/human_units.h"
#include "clients/llctl/resource_names.h"
#include "clients/llctl/views/resource_view.h"

namespace ll::llctl {
namespace {

using v1::Endpoint;

std::string Serves(const Endpoint& endpoint) {
  return endpoint.observed_variants().empty() ? "" : ShortName(endpoint.observed_variants(0).model_version());
}

std::string Wants(const Endpoint& endpoint) {
  return endpoint.variants().empty() ? "" : ShortName(endpoint.variants(0).model_version());
}

void FillEndpoint(const Endpoint& endpoint, absl::Time now, bool wide, Details& details) {
  details.Field("Name", endpoint.name());
  const Cell state = StateCell(Endpoint::State_Name(endpoint.state()));
  details.Field("State", state.text, state.style);
  if (endpoint.has_error()) details.Field("Error", endpoint.error().message(), Style::kBad);
  for (const Endpoint::ObservedVariant& variant : endpoint.observed_variants()) {
    details.Field("Serves", absl::StrCat(variant.model_version(), " since ", TimeAndAge(variant.ready_time(), now)));
  }
  for (const Endpoint::Variant& variant : endpoint.variants()) details.Field("Wants", variant.model_version());
  details.Field("Created", TimeAndAge(endpoint.create_time(), now));
  details.Field("Updated", TimeAndAge(endpoint.update_time(), now));
  if (wide) details.Field("Etag", endpoint.etag());
  details.Block("Labels", Sorted(endpoint.labels()));
  details.Block("Annotations", Sorted(endpoint.annotations()));
}

}  // namespace

template <>
ResourceView<Endpoint> ViewOf() {
  return {
      "endpoint",
      "endpoints",
      {{"NAME", false, [](const Endpoint& endpoint, absl::Time) { return Cell{ShortName(endpoint.name())}; }},
       {"STATE", false,
        [](const Endpoint& endpoint, absl::Time) { return StateCell(Endpoint::State_Name(endpoint.state())); }, 12},
       {"SERVES", false, [](const Endpoint& endpoint, absl::Time) { return Cell{Serves(endpoint)}; }, 24},
       {"WANTS", false, [](const Endpoint& endpoint, absl::Time) { return Cell{Wants(endpoint)}; }, 24},
       {"UPDATED", true, [](const Endpoint& endpoint, absl::Time) { return Cell{UtcText(endpoint.update_time())}; }},
       {"LABELS", true,
        [](const Endpoint& endpoint, absl::Time) { return Cell{JoinEntries(Sorted(endpoint.labels()))}; }},
       {"AGE", false,
        [](const Endpoint& endpoint, absl::Time now) { return Cell{AgeOf(endpoint.create_time(), now)}; }}},
      FillEndpoint};
}

}  // namespace ll::llctl
