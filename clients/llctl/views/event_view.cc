#include <string>

#include "clients/llctl/human_units.h"
#include "clients/llctl/resource_names.h"
#include "clients/llctl/views/resource_view.h"

namespace ll::llctl {
namespace {

void FillEvent(const v1::Event& event, absl::Time now, bool, Details& details) {
  details.Field("Name", event.name());
  details.Field("Time", TimeAndAge(event.time(), now));
  details.Field("Verb", event.verb());
  details.Field("Resource", event.resource());
  details.Field("Actor", event.actor());
  details.Field("Request id", event.request_id());
  details.Field("Resume token", event.resume_token());
}

}  // namespace

template <>
ResourceView<v1::Event> ViewOf() {
  using Event = v1::Event;
  return {"event",
          "events",
          {{"NAME", false, [](const Event& event, absl::Time) { return Cell{ShortName(event.name())}; }, 6},
           {"VERB", false, [](const Event& event, absl::Time) { return Cell{event.verb()}; }, 12},
           {"RESOURCE", false, [](const Event& event, absl::Time) { return Cell{event.resource()}; }, 32},
           {"ACTOR", true, [](const Event& event, absl::Time) { return Cell{event.actor()}; }, 32},
           {"REQUEST-ID", true, [](const Event& event, absl::Time) { return Cell{event.request_id()}; }, 36},
           {"TIME", true, [](const Event& event, absl::Time) { return Cell{UtcText(event.time())}; }, 20},
           {"AGE", false, [](const Event& event, absl::Time now) { return Cell{AgeOf(event.time(), now)}; }}},
          FillEvent};
}

}  // namespace ll::llctl
