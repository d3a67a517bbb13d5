#include "clients/llctl/help_topics.h"

#include "absl/strings/str_format.h"
#include "clients/llctl/exit_codes.h"

namespace ll::llctl {
namespace {

constexpr char kEnvironment[] = R"(Settings come from flags, then environment variables, then the configuration
file, then defaults. `llctl config view` shows each with its origin.

  LL_ADDRESS       where the server is: HOST:PORT, [IPv6]:PORT or unix:PATH
  LL_OUTPUT        the output format: table, wide, json, yaml or name
  NO_COLOR         not empty: never color
  TERM             `dumb`: never color and never redraw a line
  XDG_CONFIG_HOME  the configuration file is llctl/config.yaml in this folder,
                   or ~/.config/llctl/config.yaml

The configuration file:

  address: 10.0.0.7:7070
  output: wide
)";

constexpr char kFilters[] = R"(--filter takes conditions joined by AND. Each compares a field with a value:

  name, labels.KEY          = !=           any list
  create_time, update_time  = < <= > >=    any list but events
  state                     = !=           model versions, training jobs, endpoints
  model                     = !=           training jobs, endpoints
  resource, verb, actor     = !=           events
  request_id                = !=           events
  time                      = < <= > >=    events

Times are written like 2026-11-24T13:05:11Z. Values with spaces or other
characters than letters, digits and _ - . : / @ + go between double quotes.
Quote the whole filter for the shell:

  llctl training-job list --filter 'state = FAILED AND model = digits'
  llctl model list --filter 'labels.team = fraud AND create_time >= 2026-11-01T00:00:00Z'
  llctl event list --filter 'resource = endpoints/digits'

--order-by takes name, create_time or update_time, with an optional " desc":

  llctl model list --order-by 'create_time desc' --limit 10
)";

std::string ExitCodes() {
  std::string text = "llctl ends with one of these codes:\n\n";
  for (const ExitCodeMeaning& entry : ExitCodeTable()) {
    absl::StrAppendFormat(&text, "  %3d  %s\n", entry.code, entry.meaning);
  }
  return text;
}

}  // namespace

std::vector<std::string> HelpTopics() { return {"environment", "exit-codes", "filters"}; }

std::string HelpTopic(absl::string_view topic) {
  if (topic == "environment") return kEnvironment;
  if (topic == "exit-codes") return ExitCodes();
  if (topic == "filters") return kFilters;
  return "";
}

}  // namespace ll::llctl
