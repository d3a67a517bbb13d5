#include "services/llserver/setting_table.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace ll::llserver {
namespace {

std::string SetAddress(absl::string_view text, ListenAddress* address) {
  absl::StatusOr<ListenAddress> parsed = ParseListenAddress(text);
  if (!parsed.ok()) return std::string(parsed.status().message());
  *address = *std::move(parsed);
  return "";
}

std::string SetHttpAddress(absl::string_view text, std::optional<ListenAddress>* address) {
  address->reset();
  if (text == "off") return "";
  std::string problem = SetAddress(text, &address->emplace());
  if (problem.empty() && (*address)->host.empty()) return "a Unix socket, on which HTTP is not served";
  return problem;
}

std::string SetNames(absl::string_view text, std::vector<std::string>* names) {
  *names = absl::StrSplit(text, absl::ByAnyChar(", "), absl::SkipEmpty());
  for (const std::string& name : *names) {
    if (absl::StrContains(name, ':') || absl::StrContains(name, '/')) return "not names without scheme and port";
  }
  return names->empty() ? "empty" : "";
}

std::string SetText(absl::string_view text, std::string* value) {
  if (text.empty()) return "empty";
  *value = std::string(text);
  return "";
}

std::string SetFlag(absl::string_view text, bool* value) {
  if (absl::SimpleAtob(text, value)) return "";
  return "neither true nor false";
}

std::string SetDuration(absl::string_view text, absl::Duration* value) {
  if (absl::ParseDuration(text, value) && *value >= absl::ZeroDuration()) return "";
  return "not a time such as 30s, 5m or 24h";
}

constexpr int64_t kMaxMessageBytes = (int64_t{1} << 31) - 1;  // protobuf's own limit
constexpr int64_t kMaxMemoryBytes = int64_t{1} << 50;

std::string SetBytes(absl::string_view text, int64_t limit, int64_t* value) {
  int64_t unit = 1;
  for (const auto& [suffix, bytes] :
       {std::pair("KiB", 1 << 10), std::pair("MiB", 1 << 20), std::pair("GiB", 1 << 30)}) {
    if (absl::ConsumeSuffix(&text, suffix)) unit = bytes;
  }
  if (!absl::SimpleAtoi(text, value) || *value <= 0) return "not a size such as 1048576, 512KiB, 256MiB or 2GiB";
  if (*value > limit / unit) return absl::StrCat("more than ", limit, " bytes");
  *value *= unit;
  return "";
}

std::string SetCount(absl::string_view text, int* value) {
  if (absl::SimpleAtoi(text, value) && *value >= 1 && *value <= 1'000'000) return "";
  return "not a whole number from 1 to 1000000";
}

std::string SetLogLevel(absl::string_view text, LogLevel* level) {
  constexpr std::pair<const char*, LogLevel> kLevels[] = {{"debug", LogLevel::kDebug},
                                                          {"info", LogLevel::kInfo},
                                                          {"warning", LogLevel::kWarning},
                                                          {"error", LogLevel::kError}};
  for (const auto& [name, value] : kLevels) {
    if (absl::EqualsIgnoreCase(text, name)) {
      *level = value;
      return "";
    }
  }
  return "none of debug, info, warning, error";
}

const SettingInfo kSettings[] = {
    {"listen", "HOST:PORT", "127.0.0.1:7070", "where to serve gRPC; port 0 takes a free one; or unix:PATH",
     [](absl::string_view text, Config* config) { return SetAddress(text, &config->listen); }},
    {"http-listen", "HOST:PORT", kDefaultHttpListen, "where to serve HTTP; port 0 takes a free one; or off",
     [](absl::string_view text, Config* config) { return SetHttpAddress(text, &config->http_listen); }},
    {"http-host", "NAME,...", "", "names by which HTTP clients reach it, beside localhost",
     [](absl::string_view text, Config* config) { return SetNames(text, &config->http_hosts); }},
    {"data-dir", "DIR", "", "where everything is kept [$XDG_DATA_HOME/linear-learner or ~/.local/share/linear-learner]",
     [](absl::string_view text, Config* config) { return SetText(text, &config->data_dir); }},
    {"ready-file", "FILE", "", "written when the server serves: its addresses and pid as JSON",
     [](absl::string_view text, Config* config) { return SetText(text, &config->ready_file); }},
    {"insecure", "", "false", "listen beyond this machine, without encryption or credentials",
     [](absl::string_view text, Config* config) { return SetFlag(text, &config->insecure); }},
    {"drain-timeout", "TIME", "30s", "longest time from SIGTERM to the end",
     [](absl::string_view text, Config* config) { return SetDuration(text, &config->drain_timeout); }},
    {"max-message-bytes", "SIZE", "256MiB", "largest message in either direction",
     [](absl::string_view text, Config* config) {
       return SetBytes(text, kMaxMessageBytes, &config->max_message_bytes);
     }},
    {"max-inflight-bytes", "SIZE", "",
     "largest sum of the prediction messages being worked on [a quarter of the memory]",
     [](absl::string_view text, Config* config) {
       return SetBytes(text, kMaxMemoryBytes, &config->max_inflight_bytes.emplace());
     }},
    {"max-running-jobs", "N", "1", "training jobs at a time; each uses all cores unless told otherwise",
     [](absl::string_view text, Config* config) { return SetCount(text, &config->max_running_jobs); }},
    {"max-queued-jobs", "N", "100", "training jobs that may wait",
     [](absl::string_view text, Config* config) { return SetCount(text, &config->max_queued_jobs); }},
    {"event-retention", "TIME", "720h", "how long events are kept",
     [](absl::string_view text, Config* config) { return SetDuration(text, &config->event_retention); }},
    {"log-level", "LEVEL", "info", "debug, info, warning or error",
     [](absl::string_view text, Config* config) { return SetLogLevel(text, &config->log_level); }},
};

}  // namespace

absl::Span<const SettingInfo> SettingTable() { return kSettings; }

}  // namespace ll::llserver
