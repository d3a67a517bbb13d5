// The settings of llctl and where each came from: flag, else environment variable, else configuration file, else
// default.
//
//   address   --address      LL_ADDRESS   127.0.0.1:7070
//   output    -o, --format   LL_OUTPUT    table
//
// The file is $XDG_CONFIG_HOME/llctl/config.yaml, or ~/.config/llctl/config.yaml:
//
//   address: 10.0.0.7:7070
//   output: wide
#ifndef LL_CLIENTS_LLCTL_SETTINGS_H_
#define LL_CLIENTS_LLCTL_SETTINGS_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/env.h"

namespace ll::llctl {

// The environment variables of the process, by name.
using Variables = std::map<std::string, std::string>;

struct Setting {
  std::string value;
  std::string origin;  // "--address", "LL_ADDRESS", the path of the file, or "default"
};

enum class OutputFormat { kTable, kWide, kJson, kYaml, kName };

struct Settings {
  Setting address;
  Setting output;
  OutputFormat format = OutputFormat::kTable;  // of `output`
  std::string config_file;                     // where the file is, or would be
};

// What the command line said; empty: nothing.
struct SettingFlags {
  std::string address;
  std::string output;
};

// Usage errors: an unknown output format (naming its origin), a configuration file that does not parse or holds an
// unknown key.
absl::StatusOr<Settings> ResolveSettings(const SettingFlags& flags, const Variables& variables, Env& env);

// "table", "wide", "json", "yaml", "name".
absl::StatusOr<OutputFormat> ParseOutputFormat(absl::string_view text);

// The variable's value, empty when it is not set.
std::string VariableOr(const Variables& variables, const std::string& name);

}  // namespace ll::llctl

#endif  // LL_CLIENTS_LLCTL_SETTINGS_H_
