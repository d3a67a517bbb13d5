// The server's settings: from flags, the environment and a file, with their origins.
//
//   flag --drain-timeout 10s   >   LL_SERVER_DRAIN_TIMEOUT=10s   >   `drain-timeout: 10s` in the file   >   the default
//
// One table (config.cc) has every setting's name, default, meaning and check; flags, variables, keys of the file and
// the help text all come from it.
#ifndef LL_SERVICES_LLSERVER_CONFIG_H_
#define LL_SERVICES_LLSERVER_CONFIG_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/listen_address.h"
#include "base/log.h"

namespace ll::llserver {

struct Config {
  ListenAddress listen = {.host = "127.0.0.1", .port = 7070, .unix_path = ""};
  std::optional<ListenAddress> http_listen = {};  // nullopt: HTTP is not served
  std::vector<std::string> http_hosts = {};       // names that mean this server, beside those of this machine
  std::string data_dir = {};
  std::string ready_file = {};  // empty: none
  bool insecure = false;        // may listen beyond this machine
  absl::Duration drain_timeout = absl::Seconds(30);
  int64_t max_message_bytes = int64_t{256} << 20;
  std::optional<int64_t> max_inflight_bytes = {};  // nullopt: a quarter of the memory
  int max_running_jobs = 1;
  int max_queued_jobs = 100;
  absl::Duration event_retention = absl::Hours(30 * 24);
  LogLevel log_level = LogLevel::kInfo;

  // A value as it was written, and where.
  struct Setting {
    std::string name;    // "drain-timeout"
    std::string value;   // "10s"
    std::string origin;  // "flag", "LL_SERVER_DRAIN_TIMEOUT", "/etc/llserver.yaml", "default"
  };
  std::vector<Setting> settings = {};  // all, in the order of the table
  enum class Command { kServe, kHelp, kVersion } command = Command::kServe;
};

// `args` without the program's name; `environment` whole: of it LL_SERVER_*, HOME and XDG_DATA_HOME count. `read_file`
// is asked for the file that --config or LL_SERVER_CONFIG names. Pure but for that. INVALID_ARGUMENT / CONFIG_INVALID
// with all violations at once: unknown flags, variables and keys with the nearest known one, ill-formed values, a file
// that cannot be read or is no flat YAML map, a non-loopback address without --insecure.
absl::StatusOr<Config> ParseConfig(const std::vector<std::string>& args,
                                   const std::map<std::string, std::string>& environment,
                                   absl::FunctionRef<absl::StatusOr<std::string>(const std::string& path)> read_file);

// What `llserver --help` prints.
std::string HelpText();

}  // namespace ll::llserver

#endif  // LL_SERVICES_LLSERVER_CONFIG_H_
