#include "clients/llctl/settings.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/error_reason.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"
#include "clients/cpp/connection.h"
#include "clients/llctl/exit_codes.h"
#include "yaml-cpp/yaml.h"

namespace ll::llctl {
namespace {

const std::vector<std::string>& Keys() {
  static const std::vector<std::string>& keys = *new std::vector<std::string>{"address", "output"};
  return keys;
}

const std::vector<std::string>& FormatNames() {
  static const std::vector<std::string>& names = *new std::vector<std::string>{"table", "wide", "json", "yaml", "name"};
  return names;
}

std::string ConfigFile(const Variables& variables) {
  const std::string xdg = VariableOr(variables, "XDG_CONFIG_HOME");
  if (!xdg.empty()) return JoinPath(xdg, "llctl/config.yaml");
  const std::string home = VariableOr(variables, "HOME");
  return home.empty() ? "" : JoinPath(home, ".config/llctl/config.yaml");
}

std::string DidYouMean(const std::string& name, const std::vector<std::string>& known) {
  const std::string nearest = NearestName(name, known);
  return nearest.empty() ? absl::StrCat("Known are ", absl::StrJoin(known, ", "), ".")
                         : absl::StrCat("Did you mean `", nearest, "`?");
}

// The file's keys and values; none when there is no file.
absl::StatusOr<std::map<std::string, std::string>> ReadConfigFile(const std::string& path, Env& env) {
  std::map<std::string, std::string> values;
  if (path.empty() || !env.Exists(path)) return values;
  LL_ASSIGN_OR_RETURN(const std::string text, env.ReadFile(path));
  try {
    const YAML::Node root = YAML::Load(text);
    if (!root.IsNull() && !root.IsMap()) return UsageError(absl::StrCat(path, " is not a list of `key: value` lines"));
    for (const auto& entry : root) {
      const std::string key = entry.first.as<std::string>();
      if (std::find(Keys().begin(), Keys().end(), key) == Keys().end()) {
        return UsageError(absl::StrCat(path, ":", entry.first.Mark().line + 1, ": unknown key `", key, "`"),
                          DidYouMean(key, Keys()));
      }
      values[key] = entry.second.as<std::string>();
    }
  } catch (const YAML::Exception& error) {
    return UsageError(absl::StrCat(path, " cannot be read: ", error.what()));
  }
  return values;
}

Setting Resolve(const std::string& flag, const char* flag_name, const Variables& variables, const char* variable,
                const std::map<std::string, std::string>& file, const std::string& file_name, const char* key,
                const char* default_value) {
  if (!flag.empty()) return {flag, flag_name};
  if (const std::string value = VariableOr(variables, variable); !value.empty()) return {value, variable};
  if (const auto value = file.find(key); value != file.end()) return {value->second, file_name};
  return {default_value, "default"};
}

}  // namespace

std::string VariableOr(const Variables& variables, const std::string& name) {
  const auto found = variables.find(name);
  return found == variables.end() ? "" : found->second;
}

absl::StatusOr<OutputFormat> ParseOutputFormat(absl::string_view text) {
  for (size_t i = 0; i < FormatNames().size(); ++i) {
    if (FormatNames()[i] == text) return static_cast<OutputFormat>(i);
  }
  return UsageError(absl::StrCat("there is no output format `", text, "`"),
                    DidYouMean(std::string(text), FormatNames()));
}

absl::StatusOr<Settings> ResolveSettings(const SettingFlags& flags, const Variables& variables, Env& env) {
  Settings settings;
  settings.config_file = ConfigFile(variables);
  LL_ASSIGN_OR_RETURN(const auto file, ReadConfigFile(settings.config_file, env));
  settings.address = Resolve(flags.address, "--address", variables, "LL_ADDRESS", file, settings.config_file, "address",
                             client::kDefaultAddress);
  settings.output = Resolve(flags.output, "-o", variables, "LL_OUTPUT", file, settings.config_file, "output", "table");
  const absl::StatusOr<OutputFormat> format = ParseOutputFormat(settings.output.value);
  if (!format.ok()) return Annotate(format.status(), settings.output.origin);
  settings.format = *format;
  return settings;
}

}  // namespace ll::llctl
